/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CELL_KEEP_H
#define CELL_KEEP_H

#include "base/buf.h"

/*
 * Tier lsm: protected names that exist.  Nothing keeps a command from writing
 * them where it may write beside them, so what they hold is kept in memory
 * when the session begins and compared after each call.  What a command
 * changed is moved aside, as in guard.c, and written anew.
 */
#define KEEP_BYTES (64u << 20) /* of all of it */
#define KEEP_FILES 65536u

struct keep {
	struct keep_item *items; /* owned */
	size_t nitems;
	size_t bytes, files;
};

/* Takes what stands at path, if anything does.  ERR_SPACE if it is more. */
int keep_add(struct keep *k, const char *path);
/* Each item that was restored adds a line. */
void keep_check(struct keep *k, struct buf *lines);
/* What was kept beneath a folder lies in another now. */
void keep_moved(struct keep *k, const char *from, const char *to);
void keep_fini(struct keep *k);

#endif /* CELL_KEEP_H */
