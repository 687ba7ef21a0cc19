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
 * blanks at the end are dim dots.  False if it has bytes that cannot be shown
 * and is therefore spelled with escapes.
 */
bool words_patch_line(struct text *t, struct bytes line);
/* A patch to be read: what changes in which file. */
void words_diff(struct lines *l, struct bytes patch);

/* How many files a patch changes, and which of them it moves to another name,
 * in its order; 0 if those are more than max. */
size_t words_files(struct bytes patch, bool *moved, size_t max);

#endif /* UI_WORDS_H */
