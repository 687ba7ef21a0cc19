/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the terminal's own words, by terminfo. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <curses.h>
#include <term.h>

#include "base/xmem.h"

#include "ui/caps.h"

/* In the order of enum cap; needed: without it there is no live region. */
static const struct {
	const char *name;
	bool needed;
} cap_names[CAP_COUNT] = {
    [CAP_UP] = {"cuu", true},
    [CAP_DOWN] = {"cud", true},
    [CAP_RIGHT] = {"cuf", true},
    [CAP_CLEAR_LINE] = {"el", true},
    [CAP_CLEAR_BELOW] = {"ed", true},
    [CAP_HOME] = {"home", false},
    [CAP_SAVE] = {"sc", false},
    [CAP_BACK] = {"rc", false},
    [CAP_HIDE] = {"civis", false},
    [CAP_SHOW] = {"cnorm", false},
    [CAP_ALT_ON] = {"smcup", false},
    [CAP_ALT_OFF] = {"rmcup", false},
    [CAP_WRAP_OFF] = {"rmam", false},
    [CAP_WRAP_ON] = {"smam", false},
};

static char *caps[CAP_COUNT]; /* owned */
static int colors;
static bool enough;

/* A copy without delays ("$<5>"), which no terminal of today needs. */
static char *
cap_copy(const char *s)
{
	char *copy = xstrdup(s), *dst = copy;

	for (; *s != '\0'; s++) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL) {
			s = strchr(s, '>');
			continue;
		}
		*dst++ = *s;
	}
	*dst = '\0';
	return copy;
}

void
caps_load(int fd)
{
	const char *s;
	size_t i;
	int err;

	if (setupterm(NULL, fd, &err) != OK)
		return;
	enough = true;
	for (i = 0; i < CAP_COUNT; i++) {
		s = tigetstr(cap_names[i].name);
		if (s != NULL && s != (char *)-1)
			caps[i] = cap_copy(s);
		else if (cap_names[i].needed)
			enough = false;
	}
	colors = tigetnum("colors");
}

bool
caps_enough(void)
{
	return enough;
}

bool
caps_have(enum cap cap)
{
	return caps[cap] != NULL;
}

int
caps_colors(void)
{
	return colors;
}

void
caps_put(struct buf *b, enum cap cap, unsigned count)
{
	bool counted = cap == CAP_UP || cap == CAP_DOWN || cap == CAP_RIGHT;

	if (caps[cap] == NULL || (counted && count == 0))
		return;
	if (counted)
		(void)buf_adds(b, tiparm(caps[cap], (int)count));
	else
		(void)buf_adds(b, caps[cap]);
}
