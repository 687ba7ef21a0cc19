/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_IGNORE_H
#define TOOL_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The ignore files of one directory and, through up, of those above it
 * (gitignore(5), the patterns of .gitignore and .ignore).
 */
struct ignore_rule {
	char *glob;    /* owned */
	bool keep;     /* '!': not ignored after all */
	bool dir_only; /* matches directories alone */
	bool anchored; /* against the path from this directory, not the name */
};

struct ignore {
	struct ignore_rule *rules; /* owned array */
	size_t nrules;
	const struct ignore *up; /* borrowed, or NULL */
	size_t prefix; /* bytes of a path that lead to this directory */
};

/* Reads the ignore files of dirfd; missing or unreadable ones are empty. */
void ignore_load(
    struct ignore *ig, int dirfd, size_t prefix, const struct ignore *up);
void ignore_fini(struct ignore *ig);

/* path is from the top of the walk, name its last component. */
bool ignore_match(
    const struct ignore *ig, const char *path, const char *name, bool dir);

/* '*' and '?' stop at '/', "**" does not; brackets as in glob(7). */
bool ignore_glob(const char *glob, const char *s);

#endif /* TOOL_IGNORE_H */
