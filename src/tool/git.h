/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_GIT_H
#define TOOL_GIT_H

#include <stdbool.h>

#define GIT_NAME_MAX 256 /* bytes of a branch name with NUL */
#define GIT_OID_MAX  65  /* hex digits of an object id with NUL */

enum git_dirty { GIT_CLEAN, GIT_DIRTY, GIT_UNKNOWN };

/* What is known of a repository from reading its files, git not run. */
struct git_facts {
	char branch[GIT_NAME_MAX]; /* empty: detached */
	char head[GIT_OID_MAX];    /* empty: no commit yet, or not found */
	enum git_dirty dirty; /* tracked files against the index's stat data */
};

/* root is the directory that holds .git.  False if it is no repository. */
bool git_read(const char *root, struct git_facts *g);

#endif /* TOOL_GIT_H */
