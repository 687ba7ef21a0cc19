/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_READONLY_H
#define SHELL_READONLY_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/classify.h"
#include "shell/options.h"

/* Inside src/shell: the grammars, by kind; each table ends with a NULL name. */
extern const struct program readonly_builtins[];
extern const struct program readonly_core[];
extern const struct program readonly_text[];
extern const struct program readonly_find[];
extern const struct program readonly_archive[];
extern const struct program readonly_versions[];
extern const struct program readonly_git[];

/* Where a command may run. */
enum readonly_place {
	PLACE_SAME,   /* in the workspace itself */
	PLACE_WITHIN, /* in a folder beneath it */
	PLACE_AWAY,   /* anywhere */
};

struct readonly_at {
	enum readonly_place place; /* the worst that is possible */
	const char *workspace;     /* borrowed; NULL: not known */
};

/* Where the first command of a line runs, and where one after c does. */
void readonly_begin(struct readonly_at *at, const struct shell_where *where);
void readonly_follow(struct readonly_at *at, const struct shell_command *c);

/*
 * May the command run as one that only reads?  Looks at its words, not at its
 * redirections.  Fills why if not.
 */
bool readonly_command(const struct shell_command *c,
    const struct readonly_at *at, char why[SHELL_WHY_SIZE]);

/* NULL, or why a sed script is not known to be harmless. */
const char *sed_script(const char *s);
/* The same of awk's operands, of which the first is a program. */
const char *awk_check(const struct program_args *a);

/* Is s one of the words of a list that ends with NULL? */
bool readonly_one_of(const char *s, const char *const *list);

#endif /* SHELL_READONLY_H */
