/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_USERNS_H
#define SANDBOX_USERNS_H

#include <sys/types.h>

/* First of the 65,536 unprivileged ids that stand for a root session. */
#define USERNS_BASE 1879048192u /* 0x70000000 */

/* The calling process gets a user namespace in which it is uid and gid, and
 * nobody else exists.  ERR_IO. */
int userns_own(uid_t uid, gid_t gid);

/*
 * For root: a user namespace that maps its 0 to 65,535 to the ids from
 * USERNS_BASE on.  Returns a descriptor of it, which the caller owns, or
 * ERR_IO.  userns_join makes the caller its (unprivileged) root.  The process
 * that held it meanwhile is dying, and userns_settle waits for that.
 */
int userns_mapped(void);
void userns_settle(void);
int userns_join(int userns);

#endif /* SANDBOX_USERNS_H */
