/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_NAMES_H
#define SANDBOX_NAMES_H

#include <stdbool.h>

/*
 * The lists of names that the sandbox treats specially unless the policy says
 * otherwise.  Each ends with NULL.
 */

/* Beneath the home directory: keys, tokens, histories.  Not visible. */
extern const char *const names_home_secrets[];
/* Absolute: the same for the machine. */
extern const char *const names_host_secrets[];
/* At the top of a writable path: read by tools that then execute.  Not
 * writable, whether they exist or not. */
extern const char *const names_protected[];
/* Beneath a ".git" directory, likewise. */
extern const char *const names_git_protected[];

/* Whether it is one of the folders that each cell has an empty one of. */
bool names_private(const char *path);

/* Whether a component of the path is ".git": no file tool writes there. */
bool names_in_git(const char *path);

#endif /* SANDBOX_NAMES_H */
