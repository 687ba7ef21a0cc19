/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool files: the paths of all files below the current directory that no
 * ignore file names, one a line, for a person who types a few letters of one.
 * A name with a newline is left out.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#include "tool/ignore.h"
#include "tool/tool.h"

#define DEPTH_MAX   64
#define ENTRIES_MAX 500000              /* looked at */
#define OUT_MAX     (16u * 1024 * 1024) /* bytes of paths */

struct files {
	struct buf out;
	char path[PATH_MAX]; /* of the directory that is read, "" or "a/b/" */
	size_t left;         /* entries that may still be looked at */
};

static void files_dir(struct files *f, int fd, size_t len,
    const struct ignore *up, unsigned depth);

static void
files_entry(struct files *f, int dirfd, const struct dirent *e, size_t len,
    const struct ignore *ig, unsigned depth)
{
	size_t n = strlen(e->d_name);
	bool dir = e->d_type == DT_DIR;
	int fd;

	if (len + n + 2 > sizeof(f->path) || strcmp(e->d_name, ".git") == 0)
		return;
	memcpy(f->path + len, e->d_name, n + 1);
	if (ignore_match(ig, f->path, e->d_name, dir))
		return;
	if (!dir) {
		if (memchr(e->d_name, '\n', n) == NULL) {
			(void)buf_add(&f->out, f->path, len + n);
			(void)buf_addc(&f->out, '\n');
		}
		return;
	}
	if (depth == DEPTH_MAX)
		return;
	fd = openat(
	    dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return;
	f->path[len + n] = '/';
	files_dir(f, fd, len + n + 1, ig, depth + 1);
}

/* Takes fd; the directory's own path is the first len bytes. */
static void
files_dir(struct files *f, int fd, size_t len, const struct ignore *up,
    unsigned depth)
{
	struct ignore ig;
	struct dirent *e;
	DIR *d = fdopendir(fd);

	if (d == NULL) {
		(void)close(fd);
		return;
	}
	ignore_load(&ig, fd, len, up);
	while (f->left > 0 && f->out.len < OUT_MAX - PATH_MAX &&
	       (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		f->left--;
		files_entry(f, fd, e, len, &ig, depth);
	}
	ignore_fini(&ig);
	(void)closedir(d);
}

static int
files_run(int argc, char **argv)
{
	static struct files f = {.left = ENTRIES_MAX};
	int fd;

	(void)argv;
	if (argc != 1)
		return tool_usage(&tool_files);
	fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return tool_fail(".", errno);
	buf_init(&f.out, OUT_MAX);
	files_dir(&f, fd, 0, NULL, 0);
	return tool_print(&f.out);
}

const struct tool tool_files = {
    .name = "files",
    .usage = "",
    .run = files_run,
};
