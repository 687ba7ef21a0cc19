/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CELL_KEEP_H
#define CELL_KEEP_H

#include "base/buf.h"

struct cell;

/*
 * Tier lsm: protected names that exist.  Nothing keeps a command from writing
 * them where it may write beside them, so what they hold is kept in memory
 * when the session begins and compared after each call.  What a command
 * changed is moved aside, as in guard.c, and written anew.
 */
#define KEEP_BYTES (64u << 20) /* of all of it */
#define KEEP_FILES 65536u

struct keep;

/* ERR_SPACE if there is more than that, with the path in why. */
int keep_begin(struct cell *c, char *why, size_t size);
/* Each item that was restored adds a line. */
void keep_check(struct cell *c, struct buf *lines);
/* What was kept beneath a folder lies in another now. */
void keep_moved(struct cell *c, const char *from, const char *to);
void keep_fini(struct cell *c);

/* moved.c: undoes, or follows, moves of repositories; before keep_check. */
void moved_check(struct cell *c, struct buf *lines);

#endif /* CELL_KEEP_H */
