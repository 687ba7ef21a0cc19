/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include <stdint.h>

#include "sandbox/landlock_abi.h"

/* Groups of rights, for the tables.  What the running ABI does not know is
 * left out when a ruleset is made. */
#define LL_FS_READ (LL_FS_READ_FILE | LL_FS_READ_DIR)
#define LL_FS_WRITE                                                            \
	(LL_FS_WRITE_FILE | LL_FS_TRUNCATE | LL_FS_REMOVE_DIR |                \
	    LL_FS_REMOVE_FILE | LL_FS_MAKE_DIR | LL_FS_MAKE_REG |              \
	    LL_FS_MAKE_SOCK | LL_FS_MAKE_FIFO | LL_FS_MAKE_SYM | LL_FS_REFER)
/* Of these a rule on a file (not a directory) may hold: */
#define LL_FS_ON_FILE                                                          \
	(LL_FS_EXECUTE | LL_FS_WRITE_FILE | LL_FS_READ_FILE | LL_FS_TRUNCATE | \
	    LL_FS_IOCTL_DEV)

/* The running kernel's ABI, 0 if it has no Landlock or it is off. */
int landlock_abi(void);

/*
 * A new ruleset that handles, hence forbids, everything the running ABI
 * knows; scopes and TCP rights as given (LL_SCOPE_*, LL_NET_*).  Returns a
 * descriptor that the caller owns, ERR_UNSUPP, or ERR_IO.
 */
int landlock_new(uint64_t net, uint64_t scopes);

/* What SPEC_* are in LL_FS_*. */
uint64_t landlock_rights(unsigned access);

/* Permits access beneath (or, for a file, to) what fd refers to. */
int landlock_allow_fd(int ruleset, int fd, uint64_t access);
/* The same by path, following links; ERR_NOENT if there is nothing. */
int landlock_allow(int ruleset, const char *path, uint64_t access);

/* For good: needs no_new_privs.  0 or ERR_IO. */
int landlock_enforce(int ruleset);

#endif /* SANDBOX_LANDLOCK_H */
