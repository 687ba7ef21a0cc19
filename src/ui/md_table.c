/* SPDX-License-Identifier: Apache-2.0 */

/* Front: tables of Markdown. */

#include "config.h"

#include <string.h>

#include "ui/md_table.h"

void
md_table_row(struct md_table *t)
{
	size_t i;

	for (i = 0; i < MD_TABLE_COLS; i++)
		(void)lines_new(&t->cells);
	t->rows++;
	t->col = 0;
}

static struct text *
cell_at(struct md_table *t, size_t row, size_t col)
{
	return &t->cells.v[row * MD_TABLE_COLS + col];
}

void
md_table_cell(struct md_table *t, struct text *cell, enum md_side side)
{
	if (t->rows > 0 && t->col < MD_TABLE_COLS) {
		text_cells(cell_at(t, t->rows - 1, t->col), cell->c, cell->n);
		t->sides[t->col] = side;
	}
	text_clear(cell);
	t->col++;
	if (t->col > t->cols)
		t->cols = t->col < MD_TABLE_COLS ? t->col : MD_TABLE_COLS;
}

static size_t
measure(struct md_table *t, size_t widths[MD_TABLE_COLS])
{
	size_t r, c, w, total = 0;

	memset(widths, 0, MD_TABLE_COLS * sizeof(*widths));
	for (c = 0; c < t->cols; c++) {
		for (r = 0; r < t->rows; r++) {
			w = text_width(
			    cell_at(t, r, c)->c, cell_at(t, r, c)->n);
			if (w > widths[c])
				widths[c] = w;
		}
		total += widths[c] + (c > 0 ? 3 : 0);
	}
	return total;
}

static void
rule(struct text *line, const size_t *widths, size_t cols)
{
	size_t c, i;

	for (c = 0; c < cols; c++) {
		if (c > 0)
			text_adds(line, ST_DIM, "─┼─");
		for (i = 0; i < widths[c]; i++)
			text_adds(line, ST_DIM, "─");
	}
}

/* Blanks ahead of a cell, of all that its column has left. */
static size_t
indent(enum md_side side, size_t blanks)
{
	return side == MD_RIGHT ? blanks : side == MD_CENTER ? blanks / 2 : 0;
}

static void
show_grid(struct md_table *t, const size_t *widths, md_line_fn *fn, void *arg)
{
	struct text line = {0};
	const struct text *cell;
	size_t r, c, blanks, ahead;

	for (r = 0; r < t->rows; r++) {
		text_clear(&line);
		for (c = 0; c < t->cols; c++) {
			cell = cell_at(t, r, c);
			blanks = widths[c] - text_width(cell->c, cell->n);
			ahead = indent(t->sides[c], blanks);
			if (c > 0)
				text_adds(&line, ST_DIM, " │ ");
			text_blanks(&line, ST_PLAIN, ahead);
			text_cells(&line, cell->c, cell->n);
			if (c + 1 < t->cols)
				text_blanks(&line, ST_PLAIN, blanks - ahead);
		}
		fn(arg, &line, NULL, NULL);
		if (r > 0)
			continue;
		text_clear(&line);
		rule(&line, widths, t->cols);
		fn(arg, &line, NULL, NULL);
	}
	text_fini(&line);
}

static void
show_blocks(struct md_table *t, md_line_fn *fn, void *arg)
{
	struct text line = {0}, rest = {0};
	size_t r, c;

	text_blanks(&rest, ST_PLAIN, 2);
	for (r = 1; r < t->rows; r++)
		for (c = 0; c < t->cols; c++) {
			text_clear(&line);
			text_cells(
			    &line, cell_at(t, 0, c)->c, cell_at(t, 0, c)->n);
			text_adds(&line, ST_DIM, ": ");
			text_cells(
			    &line, cell_at(t, r, c)->c, cell_at(t, r, c)->n);
			fn(arg, &line, c == 0 ? NULL : &rest, &rest);
		}
	text_fini(&line);
	text_fini(&rest);
}

void
md_table_show(struct md_table *t, size_t cols, md_line_fn *fn, void *arg)
{
	size_t widths[MD_TABLE_COLS];

	if (measure(t, widths) <= cols)
		show_grid(t, widths, fn, arg);
	else
		show_blocks(t, fn, arg);
	lines_clear(&t->cells);
	t->rows = t->cols = t->col = 0;
}

void
md_table_fini(struct md_table *t)
{
	lines_fini(&t->cells);
}
