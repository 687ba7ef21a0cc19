/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool library: names below a directory.
 *
 * The one rule: a name is resolved by the kernel in one step, so what was
 * checked is what is opened, whoever renames things meanwhile.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "tool/tree.h"

#define TREE_RESOLVE                                                           \
	(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

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

int
tree_open(int root, const char *path, int flags)
{
	struct open_how how = {.resolve = TREE_RESOLVE};
	long fd;
	int r = tree_check(path);

	if (r != 0)
		return r;
	if ((flags & O_PATH) == 0) /* with it the kernel refuses them */
		flags |= O_NOCTTY | O_NONBLOCK;
	how.flags = (unsigned)(flags | O_CLOEXEC);
	do /* EAGAIN: something was renamed during the look-up */
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd == -1 && (errno == EAGAIN || errno == EINTR));
	return fd == -1 ? -errno : (int)fd;
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
