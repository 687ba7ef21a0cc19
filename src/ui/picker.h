/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_PICKER_H
#define UI_PICKER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct tui;

/*
 * A list of lines to pick one from: typing narrows it.  The lines are copied;
 * fn gets the one that was picked, without what stands before "skip" bytes
 * being shown.  look, if there is one, asks for a preview of the line that was
 * chosen a moment ago: what comes is shown below the list if the choice is
 * still the same.
 */
typedef void picker_fn(struct tui *t, const char *line);

struct picker_what {
	const char *title;
	const char *none; /* what is said of an empty list */
	size_t skip;      /* bytes of a line that are not shown */
	picker_fn *fn;
	bool (*look)(struct tui *t, const char *line); /* false: later */
};

void
picker_open(struct tui *t, const struct picker_what *what, struct bytes lines);
/* The preview of the line last asked for. */
void picker_preview(struct tui *t, struct bytes text);
void picker_free(struct tui *t);

#endif /* UI_PICKER_H */
