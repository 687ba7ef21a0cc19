/* SPDX-License-Identifier: Apache-2.0 */

/* Library: mounts by descriptor. */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "sandbox/mnt.h"

int
mnt_clone(int dirfd, const char *path, bool whole)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int fd;

	if (path[0] == '\0')
		flags |= AT_EMPTY_PATH;
	if (whole)
		flags |= AT_RECURSIVE;
	fd = open_tree(dirfd, path, flags);
	return fd == -1 ? ERR_IO : fd;
}

/* Options given as name, value; "" as value is a flag. */
static int
mnt_configure(int fs, const char *const *opts)
{
	for (; opts != NULL && opts[0] != NULL; opts += 2) {
		if (opts[1][0] == '\0') {
			if (fsconfig(fs, FSCONFIG_SET_FLAG, opts[0], NULL, 0) ==
			    -1)
				return ERR_IO;
		} else if (fsconfig(fs, FSCONFIG_SET_STRING, opts[0], opts[1],
			       0) == -1)
			return ERR_IO;
	}
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1 ? ERR_IO
								      : 0;
}

int
mnt_fs(const char *type, const char *const *opts)
{
	int fs, fd = -1, saved;

	fs = fsopen(type, FSOPEN_CLOEXEC);
	if (fs == -1)
		return ERR_IO;
	if (mnt_configure(fs, opts) == 0)
		fd = fsmount(
		    fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	saved = errno;
	(void)close(fs);
	errno = saved;
	return fd == -1 ? ERR_IO : fd;
}

int
mnt_tmpfs(uint64_t size, const char *mode)
{
	char bytes[32];
	const char *opts[] = {"mode", mode, "size", bytes, NULL};

	if (size == 0)
		opts[2] = NULL;
	(void)snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)size);
	return mnt_fs("tmpfs", opts);
}

int
mnt_flags(int mnt, uint64_t set, uint64_t clear, bool whole)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};
	unsigned flags = AT_EMPTY_PATH | (whole ? AT_RECURSIVE : 0);

	if (mount_setattr(mnt, "", flags, &attr, sizeof(attr)) == -1)
		return ERR_IO;
	return 0;
}

int
mnt_idmap(int mnt, int userns)
{
	struct mount_attr attr = {
	    .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)userns};

	if (mount_setattr(mnt, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == -1)
		return ERR_IO;
	return 0;
}

int
mnt_place(int mnt, int dirfd, const char *path)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH;

	if (path[0] == '\0')
		flags |= MOVE_MOUNT_T_EMPTY_PATH;
	if (move_mount(mnt, "", dirfd, path, flags) == -1)
		return ERR_IO;
	return 0;
}

int
mnt_open(int dirfd, const char *path, bool follow)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
	    .resolve = RESOLVE_NO_SYMLINKS};
	struct stat st;
	long fd;

	/* Of what is asked for most is not there, and a stat finds that in
	 * half the time. */
	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    (errno == ENOENT || errno == ENOTDIR))
		return ERR_NOENT;
	if (follow)
		how = (struct open_how){.flags = O_PATH | O_CLOEXEC,
		    .resolve = RESOLVE_NO_MAGICLINKS};
	fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	if (fd >= 0)
		return (int)fd;
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? ERR_NOENT
								     : ERR_IO;
}

int
mnt_mkdirs(int dirfd, const char *path)
{
	char part[PATH_MAX];
	size_t i;

	if (strlcpy(part, path, sizeof(part)) >= sizeof(part))
		return ERR_SPACE;
	for (i = 0; part[i] != '\0'; i++) {
		if (part[i + 1] != '/' && part[i + 1] != '\0')
			continue;
		part[i + 1] = '\0';
		if (mkdirat(dirfd, part, 0755) == -1 && errno != EEXIST &&
		    errno != EROFS)
			return ERR_IO;
		part[i + 1] = path[i + 1];
	}
	return 0;
}
