/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_FRONT_H
#define CORDON_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/session.h"

/* Slots of the front; ui/front.h has the same. */
enum front_slot {
	SLOT_PROMPT,
	SLOT_LAST,
	SLOT_HISTORY,
	SLOT_DRAFT,
	SLOT_IMAGES
};

/* Whether what is written there is to have colours: NO_COLOR, CLICOLOR_FORCE
 * and CLICOLOR, in this order, or else whether it is a terminal. */
bool front_color(int fd);

/*
 * What an interactive front is told and handed besides: its settings, the
 * history of prompts, the draft that was not sent, and the person's own
 * commands (CONFIG/commands/NAME.md).  0, or an error with a line in why.
 */
int front_tell(struct session *s, const struct conf *c, const struct paths *p,
    const char *cwd, char *why, size_t size);

#endif /* CORDON_FRONT_H */
