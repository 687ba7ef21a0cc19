/* SPDX-License-Identifier: Apache-2.0 */

/* Tool list: the entries of a directory, and of those below it to a depth. */

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

#define DEPTH_DEFAULT   2
#define DEPTH_MAX       16
#define ENTRIES_DEFAULT 200
#define ENTRIES_MAX     10000
#define DIR_MAX         100000         /* entries of one directory */
#define OUT_MAX         (1024u * 1024) /* bytes of the answer */

struct listing {
	struct buf out;
	size_t depth; /* levels below the first that are shown */
	size_t skip;  /* entries before the first that is shown */
	size_t left;  /* entries that may still be shown */
	bool cut;     /* something was left out */
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sorted names of a directory; owned by the caller, as each name is. */
static char **
names_of(DIR *d, size_t *n, bool *cut)
{
	struct dirent *e;
	char **names = NULL;

	*n = 0;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (*n == DIR_MAX) {
			*cut = true;
			break;
		}
		if ((*n & (*n - 1)) == 0)
			names = xreallocarray(
			    names, *n == 0 ? 1 : 2 * *n, sizeof(*names));
		names[(*n)++] = xstrdup(e->d_name);
	}
	if (*n > 0)
		qsort(names, *n, sizeof(*names), by_name);
	return names;
}

static void
add_entry(struct listing *l, size_t level, const char *name, mode_t mode)
{
	const char *mark = "";

	if (S_ISDIR(mode))
		mark = "/";
	else if (S_ISLNK(mode))
		mark = "@";
	else if (!S_ISREG(mode))
		mark = "?";
	(void)buf_addf(&l->out, "%*s%s%s\n", (int)(2 * level), "", name, mark);
}

static int
list_dir(struct listing *l, int at, const char *path, size_t level)
{
	struct stat st;
	char **names;
	size_t i, n;
	DIR *d = NULL;
	int fd;

	/* A link below the first directory is shown and not followed. */
	fd = openat(at, path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | (level > 0 ? O_NOFOLLOW : 0));
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		int err = errno;

		if (fd != -1)
			(void)close(fd);
		if (level == 0)
			return tool_fail(path, err);
		(void)buf_addf(
		    &l->out, "%*s[%s]\n", (int)(2 * level), "", strerror(err));
		return TOOL_OK;
	}
	names = names_of(d, &n, &l->cut);
	for (i = 0; i < n; i++) {
		if (l->left == 0)
			l->cut = true;
		else if (fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0) {
			if (l->skip > 0) {
				l->skip--;
			} else {
				l->left--;
				add_entry(l, level, names[i], st.st_mode);
			}
			if (S_ISDIR(st.st_mode) && level + 1 < l->depth)
				(void)list_dir(l, fd, names[i], level + 1);
		}
		free(names[i]);
	}
	free(names);
	(void)closedir(d);
	return TOOL_OK;
}

static int
list_run(int argc, char **argv)
{
	struct listing l = {.depth = DEPTH_DEFAULT, .left = ENTRIES_DEFAULT};
	int c, r;

	while ((c = getopt(argc, argv, "+d:n:o:")) != -1) {
		if (c == 'd')
			l.depth = tool_number("-d", optarg, DEPTH_MAX);
		else if (c == 'n')
			l.left = tool_number("-n", optarg, ENTRIES_MAX);
		else if (c == 'o') /* from 1, as lines are */
			l.skip = tool_number("-o", optarg, DIR_MAX);
		else
			return tool_usage(&tool_list);
	}
	if (argc - optind != 1)
		return tool_usage(&tool_list);
	l.skip -= l.skip > 0;
	buf_init(&l.out, OUT_MAX);
	r = list_dir(&l, AT_FDCWD, argv[optind], 0);
	if (l.cut || buf_err(&l.out) != 0) {
		l.out.err = 0;
		l.out.cap += 128;
		(void)buf_adds(&l.out,
		    "[more entries were left out; list a subdirectory]\n");
	}
	if (r == TOOL_OK)
		return tool_print(&l.out);
	buf_fini(&l.out);
	return r;
}

const struct tool tool_list = {
    .name = "list",
    .usage = "[-d depth] [-o first-entry] [-n entries] directory",
    .run = list_run,
};
