/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the keys in short, under an empty draft, until the next
 * key.
 */

#include "config.h"

#include "ui/tui.h"

#define COLUMN 26 /* columns of the terminal for one of them */
#define KEY    7  /* of these for the key */

static const struct {
	const char *key; /* or, if NULL, that of action */
	enum action action;
	const char *word;
} shortcuts[] = {
    {"/", ACT_COUNT, "commands"},
    {"!", ACT_COUNT, "run a command"},
    {"@", ACT_COUNT, "name a file"},
    {NULL, ACT_NEWLINE, "a new line"},
    {NULL, ACT_COMPLETE, "complete, queue"},
    {NULL, ACT_SEARCH, "earlier prompts"},
    {NULL, ACT_EDITOR, "your editor"},
    {NULL, ACT_TRANSCRIPT, "the transcript"},
    {NULL, ACT_CANCEL, "close or stop"},
    {NULL, ACT_INTERRUPT, "twice: leave"},
    {NULL, ACT_SUSPEND, "pause, as a job"},
    {"/keys", ACT_COUNT, "all of them"},
};
#define SHORTCUTS (sizeof(shortcuts) / sizeof(shortcuts[0]))

void
shortcuts_list(struct tui *t, struct lines *rows, size_t max)
{
	size_t columns = t->term.cols / COLUMN, i, n = 0, at, from;
	struct text *row = NULL;
	const char *key;

	if (columns == 0)
		columns = 1;
	for (i = 0; t->shortcuts && t->composer.len == 0 && i < SHORTCUTS;
	     i++) {
		key = shortcuts[i].key != NULL ? shortcuts[i].key
					       : bind_hint(shortcuts[i].action);
		if (*key == '\0') /* the person wants none for it */
			continue;
		if (n % columns == 0) {
			if (rows->n == max)
				return;
			row = lines_new(rows);
		}
		from = text_width(row->c, row->n);
		at = 2 + n++ % columns * COLUMN;
		text_blanks(row, ST_PLAIN, at > from ? at - from : 1);
		text_addf(row, ST_ACCENT, "%-*s", KEY, key);
		text_addf(row, ST_DIM, " %s", shortcuts[i].word);
	}
}

bool
shortcuts_event(struct tui *t, const struct event *ev)
{
	bool asked = ev->key == '?' && ev->mods == 0 && t->composer.len == 0;
	bool open = t->shortcuts;

	t->shortcuts = asked && !open;
	if (t->shortcuts != open)
		tui_dirty(t);
	return asked || (open && ev->key == KEY_ESC);
}
