/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_ROLES_H
#define SANDBOX_ROLES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The rights of our own processes as data: see roles.c, where all of them
 * stand.  confine.c turns a row into Landlock, capabilities, limits and a
 * seccomp filter whose default action is to kill the process.
 */

/* One system call that does not kill, in all cases or for one value of one
 * argument. */
struct sys_right {
	int nr;         /* __NR_*; -1 ends a set */
	int arg;        /* which argument is compared, or SYS_ANY */
	uint64_t mask;  /* its bits that count: all 64, or the low 32 */
	uint64_t value; /* what they must equal */
	int err;        /* 0: permitted; else refused with this errno, for
			   library code that probes and can do without */
};
#define SYS_ANY (-1)

/* Sets are disjoint: no call stands in two sets of one role, and none stands
 * in a set both with and without a condition (a unit test holds that). */
struct sys_set {
	const char *name;
	const struct sys_right *rights;
};

struct fs_right {
	const char *path;
	uint64_t access; /* LL_FS_*; a path that is missing is left out */
};

#define ROLE_SETS_MAX 8

struct role_rights {
	const char *role;
	const struct sys_set *sets[ROLE_SETS_MAX]; /* ended by NULL */
	const struct fs_right *fs;                 /* ended by a NULL path */
	uint64_t tcp;    /* LL_NET_* that stay permitted */
	uint32_t nofile; /* descriptors at most */
	uint64_t data;   /* bytes of heap at most, RLIMIT_DATA */
	uint64_t fsize;  /* bytes of a written file at most */
};

extern const struct role_rights role_rights[];
extern const size_t role_rights_len;

const struct role_rights *role_rights_find(const char *role); /* or NULL */

#endif /* SANDBOX_ROLES_H */
