/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_MNT_H
#define SANDBOX_MNT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * Mounts by descriptor (open_tree(2), move_mount(2), mount_setattr(2),
 * fsopen(2)): a mount is made detached, given its flags, and put in place
 * only then, so that it is never visible with more rights than it is to
 * have.  All descriptors are the caller's; errors are ERR_IO with errno.
 */

/* A detached copy of the mount at path; whole: with what is mounted below. */
int mnt_clone(int dirfd, const char *path, bool whole);
/* A detached tmpfs; size in bytes, 0 for the kernel's own limit. */
int mnt_tmpfs(uint64_t size, const char *mode);
/* A detached instance of proc or devpts; opts are "name", "value", NULL. */
int mnt_fs(const char *type, const char *const *opts);

/* Sets MOUNT_ATTR_* flags, for a whole tree if asked. */
int mnt_flags(int mnt, uint64_t set, uint64_t clear, bool whole);
/* Shows the files of a mount as owned by other ids, as userns maps them. */
int mnt_idmap(int mnt, int userns);

/* Puts it at a path of this mount namespace. */
int mnt_place(int mnt, int dirfd, const char *path);

/* Opens what stands at path, O_PATH, following links if asked.  ERR_NOENT. */
int mnt_open(int dirfd, const char *path, bool follow);
/* Makes the folders of the relative path that are missing. */
int mnt_mkdirs(int dirfd, const char *path);

#endif /* SANDBOX_MNT_H */
