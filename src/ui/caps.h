/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_CAPS_H
#define UI_CAPS_H

#include <stdbool.h>

#include "base/buf.h"

/* What the terminal can be told, from terminfo(5). */
enum cap {
	CAP_UP,    /* with a count */
	CAP_DOWN,  /* with a count */
	CAP_RIGHT, /* with a count */
	CAP_CLEAR_LINE,
	CAP_CLEAR_BELOW,
	CAP_HOME,
	CAP_SAVE, /* the cursor's place */
	CAP_BACK,
	CAP_HIDE,
	CAP_SHOW,
	CAP_ALT_ON,
	CAP_ALT_OFF,
	CAP_WRAP_OFF,
	CAP_WRAP_ON,
	CAP_COUNT
};

/* Reads the entry of $TERM.  It opens files: before confinement only. */
void caps_load(int fd);
/* False if there is no entry, or it lacks what a live region needs. */
bool caps_enough(void);
bool caps_have(enum cap cap);
int caps_colors(void);
/* Appends the sequence; nothing if the terminal has none. */
void caps_put(struct buf *b, enum cap cap, unsigned count);

#endif /* UI_CAPS_H */
