/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_PICKER_H
#define UI_PICKER_H

#include "base/buf.h"
#include "base/str.h"

struct tui;

/*
 * A list of lines to pick one from: typing narrows it.  The lines are copied;
 * fn gets the one that was picked, without what stands before "skip" bytes
 * being shown.
 */
typedef void picker_fn(struct tui *t, const char *line);

struct picker_what {
	const char *title;
	const char *none; /* what is said of an empty list */
	size_t skip;      /* bytes of a line that are not shown */
	picker_fn *fn;
};

void
picker_open(struct tui *t, const struct picker_what *what, struct bytes lines);
void picker_free(struct tui *t);

#endif /* UI_PICKER_H */
