/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool library: several files change together or not at all.
 *
 * A file that is replaced is exchanged with its successor in one rename, so
 * at no instant is a name without content, and undoing is the same exchange
 * again.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/xmem.h"

#include "tool/commit.h"
#include "tool/tree.h"

#define MODE_NEW 0666 /* of a file that was not there; umask applies */

void
commit_init(struct commit *c, int root)
{
	memset(c, 0, sizeof(*c));
	c->root = root;
}

/* FNV-1a: spares commit_view most of its comparisons. */
static uint32_t
hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

static struct op *
op_new(struct commit *c, const char *path, bool put)
{
	const char *slash = strrchr(path, '/');
	int dirlen = slash == NULL ? 0 : (int)(slash + 1 - path);
	struct op *op;
	uint64_t salt;

	if ((c->nops & (c->nops - 1)) == 0) /* full at powers of two */
		c->ops = xreallocarray(
		    c->ops, c->nops == 0 ? 1 : 2 * c->nops, sizeof(*c->ops));
	op = &c->ops[c->nops++];
	arc4random_buf(&salt, sizeof(salt));
	op->path = xstrdup(path);
	op->hash = hash(path);
	op->beside = xasprintf(
	    "%.*s.cordon-%016llx", dirlen, path, (unsigned long long)salt);
	op->put = put;
	op->content = NULL;
	op->state = OP_STAGED;
	return op;
}

/* Makes the directories above path that are missing, each an operation. */
static int
make_parents(struct commit *c, const char *path)
{
	char *dir = xstrdup(path), *slash;
	struct op *op;
	int r = 0, fd;

	for (slash = strchr(dir, '/'); slash != NULL && r == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		fd = tree_open(c->root, dir, O_PATH | O_DIRECTORY);
		if (fd >= 0)
			(void)close(fd);
		else if (fd != -ENOENT)
			r = fd;
		else if ((r = tree_mkdir(c->root, dir)) == 0) {
			op = op_new(c, dir, true);
			free(op->beside);
			op->beside = NULL;
			op->state = OP_MADE;
		}
		*slash = '/';
	}
	free(dir);
	return r;
}

static int
write_beside(int dir, const char *name, struct bytes content, mode_t mode)
{
	int fd, r = 0;

	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_NEW);
	if (fd == -1)
		return -errno;
	if (fd_write_all(fd, content.p, content.len) != 0)
		r = -errno;
	if (r == 0 && mode != 0 && fchmod(fd, mode & 0777) == -1)
		r = -errno;
	if (close(fd) == -1 && r == 0)
		r = -errno;
	return r;
}

int
commit_put(
    struct commit *c, const char *path, struct bytes content, mode_t mode)
{
	const char *name;
	struct op *op;
	int dir, r;

	r = c->root == -1 ? 0 : make_parents(c, path);
	if (r != 0)
		return r;
	op = op_new(c, path, true);
	op->mode = mode;
	if (c->root == -1) {
		op->content = xmemdup(content.p, content.len);
		op->len = content.len;
		return 0;
	}
	dir = tree_parent(c->root, op->beside, &name);
	if (dir < 0)
		return dir;
	r = write_beside(dir, name, content, mode);
	(void)close(dir);
	return r;
}

int
commit_take(struct commit *c, const char *path)
{
	(void)op_new(c, path, false);
	return 0;
}

const struct op *
commit_view(const struct commit *c, const char *path, bool *taken)
{
	uint32_t h = hash(path);
	size_t i;

	*taken = false;
	for (i = c->nops; i-- > 0;) {
		if (c->ops[i].hash != h || strcmp(c->ops[i].path, path) != 0 ||
		    c->ops[i].state == OP_MADE)
			continue;
		*taken = !c->ops[i].put;
		return c->ops[i].put ? &c->ops[i] : NULL;
	}
	return NULL;
}

/* Exchanging would take a directory or link as well: only files. */
static int
only_file(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (S_ISREG(st.st_mode))
		return 0;
	return S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
}

/*
 * File systems of the network know no flags of renameat2(2), and say EINVAL.
 * There a second name keeps what would be lost, and at no instant is a name
 * without content either.
 */
static int
swap_plainly(int dir, const char *beside, const char *name)
{
	char *old = xasprintf("%s-old", beside);
	int r = 0;

	if (linkat(dir, name, dir, old, 0) == -1) {
		r = -errno;
		goto out;
	}
	if (renameat(dir, beside, dir, name) == -1) {
		r = -errno;
		(void)unlinkat(dir, old, 0);
	} else if (renameat(dir, old, dir, beside) == -1) {
		r = -errno;
		(void)renameat(dir, old, dir, name);
	}
out:
	free(old);
	return r;
}

/* Each has the other's content. */
static int
swap(int dir, const char *beside, const char *name)
{
	if (renameat2(dir, beside, dir, name, RENAME_EXCHANGE) == 0)
		return 0;
	return errno == EINVAL ? swap_plainly(dir, beside, name) : -errno;
}

/* Replaces nothing. */
static int
move(int dir, const char *from, const char *to)
{
	int r;

	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (linkat(dir, from, dir, to, 0) == -1)
		return -errno;
	if (unlinkat(dir, from, 0) == 0)
		return 0;
	r = -errno;
	(void)unlinkat(dir, to, 0);
	return r;
}

static int
op_put(struct op *op, int dir, const char *name, const char *beside)
{
	int r = move(dir, beside, name);

	if (r == 0)
		op->state = OP_NEW;
	if (r != -EEXIST)
		return r;
	r = only_file(dir, name);
	if (r == 0)
		r = swap(dir, beside, name);
	if (r != 0)
		return r;
	r = only_file(dir, beside); /* replaced between look and swap? */
	if (r != 0) {
		(void)swap(dir, beside, name);
		return r;
	}
	op->state = OP_SWAPPED;
	return 0;
}

static int
op_take(struct op *op, int dir, const char *name, const char *beside)
{
	int r = only_file(dir, name);

	if (r == 0)
		r = move(dir, name, beside);
	if (r == 0)
		op->state = OP_TAKEN;
	return r;
}

/* beside lies in the same directory, so its name is the same way in. */
static int
op_names(const struct commit *c, const struct op *op, const char **name,
    const char **beside)
{
	const char *slash = strrchr(op->beside, '/');

	*beside = slash == NULL ? op->beside : slash + 1;
	return tree_parent(c->root, op->path, name);
}

static int
op_run(const struct commit *c, struct op *op)
{
	const char *name, *beside;
	int dir, r;

	if (op->state == OP_MADE)
		return 0;
	dir = op_names(c, op, &name, &beside);
	if (dir < 0)
		return dir;
	r = op->put ? op_put(op, dir, name, beside)
		    : op_take(op, dir, name, beside);
	(void)close(dir);
	return r;
}

static void
op_undo(const struct commit *c, struct op *op)
{
	const char *name, *beside;
	int dir;

	if (op->state == OP_MADE) {
		(void)tree_remove(c->root, op->path, AT_REMOVEDIR);
		return;
	}
	dir = op_names(c, op, &name, &beside);
	if (dir < 0)
		return;
	if (op->state == OP_NEW)
		(void)unlinkat(dir, name, 0);
	if (op->state == OP_SWAPPED)
		(void)swap(dir, beside, name);
	if (op->state == OP_TAKEN)
		(void)move(dir, beside, name);
	if (op->put && op->state != OP_NEW)
		(void)unlinkat(dir, beside, 0);
	(void)close(dir);
}

static void
commit_free(struct commit *c)
{
	size_t i;

	for (i = 0; i < c->nops; i++) {
		free(c->ops[i].path);
		free(c->ops[i].beside);
		free(c->ops[i].content);
	}
	free(c->ops);
	c->ops = NULL;
	c->nops = 0;
}

/* A signal waits until all or nothing is done. */
static void
block_signals(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, old);
}

void
commit_fini(struct commit *c)
{
	sigset_t old;
	size_t i;

	block_signals(&old);
	for (i = c->nops; c->root != -1 && i-- > 0;)
		op_undo(c, &c->ops[i]);
	commit_free(c);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
}

int
commit_run(struct commit *c, char **failed)
{
	sigset_t old;
	size_t i;
	int r = 0;

	block_signals(&old);
	for (i = 0; i < c->nops && r == 0; i++) {
		r = op_run(c, &c->ops[i]);
		if (r != 0)
			*failed = xstrdup(c->ops[i].path);
	}
	for (i = 0; i < c->nops && r == 0; i++)
		if (c->ops[i].state == OP_SWAPPED ||
		    c->ops[i].state == OP_TAKEN)
			(void)tree_remove(c->root, c->ops[i].beside, 0);
	if (r == 0)
		commit_free(c);
	else
		commit_fini(c);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
