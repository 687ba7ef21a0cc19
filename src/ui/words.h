/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_WORDS_H
#define UI_WORDS_H

#include <stdbool.h>

#include "proto/msg.h"

#include "ui/text.h"

/* argv as a shell reads it back; with unwrap a "bash -lc LINE" as its line. */
void words_add(struct text *t, unsigned style, const struct msg_list *argv,
    bool unwrap, unsigned flags);
/* A patch's lines, coloured. */
void words_patch(struct lines *l, struct bytes patch);

#endif /* UI_WORDS_H */
