/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: the live region, painted by difference.
 *
 * Only cells reach the terminal, and between them only sequences of ours.
 * Wrapping is off while we write: where the terminal thinks a character wider
 * than we do, the row is cut and not broken, so the region keeps its height
 * and nothing outside it changes.  Behind such a character the column is said
 * again.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "ui/caps.h"
#include "ui/link.h"
#include "ui/screen.h"

#define SCREEN_OUT_CAP (64u << 20) /* bytes of one frame */
#define SPAN_GAP       4   /* equal cells that are cheaper to write than skip */
#define ABOVE_MAX      256 /* rows held before they are written */

static const char sync_on[] = "\033[?2026h";
static const char sync_off[] = "\033[?2026l";

static const struct cell blank = {ST_PLAIN, 0, 1, 0, 1, " "};

static bool
cell_eq(const struct cell *a, const struct cell *b)
{
	return a->style == b->style && a->link == b->link &&
	       a->width == b->width && a->len == b->len &&
	       memcmp(a->g, b->g, a->len) == 0;
}

void
screen_init(struct screen *s, struct term *t)
{
	memset(s, 0, sizeof(*s));
	s->term = t;
	buf_init(&s->out, SCREEN_OUT_CAP);
}

void
screen_fini(struct screen *s)
{
	free(s->shown.c);
	free(s->next.c);
	free(s->under.c);
	lines_fini(&s->above);
	buf_fini(&s->out);
}

static struct cell *
grid_row(struct grid *g, size_t row)
{
	return g->c + row * g->cols;
}

/* Empty, with the terminal's size. */
static void
grid_reset(struct grid *g, const struct term *t)
{
	if (g->c == NULL || g->size != t->rows || g->cols != t->cols) {
		g->size = t->rows;
		g->cols = t->cols;
		g->c = xreallocarray(g->c, g->size * g->cols, sizeof(*g->c));
	}
	g->rows = 0;
	g->row = g->col = 0;
}

void
screen_begin(struct screen *s)
{
	if (s->shown.c == NULL)
		grid_reset(&s->shown, s->term);
	grid_reset(&s->next, s->term);
	s->cursor = false;
}

size_t
screen_left(const struct screen *s)
{
	return s->next.size - s->next.rows;
}

/* Puts cells into a row of cols columns, blanks behind. */
static void
row_fill(struct cell *row, size_t cols, const struct cell *c, size_t n)
{
	size_t i, col = 0;

	for (i = 0; i < n && col + cell_room(&c[i]) <= cols; i++) {
		row[col++] = c[i];
		if (c[i].width == 2)
			row[col++] = (struct cell){.style = c[i].style};
	}
	while (col < cols)
		row[col++] = blank;
}

void
screen_row(struct screen *s, const struct cell *c, size_t n)
{
	struct grid *g = &s->next;

	if (g->rows < g->size)
		row_fill(grid_row(g, g->rows++), g->cols, c, n);
}

void
screen_cursor(struct screen *s, size_t row, size_t col)
{
	s->cursor = true;
	s->cursor_row = row;
	s->cursor_col = col < s->next.cols ? col : s->next.cols - 1;
}

static void
above_full(struct screen *s)
{
	if (s->above.n >= ABOVE_MAX && !s->alt && !s->away)
		screen_flush(s);
}

void
screen_mark(struct screen *s, char kind)
{
	if (s->nmarks < SCREEN_MARKS && !s->term->console)
		s->marks[s->nmarks++] = (struct screen_mark){s->above.n, kind};
}

void
screen_forget(struct screen *s)
{
	lines_clear(&s->above);
	s->nmarks = 0;
}

void
screen_print(struct screen *s, const struct cell *c, size_t n)
{
	text_cells(lines_new(&s->above), c, n);
	above_full(s);
}

void
screen_wrap(struct screen *s, const struct text *t, const struct text *first,
    const struct text *rest)
{
	lines_wrap(&s->above, t, s->term->cols, first, rest);
	above_full(s);
}

static void
out_style(struct screen *s, unsigned style, unsigned link)
{
	char sgr[THEME_SGR_MAX];

	if (s->style != style)
		(void)buf_add(
		    &s->out, sgr, theme_sgr(s->term->theme, style, sgr));
	s->style = style;
	if (s->link == link || s->term->console)
		return;
	s->link = link;
	if (link == 0)
		(void)buf_adds(&s->out, "\033]8;;\033\\");
	else /* the number tells the parts of a wrapped one from another */
		(void)buf_addf(&s->out, "\033]8;id=cordon%u;%s\033\\", link,
		    link_url(link));
}

static void
out_col(struct screen *s, size_t col)
{
	(void)buf_addc(&s->out, '\r');
	caps_put(&s->out, CAP_RIGHT, (unsigned)col);
}

/*
 * From the start of this row to the end of the screen.  Said at the first row,
 * ED would be "the whole screen", and tmux then keeps what is cleared as
 * history: so it is said a row below, and this row goes by itself.  The
 * second screen has no history, and its end may need what is saved.
 */
static void
out_clear(struct screen *s)
{
	(void)buf_addc(&s->out, '\r');
	if (s->alt || s->own || !caps_have(CAP_SAVE) || !caps_have(CAP_BACK)) {
		caps_put(&s->out, CAP_CLEAR_BELOW, 1);
		return;
	}
	caps_put(&s->out, CAP_SAVE, 1);
	caps_put(&s->out, CAP_DOWN, 1);
	caps_put(&s->out, CAP_CLEAR_BELOW, 1);
	caps_put(&s->out, CAP_BACK, 1);
	caps_put(&s->out, CAP_CLEAR_LINE, 1);
}

/* Signs of ours that fonts of the Linux console lack. */
static size_t
console_bytes(uint8_t *p, size_t len)
{
	static const struct {
		const char *sign;
		char ascii;
	} signs[] = {
	    {"✓", '+'},
	    {"✗", 'x'},
	    {"■", '#'},
	    {"▸", '>'},
	    {"›", '>'},
	    {"↳", '>'},
	    {"⠋", '|'}, /* the spinner */
	    {"⠙", '/'},
	    {"⠹", '-'},
	    {"⠸", '\\'},
	    {"⠼", '|'},
	    {"⠴", '/'},
	    {"⠦", '-'},
	    {"⠧", '\\'},
	    {"⠇", '|'},
	    {"⠏", '/'},
	};
	size_t from, to = 0, i;

	for (from = 0; from < len; from++) {
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]) &&
			    (len - from < 3 ||
				memcmp(p + from, signs[i].sign, 3) != 0);
		     i++)
			;
		if (i == sizeof(signs) / sizeof(signs[0])) {
			p[to++] = p[from];
			continue;
		}
		p[to++] = (uint8_t)signs[i].ascii;
		from += 2;
	}
	return to;
}

/* Cells beginning at column col, the cursor being there. */
static void
out_cells(struct screen *s, const struct cell *c, size_t n, size_t col)
{
	size_t i = 0, from, len;
	uint8_t *dst;

	while (i < n) {
		from = i;
		do
			col += c[i++].width;
		while (i < n && c[i - 1].slack == 0 &&
		       c[i].style == c[from].style &&
		       c[i].link == c[from].link);
		out_style(s, c[from].style, c[from].link);
		dst = buf_reserve(&s->out, (i - from) * CELL_BYTES);
		if (dst == NULL)
			return;
		len = text_bytes(dst, c + from, i - from);
		if (s->term->console)
			len = console_bytes(dst, len);
		buf_commit(&s->out, len);
		if (c[i - 1].slack > 0)
			out_col(s, col);
	}
}

/* Cells of a row up to its trailing blanks. */
static size_t
row_used(const struct cell *row, size_t cols)
{
	while (cols > 0 && cell_eq(&row[cols - 1], &blank))
		cols--;
	return cols;
}

/* Moves within the region; a row below it comes into being. */
static void
out_move(struct screen *s, size_t row, size_t col)
{
	struct grid *g = &s->shown;

	if (row < g->row)
		caps_put(&s->out, CAP_UP, (unsigned)(g->row - row));
	else if (row > g->row && row < g->rows)
		caps_put(&s->out, CAP_DOWN, (unsigned)(row - g->row));
	else
		for (; g->row < row; g->row++) {
			out_style(
			    s, ST_PLAIN, 0); /* no colour for the new row */
			(void)buf_addc(&s->out, '\n');
		}
	g->row = row;
	if (row >= g->rows)
		g->rows = row + 1;
	out_col(s, col);
}

/* The columns [from, to) of a row where it differs, widened to whole
 * characters; false if there are no more. */
static bool
span_next(const struct cell *a, const struct cell *b, size_t cols, size_t *from,
    size_t *to)
{
	size_t i, equal = 0;

	for (i = *to; i < cols && cell_eq(&a[i], &b[i]); i++)
		;
	if (i == cols)
		return false;
	for (*from = i; *from > 0 && b[*from].len == 0; --*from)
		;
	for (*to = i + 1; i < cols && equal <= SPAN_GAP; i++) {
		equal = cell_eq(&a[i], &b[i]) ? equal + 1 : 0;
		if (equal == 0)
			*to = i + 1;
	}
	while (*to < cols && b[*to].len == 0)
		++*to;
	return true;
}

/* A row that becomes shorter is cleared from its start: of one whose end alone
 * is erased tmux remembers how long it was, and wraps that when it is resized.
 */
static void
out_short(struct screen *s, size_t r, size_t used)
{
	out_move(s, r, 0);
	out_style(s, ST_PLAIN, 0);
	caps_put(&s->out, CAP_CLEAR_LINE, 1);
	out_cells(s, grid_row(&s->next, r), used, 0);
}

static void
out_row(struct screen *s, size_t r)
{
	struct grid *g = &s->shown;
	struct cell *old = grid_row(g, r), *new = grid_row(&s->next, r);
	size_t used = row_used(new, g->cols), from, to = 0;
	bool fresh = r >= g->rows;

	if (fresh) {
		out_move(s, r, 0);
		row_fill(old, g->cols, NULL, 0);
	}
	while (span_next(old, new, g->cols, &from, &to)) {
		if (!fresh || from > 0)
			out_move(s, r, from);
		fresh = false;
		if (to > used) { /* shorter than before */
			out_short(s, r, used);
			break;
		}
		out_cells(s, new + from, to - from, from);
	}
	memcpy(old, new, g->cols * sizeof(*new));
}

/* The marks of a finished row (OSC 133); those behind the last one wait. */
static void
out_marks(struct screen *s, size_t row)
{
	size_t i;

	for (i = 0; i < s->nmarks; i++)
		if (s->marks[i].row == row)
			(void)buf_addf(
			    &s->out, "\033]133;%c\033\\", s->marks[i].kind);
}

static void
keep_marks(struct screen *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nmarks; i++)
		if (s->marks[i].row >= s->above.n)
			s->marks[n++] =
			    (struct screen_mark){0, s->marks[i].kind};
	s->nmarks = n;
}

/* Finished rows take the region's place, which is then drawn below them. */
static void
out_above(struct screen *s)
{
	size_t i, cols = s->term->cols;
	const struct text *t;

	if (s->above.n == 0)
		return;
	if (s->shown.rows > 0)
		out_move(s, 0, 0);
	else
		(void)buf_addc(&s->out, '\r');
	out_clear(s);
	for (i = 0; i < s->above.n; i++) {
		t = &s->above.v[i];
		out_marks(s, i);
		out_cells(s, t->c,
		    text_break(t->c, t->n, cols, false, &(size_t){0}), 0);
		out_style(s, ST_PLAIN, 0);
		(void)buf_adds(&s->out, "\r\n");
	}
	keep_marks(s);
	lines_clear(&s->above);
	s->shown.rows = 0;
	s->shown.row = 0;
}

static void
out_frame(struct screen *s)
{
	struct grid *g = &s->shown;
	size_t r;

	if (g->size != s->next.size || g->cols != s->next.cols)
		grid_reset(g, s->term);
	if (!s->alt)
		out_above(s);
	if (s->next.rows < g->rows) {
		out_move(s, s->next.rows, 0);
		out_clear(s);
		g->rows = s->next.rows > 0 ? s->next.rows : 0;
		if (g->rows > 0)
			out_move(s, g->rows - 1, 0);
	}
	for (r = 0; r < s->next.rows; r++)
		out_row(s, r);
	/* Without a place to type the hidden cursor waits at the top: a
	 * terminal that loses rows then takes them from below it, where they
	 * are ours to paint again. */
	if (!s->cursor)
		s->cursor_row = s->cursor_col = 0;
	if (s->cursor_row < g->rows) {
		out_move(s, s->cursor_row, s->cursor_col);
		g->col = s->cursor_col;
	}
	out_style(s, ST_PLAIN, 0);
}

void
screen_flush(struct screen *s)
{
	size_t head, body;

	if (s->next.c == NULL || s->next.size != s->term->rows ||
	    s->next.cols != s->term->cols)
		screen_begin(s);
	buf_clear(&s->out);
	s->style = ST_PLAIN;
	s->link = 0;
	if (!s->term->console)
		(void)buf_adds(&s->out, sync_on);
	caps_put(&s->out, CAP_HIDE, 1);
	caps_put(&s->out, CAP_WRAP_OFF, 1);
	head = s->out.len;
	if (s->shown.rows == 0) /* whatever stood there before us */
		out_clear(s);
	out_frame(s);
	body = s->out.len - head;
	caps_put(&s->out, CAP_WRAP_ON, 1);
	if (s->cursor)
		caps_put(&s->out, CAP_SHOW, 1);
	if (!s->term->console)
		(void)buf_adds(&s->out, sync_off);
	if (body > 0)
		term_write(s->term, buf_data(&s->out), s->out.len);
}

/*
 * Most terminals wrap the rows of a narrowed window anew, and the cursor goes
 * along: the region then begins as many rows above it as its rows take now.
 */
static size_t
reflowed_top(const struct screen *s, size_t cols)
{
	const struct grid *g = &s->shown;
	size_t r, used, up = 0;

	for (r = 0; r < g->row && r < g->rows; r++) {
		used = row_used(g->c + r * g->cols, g->cols);
		up += used <= cols || s->term->console
			  ? 1
			  : (used + cols - 1) / cols;
	}
	return up + (s->term->console ? 0 : g->col / cols);
}

void
screen_resized(struct screen *s)
{
	size_t up;

	term_resize(s->term);
	if (s->shown.c == NULL)
		return;
	buf_clear(&s->out);
	s->resized = s->alt;
	up = reflowed_top(s, s->term->cols);
	if (up >= s->term->rows)
		up = s->term->rows - 1;
	if (s->alt || s->own)
		caps_put(&s->out, CAP_HOME, 1);
	else
		caps_put(&s->out, CAP_UP, (unsigned)up);
	out_clear(s);
	term_write(s->term, buf_data(&s->out), s->out.len);
	grid_reset(&s->shown, s->term);
}

void
screen_alt(struct screen *s, bool on)
{
	struct grid g;

	if (s->alt == on)
		return;
	s->alt = on;
	g = s->under;
	s->under = s->shown;
	s->shown = g;
	buf_clear(&s->out);
	if (!s->own)
		caps_put(&s->out, on ? CAP_ALT_ON : CAP_ALT_OFF, 1);
	if (on || s->own || !caps_have(CAP_ALT_ON)) {
		caps_put(&s->out, CAP_HOME, 1);
		out_clear(s);
	}
	term_write(s->term, buf_data(&s->out), s->out.len);
	if (on)
		grid_reset(&s->shown, s->term);
	else if (s->resized || s->own || !caps_have(CAP_ALT_ON))
		screen_resized(s);
	s->resized = false;
}

void
screen_own(struct screen *s)
{
	s->own = true;
	buf_clear(&s->out);
	caps_put(&s->out, CAP_ALT_ON, 1);
	caps_put(&s->out, CAP_HOME, 1);
	out_clear(s);
	term_write(s->term, buf_data(&s->out), s->out.len);
}

void
screen_leave(struct screen *s, bool clear)
{
	if (s->alt)
		screen_alt(s, false);
	if (s->shown.c == NULL)
		return;
	buf_clear(&s->out);
	s->style = ST_PLAIN;
	out_above(s);
	if (s->shown.rows > 0) {
		out_move(s, clear ? 0 : s->shown.rows - 1, 0);
		if (clear)
			out_clear(s);
		else
			(void)buf_adds(&s->out, "\r\n");
	}
	caps_put(&s->out, CAP_SHOW, 1);
	if (s->own)
		caps_put(&s->out, CAP_ALT_OFF, 1);
	term_write(s->term, buf_data(&s->out), s->out.len);
	grid_reset(&s->shown, s->term);
}
