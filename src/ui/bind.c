/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the table of keys. */

#include "config.h"

#include <string.h>

#include "base/err.h"

#include "ui/bind.h"
#include "ui/key.h"

#define KEYS_MAX     6 /* of one action */
#define NAME_MAX_LEN 32

/* clang-format off */
const struct bind_row bind_rows[ACT_COUNT] = {
    [ACT_LEFT] = {"left", "left ctrl-b", "one character back"},
    [ACT_RIGHT] = {"right", "right ctrl-f", "one character on"},
    [ACT_WORD_LEFT] = {"word-left", "alt-b alt-left ctrl-left",
	"to the start of the word"},
    [ACT_WORD_RIGHT] = {"word-right", "alt-f alt-right ctrl-right",
	"to the end of the word"},
    [ACT_LINE_START] = {"line-start", "home ctrl-a", "to the line's start"},
    [ACT_LINE_END] = {"line-end", "end ctrl-e", "to the line's end"},
    [ACT_DELETE_BACK] = {"delete-back", "backspace shift-backspace",
	"delete the character before"},
    [ACT_DELETE] = {"delete", "delete", "delete the character here"},
    [ACT_DELETE_WORD] = {"delete-word",
	"ctrl-w alt-backspace ctrl-backspace", "delete the word before"},
    [ACT_DELETE_NEXT_WORD] = {"delete-next-word", "alt-d ctrl-delete",
	"delete the word here"},
    [ACT_KILL_LINE] = {"kill-line", "ctrl-k", "cut to the line's end"},
    [ACT_KILL_START] = {"kill-start", "ctrl-u", "cut to the line's start"},
    [ACT_YANK] = {"yank", "ctrl-y", "insert what was cut last"},
    [ACT_UNDO] = {"undo", "ctrl-_ ctrl-/", "take back the last change"},
    [ACT_NEWLINE] = {"newline", "ctrl-j alt-enter shift-enter",
	"a new line in the prompt"},
    [ACT_SUBMIT] = {"submit", "enter",
	"send the prompt; while a turn runs, steer it"},
    [ACT_UP] = {"up", "up ctrl-p", "a line up, or the prompt before"},
    [ACT_DOWN] = {"down", "down ctrl-n", "a line down, or the prompt after"},
    [ACT_SEARCH] = {"search", "ctrl-r", "search in earlier prompts"},
    [ACT_COMPLETE] = {"complete", "tab",
	"complete a command or a file behind @; or queue the prompt"},
    [ACT_CANCEL] = {"cancel", "esc",
	"close what is open, or interrupt the turn"},
    [ACT_INTERRUPT] = {"interrupt", "ctrl-c",
	"interrupt the turn, empty the prompt, or, twice, leave"},
    [ACT_QUIT] = {"quit", "ctrl-d",
	"delete the character here; leave if the prompt is empty"},
    [ACT_TRANSCRIPT] = {"transcript", "ctrl-t",
	"the whole transcript in a pager"},
    [ACT_REDRAW] = {"redraw", "ctrl-l", "paint the screen anew"},
    [ACT_EDITOR] = {"editor", "ctrl-g",
	"write the prompt in $VISUAL or $EDITOR, which runs in a cell, too"},
    [ACT_IMAGE] = {"image", "ctrl-v alt-v",
	"attach the image in the clipboard"},
    [ACT_SUSPEND] = {"suspend", "ctrl-z", "stop, until fg brings us back"},
};
/* clang-format on */

struct bound {
	uint32_t key;
	unsigned mods;
};

static struct {
	struct bound keys[KEYS_MAX];
	size_t n;
	char hint[NAME_MAX_LEN];
} bound[ACT_COUNT];

static int
bind_keys(enum action a, const char *keys)
{
	char name[NAME_MAX_LEN];
	struct bound *b;
	size_t len;

	bound[a].n = 0;
	bound[a].hint[0] = '\0';
	for (; *keys != '\0'; keys += len + strspn(keys + len, " ")) {
		len = strcspn(keys, " ");
		if (len >= sizeof(name) || bound[a].n == KEYS_MAX)
			return ERR_FORMAT;
		memcpy(name, keys, len);
		name[len] = '\0';
		b = &bound[a].keys[bound[a].n];
		if (key_parse(name, &b->key, &b->mods) != 0)
			return ERR_FORMAT;
		if (bound[a].n++ == 0)
			memcpy(bound[a].hint, name, len + 1);
	}
	return 0;
}

void
bind_init(void)
{
	unsigned a;

	for (a = 0; a < ACT_COUNT; a++)
		(void)bind_keys((enum action)a, bind_rows[a].keys);
}

int
bind_set(const char *action, const char *keys)
{
	unsigned a;

	for (a = 0; a < ACT_COUNT; a++)
		if (strcmp(bind_rows[a].name, action) == 0)
			return bind_keys((enum action)a, keys);
	return ERR_NOENT;
}

enum action
bind_find(uint32_t key, unsigned mods)
{
	unsigned a;
	size_t i;

	for (a = 0; a < ACT_COUNT; a++)
		for (i = 0; i < bound[a].n; i++)
			if (bound[a].keys[i].key == key &&
			    bound[a].keys[i].mods == mods)
				return (enum action)a;
	return ACT_COUNT;
}

const char *
bind_hint(enum action action)
{
	return bound[action].hint;
}
