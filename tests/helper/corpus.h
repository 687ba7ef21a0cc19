/* SPDX-License-Identifier: Apache-2.0 */

#ifndef HELPER_CORPUS_H
#define HELPER_CORPUS_H

#include <stdio.h>

#include "base/buf.h"

/* One row of a corpus of command lines: a table of tab-separated columns. */
struct corpus_row {
	struct buf line;  /* the first column, a JSON string, decoded */
	char verdict[16]; /* allow, ask or forbid */
	char reason[256]; /* cut if it is longer */
	char family[32];
	unsigned number; /* of the line in the file */
};

/*
 * Reads the next row, skipping the header.  Returns 1, 0 at the end, or -1
 * if the file is not such a table.  The row is corpus_row_init's.
 */
int corpus_next(FILE *f, struct corpus_row *row);
void corpus_row_init(struct corpus_row *row);
void corpus_row_fini(struct corpus_row *row);

#endif /* HELPER_CORPUS_H */
