/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_USERNS_H
#define SANDBOX_USERNS_H

#include <sys/types.h>

/* First of the 65,536 unprivileged ids that stand for a root session. */
#define USERNS_BASE 1879048192u /* 0x70000000 */

/* The calling process gets a user namespace in which it is uid and gid, and
 * nobody else exists.  ERR_IO. */
int userns_own(uid_t uid, gid_t gid);

/* For root: the new user namespace of that process maps its 0 to 65,535 to
 * the ids from USERNS_BASE on; and whoever has joined it becomes its
 * (unprivileged) root.  ERR_IO. */
int userns_map(pid_t pid);
int userns_root(void);

#endif /* SANDBOX_USERNS_H */
