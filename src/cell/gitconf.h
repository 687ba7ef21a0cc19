/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CELL_GITCONF_H
#define CELL_GITCONF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a configuration of git's, of which a command is the author, can do
 * no harm when the person's git reads it: all that it sets stands in a list
 * of what git neither executes nor reads more configuration from.  The last
 * core.worktree goes to worktree, "" without one, for the caller to judge.
 */
bool
gitconf_harmless(const void *text, size_t len, char *worktree, size_t size);

#endif /* CELL_GITCONF_H */
