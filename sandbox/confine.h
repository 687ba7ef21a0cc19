/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_CONFINE_H
#define SANDBOX_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/roles.h"

/* A path that only a run knows, such as the state directory. */
struct confine_path {
	const char *path; /* borrowed */
	uint64_t access;  /* LL_FS_* */
};

/*
 * Takes from the calling, single-threaded process everything that its row in
 * roles.c does not give: new privileges, capabilities, files (Landlock),
 * abstract sockets and signals outside its domain where the ABI has it,
 * limits, system calls.  extra may be NULL, else it ends with a NULL path.
 * There is no way back; on an error the caller must exit.
 */
int confine_role(const char *role, const struct confine_path *extra);

/* confine_role, or a log line and exit 69 or 70. */
void confine_role_or_die(const char *role, const struct confine_path *extra);

/*
 * Whether this build gives its roles system call filters: all but one with
 * sanitizers do, which is for tests only and says so at each start.
 */
bool confine_filters(void);

/* What this kernel lacks to confine anything, in words, or NULL. */
const char *confine_missing(void);

/* No capability can be gained by executing: capabilities(7).  Inherited; it
 * takes a capability itself. */
void confine_drop_bounding(void);
/* No capability in any other set. */
int confine_drop_caps(void);

#endif /* SANDBOX_CONFINE_H */
