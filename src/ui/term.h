/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "ui/theme.h"

/*
 * The person's terminal: raw while open, and put back as it was whatever
 * ends us, signals that kill included.
 */
struct term {
	int in, out; /* borrowed */
	unsigned rows, cols;
	struct termios saved;
	bool open;
	bool console; /* the Linux console: no answers, no titles */
	bool kitty;   /* the keyboard protocol is on */
	bool asked;   /* an answer may still come */
	bool focused; /* as far as the terminal tells */
	bool has_title;
	enum theme theme;
};

/* No terminal at both ends, or too little of one (TERM=dumb): lines only. */
bool term_usable(int in, int out);

void term_init(struct term *t, int in, int out, bool color);
int term_open(struct term *t);      /* raw, modes on, questions asked */
void term_close(struct term *t);    /* as it was; twice does no harm */
void term_resize(struct term *t);   /* asks the kernel for rows and cols */
void term_keyboard(struct term *t); /* switches the kitty protocol on */
void term_write(struct term *t, const void *p, size_t len);

#define TERM_TITLE_MAX 64 /* bytes shown in the window's title */
void term_title(struct term *t, const char *title); /* passes vis */

enum notify { NOTIFY_BEL, NOTIFY_OSC9, NOTIFY_OSC777, NOTIFY_OSC99 };
void term_notify(struct term *t, enum notify how, const char *text);
/* OSC 52: what the person asked to copy goes to the clipboard. */
int term_copy(struct term *t, const void *p, size_t len);
#define TERM_COPY_MAX 75000 /* bytes; more breaks terminals' own limits */

#endif /* UI_TERM_H */
