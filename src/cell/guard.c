/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the cell: names that are protected although they do not exist.
 *
 * A mount can only cover what is there, and making what is not there would
 * leave strange files in the person's folder.  So what was absent when the
 * session began is looked at after each call; what a command made of it is
 * moved aside under a name that no tool obeys, and reported.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cell/cell.h"
#include "sandbox/names.h"

#define GUARD_TRIES 1000 /* numbers behind the name that is moved aside */

static void
guard_note(struct cell *c, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 || errno != ENOENT)
		return;
	c->absent =
	    xreallocarray(c->absent, c->nabsent + 1, sizeof(c->absent[0]));
	c->absent[c->nabsent++] = xstrdup(path);
}

static void
guard_top(struct cell *c, const char *top)
{
	char path[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < c->ceiling.npaths; i++)
		if (c->ceiling.paths[i].path[0] != '/' &&
		    str_fmt(path, sizeof(path), "%s/%s", top,
			c->ceiling.paths[i].path) == 0)
			guard_note(c, path);
	if (str_fmt(path, sizeof(path), "%s/.git", top) != 0 ||
	    lstat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return;
	for (i = 0; names_git_protected[i] != NULL; i++)
		if (str_fmt(path, sizeof(path), "%s/.git/%s", top,
			names_git_protected[i]) == 0)
			guard_note(c, path);
}

void
guard_begin(struct cell *c)
{
	const struct spec *s = &c->ceiling;
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0)
			guard_top(c, s->paths[i].path);
	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_PROTECT) != 0 &&
		    s->paths[i].path[0] == '/')
			guard_note(c, s->paths[i].path);
}

static void
guard_aside(const char *path, struct buf *lines)
{
	char aside[PATH_MAX];
	struct stat st;
	int i;

	for (i = 0; i < GUARD_TRIES; i++) {
		if (str_fmt(aside, sizeof(aside), "%s.cordon-refused.%d", path,
			i) != 0)
			break;
		if (lstat(aside, &st) == -1 && errno == ENOENT)
			break;
	}
	if (rename(path, aside) == 0)
		(void)buf_addf(lines, "%s: protected; moved to %s\n", path,
		    strrchr(aside, '/') + 1);
	else
		(void)buf_addf(lines,
		    "%s: protected, and cannot be undone: "
		    "%s\n",
		    path, strerror(errno));
}

void
guard_check(struct cell *c, struct buf *lines)
{
	struct stat st;
	size_t i;

	for (i = 0; i < c->nabsent; i++)
		if (lstat(c->absent[i], &st) == 0)
			guard_aside(c->absent[i], lines);
}

void
guard_fini(struct cell *c)
{
	size_t i;

	for (i = 0; i < c->nabsent; i++)
		free(c->absent[i]);
	free(c->absent);
}
