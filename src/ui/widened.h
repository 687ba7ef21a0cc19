/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_WIDENED_H
#define UI_WIDENED_H

#include <stdbool.h>

#include "base/buf.h"
#include "proto/msg.h"

/*
 * The folders that a person has let commands write for the session, each with
 * the words of the cell in which they do.  The gate asks before each such run,
 * and the open cell believes the front alone: so the front keeps in mind what
 * was said, and says it again only of exactly that cell.
 */

#define WIDENED_MAX 65536 /* bytes of the words of a cell */

/* The words of an ASK up to the folder, each with a NUL behind; false if it is
 * not what such an ASK looks like. */
bool widened_cell(const struct msg_ask *m, struct buf *cell);
/* The person has said so; all are copied, folder without a slash at its end. */
void widened_add(const struct buf *cell, const char *cwd, struct bytes folder);
/* Whether it is one of these, whatever the command in it. */
bool widened_has(const struct msg_ask *m);

#endif /* UI_WIDENED_H */
