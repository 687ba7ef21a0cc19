/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_COMPOSER_H
#define UI_COMPOSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#include "ui/bind.h"
#include "ui/text.h"

/*
 * The prompt that is being written: UTF-8 without NUL, a cursor between two
 * characters, undo.  A large paste stands in it as a placeholder and is put
 * back when the prompt is taken.
 */
#define COMPOSER_MAX     (32u << 20) /* bytes of a prompt, pastes included */
#define COMPOSER_UNDO    64          /* changes that can be taken back */
#define COMPOSER_PASTES  32          /* placeholders in one prompt */
#define COMPOSER_FOLD    1000        /* bytes; a longer paste is folded */
#define COMPOSER_FOLD_NL 10          /* or lines */

struct composer_state {
	char *s; /* owned */
	size_t len;
	size_t cur;
};

struct composer {
	char *s; /* owned; NUL behind */
	size_t len, size;
	size_t cur; /* a byte that begins a character */
	struct composer_state undo[COMPOSER_UNDO];
	size_t nundo;
	bool typing; /* the last change was typing: one undo for a run */
	char *cut;   /* owned; NULL if nothing was cut */
	struct {
		char *label; /* owned */
		char *body;  /* owned */
	} pastes[COMPOSER_PASTES];
	size_t npastes;
	size_t top; /* first row shown */
};

void composer_init(struct composer *c);
void composer_fini(struct composer *c);
/* Replaces all; the cursor goes behind it.  Can be undone. */
void composer_set(struct composer *c, const char *s, size_t len);
void composer_insert(struct composer *c, const void *p, size_t len);
/* Text from outside, as it is. */
void composer_put(struct composer *c, struct bytes b);
void composer_paste(struct composer *c, struct bytes b);
/* Replaces the bytes from a byte on up to the cursor. */
void composer_replace(struct composer *c, size_t from, const char *s);
/* ACT_LEFT to ACT_NEWLINE. */
void composer_edit(struct composer *c, enum action action);
/* A row up or down; false if there is none. */
bool composer_vertical(struct composer *c, bool down);
/* The finished prompt with its pastes, to be freed; empty afterwards. */
char *composer_take(struct composer *c, size_t *len);
/* At most max rows of cols columns at the end of l, those with the cursor;
 * row counts from the first of them. */
void composer_show(struct composer *c, size_t cols, size_t max, struct lines *l,
    size_t *row, size_t *col);

#endif /* UI_COMPOSER_H */
