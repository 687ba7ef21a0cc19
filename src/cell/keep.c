/* SPDX-License-Identifier: Apache-2.0 */

/* Part of the cell: protected names, kept and restored; see keep.h. */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cell/cell.h"
#include "cell/keep.h"

#define NS_PER_S 1000000000ULL

/* One file, folder or link as it was. */
struct keep_node {
	char *name;     /* owned */
	struct stat st; /* as of the last look */
	bool racy; /* changed so shortly before that a change after it may show
		      the same time */
	uint8_t *data; /* owned: content, or where a link leads */
	size_t len;
	struct keep_node *kids; /* owned, of a folder */
	size_t nkids;
};

struct keep_item {
	char *path; /* owned: absolute, no link in it */
	struct keep_node node;
};

static void
keep_free(struct keep_node *n)
{
	size_t i;

	for (i = 0; i < n->nkids; i++)
		keep_free(&n->kids[i]);
	free(n->kids);
	free(n->data);
	free(n->name);
	memset(n, 0, sizeof(*n));
}

static void
keep_seen(struct keep_node *n, const struct stat *st)
{
	uint64_t changed = (uint64_t)st->st_ctim.tv_sec * NS_PER_S +
			   (uint64_t)st->st_ctim.tv_nsec;

	n->st = *st;
	n->racy = clock_wall_ns() < changed + NS_PER_S;
}

static int
keep_content(int dir, const char *name, struct buf *b)
{
	int fd, r;

	fd = openat(dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return ERR_IO;
	r = fd_read_all(fd, b);
	(void)close(fd);
	return r;
}

static int
keep_take(struct keep *k, struct keep_node *n, int dir, const char *name);

static int
keep_take_kids(struct keep *k, struct keep_node *n, int dir, const char *name)
{
	struct dirent *de;
	int fd, r = 0;
	DIR *d;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL)
		return ERR_IO;
	while (r == 0 && (de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		n->kids =
		    xreallocarray(n->kids, n->nkids + 1, sizeof(n->kids[0]));
		r = keep_take(k, &n->kids[n->nkids++], dirfd(d), de->d_name);
	}
	(void)closedir(d);
	return r;
}

static int
keep_take(struct keep *k, struct keep_node *n, int dir, const char *name)
{
	char target[PATH_MAX];
	struct stat st;
	struct buf b;
	ssize_t len;
	int r = 0;

	memset(n, 0, sizeof(*n));
	n->name = xstrdup(name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return ERR_NOENT;
	keep_seen(n, &st);
	if (++k->files > KEEP_FILES)
		return ERR_SPACE;
	if (S_ISDIR(st.st_mode))
		return keep_take_kids(k, n, dir, name);
	if (S_ISLNK(st.st_mode)) {
		len = readlinkat(dir, name, target, sizeof(target));
		n->len = len < 0 ? 0 : (size_t)len;
		n->data = xmemdup(target, n->len);
	} else if (S_ISREG(st.st_mode)) {
		buf_init(&b, KEEP_BYTES);
		r = keep_content(dir, name, &b);
		n->len = b.len;
		n->data = xmemdup(buf_data(&b), b.len);
		buf_fini(&b);
	}
	k->bytes += n->len;
	return r == 0 && k->bytes > KEEP_BYTES ? ERR_SPACE : r;
}

int
keep_add(struct keep *k, const char *path)
{
	struct keep_item item = {0};
	const char *name;
	int dir, r;

	dir = guard_parent(path, &name);
	if (dir == -1)
		return 0;
	r = keep_take(k, &item.node, dir, name);
	(void)close(dir);
	if (r != 0) {
		keep_free(&item.node);
		return r == ERR_NOENT ? 0 : r;
	}
	item.path = xstrdup(path);
	k->items = xreallocarray(k->items, k->nitems + 1, sizeof(k->items[0]));
	k->items[k->nitems++] = item;
	return 0;
}

static bool keep_same(struct keep_node *n, int dir, const char *name);

/* The same entries, each the same. */
static bool
keep_same_kids(struct keep_node *n, int dir, const char *name)
{
	bool same = true;
	struct dirent *de;
	size_t i, found = 0;
	DIR *d;
	int fd;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL)
		return false;
	while ((de = readdir(d)) != NULL)
		found += strcmp(de->d_name, ".") != 0 &&
			 strcmp(de->d_name, "..") != 0;
	same = found == n->nkids;
	for (i = 0; same && i < n->nkids; i++)
		same = keep_same(&n->kids[i], dirfd(d), n->kids[i].name);
	(void)closedir(d);
	return same;
}

/* A change of content or mode changes the time that nobody can set. */
static bool
keep_untouched(const struct keep_node *n, const struct stat *st)
{
	return !n->racy && st->st_ino == n->st.st_ino &&
	       st->st_dev == n->st.st_dev &&
	       st->st_ctim.tv_sec == n->st.st_ctim.tv_sec &&
	       st->st_ctim.tv_nsec == n->st.st_ctim.tv_nsec;
}

static bool
keep_same(struct keep_node *n, int dir, const char *name)
{
	char target[PATH_MAX];
	struct stat st;
	struct buf b;
	ssize_t len;
	bool same;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_mode != n->st.st_mode)
		return false;
	if (S_ISDIR(st.st_mode))
		return keep_same_kids(n, dir, name);
	/* By another name it could be written when nobody compares. */
	if (st.st_nlink > n->st.st_nlink)
		return false;
	if (keep_untouched(n, &st))
		return true;
	if (S_ISLNK(st.st_mode)) {
		len = readlinkat(dir, name, target, sizeof(target));
		same = len == (ssize_t)n->len &&
		       memcmp(target, n->data, n->len) == 0;
	} else if (S_ISREG(st.st_mode)) {
		buf_init(&b, KEEP_BYTES);
		same = st.st_size == (off_t)n->len &&
		       keep_content(dir, name, &b) == 0 && b.len == n->len &&
		       memcmp(buf_data(&b), n->data, n->len) == 0;
		buf_fini(&b);
	} else
		same = st.st_rdev == n->st.st_rdev;
	if (same)
		keep_seen(n, &st);
	return same;
}

static int keep_write(struct keep_node *n, int dir);

static int
keep_write_kids(struct keep_node *n, int dir)
{
	size_t i;
	int fd, r = 0;

	if (mkdirat(dir, n->name, 0700) == -1)
		return ERR_IO;
	fd = openat(
	    dir, n->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return ERR_IO;
	for (i = 0; r == 0 && i < n->nkids; i++)
		r = keep_write(&n->kids[i], fd);
	if (fchmod(fd, n->st.st_mode & 07777) == -1)
		r = ERR_IO;
	(void)close(fd);
	return r;
}

static int
keep_write_file(struct keep_node *n, int dir)
{
	int fd, r;

	fd = openat(dir, n->name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return ERR_IO;
	r = fd_write_all(fd, n->data, n->len);
	if (r == 0 && fchmod(fd, n->st.st_mode & 07777) == -1)
		r = ERR_IO;
	(void)close(fd);
	return r;
}

/* As it was, times included; never over something that is there. */
static int
keep_write(struct keep_node *n, int dir)
{
	struct timespec ts[2] = {n->st.st_atim, n->st.st_mtim};
	struct stat st;
	char *target;
	int r = 0;

	if (S_ISDIR(n->st.st_mode))
		r = keep_write_kids(n, dir);
	else if (S_ISREG(n->st.st_mode))
		r = keep_write_file(n, dir);
	else if (S_ISLNK(n->st.st_mode)) {
		target = xstrndup((const char *)n->data, n->len);
		if (symlinkat(target, dir, n->name) == -1)
			r = ERR_IO;
		free(target);
	}
	if (r != 0)
		return r;
	(void)utimensat(dir, n->name, ts, AT_SYMLINK_NOFOLLOW);
	if (fstatat(dir, n->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		keep_seen(n, &st);
	return 0;
}

void
keep_check(struct keep *k, struct buf *lines)
{
	struct keep_item *it;
	const char *name;
	struct stat st;
	size_t i;
	int dir;

	for (i = 0; i < k->nitems; i++) {
		it = &k->items[i];
		dir = guard_parent(it->path, &name);
		if (dir == -1) { /* gone with its folder, or led elsewhere */
			guard_way(it->path, lines);
			continue;
		}
		if (!keep_same(&it->node, dir, name)) {
			if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
				guard_aside(it->path, lines);
			guard_unlock(dir, W_OK | X_OK);
			(void)buf_addf(lines, "%s: protected; %s\n", it->path,
			    keep_write(&it->node, dir) == 0
				? "restored"
				: "CANNOT BE RESTORED");
		}
		(void)close(dir);
	}
}

void
keep_moved(struct keep *k, const char *from, const char *to)
{
	size_t i;

	for (i = 0; i < k->nitems; i++)
		guard_moved(&k->items[i].path, from, to);
}

void
keep_fini(struct keep *k)
{
	size_t i;

	for (i = 0; i < k->nitems; i++) {
		free(k->items[i].path);
		keep_free(&k->items[i].node);
	}
	free(k->items);
}
