/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the home directory of a cell.
 *
 * Tools want to write caches and settings; the real home must stay as it is.
 * So the cell sees an overlay: the person's home below, a folder kept for
 * this workspace above.  Secrets are white-outs of that upper layer, so they
 * are absent by name: a file that the host replaces later does not show.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/mnt.h"
#include "sandbox/world_int.h"

#define HOME_FD    "/proc/self/fd/%d"
#define HOME_CELLS 64 /* of one workspace, at a time */

static void
home_leave(int at, int upper)
{
	if (at != upper)
		(void)close(at);
}

/*
 * The folder that is to hold the last part of name, upper or one below it,
 * made where it is missing; or ERR_NOENT where the name leads nowhere.  That
 * is so where the home has no such folder, and where a command has removed
 * the folder or put something else in its place, which no link of a command's
 * may lead us past.
 */
static int
home_parent(int home, int upper, const char *name, const char **last)
{
	char part[PATH_MAX];
	const char *slash;
	struct stat st;
	int fd = upper, up;

	for (*last = name; fd != -1 && (slash = strchr(*last, '/')) != NULL;
	     *last = slash + 1) {
		if (str_fmt(part, sizeof(part), "%.*s", (int)(slash - name),
			name) != 0 ||
		    fstatat(home, part, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISDIR(st.st_mode)) {
			home_leave(fd, upper);
			return ERR_NOENT;
		}
		up = fd;
		(void)mkdirat(up, part + (*last - name), 0755);
		fd = openat(up, part + (*last - name),
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		home_leave(up, upper);
	}
	if (fd == -1)
		return errno == ENOTDIR ? ERR_NOENT : ERR_IO;
	return fd;
}

/*
 * A name below upper becomes a white-out, so that the home's is not there.
 * ERR_NOENT: something that a command made stands there, which has to be
 * covered, for a folder would be merged with the home's.
 */
static int
home_whiteout(int home, int upper, const char *name)
{
	const char *last;
	struct stat st;
	int at = home_parent(home, upper, name, &last), r = 0;

	if (at < 0)
		return at == ERR_NOENT ? 0 : at;
	if (fstatat(at, last, &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = S_ISCHR(st.st_mode) && st.st_rdev == 0 ? 0 : ERR_NOENT;
	else if (mknodat(at, last, S_IFCHR, makedev(0, 0)) == -1)
		r = ERR_IO;
	home_leave(at, upper);
	return r;
}

/* What was a secret in an earlier cell of this workspace, and is named as
 * readable now. */
static void
home_show(int upper, const char *name)
{
	struct stat st;

	if (fstatat(upper, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISCHR(st.st_mode) && st.st_rdev == 0)
		(void)unlinkat(upper, name, 0);
}

static int
home_secrets(struct build *b, int lower, int upper)
{
	const struct spec *s = b->conf->ceiling;
	const char *home = b->conf->home;
	size_t i, n = strlen(home);
	int r = 0;

	b->gone = xcalloc(s->npaths, sizeof(b->gone[0]));
	for (i = 0; r == 0 && i < s->npaths; i++) {
		const struct spec_path *p = &s->paths[i];

		if (!spec_beneath(p->path, home) || p->path[n] != '/')
			continue;
		if ((p->access & SPEC_HIDE) == 0) {
			home_show(upper, p->path + n + 1);
			continue;
		}
		r = home_whiteout(lower, upper, p->path + n + 1);
		b->gone[i] = r == 0;
		if (r == ERR_NOENT)
			r = 0;
	}
	return r;
}

/* The layers of the overlay, O_PATH or not; named to the kernel by number. */
struct home {
	int lower; /* owned: the person's home */
	int upper; /* owned: what commands changed */
	int work;  /* borrowed: the kernel's own */
};

/* What the kernel made in it. */
static void
home_clear(int work)
{
	char path[64];

	(void)snprintf(path, sizeof(path), HOME_FD "/work", work);
	fd_remove_tree(path);
}

/*
 * The kernel's folder, of this cell's own: a lock says that it is taken.  One
 * that was killed has left what the kernel will not mount over.
 */
static int
home_work(int store)
{
	char name[32];
	int fd, i;

	for (i = 0; i < HOME_CELLS; i++) {
		(void)snprintf(name, sizeof(name), "work%d", i);
		if (mkdirat(store, name, 0755) == -1 && errno != EEXIST)
			return ERR_IO;
		fd = openat(store, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			home_clear(fd);
			return fd;
		}
		fd_close(&fd);
	}
	return ERR_SPACE;
}

/* What the kernel makes there has mode 0: its owner could not remove it. */
static int
home_removable(int work)
{
	static const char *const made[] = {
	    "work", "work/incompat", "work/incompat/volatile"};
	size_t i;

	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (fchmodat(work, made[i], 0700, 0) == -1 && errno != ENOENT)
			return ERR_IO;
	return 0;
}

/*
 * Run by the holder.  Volatile: what is written there is caches, and without
 * that the end of each cell would wait until the host's whole disk is in sync.
 */
int
world_overlay(const int layers[HOLDER_FDS])
{
	char lower[32], upper[32], work[32];
	const char *const opts[] = {"lowerdir", lower, "upperdir", upper,
	    "workdir", work, "userxattr", "", "volatile", "", NULL};

	(void)snprintf(lower, sizeof(lower), HOME_FD, layers[0]);
	(void)snprintf(upper, sizeof(upper), HOME_FD, layers[1]);
	(void)snprintf(work, sizeof(work), HOME_FD, layers[2]);
	return mnt_fs("overlay", opts);
}

/*
 * The upper layer: the kept folder, or a tmpfs that is forgotten.  It has to
 * hang somewhere, and hangs where the overlay will cover it.
 */
static int
home_store(struct build *b, struct home *h, const char *home)
{
	int at, fd = b->store, r;

	if (fd == -1) {
		fd = mnt_tmpfs(b->conf->ceiling->limits.tmp, "0700");
		if (fd < 0)
			return fd;
	}
	r = mnt_flags(fd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, false);
	if (r == 0)
		r = mnt_place(fd, AT_FDCWD, home);
	if (fd != b->store)
		(void)close(fd);
	if (r != 0)
		return r;
	at = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(at, "upper", 0755) == -1 && errno != EEXIST)
		r = ERR_IO;
	h->upper = openat(at, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	h->work = b->w->work = home_work(at);
	fd_close(&at);
	return h->upper == -1 || h->work < 0 ? ERR_IO : r;
}

/* The upper layer looks like the home itself. */
static void
home_like(const struct home *h)
{
	struct stat st;

	if (fstat(h->lower, &st) == 0)
		(void)fchmod(h->upper, st.st_mode & 0777);
}

/*
 * A file system that cannot be a layer, or a kernel without overlays: the home
 * is as readable as the rest, not writable, and its secrets are covered.
 */
static int
home_failed(struct build *b, int r)
{
	bool unfit = errno == EINVAL || errno == EPERM || errno == ENODEV;

	free(b->gone);
	b->gone = NULL;
	return unfit && umount2(b->conf->home, MNT_DETACH) == 0 ? 0 : r;
}

/* The kernel takes as long to make an overlay as we take for all the rest, so
 * that is under way meanwhile. */
static int
home_make(struct build *b, struct home *h, const char *home)
{
	int r;

	r = home_store(b, h, home);
	if (r != 0)
		return r;
	home_like(h);
	r = home_secrets(b, h->lower, h->upper);
	if (r != 0)
		return home_failed(b, r);
	b->overlay = true;
	return holder_ask(&b->w->holder,
	    (const int[HOLDER_FDS]){h->lower, h->upper, h->work});
}

int
world_home_done(struct build *b)
{
	int fd, r;

	if (!b->overlay)
		return 0;
	fd = holder_answer(&b->w->holder);
	r = fd < 0 ? fd : home_removable(b->w->work);
	if (r == 0)
		r = mnt_place(fd, AT_FDCWD, b->conf->home);
	if (fd >= 0)
		(void)close(fd);
	return r == 0 ? 0 : home_failed(b, r);
}

int
world_home(struct build *b)
{
	const char *home = b->conf->home;
	struct home h = {-1, -1, -1};
	struct stat st;
	int r;

	if (home == NULL || strcmp(home, "/") == 0 || world_is_emptied(home) ||
	    stat(home, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    (spec_access(b->conf->ceiling, home) & SPEC_WRITE) != 0)
		return 0;
	h.lower = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = h.lower == -1 ? ERR_IO : home_make(b, &h, home);
	fd_close(&h.lower);
	fd_close(&h.upper);
	return r;
}

void
world_leave(struct world *w)
{
	if (w->work >= 0)
		home_clear(w->work);
	fd_close(&w->work);
}
