/* SPDX-License-Identifier: Apache-2.0 */

/* Library: a grant as Landlock rules, what is forbidden carved out. */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/carve.h"
#include "sandbox/landlock.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define CARVE_GRANTS (SPEC_READ | SPEC_WRITE | SPEC_EXEC)
#define CARVE_DEVICE                                                           \
	(LL_FS_READ_FILE | LL_FS_WRITE_FILE | LL_FS_TRUNCATE | LL_FS_IOCTL_DEV)

/* Of which a cell of tier full has its own; in tier lsm they are the host's. */
static const char *const carve_fresh[] = {
    "/tmp", "/var/tmp", "/run", "/dev", "/sys", NULL};

/* What programs need of them all the same. */
static const struct carve_piece {
	const char *path;
	uint64_t access;
} carve_pieces[] = {{"/dev/null", CARVE_DEVICE}, {"/dev/zero", CARVE_DEVICE},
    {"/dev/full", CARVE_DEVICE}, {"/dev/random", CARVE_DEVICE},
    {"/dev/urandom", CARVE_DEVICE}, {"/dev/tty", CARVE_DEVICE},
    {"/dev/ptmx", CARVE_DEVICE}, {"/dev/pts/ptmx", CARVE_DEVICE},
    {"/dev/pts", LL_FS_READ_DIR}, {"/sys/devices/system/cpu", LL_FS_READ},
    {"/sys/devices/system/node", LL_FS_READ}};

void
carve_init(struct carve *c)
{
	c->scratch = (spec_access(c->grant, "/tmp") & SPEC_WRITE) != 0;
}

static bool
carve_is_fresh(const char *path)
{
	size_t i;

	for (i = 0; carve_fresh[i] != NULL; i++)
		if (strcmp(carve_fresh[i], path) == 0)
			return true;
	return false;
}

static bool
carve_is_hidden(const struct carve *c, const char *path)
{
	size_t i;

	for (i = 0; i < c->grant->npaths; i++)
		if ((c->grant->paths[i].access & SPEC_HIDE) != 0 &&
		    spec_beneath(path, c->grant->paths[i].path))
			return true;
	return false;
}

/* What the deepest row says that is no fresh folder. */
static unsigned
carve_row(const struct carve *c, const char *path)
{
	unsigned access = 0;
	size_t i, n, best = 0;

	for (i = 0; i < c->grant->npaths; i++) {
		const struct spec_path *p = &c->grant->paths[i];

		n = strlen(p->path);
		if (p->path[0] != '/' || n < best ||
		    (p->access & CARVE_GRANTS) == 0 ||
		    carve_is_fresh(p->path) || !spec_beneath(path, p->path))
			continue;
		best = n;
		access = p->access & CARVE_GRANTS;
	}
	for (i = 0; carve_fresh[i] != NULL; i++)
		if (strlen(carve_fresh[i]) > best &&
		    spec_beneath(path, carve_fresh[i]))
			return 0;
	return access;
}

unsigned
carve_access(const struct carve *c, const char *path)
{
	const struct carve_lsm *l = c->lsm;

	if (c->scratch &&
	    (spec_beneath(path, l->tmp) ||
		(l->cache != NULL && spec_beneath(path, l->cache))))
		return CARVE_GRANTS;
	if (c->scratch && l->shm && spec_beneath(path, "/dev/shm"))
		return SPEC_READ | SPEC_WRITE;
	return carve_is_hidden(c, path) ? 0 : carve_row(c, path);
}

unsigned
carve_holds(const struct carve *c, const char *path)
{
	unsigned access;
	size_t i;

	if (c->lsm == NULL) {
		if (spec_beneath(path, "/dev"))
			return CARVE_GRANTS;
		access = spec_access(c->grant, path);
		return (access & SPEC_PRIVATE) != 0 ? access | SPEC_WRITE
						    : access;
	}
	access = carve_access(c, path);
	for (i = 0; i < COUNT(carve_pieces); i++)
		if (spec_beneath(path, carve_pieces[i].path))
			access |= carve_pieces[i].access == CARVE_DEVICE
				      ? SPEC_READ | SPEC_WRITE
				      : SPEC_READ;
	if (c->tty != -1 && spec_beneath(path, "/dev/pts"))
		access |= SPEC_READ | SPEC_WRITE;
	return access;
}

/* Whether something strictly beneath has less than access. */
static bool
carve_differs(const struct carve *c, const char *path, unsigned access)
{
	size_t i, n = strlen(path);

	if (c->lsm == NULL)
		return false;
#define LESS(other)                                                            \
	(strlen(other) > n && spec_beneath(other, path) &&                     \
	    (access & ~carve_access(c, other)) != 0)
	for (i = 0; i < c->grant->npaths; i++)
		if (c->grant->paths[i].path[0] == '/' &&
		    LESS(c->grant->paths[i].path))
			return true;
	for (i = 0; carve_fresh[i] != NULL; i++)
		if (LESS(carve_fresh[i]))
			return true;
#undef LESS
	return false;
}

/* What commands may write they can make lead elsewhere: where there are no
 * walls no link is followed, anywhere on the way. */
static int
carve_open(const struct carve *c, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
	    .resolve = RESOLVE_NO_SYMLINKS};

	if (c->lsm == NULL)
		return open(path, flags | O_CLOEXEC);

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int
carve_walk(const struct carve *c, int set, char *path, unsigned access);

/* Each entry by itself; path has room for PATH_MAX bytes. */
static int
carve_entries(const struct carve *c, int set, char *path, unsigned access)
{
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);
	int fd = carve_open(c, path, O_RDONLY | O_DIRECTORY), r = 0;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *de;

	while (d != NULL && r == 0 && (de = readdir(d)) != NULL) {
		size_t n = strlen(de->d_name);

		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0 || len + n + 2 > PATH_MAX)
			continue;
		path[len] = '/';
		memcpy(path + len + 1, de->d_name, n + 1);
		r = carve_walk(c, set, path, access & carve_access(c, path));
	}
	path[len] = '\0';
	if (len == 0)
		(void)strlcpy(path, "/", PATH_MAX);
	if (d != NULL)
		(void)closedir(d);
	return r;
}

/* Grants path, or what of it is not forbidden.  Links lead nowhere, and of
 * what is neither file nor folder nobody needs the host's. */
static int
carve_walk(const struct carve *c, int set, char *path, unsigned access)
{
	struct stat st;
	int fd, r = 0;

	if (access == 0)
		return 0;
	fd = carve_open(c, path, O_PATH);
	if (fd == -1 || fstat(fd, &st) == -1) {
		fd_close(&fd);
		return 0; /* gone, or not for the person either */
	}
	if (!carve_differs(c, path, access)) {
		if (c->lsm == NULL || S_ISDIR(st.st_mode) ||
		    S_ISREG(st.st_mode))
			r = landlock_allow_fd(set, fd, landlock_rights(access));
		(void)close(fd);
		return r;
	}
	(void)close(fd);
	return S_ISDIR(st.st_mode) ? carve_entries(c, set, path, access) : 0;
}

/* A path to be written that does not exist yet: its folder gets the rights
 * to make it, if commands of the session may write there at all. */
static int
carve_missing(const struct carve *c, int set, char *path, unsigned access)
{
	char *slash;
	int fd, r = 0;

	if ((access & SPEC_WRITE) == 0)
		return 0;
	while ((fd = carve_open(c, path, O_PATH)) == -1 && errno == ENOENT &&
	       (slash = strrchr(path, '/')) != NULL && slash != path)
		*slash = '\0';
	if (fd != -1 && (spec_access(c->ceiling, path) & SPEC_WRITE) != 0 &&
	    !carve_differs(c, path, access))
		r = landlock_allow_fd(set, fd, landlock_rights(access));
	fd_close(&fd);
	return r;
}

static int
carve_grants(const struct carve *c, int set)
{
	char path[PATH_MAX];
	unsigned access;
	struct stat st;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < c->grant->npaths; i++) {
		const struct spec_path *p = &c->grant->paths[i];

		access = p->access & (CARVE_GRANTS | SPEC_PRIVATE);
		if (access == 0 || p->path[0] != '/' ||
		    strlcpy(path, p->path, sizeof(path)) >= sizeof(path))
			continue;
		if (c->lsm != NULL)
			access = carve_is_fresh(path)
				     ? 0
				     : access & carve_access(c, path);
		if (access == 0)
			continue;
		if (lstat(path, &st) == -1 && errno == ENOENT)
			r = carve_missing(c, set, path, access);
		else
			r = carve_walk(c, set, path, access);
	}
	return r;
}

/* The devices of a cell are few and its own. */
static int
carve_own(const struct carve *c, int set)
{
	int r = landlock_allow(set, "/dev", CARVE_DEVICE | LL_FS_READ_DIR);

	if (r == 0 && c->scratch)
		r = landlock_allow(set, "/dev/shm", LL_FS_WRITE);
	return r;
}

static int
carve_host(const struct carve *c, int set)
{
	const uint64_t all = LL_FS_READ | LL_FS_WRITE | LL_FS_EXECUTE;
	const struct {
		const char *path;
		uint64_t access;
	} private[] = {{c->lsm->tmp, all}, {c->lsm->cache, all},
	    {c->lsm->shm ? "/dev/shm" : NULL, LL_FS_READ | LL_FS_WRITE}};
	size_t i;
	int r = 0;

	for (i = 0; c->scratch && r == 0 && i < COUNT(private); i++)
		if (private[i].path != NULL)
			r = landlock_allow(
			    set, private[i].path, private[i].access);
	if (r == 0 && c->tty != -1)
		r = landlock_allow_fd(set, c->tty, CARVE_DEVICE);
	for (i = 0; r == 0 && i < COUNT(carve_pieces); i++) {
		r = landlock_allow(
		    set, carve_pieces[i].path, carve_pieces[i].access);
		if (r == ERR_NOENT)
			r = 0;
	}
	return r;
}

int
carve_enforce(const struct carve *c)
{
	uint64_t net = LL_NET_BIND_TCP | LL_NET_CONNECT_TCP;
	int set, r;

	if (c->lsm == NULL || c->grant->net == SPEC_NET_HOST)
		net = 0;
	set = landlock_new(net,
	    (c->grant->abstract ? 0 : LL_SCOPE_ABSTRACT) | LL_SCOPE_SIGNAL);
	if (set < 0)
		return set;
	r = carve_grants(c, set);
	if (r == 0)
		r = c->lsm == NULL ? carve_own(c, set) : carve_host(c, set);
	if (r == 0)
		r = landlock_enforce(set);
	(void)close(set);
	return r;
}
