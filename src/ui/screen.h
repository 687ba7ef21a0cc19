/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#include "ui/term.h"
#include "ui/text.h"

/*
 * The live region: the last rows that we have written, which alone are
 * repainted.  What is finished goes above it and is from then on the
 * terminal's own.  Where on the terminal the region stands is not known and
 * need not be: every movement is relative to its first row.
 *
 * A frame is: any number of screen_print; screen_begin, screen_row for each
 * row, screen_cursor; screen_flush.
 */

struct grid {
	struct cell *c; /* owned: rows x cols */
	size_t rows;    /* in use */
	size_t size;    /* rows that there is memory for */
	size_t cols;
	size_t row, col; /* the terminal's cursor */
};

/* Where a prompt, its output, and the end of that begin, for terminals that
 * jump between them: 'A', 'C', 'D' of OSC 133. */
struct screen_mark {
	size_t row; /* of those above */
	char kind;
};
#define SCREEN_MARKS 64 /* more at once are not marked */

struct screen {
	struct term *term;  /* borrowed */
	struct grid shown;  /* as the terminal has it */
	struct grid next;   /* as it shall be */
	struct grid under;  /* the region below the second screen */
	struct lines above; /* finished rows, not yet written */
	size_t cursor_row, cursor_col;
	bool cursor;  /* visible */
	bool alt;     /* on the second screen */
	bool resized; /* while on the second screen */
	bool away;    /* nothing is written meanwhile */
	bool own;     /* the region itself is on the second screen */
	struct buf out;
	unsigned style; /* of the terminal, while a frame is written */
	unsigned link;  /* the same */
	struct screen_mark marks[SCREEN_MARKS];
	size_t nmarks;
};

void screen_init(struct screen *s, struct term *t);
void screen_fini(struct screen *s);

/* A finished row, copied.  At most the terminal's columns are shown. */
void screen_print(struct screen *s, const struct cell *c, size_t n);

/* The next finished row begins something. */
void screen_mark(struct screen *s, char kind);
void screen_forget(struct screen *s); /* finished rows not yet written */

/* A finished line, wrapped. */
void screen_wrap(struct screen *s, const struct text *t,
    const struct text *first, const struct text *rest);

void screen_begin(struct screen *s);
void screen_row(struct screen *s, const struct cell *c, size_t n);
/* Rows left in this frame; more are not shown. */
size_t screen_left(const struct screen *s);
void screen_cursor(struct screen *s, size_t row, size_t col);
void screen_flush(struct screen *s);

/* The size has changed; everything is painted again by the next frame. */
void screen_resized(struct screen *s);
/* To and from the second screen, which is empty at first. */
void screen_alt(struct screen *s, bool on);
/* Before the first frame: everything on the second screen from now on. */
void screen_own(struct screen *s);
/* Leaves the cursor below the region, for whoever writes next; with clear the
 * region is gone. */
void screen_leave(struct screen *s, bool clear);

#endif /* UI_SCREEN_H */
