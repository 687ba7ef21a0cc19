/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: from what a person wants to write to the ceiling of a cell. */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "conf/paths.h"
#include "cordon/ceiling.h"
#include "cordon/session.h"
#include "sandbox/names.h"

#define CEILING_SIZE  60000 /* bytes of an encoded ceiling */
#define CEILING_STORE 16    /* bytes of the hash that names a home's store */

/* Limits of commands that nobody gave others. */
#define CEILING_PROCS 1024
#define CEILING_DISK  (16ULL << 30) /* bytes */
#define CEILING_TMP   (1ULL << 30)  /* bytes */

/* What no ordinary build reaches, and a bomb does at once. */
static void
ceiling_limits(struct spec_limits *l)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	if (pages > 0 && size > 0)
		l->mem = (uint64_t)pages / 4 * 3 * (uint64_t)size;
	l->procs = CEILING_PROCS;
	l->disk = CEILING_DISK;
	l->tmp = CEILING_TMP;
}

static int
ceiling_secrets(struct spec *s, const char *home)
{
	char path[PATH_MAX];
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && names_home_secrets[i] != NULL; i++)
		if (str_fmt(path, sizeof(path), "%s/%s",
			strcmp(home, "/") == 0 ? "" : home,
			names_home_secrets[i]) == 0)
			r = spec_adds(s, path, SPEC_HIDE);
	return r;
}

/* Where HOME is another folder than the account's, both hold secrets. */
static int
ceiling_account(struct spec *s, const char *home)
{
	const struct passwd *pw = getpwuid(getuid());
	char *real = pw == NULL ? NULL : realpath(pw->pw_dir, NULL);
	int r = 0;

	if (real != NULL && strcmp(real, "/") != 0 && strcmp(real, home) != 0)
		r = ceiling_secrets(s, real);
	free(real);
	return r;
}

int
ceiling_base(struct spec *s, const char *home)
{
	size_t i;
	int r;

	spec_init(s);
	ceiling_limits(&s->limits);
	r = spec_adds(s, "/", SPEC_READ | SPEC_EXEC);
	if (r == 0)
		r = spec_adds(s, "/tmp", SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	if (r == 0)
		r = spec_adds(
		    s, "/var/tmp", SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	if (r == 0 && strcmp(home, "/") != 0)
		r = spec_adds(s, home, SPEC_READ | SPEC_EXEC | SPEC_PRIVATE);
	if (r == 0)
		r = ceiling_secrets(s, home);
	if (r == 0)
		r = ceiling_account(s, home);
	for (i = 0; r == 0 && names_host_secrets[i] != NULL; i++)
		r = spec_adds(s, names_host_secrets[i], SPEC_HIDE);
	for (i = 0; r == 0 && names_protected[i] != NULL; i++)
		r = spec_adds(s, names_protected[i], SPEC_PROTECT);
	return r;
}

/* Whether a link leads to what is there; most is not, which takes half as long
 * to find by a stat. */
static bool
is_linked(const char *path)
{
	const struct open_how how = {
	    .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	struct stat st;
	bool linked;
	int fd;

	if (lstat(path, &st) == -1)
		return false;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	linked = fd == -1 && errno == ELOOP;
	fd_close(&fd);
	return linked;
}

int
ceiling_links(struct spec *s)
{
	char real[PATH_MAX], why[PATH_MAX];
	struct stat st;
	size_t i, n = s->npaths;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		if ((s->paths[i].access & SPEC_HIDE) != 0 &&
		    is_linked(s->paths[i].path) &&
		    ceiling_resolve(
			s->paths[i].path, real, &st, why, sizeof(why)) == 0)
			r = spec_adds(s, real, SPEC_HIDE);
	return r;
}

int
ceiling_hide(struct spec *s, const struct paths *p)
{
	int r = spec_adds(s, p->config, SPEC_HIDE);

	if (r == 0)
		r = spec_adds(s, p->state, SPEC_HIDE);
	return r == 0 ? ceiling_links(s) : r;
}

/* Whether it is what ceiling_hide has added. */
static bool
is_own(const struct spec_path *p)
{
	return (p->access & SPEC_HIDE) != 0 &&
	       strstr(p->path, "cordon") != NULL;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether a folder that was found is the one of that name, which may be NULL:
 * names can differ for one folder, as through a bind mount. */
static bool
is_folder(const struct stat *st, const char *path)
{
	struct stat other;

	return path != NULL && stat(path, &other) == 0 && is_same(st, &other);
}

/* Whether a folder that was found is path, or one of those above it. */
static bool
is_above(const struct stat *st, const char *path)
{
	int up, fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat one, last = {0};
	bool found = false;

	while (fd != -1 && !found && fstat(fd, &one) == 0 &&
	       !is_same(&one, &last)) { /* the root is its own parent */
		found = is_same(st, &one);
		last = one;
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = up;
	}
	fd_close(&fd);
	return found;
}

/* Why a folder cannot be given away, or NULL. */
static const char *
ceiling_refusal(const struct spec *s, const char *real, const struct stat *st,
    const char *home, bool spelled)
{
	bool at_home = is_folder(st, home);
	const char *name, *end;
	size_t i, n;

	if (is_folder(st, "/"))
		return "is the root of everything; name a folder below it";
	if (at_home && !spelled)
		return "is your home directory; change to a project, or say "
		       "--write for it";
	for (i = 0; i < s->npaths; i++) {
		if ((s->paths[i].access & SPEC_HIDE) == 0)
			continue;
		if (spec_beneath(real, s->paths[i].path))
			return "lies in a folder that is kept from commands; "
			       "name another";
		if (is_own(&s->paths[i]) && !at_home &&
		    (spec_beneath(s->paths[i].path, real) ||
			is_above(st, s->paths[i].path)))
			return "holds Cordon's own configuration or state; "
			       "name another";
	}
	for (name = real; *name == '/'; name = end) {
		name++;
		end = strchrnul(name, '/');
		n = (size_t)(end - name);
		for (i = 0; names_protected[i] != NULL; i++)
			if (strlen(names_protected[i]) == n &&
			    memcmp(names_protected[i], name, n) == 0)
				return "lies in a folder that other tools "
				       "obey, which is protected; name another";
		if (n == 4 && memcmp(name, ".git", 4) == 0)
			return "lies in a repository's own folder, which is "
			       "protected; name another";
	}
	return NULL;
}

/* Our own folders in a home that is given away: they must be there to be
 * hidden, or a command could make them. */
static int
ceiling_own(const struct spec *s, const char *real, char *why, size_t size)
{
	size_t i;
	int fd, r = 0;

	for (i = 0; r == 0 && i < s->npaths; i++)
		if (is_own(&s->paths[i]) &&
		    spec_beneath(s->paths[i].path, real)) {
			fd = path_make_dir(s->paths[i].path, why, size);
			r = fd < 0 ? fd : 0;
			fd_close(&fd);
		}
	return r;
}

int
ceiling_resolve(
    const char *path, char *real, struct stat *st, char *why, size_t size)
{
	const struct open_how how = {
	    .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	char link[64];
	ssize_t n = -1;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (fd != -1 && fstat(fd, st) == 0)
		n = readlink(link, real, PATH_MAX - 1);
	if (n > 0 && st->st_nlink == 0) { /* it is removed */
		errno = ENOENT;
		n = -1;
	}
	if (n == -1)
		(void)snprintf(why, size, "%s: %s", path, err_sys(errno));
	fd_close(&fd);
	real[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : ERR_NOENT;
}

int
ceiling_write(struct spec *s, const char *path, const char *home, bool spelled,
    char *real, char *why, size_t size)
{
	const char *refusal;
	struct stat st;
	int r;

	r = ceiling_resolve(path, real, &st, why, size);
	if (r != 0)
		return r;
	if (!S_ISDIR(st.st_mode)) {
		(void)snprintf(
		    why, size, "%s: is not a folder; name one", path);
		return ERR_NOENT;
	}
	refusal = ceiling_refusal(s, real, &st, home, spelled);
	if (refusal != NULL) {
		(void)snprintf(why, size, "%s: %s", real, refusal);
		return ERR_PERM;
	}
	r = ceiling_own(s, real, why, size);
	if (r != 0)
		return r;
	r = spec_adds(s, real, SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	if (r != 0)
		(void)snprintf(why, size, "%s: %s", real, err_str(r));
	return r;
}

/* The folder that keeps what commands of this workspace write to the home. */
static int
ceiling_store(char dst[PATH_MAX], const char *state, const char *workspace,
    char *why, size_t size)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	char hex[STR_HEX_SIZE(CEILING_STORE)], path[PATH_MAX];
	SHA2_CTX ctx;
	int fd;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)workspace, strlen(workspace));
	SHA256Final(hash, &ctx);
	str_hex(hex, hash, CEILING_STORE);
	if (str_fmt(path, sizeof(path), "%s/homes/%s", state, hex) != 0)
		return ERR_SPACE;
	fd = path_make_dir(path, why, size);
	if (fd < 0)
		return fd;
	fd_close(&fd);
	if (realpath(path, dst) != NULL) /* the cell follows no links */
		return 0;
	(void)snprintf(why, size, "%s: %s", path, err_sys(errno));
	return ERR_IO;
}

int
ceiling_tell(struct session *s, enum tier tier, const struct spec *spec,
    const char *home, const char *state, const char *workspace, char *why,
    size_t size)
{
	char store[PATH_MAX];
	struct buf out;
	int r;

	session_confs(s, ROLE_CELL, "cell.tier", tier_word(tier));
	buf_init(&out, CEILING_SIZE);
	r = spec_encode(spec, &out);
	if (r == 0) {
		struct bytes ceiling = {buf_data(&out), out.len};

		session_conf(s, ROLE_CELL, "session.ceiling", ceiling);
		session_conf(s, ROLE_GATE, "session.ceiling", ceiling);
	} else
		(void)snprintf(why, size,
		    "more paths than a cell can have; the policy wants fewer");
	buf_fini(&out);
	if (r == 0 && home != NULL) {
		session_confs(s, ROLE_CELL, "cell.home", home);
		r = ceiling_store(store, state, workspace, why, size);
		if (r == 0)
			session_confs(s, ROLE_CELL, "cell.store", store);
	}
	return r;
}

int
ceiling_spawn(struct session *s, uint32_t id, const struct spec *grant,
    struct msg_spawn *m)
{
	struct chan *cell = session_chan(s, ROLE_CELL);
	struct buf b;
	int r;

	buf_init(&b, CEILING_SIZE);
	r = spec_encode(grant, &b);
	m->grant = (struct bytes){buf_data(&b), b.len};
	if (r == 0)
		r = cell == NULL ? ERR_EOF : chan_send(cell, id, MSG_SPAWN, m);
	m->grant = (struct bytes){NULL, 0};
	buf_fini(&b);
	return r;
}
