/* SPDX-License-Identifier: Apache-2.0 */

/* Library: folders of the person and the system, opened only if nobody else
 * can have written there. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/paths.h"

/* An absolute path from the environment.  1, 0 if unset, or ERR_FORMAT. */
static int
path_env(const char *name, const char **path, char *why, size_t size)
{
	*path = getenv(name);
	if (*path == NULL || **path == '\0')
		return 0;
	if (**path == '/')
		return 1;
	(void)snprintf(why, size,
	    "%s is the relative path '%s'; make it absolute or unset it", name,
	    *path);
	return ERR_FORMAT;
}

static int
path_home(struct paths *p, char *why, size_t size)
{
	const struct passwd *pw;
	const char *home;
	int r;

	r = path_env("HOME", &home, why, size);
	if (r < 0)
		return r;
	if (r == 0) {
		pw = getpwuid(getuid());
		if (pw == NULL || pw->pw_dir == NULL || pw->pw_dir[0] != '/') {
			(void)snprintf(why, size,
			    "no home folder: HOME is not"
			    " set and the user has none; set HOME or"
			    " CORDON_HOME");
			return ERR_FORMAT;
		}
		home = pw->pw_dir;
	}
	/* Where links lead: a cell covers the folder itself. */
	p->home = realpath(home, NULL);
	if (p->home == NULL)
		p->home = xstrdup(home);
	if (strcmp(p->home, "/") != 0)
		return 0;
	/* As containers set it: all the host would be one's own. */
	(void)snprintf(why, size,
	    "the home folder is /; set HOME to a folder of your own");
	return ERR_FORMAT;
}

static int
path_xdg(char **dst, const char *home, const char *env, const char *below,
    char *why, size_t size)
{
	const char *base;
	int r;

	r = path_env(env, &base, why, size);
	if (r < 0)
		return r;
	*dst = r == 0 ? xasprintf("%s/%s/cordon", home, below)
		      : xasprintf("%s/cordon", base);
	return 0;
}

int
paths_find(struct paths *p, char *why, size_t size)
{
	const char *one;
	int r;

	memset(p, 0, sizeof(*p));
	r = path_env("CORDON_HOME", &one, why, size);
	if (r > 0) {
		p->config = xstrdup(one);
		p->state = xstrdup(one);
	}
	if (r >= 0 && path_home(p, why, size) != 0)
		r = p->config == NULL ? ERR_FORMAT : 1;
	if (r == 0)
		r = path_xdg(&p->config, p->home, "XDG_CONFIG_HOME", ".config",
		    why, size);
	if (r == 0)
		r = path_xdg(&p->state, p->home, "XDG_STATE_HOME",
		    ".local/state", why, size);
	if (r < 0)
		paths_fini(p);
	return r < 0 ? r : 0;
}

void
paths_fini(struct paths *p)
{
	free(p->config);
	free(p->state);
	free(p->home);
	memset(p, 0, sizeof(*p));
}

/* Whether only the person and root can change what st describes. */
static int
owner_check(const struct stat *st, const char *path, char *why, size_t size)
{
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		(void)snprintf(why, size,
		    "%s belongs to user %u, not to you"
		    " or root; chown or remove it",
		    path, st->st_uid);
		return ERR_PERM;
	}
	/* In a sticky folder such as /tmp others cannot replace the file. */
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    !(S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))) {
		(void)snprintf(why, size,
		    "%s can be written by others;"
		    " chmod go-w it",
		    path);
		return ERR_PERM;
	}
	return 0;
}

/* Judges every folder above a path that has no symbolic links left. */
static int
parents_check(const char *real, char *why, size_t size)
{
	char dir[PATH_MAX];
	struct stat st;
	char *slash;
	int r = 0;

	if (strlcpy(dir, real, sizeof(dir)) >= sizeof(dir))
		return ERR_SPACE;
	while (r == 0 && (slash = strrchr(dir, '/')) != NULL) {
		slash[slash == dir] = '\0';
		if (stat(dir, &st) != 0)
			return ERR_IO;
		r = owner_check(&st, dir, why, size);
		if (slash == dir)
			break;
	}
	return r;
}

static int
path_fail(const char *path, char *why, size_t size)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return ERR_NOENT;
	(void)snprintf(why, size, "%s: %s", path, err_sys(errno));
	return ERR_IO;
}

/* Opens what path leads to and judges it and the way there. */
static int
open_judged(const char *path, int flags, mode_t type, const char *wanted,
    char *why, size_t size)
{
	char real[PATH_MAX];
	struct stat st;
	int fd, r;

	if (realpath(path, real) == NULL)
		return path_fail(path, why, size);
	/* O_NONBLOCK: a FIFO must not hold us up. */
	fd = open(real, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return path_fail(path, why, size);
	if (fstat(fd, &st) != 0)
		r = path_fail(path, why, size);
	else if ((st.st_mode & S_IFMT) != type) {
		(void)snprintf(why, size, "%s is not a %s; one is needed there",
		    path, wanted);
		r = ERR_PERM;
	} else
		r = owner_check(&st, path, why, size);
	if (r == 0)
		r = parents_check(real, why, size);
	if (r != 0) {
		fd_close(&fd);
		return r;
	}
	return fd;
}

int
path_open_trusted(const char *path, char *why, size_t size)
{
	return open_judged(path, O_RDONLY, S_IFREG, "regular file", why, size);
}

int
path_open_secret(const char *path, const char *then, char *why, size_t size)
{
	int fd = path_open_trusted(path, why, size);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && (st.st_mode & 077) == 0))
		return fd;
	(void)close(fd);
	(void)snprintf(why, size,
	    "%s: others may read it; chmod 600 it, and %s", path, then);
	return ERR_PERM;
}

int
path_make_dir(const char *path, char *why, size_t size)
{
	char dir[PATH_MAX];
	char *slash;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir)) {
		(void)snprintf(why, size,
		    "%.60s...: too long; choose a shorter path", path);
		return ERR_SPACE;
	}
	for (slash = dir + 1; slash != NULL;) {
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
			(void)snprintf(why, size, "%s cannot be made: %s", dir,
			    err_sys(errno));
			return ERR_IO;
		}
		if (slash != NULL)
			*slash++ = '/';
	}
	return open_judged(
	    path, O_RDONLY | O_DIRECTORY, S_IFDIR, "folder", why, size);
}
