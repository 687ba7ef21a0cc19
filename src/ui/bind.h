/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_BIND_H
#define UI_BIND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What a key does: one table of actions, with the keys that they have unless
 * [tui.keymap] says otherwise.  The section KEYS of cordon(1) is checked
 * against it.
 */
enum action {
	/* editing: composer.c */
	ACT_LEFT,
	ACT_RIGHT,
	ACT_WORD_LEFT,
	ACT_WORD_RIGHT,
	ACT_LINE_START,
	ACT_LINE_END,
	ACT_DELETE_BACK,
	ACT_DELETE,
	ACT_DELETE_WORD,
	ACT_DELETE_NEXT_WORD,
	ACT_KILL_LINE,
	ACT_KILL_START,
	ACT_YANK,
	ACT_UNDO,
	ACT_NEWLINE,
	ACT_EDIT_END, /* behind the last of these */
	/* the rest: tui_keys.c */
	ACT_SUBMIT = ACT_EDIT_END,
	ACT_UP,
	ACT_DOWN,
	ACT_SEARCH,
	ACT_COMPLETE,
	ACT_CANCEL,
	ACT_INTERRUPT,
	ACT_QUIT,
	ACT_TRANSCRIPT,
	ACT_REDRAW,
	ACT_SUSPEND,
	ACT_EDITOR,
	ACT_IMAGE,
	ACT_COUNT
};

struct bind_row {
	const char *name;
	const char *keys; /* separated by blanks */
	const char *help;
};
extern const struct bind_row bind_rows[ACT_COUNT];

void bind_init(void); /* the default keys */
/* Gives the action these keys instead; ERR_NOENT, ERR_FORMAT. */
int bind_set(const char *action, const char *keys);
/* The action, or ACT_COUNT if the key has none. */
enum action bind_find(uint32_t key, unsigned mods);
/* The first key of an action, for hints; "" if it has none. */
const char *bind_hint(enum action action);

#endif /* UI_BIND_H */
