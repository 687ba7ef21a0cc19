/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: Landlock rulesets (landlock(7), landlock_create_ruleset(2)).
 *
 * Every right that the running ABI knows is handled, so what a caller does
 * not grant is refused; a newer kernel's further rights stay as they are
 * until landlock_abi.h learns them.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/landlock.h"
#include "sandbox/spec.h"

#define LL_CREATE_VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */

int
landlock_abi(void)
{
	static long abi = -1;

	if (abi < 0)
		abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
		    LL_CREATE_VERSION);
	return abi < 0 ? 0 : (int)abi;
}

static uint64_t
landlock_fs_known(int abi)
{
	uint64_t last = abi >= 5   ? LL_FS_IOCTL_DEV
			: abi >= 3 ? LL_FS_TRUNCATE
			: abi >= 2 ? LL_FS_REFER
				   : LL_FS_MAKE_SYM;

	return (last << 1) - 1;
}

int
landlock_new(uint64_t net, uint64_t scopes)
{
	struct landlock_attr attr = {0};
	int abi = landlock_abi();
	size_t size;
	long fd;

	if (abi < 1)
		return ERR_UNSUPP;
	attr.handled_access_fs = landlock_fs_known(abi);
	attr.handled_access_net = abi >= 4 ? net : 0;
	attr.scoped = abi >= 6 ? scopes : 0;
	size = abi >= 6 ? sizeof(attr) : abi >= 4 ? 16 : 8;
	fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0u);
	return fd < 0 ? ERR_IO : (int)fd;
}

uint64_t
landlock_rights(unsigned access)
{
	uint64_t ll = 0;

	if (access & SPEC_READ)
		ll |= LL_FS_READ;
	if (access & SPEC_EXEC)
		ll |= LL_FS_EXECUTE;
	if (access & (SPEC_WRITE | SPEC_PRIVATE))
		ll |= LL_FS_WRITE;
	return ll;
}

int
landlock_allow_fd(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {0};
	struct stat st;

	if (fstat(fd, &st) == -1)
		return ERR_IO;
	access &= landlock_fs_known(landlock_abi());
	if (!S_ISDIR(st.st_mode))
		access &= LL_FS_ON_FILE;
	if (access == 0)
		return 0;
	rule.allowed_access = access;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0u) == -1)
		return ERR_IO;
	return 0;
}

int
landlock_allow(int ruleset, const char *path, uint64_t access)
{
	int fd, r;

	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOENT : ERR_IO;
	r = landlock_allow_fd(ruleset, fd, access);
	(void)close(fd);
	return r;
}

int
landlock_enforce(int ruleset)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0u) == -1)
		return ERR_IO;
	return 0;
}
