/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_MISLEAD_H
#define UI_MISLEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#include "ui/text.h"

#define MISLEAD_LINES 5 /* of a file, named by their numbers */
#define MISLEAD_FILES 8 /* of a patch, named */

/* A file of a patch, of which lines are not what they seem. */
struct mislead_file {
	struct bytes name;           /* borrowed; empty: before any file */
	size_t lines[MISLEAD_LINES]; /* the first, counted in the patch */
	size_t n;                    /* how many there are */
	struct bytes word; /* borrowed: the first with letters that look like
			      others; empty: something hidden */
};

/*
 * Whether a line has a word, which word is set to, with letters that look like
 * those of another alphabet: of two of them, or the only letters of theirs in
 * a line of others.  What is written in another alphabet honestly has letters
 * that look like no other's.
 */
bool mislead_line(struct bytes line, struct bytes *word);
/* Whether it has blanks that are none but look as wide as any. */
bool mislead_blank(struct bytes line);
/* A line of a patch as words_patch_line has it, what looks like something else
 * marked; false if there is such, or it is spelled. */
bool mislead_show(struct text *t, struct bytes line);
/* The files of a patch that have such lines, the first MISLEAD_FILES of them;
 * returns how many there are. */
size_t
mislead_files(struct bytes patch, struct mislead_file files[MISLEAD_FILES]);

#endif /* UI_MISLEAD_H */
