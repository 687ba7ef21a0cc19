/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_HISTORY_H
#define UI_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Earlier prompts, oldest first, from and to a file that main has opened for
 * reading and appending: a line each, newline and backslash escaped.
 */
#define HISTORY_MAX      1000       /* entries in memory */
#define HISTORY_READ_MAX (1u << 20) /* bytes read from the file's end */
#define HISTORY_LINE_MAX 65536      /* bytes of an entry that is kept */

struct history {
	char **v; /* owned, each too */
	size_t n;
	int fd;   /* owned; -1: nothing is written */
	bool cut; /* the file's last line has no end */
};

void history_init(struct history *h, int fd); /* -1: starts empty */
void history_fini(struct history *h);
void history_add(struct history *h, const char *s);
/* The newest entry before the index before that has the text in it; n (of
 * entries) is the start.  The index, or n if there is none. */
size_t history_find(const struct history *h, size_t before, const char *needle);

#endif /* UI_HISTORY_H */
