/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the broker: modes, owners, times and attributes of files, which
 * Landlock does not cover.  What may be written may be changed so, nothing
 * else; and nothing becomes set-user-ID.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/broker_int.h"

#define NR_fchmodat2  452
#define XATTR_VALUES  65536 /* bytes of one, xattr(7) */
#define NSEC_PER_USEC 1000L

/* The object that is changed: held, and where it is for those that need a
 * path. */
struct target {
	int fd;
	bool link;
	char path[64];
};

struct change;
typedef int
change_fn(struct broker_ask *a, const struct change *c, const struct target *t);

/* Which argument is what; NONE where there is none. */
#define NONE (-1)
struct change {
	int nr;
	int dir;   /* a descriptor of a folder */
	int path;  /* a path; without, dir is the file itself */
	int flags; /* AT_* */
	bool nofollow;
	int first; /* of what is to be set */
	change_fn *make;
};

static int
change_mode(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	mode_t mode = (mode_t)a->no->data.args[c->first];

	if ((mode & (S_ISUID | S_ISGID)) != 0)
		return -EPERM;
	if (t->link)
		return -EOPNOTSUPP;
	return chmod(t->path, mode & 07777) == -1 ? -errno : 0;
}

static int
change_owner(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	const __u64 *args = a->no->data.args;

	return fchownat(t->fd, "", (uid_t)args[c->first],
		   (gid_t)args[c->first + 1], AT_EMPTY_PATH) == -1
		   ? -errno
		   : 0;
}

/* Sets both times, or the present where there are none. */
static int
change_set_times(const struct target *t, const struct timespec *ts)
{
	return utimensat(t->fd, "", ts, AT_EMPTY_PATH) == -1 ? -errno : 0;
}

static int
change_utimens(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	uint64_t at = a->no->data.args[c->first];
	struct timespec ts[2];
	int r;

	if (at == 0)
		return change_set_times(t, NULL);
	r = broker_memory(a, at, ts, sizeof(ts));
	return r != 0 ? r : change_set_times(t, ts);
}

static int
change_utimes(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	uint64_t at = a->no->data.args[c->first];
	struct timespec ts[2];
	struct timeval tv[2];
	int r, i;

	if (at == 0)
		return change_set_times(t, NULL);
	r = broker_memory(a, at, tv, sizeof(tv));
	for (i = 0; r == 0 && i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return -EINVAL;
		ts[i].tv_sec = tv[i].tv_sec;
		ts[i].tv_nsec = tv[i].tv_usec * NSEC_PER_USEC;
	}
	return r != 0 ? r : change_set_times(t, ts);
}

static int
change_utime(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	uint64_t at = a->no->data.args[c->first];
	struct timespec ts[2] = {{0, 0}, {0, 0}};
	struct utimbuf ut;
	int r;

	if (at == 0)
		return change_set_times(t, NULL);
	r = broker_memory(a, at, &ut, sizeof(ut));
	ts[0].tv_sec = ut.actime;
	ts[1].tv_sec = ut.modtime;
	return r != 0 ? r : change_set_times(t, ts);
}

/* The names that belong to a file's owner; of the others some carry rights. */
static int
change_name(struct broker_ask *a, uint64_t at, char *name, size_t size)
{
	int r = broker_string(a, at, name, size);

	if (r != 0)
		return r == -ENAMETOOLONG ? -ERANGE : r;
	if (!str_starts(name, "user.") &&
	    !str_starts(name, "system.posix_acl_"))
		return -EPERM;
	return 0;
}

static int
change_attribute(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	const __u64 *args = a->no->data.args + c->first;
	char name[XATTR_NAME_MAX + 1];
	size_t size = (size_t)args[2];
	void *value;
	int r = change_name(a, args[0], name, sizeof(name));

	if (r != 0)
		return r;
	if (size > XATTR_VALUES)
		return -E2BIG;
	if (t->link)
		return -EPERM;
	value = xmalloc(size + 1);
	r = size == 0 ? 0 : broker_memory(a, args[1], value, size);
	if (r == 0 && setxattr(t->path, name, value, size, (int)args[3]) == -1)
		r = -errno;
	free(value);
	return r;
}

static int
change_no_attribute(
    struct broker_ask *a, const struct change *c, const struct target *t)
{
	char name[XATTR_NAME_MAX + 1];
	int r = change_name(a, a->no->data.args[c->first], name, sizeof(name));

	if (r != 0)
		return r;
	if (t->link)
		return -EPERM;
	return removexattr(t->path, name) == -1 ? -errno : 0;
}

static const struct change changes[] = {
    {__NR_chmod, NONE, 0, NONE, false, 1, change_mode},
    {__NR_fchmod, 0, NONE, NONE, false, 1, change_mode},
    {__NR_fchmodat, 0, 1, NONE, false, 2, change_mode},
    {NR_fchmodat2, 0, 1, 3, false, 2, change_mode},
    {__NR_chown, NONE, 0, NONE, false, 1, change_owner},
    {__NR_lchown, NONE, 0, NONE, true, 1, change_owner},
    {__NR_fchown, 0, NONE, NONE, false, 1, change_owner},
    {__NR_fchownat, 0, 1, 4, false, 2, change_owner},
    {__NR_utime, NONE, 0, NONE, false, 1, change_utime},
    {__NR_utimes, NONE, 0, NONE, false, 1, change_utimes},
    {__NR_futimesat, 0, 1, NONE, false, 2, change_utimes},
    {__NR_utimensat, 0, 1, 3, false, 2, change_utimens},
    {__NR_setxattr, NONE, 0, NONE, false, 1, change_attribute},
    {__NR_lsetxattr, NONE, 0, NONE, true, 1, change_attribute},
    {__NR_fsetxattr, 0, NONE, NONE, false, 1, change_attribute},
    {__NR_removexattr, NONE, 0, NONE, false, 1, change_no_attribute},
    {__NR_lremovexattr, NONE, 0, NONE, true, 1, change_no_attribute},
    {__NR_fremovexattr, 0, NONE, NONE, false, 1, change_no_attribute}};

/* The file that the arguments mean, O_PATH, or a negative errno. */
static int
change_target(struct broker_ask *a, const struct change *c)
{
	const __u64 *args = a->no->data.args;
	int dir = c->dir == NONE ? AT_FDCWD : (int)args[c->dir];
	int flags = c->flags == NONE ? 0 : (int)args[c->flags];
	char path[PATH_MAX];
	int r;

	if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
		return -EINVAL;
	path[0] = '\0';
	if (c->path != NONE && args[c->path] != 0) {
		r = broker_string(a, args[c->path], path, sizeof(path));
		if (r != 0)
			return r;
		if (path[0] == '\0' && (flags & AT_EMPTY_PATH) == 0)
			return -ENOENT;
	} else if (c->path != NONE && c->dir == NONE)
		return -EFAULT;
	return broker_resolve(
	    a, dir, path, !c->nofollow && (flags & AT_SYMLINK_NOFOLLOW) == 0);
}

int
broker_file(struct broker_ask *a)
{
	char where[PATH_MAX];
	struct target t;
	struct stat st;
	size_t i;
	int r;

	for (i = 0; changes[i].nr != a->no->data.nr; i++)
		if (i == sizeof(changes) / sizeof(changes[0]) - 1)
			return -ENOSYS;
	t.fd = change_target(a, &changes[i]);
	if (t.fd < 0)
		return t.fd;
	broker_where(t.fd, where, sizeof(where));
	(void)strlcpy(a->what, where, sizeof(a->what));
	(void)snprintf(t.path, sizeof(t.path), "/proc/self/fd/%d", t.fd);
	if (fstat(t.fd, &st) == -1)
		r = -errno;
	else if ((carve_access(a->b->carve, where) & SPEC_WRITE) == 0)
		r = -EPERM;
	else {
		t.link = S_ISLNK(st.st_mode);
		r = changes[i].make(a, &changes[i], &t);
	}
	(void)close(t.fd);
	return r;
}
