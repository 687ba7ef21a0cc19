/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the cell: repositories that a command of tier lsm moved.
 *
 * In tier full the folder of git cannot be renamed, but the folder that holds
 * it can, and takes it along.  Here the first is undone after the call, and
 * the second followed, so that what is protected stays protected.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cell/cell.h"
#include "sandbox/names.h"
#include "sandbox/repos.h"

struct moved {
	struct cell *c;
	struct buf *lines;
};

static bool
moved_is_at(const struct cell_repo *r, const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == r->dev &&
	       st.st_ino == r->ino;
}

/* Whether the folder that held it is where it was. */
static bool
moved_alone(const struct cell_repo *r)
{
	char parent[PATH_MAX];
	struct stat st;

	return str_fmt(parent, sizeof(parent), "%.*s",
		   (int)(strrchr(r->path, '/') - r->path), r->path) == 0 &&
	       lstat(parent, &st) == 0 && st.st_dev == r->pdev &&
	       st.st_ino == r->pino;
}

static void
moved_follow(struct cell *c, struct cell_repo *r, const char *now)
{
	char *was = r->path;
	size_t i;

	r->path = xstrdup(now);
	keep_moved(&c->keep, was, now);
	for (i = 0; i < c->nabsent; i++)
		guard_moved(&c->absent[i], was, now);
	free(was);
}

/* In folders that are held, so that nobody leads us elsewhere meanwhile. */
static int
moved_rename(const struct cell_repo *r, const char *now)
{
	const char *from, *to;
	int a = guard_parent(now, &from), b = guard_parent(r->path, &to);
	struct stat st;
	int e = -1;

	if (a != -1 && b != -1 &&
	    fstatat(a, from, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == r->dev && st.st_ino == r->ino)
		e = guard_rename(a, from, b, to);
	fd_close(&a);
	fd_close(&b);
	return e;
}

static void
moved_back(struct moved *m, struct cell_repo *r, const char *now)
{
	struct stat st;

	if (lstat(r->path, &st) == 0)
		guard_aside(r->path, m->lines);
	if (moved_rename(r, now) == 0)
		(void)buf_addf(m->lines, "%s: protected; moved back from %s\n",
		    r->path, now);
	else
		(void)buf_addf(m->lines,
		    "%s: protected, and cannot be moved back: %s\n", r->path,
		    strerror(errno));
}

static int
moved_found(void *arg, const char *path, bool file)
{
	struct moved *m = arg;
	size_t i;

	for (i = 0; !file && i < m->c->nrepos; i++) {
		struct cell_repo *r = &m->c->repos[i];

		if (!moved_is_at(r, path) || moved_is_at(r, r->path))
			continue;
		if (moved_alone(r))
			moved_back(m, r, path);
		else
			moved_follow(m->c, r, path);
	}
	return 0;
}

void
moved_check(struct cell *c, struct buf *lines)
{
	struct moved m = {c, lines};
	const struct spec *s = &c->ceiling;
	bool any = false;
	size_t i;

	for (i = 0; i < c->nrepos; i++)
		any = any || !moved_is_at(&c->repos[i], c->repos[i].path);
	for (i = 0; any && i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0 &&
		    !names_private(s->paths[i].path))
			(void)repos_find(s->paths[i].path, moved_found, &m);
}
