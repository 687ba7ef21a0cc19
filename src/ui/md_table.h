/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_MD_TABLE_H
#define UI_MD_TABLE_H

#include <stddef.h>

#include "ui/md.h"
#include "ui/text.h"

#define MD_TABLE_COLS 32 /* more are dropped */

/* A table's cells, row by row, until its columns' widths are known. */
struct md_table {
	struct lines cells; /* MD_TABLE_COLS a row */
	size_t rows;
	size_t cols; /* of the widest row */
	size_t col;  /* in the row that is being filled */
	enum md_side { MD_LEFT, MD_CENTER, MD_RIGHT } sides[MD_TABLE_COLS];
};

void md_table_row(struct md_table *t);
/* Takes the cell's text, which is empty afterwards; its column is on that side.
 */
void md_table_cell(struct md_table *t, struct text *cell, enum md_side side);
/* As a grid, or, where that is wider than cols, a block for each row. */
void md_table_show(struct md_table *t, size_t cols, md_line_fn *fn, void *arg);
void md_table_fini(struct md_table *t);

#endif /* UI_MD_TABLE_H */
