/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the broker: what will be refused by others, where somebody wants to
 * be told of it.
 *
 * Landlock, a read-only mount and a network without a way out tell nobody.
 * So the call is looked at before it goes on, and what the rights of the cell
 * say of it is noted as a guess: the arguments behind a pointer can change
 * after the look, and a file's own mode says no as well.  Nothing here decides
 * anything.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/broker_int.h"

#define NR_fchmodat2 452 /* asm-generic/unistd.h */
#define LOOK_FIRST   512 /* bytes of a path that are read at once */

/* What a call wants of a path: as its flags say, to write what is there, to
 * change what belongs to its owner, to make a name that is not there, to take
 * one away that is; or the network. */
enum look_want {
	LOOK_OPEN,
	LOOK_WRITE,
	LOOK_CHANGE,
	LOOK_MAKE,
	LOOK_REMOVE,
	LOOK_CONNECT
};

#define NONE (-1)
static const struct look {
	int nr;
	enum look_want want;
	int dir;  /* argument: where the path begins, or without one the file */
	int path; /* argument */
	int flags; /* argument: of open(2), or AT_* */
} looks[] = {{__NR_open, LOOK_OPEN, NONE, 0, 1},
    {__NR_openat, LOOK_OPEN, 0, 1, 2}, {__NR_creat, LOOK_OPEN, NONE, 0, NONE},
    {__NR_truncate, LOOK_WRITE, NONE, 0, NONE},
    {__NR_mkdir, LOOK_MAKE, NONE, 0, NONE},
    {__NR_mkdirat, LOOK_MAKE, 0, 1, NONE},
    {__NR_mknod, LOOK_MAKE, NONE, 0, NONE},
    {__NR_mknodat, LOOK_MAKE, 0, 1, NONE},
    {__NR_symlink, LOOK_MAKE, NONE, 1, NONE},
    {__NR_symlinkat, LOOK_MAKE, 1, 2, NONE},
    {__NR_link, LOOK_MAKE, NONE, 1, NONE}, {__NR_linkat, LOOK_MAKE, 2, 3, NONE},
    {__NR_unlink, LOOK_REMOVE, NONE, 0, NONE},
    {__NR_unlinkat, LOOK_REMOVE, 0, 1, NONE},
    {__NR_rmdir, LOOK_REMOVE, NONE, 0, NONE},
    {__NR_rename, LOOK_REMOVE, NONE, 0, NONE},
    {__NR_rename, LOOK_MAKE, NONE, 1, NONE},
    {__NR_renameat, LOOK_REMOVE, 0, 1, NONE},
    {__NR_renameat, LOOK_MAKE, 2, 3, NONE},
    {__NR_renameat2, LOOK_REMOVE, 0, 1, NONE},
    {__NR_renameat2, LOOK_MAKE, 2, 3, NONE},
    {__NR_chmod, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_fchmod, LOOK_CHANGE, 0, NONE, NONE},
    {__NR_fchmodat, LOOK_CHANGE, 0, 1, NONE},
    {NR_fchmodat2, LOOK_CHANGE, 0, 1, 3},
    {__NR_chown, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_lchown, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_fchown, LOOK_CHANGE, 0, NONE, NONE},
    {__NR_fchownat, LOOK_CHANGE, 0, 1, 4},
    {__NR_utime, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_utimes, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_futimesat, LOOK_CHANGE, 0, 1, NONE},
    {__NR_utimensat, LOOK_CHANGE, 0, 1, 3},
    {__NR_setxattr, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_lsetxattr, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_fsetxattr, LOOK_CHANGE, 0, NONE, NONE},
    {__NR_removexattr, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_lremovexattr, LOOK_CHANGE, NONE, 0, NONE},
    {__NR_fremovexattr, LOOK_CHANGE, 0, NONE, NONE},
    {__NR_connect, LOOK_CONNECT, NONE, NONE, NONE}};
#define LOOKS (sizeof(looks) / sizeof(looks[0]))

/* Of what is opened the flags say whether it is written. */
static bool
look_writes(const struct look *l)
{
	return l->want == LOOK_WRITE || l->want == LOOK_MAKE ||
	       l->want == LOOK_REMOVE || l->nr == __NR_creat;
}

size_t
broker_looks(int calls[BROKER_LOOKS_MAX], bool writes)
{
	size_t i, n = 0;

	for (i = 0; i < LOOKS && n < BROKER_LOOKS_MAX; i++)
		if ((n == 0 || calls[n - 1] != looks[i].nr) &&
		    (!writes || look_writes(&looks[i])))
			calls[n++] = looks[i].nr;
	return n;
}

/* What the kernel will answer: by mount, and by mode where it matters, which
 * hold the init too, or by Landlock, which does not. */
static int
look_judge(const struct broker_ask *a, int fd, const char *path,
    enum look_want want, unsigned access)
{
	int mode = access == SPEC_WRITE ? W_OK : R_OK;
	struct statvfs fs;

	/* Before anybody asks whose it is. */
	if (access == SPEC_WRITE && fstatvfs(fd, &fs) == 0 &&
	    (fs.f_flag & ST_RDONLY) != 0)
		return EROFS;
	if (want != LOOK_CHANGE &&
	    faccessat(fd, "", mode, AT_EMPTY_PATH) == -1 &&
	    (errno == EACCES || errno == EROFS || errno == EPERM))
		return errno;
	return (carve_holds(a->b->carve, path) & access) == 0 ? EACCES : 0;
}

/* A path of the caller's, of whom a run of calls is to be expected. */
static int
look_string(struct broker_ask *a, uint64_t at, char path[PATH_MAX])
{
	struct broker *b = a->b;
	ssize_t n;

	if (b->mem < 0 || b->mem_of != a->no->pid) {
		fd_close(&b->mem);
		b->mem = broker_open_proc(a, "mem", O_RDONLY);
		b->mem_of = a->no->pid;
	}
	n = b->mem < 0 ? 0 : pread(b->mem, path, LOOK_FIRST, (off_t)at);
	if (n > 0 && memchr(path, '\0', (size_t)n) != NULL)
		return 0;
	fd_close(&b->mem); /* it may have executed something else */
	return broker_string(a, at, path, PATH_MAX);
}

/* A path from the root on, as the caller has it; "" if that is too long to be
 * kept. */
static void
look_key(const struct broker_ask *a, int dir, const char *path,
    char key[BROKER_GOOD_NAME])
{
	char link[32];
	ssize_t n = 0;

	if (path[0] != '/') {
		if (dir == AT_FDCWD)
			(void)snprintf(
			    link, sizeof(link), "%u/cwd", a->no->pid);
		else
			(void)snprintf(
			    link, sizeof(link), "%u/fd/%d", a->no->pid, dir);
		n = readlinkat(a->b->proc, link, key, BROKER_GOOD_NAME);
	}
	if (n < 0 || (size_t)n + strlen(path) + 2 > BROKER_GOOD_NAME) {
		key[0] = '\0';
		return;
	}
	if (n > 0)
		key[n++] = '/';
	(void)strlcpy(key + n, path, BROKER_GOOD_NAME - (size_t)n);
}

/* The length of what holds the last part of a key, the slash included. */
static size_t
look_above(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash == NULL ? 0 : (size_t)(slash - key) + 1;
}

static bool
look_is_good(const struct broker_ask *a, const char *key, size_t n)
{
	const char *name;
	size_t i;

	for (i = 0; i < BROKER_GOOD && n > 0; i++) {
		name = a->b->good.names[i];
		if (strncmp(name, key, n) == 0 && name[n] == '\0')
			return true;
	}
	return false;
}

static void
look_keep(struct broker_ask *a, const char *key, size_t n)
{
	struct broker_good *g = &a->b->good;

	if (n > 0)
		(void)strlcpy(g->names[g->next++ % BROKER_GOOD], key, n + 1);
}

/* Nothing is to be refused, by what was seen before: of the object itself, or
 * of the folder if nothing else matters. */
static bool
look_is_known(const struct broker_ask *a, const struct look *l, int flags,
    const char *key)
{
	bool above = look_is_good(a, key, look_above(key));

	if (l->want == LOOK_MAKE || l->want == LOOK_REMOVE)
		return above;
	if (look_is_good(a, key, strlen(key)))
		return true;
	if (!above || l->want != LOOK_OPEN || (flags & O_CREAT) == 0)
		return false;
	return (flags & O_EXCL) != 0 ||
	       (faccessat(AT_FDCWD, key, F_OK, AT_SYMLINK_NOFOLLOW) == -1 &&
		   errno == ENOENT);
}

/* What is there and should not be, or the reverse, is refused for that. */
static bool
look_is_apt(
    struct broker_ask *a, const struct look *l, int dir, const char *path)
{
	int fd;

	if (l->nr == __NR_rename || l->nr == __NR_renameat ||
	    l->nr == __NR_renameat2)
		return true;
	fd = broker_resolve(a, dir, path, false);
	if (fd >= 0)
		(void)close(fd);
	return (fd >= 0) == (l->want == LOOK_REMOVE);
}

/* The name that a path ends in is to be made, or taken away. */
static int
look_name(struct broker_ask *a, const struct look *l, int dir, const char *path,
    const char *key)
{
	char where[PATH_MAX], above[PATH_MAX];
	size_t n = look_above(path);
	int fd, e;

	(void)strlcpy(above, n == 0 ? "." : path, n == 0 ? 2 : n + 1);
	fd = broker_resolve(a, dir, above, true);
	if (fd < 0)
		return fd == -EACCES && look_is_apt(a, l, dir, path) ? EACCES
								     : 0;
	broker_where(fd, where, sizeof(where));
	e = look_judge(a, fd, where, l->want, SPEC_WRITE);
	(void)close(fd);
	if (e == 0)
		look_keep(a, key, look_above(key));
	else if (!look_is_apt(a, l, dir, path))
		e = 0;
	(void)str_fmt(a->what, sizeof(a->what), "%s/%s",
	    strcmp(where, "/") == 0 ? "" : where, path + n);
	return e;
}

/* Nothing is there, or it is hidden: of what holds it the rest is a name. */
static int
look_missing(struct broker_ask *a, int dir, const char *path)
{
	char above[PATH_MAX], where[PATH_MAX], whole[PATH_MAX], *slash;
	int fd = -1;

	(void)strlcpy(above, path, sizeof(above));
	while (
	    fd < 0 && (slash = strrchr(above, '/')) != NULL && slash != above) {
		*slash = '\0';
		fd = broker_resolve(a, dir, above, true);
	}
	if (fd < 0)
		return 0;
	broker_where(fd, where, sizeof(where));
	(void)close(fd);
	if (str_fmt(whole, sizeof(whole), "%s%s", where,
		path + strlen(above)) != 0 ||
	    (carve_holds(a->b->carve, whole) & SPEC_READ) != 0)
		return 0;
	(void)strlcpy(a->what, whole, sizeof(a->what));
	return ENOENT;
}

static int
look_path(struct broker_ask *a, const struct look *l, int flags)
{
	const __u64 *args = a->no->data.args;
	int dir = l->dir == NONE ? AT_FDCWD : (int)args[l->dir], fd, e = 0;
	char path[PATH_MAX], where[PATH_MAX], key[BROKER_GOOD_NAME] = "";
	bool opens = l->want == LOOK_OPEN;
	bool write = !opens || (flags & (O_ACCMODE | O_TRUNC)) != 0;
	bool follow = (flags & (opens ? O_NOFOLLOW : AT_SYMLINK_NOFOLLOW)) == 0;
	bool names = l->want == LOOK_MAKE || l->want == LOOK_REMOVE;
	struct stat st;
	size_t n;

	path[0] = '\0';
	if (l->path != NONE &&
	    (l->nr != __NR_utimensat || args[l->path] != 0) &&
	    (look_string(a, args[l->path], path) != 0 ||
		(path[0] == '\0' && (opens || (flags & AT_EMPTY_PATH) == 0))))
		return 0;
	(void)strlcpy(a->what, path, sizeof(a->what));
	for (n = strlen(path); names && n > 1 && path[n - 1] == '/';)
		path[--n] = '\0';
	if (write && l->want != LOOK_CHANGE)
		look_key(a, dir, path, key);
	if (look_is_known(a, l, flags, key))
		return 0;
	if (names || (opens && (~flags & (O_CREAT | O_EXCL)) == 0))
		return look_name(a, l, dir, path, key);
	fd = broker_resolve(a, dir, path, follow);
	if (fd == -ENOENT && opens && (flags & O_CREAT) != 0)
		return look_name(a, l, dir, path, key);
	if (fd == -ENOENT)
		return look_missing(a, dir, path);
	if (fd < 0)
		return fd == -EACCES ? EACCES : 0;
	broker_where(fd, where, sizeof(where));
	(void)strlcpy(a->what, where, sizeof(a->what));
	/* What is in no folder is the command's own; and a folder is not
	 * written to, whatever its rights. */
	if (where[0] == '/' && fstat(fd, &st) == 0 && st.st_nlink > 0 &&
	    (!opens || !write || !S_ISDIR(st.st_mode)))
		e = look_judge(
		    a, fd, where, l->want, write ? SPEC_WRITE : SPEC_READ);
	(void)close(fd);
	if (e == 0)
		look_keep(a, key, strlen(key));
	return e;
}

static int
look_flags(const struct broker_ask *a, const struct look *l)
{
	if (l->nr == __NR_creat)
		return O_CREAT | O_WRONLY | O_TRUNC;
	if (l->nr == __NR_lchown || l->nr == __NR_lsetxattr ||
	    l->nr == __NR_lremovexattr)
		return AT_SYMLINK_NOFOLLOW;
	return l->flags == NONE ? 0 : (int)a->no->data.args[l->flags];
}

void
broker_path(struct broker_ask *a)
{
	size_t i;

	for (i = 0; i < LOOKS && looks[i].nr != a->no->data.nr; i++)
		;
	if (i < LOOKS && looks[i].path != NONE)
		(void)broker_string(a, a->no->data.args[looks[i].path], a->what,
		    sizeof(a->what));
}

void
broker_guess(struct broker_ask *a)
{
	size_t i;
	int e, flags;

	for (i = 0; i < LOOKS; i++) {
		if (looks[i].nr != a->no->data.nr)
			continue;
		flags = look_flags(a, &looks[i]);
		if (looks[i].want == LOOK_CONNECT)
			e = broker_no_route(a);
		else if (looks[i].want == LOOK_OPEN && (flags & O_PATH) != 0)
			e = 0;
		else
			e = look_path(a, &looks[i], flags);
		if (e != 0)
			broker_note(a, a->b->guessed, e);
	}
}
