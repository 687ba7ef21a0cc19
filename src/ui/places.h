/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_PLACES_H
#define UI_PLACES_H

#include <stdbool.h>

#include "proto/msg.h"

#include "ui/text.h"

/* Where the links of an ASK lead a path; the path itself if none does. */
struct bytes place_of(const struct msg_list *links, struct bytes path);
/* The path, and if a link leads it elsewhere, that. */
void place_add(struct text *t, const struct msg_list *links, struct bytes path);
/* Whether an ASK names it besides: as its folder, or as read or written. */
bool place_named(const struct msg_ask *m, struct bytes path);

#endif /* UI_PLACES_H */
