/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_INDEX_H
#define REPORT_INDEX_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The index of transcripts: what a list needs, and all words for the search.
 * It is derived: STATE/sessions/index.sqlite may be deleted at any time, and
 * what is wrong with it is mended by doing so.
 */
struct index;

/* One session, as the index has it. */
struct index_row {
	const char *id, *created, *updated, *cwd, *model, *title; /* borrowed */
	const char *found; /* borrowed: for a search, the place in words */
	uint64_t turns;
	bool archived;
};

typedef int index_fn(void *arg, const struct index_row *row);

/*
 * Opens the index and takes up what transcripts have grown or are new, and
 * drops what is gone.  With page 0 it looks at every file.  Else at those that
 * cordon may have written since, and at as many of the newest: what another
 * program adds to an older one is then not seen.  NULL after a line that says
 * what is wrong.
 */
struct index *index_open(const char *state, uint64_t page);
void index_close(struct index *x);
/* Deletes the file; the next open makes it anew. */
int index_delete(const char *state);

/* Newest first, at most limit (0: all), until fn answers nonzero. */
int index_list(
    struct index *x, bool archived, uint64_t limit, index_fn *fn, void *arg);
/* Best first, those that have all words. */
int index_search(struct index *x, const char *const *words, uint64_t limit,
    index_fn *fn, void *arg);

#endif /* REPORT_INDEX_H */
