/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_REPOS_H
#define SANDBOX_REPOS_H

#include <stdbool.h>

#define REPOS_MAX 512 /* repositories beneath one writable folder */

/* Called with the path of a repository's own folder, or of a ".git" file
 * that points to one; not 0 ends the walk. */
typedef int repos_found(void *arg, const char *path, bool file);

/*
 * Finds every repository of git beneath top, however deep: ".git" folders and
 * files, and folders that git would take for a repository whatever their
 * names are (bare ones, those of submodules).  Links are not followed.  0, the
 * result of found that was not 0, or ERR_SPACE: more folders than can be
 * looked at.
 */
int repos_find(const char *top, repos_found *found, void *arg);

/* The same, and enter is called with each folder before it is read. */
typedef void repos_enter(void *arg, const char *path);
int repos_walk(const char *top, repos_found *found, void *arg,
    repos_enter *enter, void *enter_arg);

/* Whether it is a name by which git knows a repository. */
bool repos_is_mark(const char *name);

#endif /* SANDBOX_REPOS_H */
