/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_TEXT_H
#define UI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Text on its way to the terminal, as cells.  A cell is made by text_add
 * alone, which is where everything passes vis; the screen writes cells and
 * nothing else, so no other byte of a file, a command or a model can get
 * there.
 */

#define CELL_BYTES                                                             \
	25 /* of one grapheme, a family of emoji included; what is             \
	      longer is shown as numbers */

struct cell {
	uint16_t style; /* enum style, STYLE_* bits */
	uint16_t link;  /* where it leads to, see link.h */
	uint8_t width;  /* columns: 1 or 2; 0 behind a wide cell in a grid */
	uint8_t slack;  /* columns more that some terminal might take */
	uint8_t len;    /* bytes of g */
	char g[CELL_BYTES];
};

/* One logical line; it has no newline and is wrapped when it is shown. */
struct text {
	struct cell *c; /* owned */
	size_t n;
	size_t size;
};

/* What a cell means; theme.c says how that looks. */
enum style {
	ST_PLAIN,
	ST_DIM,
	ST_ACCENT,  /* our own marks */
	ST_USER,    /* the person's words */
	ST_HEAD,    /* a heading */
	ST_CODE,    /* code in a sentence, file names */
	ST_QUOTE,   /* quoted text */
	ST_LINK,    /* an address */
	ST_KEYWORD, /* of a programming language */
	ST_STRING,
	ST_NUMBER,
	ST_COMMENT,
	ST_ADD, /* lines of a diff */
	ST_DEL,
	ST_HUNK,
	ST_OK,
	ST_WARN,
	ST_BAD,
	ST_COUNT
};
#define STYLE_BOLD      0x0100
#define STYLE_ITALIC    0x0200
#define STYLE_UNDERLINE 0x0400
#define STYLE_STRIKE    0x0800
#define STYLE_REVERSE   0x1000
#define STYLE_ROLE(s)   ((s)&0xff)

enum text_flags {
	TEXT_EXACT = 1, /* VIS_STRICT: decodes back to exactly the bytes, and
			   what can stand alone does */
	TEXT_TABS = 2   /* a tab becomes blanks up to the next stop of 8 */
};

void text_fini(struct text *t);
void text_clear(struct text *t); /* memory kept */
void text_add(
    struct text *t, unsigned style, const void *p, size_t len, unsigned flags);
void text_adds(struct text *t, unsigned style, const char *s);
void text_addf(struct text *t, unsigned style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Cells that are cells already. */
void text_cells(struct text *t, const struct cell *c, size_t n);
/* The cells from one on lead there; 0: nowhere. */
void text_link(struct text *t, size_t from, unsigned link);
/* Bytes of n cells; dst has room for CELL_BYTES of each.  Returns them. */
size_t text_bytes(uint8_t *dst, const struct cell *c, size_t n);
void text_blanks(struct text *t, unsigned style, size_t n);
size_t text_width(const struct cell *c, size_t n); /* columns */

/* Columns to keep free for a cell: with its slack it stays within its row. */
size_t cell_room(const struct cell *c);
/*
 * The first row of c[0..n) in cols columns: sets *take to the cells that it
 * consumes, blanks at the break included, and returns the cells to show.
 * Breaks at blanks if words is true and there are any.
 */
size_t text_break(
    const struct cell *c, size_t n, size_t cols, bool words, size_t *take);

/* A list of logical lines. */
struct lines {
	struct text *v; /* owned */
	size_t n;
	size_t size;
};
void lines_fini(struct lines *l);
void lines_clear(struct lines *l);
struct text *lines_new(struct lines *l); /* an empty line at the end */
/*
 * Wraps t to cols columns; the first row begins with the cells of first, the
 * others with those of rest (each may be NULL).
 */
void lines_wrap(struct lines *l, const struct text *t, size_t cols,
    const struct text *first, const struct text *rest);
/* The same, but breaking only where a row is full. */
void lines_fill(struct lines *l, const struct text *t, size_t cols,
    const struct text *first, const struct text *rest);
/* Bytes with newlines, one line each, a tab expanded. */
void
lines_split(struct lines *l, unsigned style, struct bytes b, unsigned flags);

#endif /* UI_TEXT_H */
