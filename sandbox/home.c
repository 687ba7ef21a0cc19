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

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/mnt.h"
#include "sandbox/world_int.h"

/* Where the upper layer hangs while the overlay is made. */
#define HOME_STORE "/run/.home"

/*
 * "a/b/c" below upper becomes a white-out, its parents folders.  Where the
 * home has no such parent there is nothing to hide, and no strange folder
 * appears.
 */
static int
home_whiteout(int home, int upper, const char *name)
{
	char parent[PATH_MAX];
	struct stat st;
	char *slash;

	if (strlcpy(parent, name, sizeof(parent)) >= sizeof(parent))
		return ERR_SPACE;
	slash = strrchr(parent, '/');
	if (slash != NULL) {
		*slash = '\0';
		if (fstatat(home, parent, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISDIR(st.st_mode))
			return 0;
		if (mnt_mkdirs(upper, parent) != 0)
			return ERR_IO;
	}
	if (mknodat(upper, name, S_IFCHR, makedev(0, 0)) == -1 &&
	    errno != EEXIST)
		return ERR_IO;
	return 0;
}

static int
home_secrets(struct build *b, int lower, int upper)
{
	const struct spec *s = b->conf->ceiling;
	const char *home = b->conf->home;
	size_t i, n = strlen(home);
	int r = 0;

	for (i = 0; r == 0 && i < s->npaths; i++) {
		const struct spec_path *p = &s->paths[i];

		if ((p->access & SPEC_HIDE) != 0 &&
		    spec_beneath(p->path, home) && p->path[n] == '/')
			r = home_whiteout(lower, upper, p->path + n + 1);
	}
	return r;
}

static int
home_overlay(const char *home)
{
	const char *opts[] = {"lowerdir", home, "upperdir", HOME_STORE "/upper",
	    "workdir", HOME_STORE "/work", "userxattr", "", NULL};
	int fd, r;

	fd = mnt_fs("overlay", opts);
	if (fd < 0)
		return fd;
	r = mnt_place(fd, AT_FDCWD, home);
	(void)close(fd);
	return r;
}

/* The upper layer: the kept folder, or a tmpfs that is forgotten. */
static int
home_store(struct build *b)
{
	int fd = b->store, r;

	if (mkdir(HOME_STORE, 0700) == -1)
		return ERR_IO;
	if (fd == -1) {
		fd = mnt_tmpfs(b->conf->ceiling->limits.tmp, "0700");
		if (fd < 0)
			return fd;
	}
	r = mnt_flags(fd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, false);
	if (r == 0)
		r = mnt_place(fd, AT_FDCWD, HOME_STORE);
	if (fd != b->store)
		(void)close(fd);
	if (r == 0 &&
	    ((mkdir(HOME_STORE "/upper", 0755) == -1 && errno != EEXIST) ||
		(mkdir(HOME_STORE "/work", 0755) == -1 && errno != EEXIST)))
		r = ERR_IO;
	return r;
}

/* The upper layer looks like the home itself. */
static void
home_like(int upper, const char *home)
{
	struct stat st;

	if (stat(home, &st) == 0)
		(void)fchmod(upper, st.st_mode & 0777);
}

int
world_home(struct build *b)
{
	const char *home = b->conf->home;
	struct stat st;
	int lower, upper, r;

	if (home == NULL || strcmp(home, "/") == 0 || world_is_fresh(home) ||
	    stat(home, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    (spec_access(b->conf->ceiling, home) & SPEC_WRITE) != 0)
		return 0;
	r = home_store(b);
	if (r != 0)
		return r;
	upper = open(HOME_STORE "/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	lower = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper == -1 || lower == -1)
		r = ERR_IO;
	else {
		home_like(upper, home);
		r = home_secrets(b, lower, upper);
	}
	fd_close(&lower);
	fd_close(&upper);
	if (r == 0)
		r = home_overlay(home);
	/* A file system that cannot be a layer: the home is as readable as
	 * the rest, not writable, and its secrets are covered. */
	if (r == ERR_IO && (errno == EINVAL || errno == EPERM))
		r = 0;
	if (umount2(HOME_STORE, MNT_DETACH) == -1 && r == 0)
		r = ERR_IO;
	return r;
}
