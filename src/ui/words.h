/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_WORDS_H
#define UI_WORDS_H

#include <stdbool.h>

#include "proto/msg.h"

#include "ui/text.h"

/* argv as a shell reads it back; with unwrap a "bash -lc LINE" as its line. */
void words_add(struct text *t, unsigned style, const struct msg_list *argv,
    bool unwrap, unsigned flags);
/*
 * One line of a patch as it is: a tab is a dim arrow up to the next stop,
 * blanks at the end are dim dots.  False if it has what cannot be shown, or
 * blanks that are none, and is therefore spelled with escapes.
 */
bool words_patch_line(struct text *t, struct bytes line);
/* A patch to be read: what changes in which file. */
void words_diff(struct lines *l, struct bytes patch);

/* What a patch does to each file, in its order; 0 if those are more than max.
 */
struct patch_part {
	struct bytes text; /* borrowed from the patch, behind its first line */
	bool moved;        /* to another name */
};
size_t words_parts(struct bytes patch, struct patch_part *parts, size_t max);
/* Whether a line names a file, which name is set to. */
bool words_file(struct bytes line, struct bytes *name);
/* The lines added and taken away up to where the next file begins. */
void words_count(struct bytes part, size_t *adds, size_t *dels);

#endif /* UI_WORDS_H */
