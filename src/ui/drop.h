/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_DROP_H
#define UI_DROP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Files that are dropped on a terminal come as a paste: one word each, quoted
 * as for a shell ('a b', a\ b) or an address (file:///a%20b).  Takes the next
 * one off the text; false if there is none or it is no such word.
 */
bool drop_next(struct bytes *text, struct buf *path);

#endif /* UI_DROP_H */
