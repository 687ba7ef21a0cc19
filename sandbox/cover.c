/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what a cell's commands must not see or not change.
 *
 * A secret is covered by an empty, unreadable folder or file; so is each
 * local socket of the host, since a read-only mount does not keep anybody
 * from connecting.  A protected name is bound over itself, read-only, and a
 * mount point can be neither renamed nor removed.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/mnt.h"
#include "sandbox/names.h"
#include "sandbox/repos.h"
#include "sandbox/world_int.h"

#define COVER_TABLE_MAX (4u << 20) /* bytes of the host's sockets */
/* How often what is to be covered may be replaced meanwhile. */
#define PLACE_TRIES 16
/* In the cell's own /run, which is read-only once all is covered. */
#define COVER_FILE "/run/.cover"
#define COVER_DIR  "/run/.cover.d"
#define COVER_FIXED                                                            \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |            \
	    MOUNT_ATTR_NOEXEC)

/* proc_net(5): the path, where there is one, is the eighth column. */
int
world_find_sockets(struct build *b)
{
	char *line, *path, *save = NULL;
	struct buf text;
	int r;

	buf_init(&text, COVER_TABLE_MAX);
	r = fd_read_file(AT_FDCWD, "/proc/net/unix", &text);
	if (r != 0)
		buf_clear(&text);
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		path = strstr(line, " /");
		if (path == NULL || world_is_fresh(path + 1))
			continue;
		b->sockets = xreallocarray(
		    b->sockets, b->nsockets + 1, sizeof(b->sockets[0]));
		b->sockets[b->nsockets++] = xstrdup(path + 1);
	}
	buf_fini(&text);
	return r == ERR_NOENT ? 0 : r; /* a kernel without local sockets */
}

/* Something empty and unreadable, to be put elsewhere; in an open world, whose
 * /run is the host's, a folder is a file system of its own. */
static int
cover_new(const struct build *b, bool dir)
{
	int fd;

	if (!world_open(b->conf))
		return mnt_clone(AT_FDCWD, dir ? COVER_DIR : COVER_FILE, false);
	fd = dir ? mnt_tmpfs(4096, "0000") : ERR_IO;
	if (fd < 0 || mnt_flags(fd, COVER_FIXED, 0, false) == 0)
		return fd;
	(void)close(fd);
	return ERR_IO;
}

/* ERR_NOENT if what was opened no longer stands there. */
static int
place_on(int fd, int at)
{
	int r = mnt_place(fd, at, "");

	return r != 0 && errno == ENOENT ? ERR_NOENT : r;
}

static int
cover_at(const struct build *b, int at)
{
	struct stat st;
	int fd, r;

	if (fstat(at, &st) == -1)
		return ERR_IO;
	fd = cover_new(b, S_ISDIR(st.st_mode));
	if (fd < 0)
		return fd;
	r = place_on(fd, at);
	(void)close(fd);
	return r;
}

/* Covers what stands at path, links followed.  The host goes on meanwhile: a
 * socket ends and a file is replaced, and then what is there now counts. */
static int
cover(const struct build *b, const char *path)
{
	int at, i, r = ERR_NOENT;

	for (i = 0; r == ERR_NOENT && i < PLACE_TRIES; i++) {
		at = mnt_open(AT_FDCWD, path, true);
		if (at < 0) /* not there, or not for us to reach either */
			return 0;
		r = cover_at(b, at);
		(void)close(at);
	}
	return r;
}

/* Mounts of their own, of which each copy has the same flags. */
static int
cover_fix(const char *path)
{
	struct mount_attr attr = {.attr_set = COVER_FIXED};

	return mount(path, path, NULL, MS_BIND, NULL) == -1 ||
		       mount_setattr(AT_FDCWD, path, 0, &attr, sizeof(attr)) ==
			   -1
		   ? ERR_IO
		   : 0;
}

static int
cover_make(void)
{
	if (mknod(COVER_FILE, S_IFREG, 0) == -1 || mkdir(COVER_DIR, 0000) == -1)
		return ERR_IO;
	return cover_fix(COVER_FILE) == 0 ? cover_fix(COVER_DIR) : ERR_IO;
}

static int
protect_at(int at, bool readonly)
{
	int fd = mnt_clone(at, "", true), r = fd < 0 ? fd : 0;

	if (r == 0 && readonly)
		r = mnt_flags(fd, MOUNT_ATTR_RDONLY, 0, true);
	if (r == 0)
		r = place_on(fd, at);
	fd_close(&fd);
	return r;
}

/* Binds what stands at path, beneath dir, over itself; a link is left to the
 * check that follows each call. */
static int
protect(int dir, const char *path, bool readonly)
{
	int at, i, r = ERR_NOENT;

	for (i = 0; r == ERR_NOENT && i < PLACE_TRIES; i++) {
		at = mnt_open(dir, path, false);
		if (at < 0)
			return at == ERR_NOENT ? 0 : at;
		r = protect_at(at, readonly);
		(void)close(at);
	}
	return r;
}

int
world_pin(const char *path)
{
	return protect(AT_FDCWD, path, true);
}

static bool
is_hidden(const struct build *b, size_t i)
{
	return (b->conf->ceiling->paths[i].access & SPEC_HIDE) != 0 &&
	       (b->gone == NULL || !b->gone[i]);
}

static bool
is_given(const struct spec *s, const char *path)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0 &&
		    spec_beneath(path, s->paths[i].path))
			return true;
	return false;
}

/*
 * The folders between a writable one and what is hidden deeper in it, from
 * the outermost on, and a link that hides something elsewhere: with one of
 * them a secret could be moved away, and what is ours be put anew.  One that a
 * path before has pinned is left.
 */
static int
pin_above(const struct build *b, size_t hidden)
{
	const struct spec *s = b->conf->ceiling;
	bool movable = (spec_access(s, "/") & SPEC_WRITE) != 0;
	char dir[PATH_MAX];
	char *end = dir, *last;
	struct stat st;
	size_t i;
	int r = 0;

	if (strlcpy(dir, s->paths[hidden].path, sizeof(dir)) >= sizeof(dir))
		return ERR_SPACE;
	last = strrchr(dir, '/');
	*last = '\0';
	/* Most lie in the folder of the one before, which has pinned it all. */
	if (last != dir && hidden > 0 && is_hidden(b, hidden - 1) &&
	    spec_beneath(s->paths[hidden - 1].path, dir)) {
		movable = (spec_access(s, dir) & SPEC_WRITE) != 0;
		end = last;
	}
	*last = '/';
	while (r == 0 && (end = strchr(end + 1, '/')) != NULL) {
		*end = '\0';
		for (i = 0; i < hidden; i++)
			if (is_hidden(b, i) &&
			    spec_beneath(s->paths[i].path, dir))
				break;
		if (movable && i == hidden)
			r = protect(AT_FDCWD, dir, false);
		movable = (spec_access(s, dir) & SPEC_WRITE) != 0;
		*end = '/';
	}
	if (r == 0 && movable && lstat(dir, &st) == 0 && S_ISLNK(st.st_mode))
		r = protect(AT_FDCWD, dir, false);
	return r;
}

int
world_hide(struct build *b)
{
	const struct spec *s = b->conf->ceiling;
	size_t i;
	int r = world_open(b->conf) ? 0 : cover_make();

	for (i = 0; r == 0 && i < s->npaths; i++)
		if (is_hidden(b, i)) {
			if (is_given(s, s->paths[i].path))
				r = pin_above(b, i);
			if (r == 0)
				r = cover(b, s->paths[i].path);
			if (r != 0)
				(void)strlcpy(b->w->why, s->paths[i].path,
				    sizeof(b->w->why));
		}
	/* A socket of the workspace is the command's own business. */
	for (i = 0; r == 0 && i < b->nsockets; i++)
		if ((spec_access(s, b->sockets[i]) & SPEC_WRITE) == 0)
			r = cover(b, b->sockets[i]);
	return r;
}

static int
protect_below(const char *dir, const char *const *names)
{
	int at = mnt_open(AT_FDCWD, dir, false), r = 0;

	if (at < 0)
		return at == ERR_NOENT ? 0 : at;
	for (; r == 0 && *names != NULL; names++)
		r = protect(at, *names, true);
	(void)close(at);
	return r;
}

/* A repository, at the top of a writable folder or deeper: the folder of git
 * itself is pinned, so that its read-only parts cannot be moved away with
 * it. */
static int
protect_git(void *arg, const char *path, bool file)
{
	struct build *b = arg;
	int r;

	if (++b->nrepos > REPOS_MAX) {
		(void)snprintf(b->w->why, sizeof(b->w->why),
		    "more than %d repositories", REPOS_MAX);
		return ERR_SPACE;
	}
	r = protect(AT_FDCWD, path, file);
	if (r == 0 && !file)
		r = protect_below(path, names_git_protected);
	return r == 0 ? b->conf->found(b->conf->arg, path, file) : r;
}

/* The names at the top of a folder that may be written. */
static int
protect_top(const struct spec *s, const char *top)
{
	int at = mnt_open(AT_FDCWD, top, false), r = 0;
	size_t i;

	if (at < 0)
		return at == ERR_NOENT ? 0 : at;
	for (i = 0; r == 0 && i < s->npaths; i++)
		if (s->paths[i].path[0] != '/')
			r = protect(at, s->paths[i].path, true);
	(void)close(at);
	return r;
}

int
world_protect(struct build *b)
{
	const struct spec *s = b->conf->ceiling;
	size_t i;
	int r = 0;

	if (!spec_protects(s))
		return 0;
	for (i = 0; r == 0 && i < s->npaths; i++) {
		if ((s->paths[i].access & SPEC_WRITE) == 0 ||
		    world_is_fresh(s->paths[i].path))
			continue;
		r = repos_find(s->paths[i].path, protect_git, b);
		if (r == 0)
			r = protect_top(s, s->paths[i].path);
	}
	b->w->walked = r == 0;
	for (i = 0; r == 0 && i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_PROTECT) != 0 &&
		    s->paths[i].path[0] == '/')
			r = protect(AT_FDCWD, s->paths[i].path, true);
	return r;
}
