/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_READONLY_H
#define SHELL_READONLY_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/options.h"

/* Inside src/shell: the grammars, by kind; each table ends with a NULL name. */
extern const struct program readonly_builtins[];
extern const struct program readonly_core[];
extern const struct program readonly_text[];
extern const struct program readonly_find[];
extern const struct program readonly_archive[];
extern const struct program readonly_versions[];
extern const struct program readonly_git[];

/* Where commands before may have led. */
enum readonly_place {
	PLACE_SAME,   /* there was no cd */
	PLACE_WITHIN, /* into a folder of the one before */
	PLACE_AWAY,   /* anywhere */
};

enum readonly_place
readonly_cd(const struct shell_command *c, enum readonly_place before);

/*
 * May the command run as one that only reads?  Looks at its words, not at its
 * redirections.  Fills why if not.
 */
bool readonly_command(const struct shell_command *c, enum readonly_place at,
    char why[SHELL_WHY_SIZE]);

/* NULL, or why a sed script is not known to be harmless. */
const char *sed_script(const char *s);

/* Is s one of the words of a list that ends with NULL? */
bool readonly_one_of(const char *s, const char *const *list);

#endif /* SHELL_READONLY_H */
