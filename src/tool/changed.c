/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool changed: the files below the current directory that were made or
 * changed since a time, one a line: "M path".  It goes by the inode's change
 * time, which no program can set back; whether a file is new or was replaced
 * by a new one cannot be seen.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xmem.h"

#include "tool/tool.h"

#define DEPTH_MAX   64
#define ENTRIES_MAX 500000            /* looked at */
#define OUT_MAX     (256u * 1024)     /* bytes of names */
#define EPOCH_MAX   ((size_t)1 << 40) /* seconds */

struct walk {
	struct buf out;
	int64_t since;
	size_t left; /* entries that may still be looked at */
};

/* What git itself writes all the time and nobody executes. */
static bool
is_noise(const char *dir, const char *name)
{
	static const char *const names[] = {"objects", "logs", "index",
	    "COMMIT_EDITMSG", "ORIG_HEAD", "FETCH_HEAD", "HEAD", "refs",
	    "index.lock", "packed-refs"};
	size_t i, n = strlen(dir);

	if (n < 4 || strcmp(dir + n - 4, ".git") != 0)
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void walk_dir(struct walk *w, int fd, const char *dir, unsigned depth);

static void
walk_entry(struct walk *w, int dirfd, const char *dir, const char *name,
    unsigned depth)
{
	char *path = xasprintf("%s%s%s", dir, *dir == '\0' ? "" : "/", name);
	struct statx st;
	int fd;

	if (is_noise(dir, name) || statx(dirfd, name, AT_SYMLINK_NOFOLLOW,
				       STATX_TYPE | STATX_CTIME, &st) == -1)
		goto out;
	if (S_ISDIR(st.stx_mode)) {
		fd = openat(dirfd, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd != -1 && depth < DEPTH_MAX)
			walk_dir(w, fd, path, depth + 1);
		else if (fd != -1)
			(void)close(fd);
	} else if (st.stx_ctime.tv_sec >= w->since &&
		   strchr(path, '\n') == NULL) {
		(void)buf_addf(&w->out, "M %s\n", path);
	}
out:
	free(path);
}

/* Takes fd. */
static void
walk_dir(struct walk *w, int fd, const char *dir, unsigned depth)
{
	struct dirent *e;
	DIR *d = fdopendir(fd);

	if (d == NULL) {
		(void)close(fd);
		return;
	}
	while (
	    w->left > 0 && buf_err(&w->out) == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		w->left--;
		walk_entry(w, fd, dir, e->d_name, depth);
	}
	(void)closedir(d);
}

static int
changed_run(int argc, char **argv)
{
	struct walk w = {.left = ENTRIES_MAX};
	int c, fd;

	while ((c = getopt(argc, argv, "+s:")) != -1) {
		if (c != 's')
			return tool_usage(&tool_changed);
		w.since = (int64_t)tool_number("-s", optarg, EPOCH_MAX);
	}
	if (argc != optind)
		return tool_usage(&tool_changed);
	fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return tool_fail(".", errno);
	buf_init(&w.out, OUT_MAX);
	walk_dir(&w, fd, "", 0);
	return tool_print(&w.out);
}

const struct tool tool_changed = {
    .name = "changed",
    .usage = "[-s seconds]",
    .run = changed_run,
};
