/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_SLASH_H
#define UI_SLASH_H

#include <stddef.h>

#include "base/str.h"

/*
 * Commands of the person's own: a Markdown file each, which main read from
 * the configuration.  It is a prompt, in which $ARGUMENTS stands for all that
 * was typed behind the name and $1 to $9 for its words.
 */
struct custom {
	char *name;          /* owned */
	char *body;          /* owned */
	struct custom *next; /* owned */
};

int custom_add(const char *name, struct bytes body);
const struct custom *custom_first(void);
/* The prompt, to be freed; NULL if there is no such command. */
char *custom_expand(const char *name, size_t len, const char *args);

/* What /diff runs. */
#define SLASH_DIFF                                                             \
	"git --no-pager diff HEAD; git status --short --untracked-files=all"

#endif /* UI_SLASH_H */
