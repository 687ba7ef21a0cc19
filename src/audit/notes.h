/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_NOTES_H
#define AUDIT_NOTES_H

#include <stdbool.h>

#include "base/str.h"

#define NOTES_LINE_MAX (80u << 20) /* bytes: the model's largest item */

/*
 * The transcript: lines of JSON that model and front wish to be kept.  It is
 * what a session is resumed from, and proof of nothing.
 */
struct notes {
	int fd;  /* borrowed: O_APPEND; -1 if none is kept */
	int err; /* first error, sticky */
	int why; /* its errno */
};

/* in (borrowed) reads what is there already, or -1: a line that a crash cut
 * is ended, so that the next begins on its own. */
int notes_init(struct notes *n, int fd, int in);
/* One object on one line, from which keys are gone already; where it came as a
 * memfd, all of the map is the line.  sync: the end of a turn, durable on
 * return. ERR_FORMAT if it is none; else the first error of writing. */
int notes_add(
    struct notes *n, struct bytes line, const struct bytes *map, bool sync);

#endif /* AUDIT_NOTES_H */
