/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool library: names below a directory.
 *
 * The one rule: a name is walked from folder to folder by descriptor, no link
 * is followed and no ".." taken, so what was checked is what is opened,
 * whoever renames things meanwhile.  (openat2(2) would do it in one step, but
 * no command may call it: sandbox/compile.c.)
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "tool/tree.h"

int
tree_check(const char *path)
{
	const char *p = path;
	size_t n;

	if (*path == '/')
		return -EXDEV;
	if (*path == '\0' || strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	for (; *p != '\0'; p += n + (p[n] == '/')) {
		n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return -EXDEV;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
	}
	return 0;
}

/* Opens one component; -ELOOP if it is a link. */
static int
tree_step(int dir, const char *name, int flags)
{
	struct stat st;
	int fd, r;

	do
		fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0);
	while (fd == -1 && errno == EINTR);
	if (fd == -1) { /* a link is no folder either, but that is not why */
		r = -errno;
		if (r == -ENOTDIR &&
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISLNK(st.st_mode))
			r = -ELOOP;
		return r;
	}
	if ((flags & O_PATH) == 0) /* the kernel has refused a link */
		return fd;
	r = fstat(fd, &st) == -1 ? -errno : S_ISLNK(st.st_mode) ? -ELOOP : 0;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

int
tree_open(int root, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	const char *rest;
	int at = root, fd = tree_check(path);
	size_t n;

	if (fd != 0)
		return fd;
	if ((flags & O_PATH) == 0) /* with it the kernel refuses them */
		flags |= O_NOCTTY | O_NONBLOCK;
	for (;;) {
		n = strcspn(path, "/");
		memcpy(name, path, n);
		name[n] = '\0';
		rest = path + n + strspn(path + n, "/");
		if (*rest != '\0')
			fd = tree_step(at, name, O_PATH);
		else
			fd = tree_step(at, name,
			    flags | (path[n] == '/' ? O_DIRECTORY : 0));
		if (at != root)
			(void)close(at);
		if (fd < 0 || *rest == '\0')
			return fd;
		at = fd;
		path = rest;
	}
}

int
tree_parent(int root, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int r = tree_check(path);

	if (r < 0)
		return r;
	*name = slash == NULL ? path : slash + 1;
	if (**name == '\0' || strcmp(*name, ".") == 0)
		return -EISDIR;
	if (slash == NULL)
		return tree_open(root, ".", O_PATH | O_DIRECTORY);
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return tree_open(root, dir, O_PATH | O_DIRECTORY);
}

int
tree_mkdir(int root, const char *path)
{
	const char *name;
	int dir, r = 0;

	dir = tree_parent(root, path, &name);
	if (dir < 0)
		return dir;
	if (mkdirat(dir, name, 0777) == -1)
		r = -errno;
	(void)close(dir);
	return r;
}

int
tree_remove(int root, const char *path, int at_flags)
{
	const char *name;
	int dir, r = 0;

	dir = tree_parent(root, path, &name);
	if (dir < 0)
		return dir;
	if (unlinkat(dir, name, at_flags) == -1)
		r = -errno;
	(void)close(dir);
	return r;
}
