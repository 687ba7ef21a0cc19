/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_TREE_H
#define TOOL_TREE_H

#include <sys/types.h>

/*
 * Names below one directory that never lead out of it: every look-up is one
 * openat2(2) that refuses symbolic links, "..", absolute names and magic
 * links.  All return 0 or a descriptor, or a negative errno.
 */

/* 0 if path may be looked up at all; -EXDEV if it would lead out. */
int tree_check(const char *path);
int tree_open(int root, const char *path, int flags);
/* The directory that holds path; *name points at its last component. */
int tree_parent(int root, const char *path, const char **name);
/* Makes one directory; its parent is there. */
int tree_mkdir(int root, const char *path);
/* rmdir or unlink; for undoing. */
int tree_remove(int root, const char *path, int at_flags);

#endif /* TOOL_TREE_H */
