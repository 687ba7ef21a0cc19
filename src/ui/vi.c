/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the prompt with the keys of vi.
 *
 * Esc leaves inserting; then each key, or d and c with one more, is what the
 * table says it is in actions of our own.
 */

#include "config.h"

#include "ui/tui.h"

static const struct {
	char before; /* d, c, or 0 */
	char key;
	bool insert; /* goes on inserting */
	enum action actions[2];
} vi_keys[] = {
    {0, 'h', false, {ACT_LEFT, ACT_COUNT}},
    {0, 'l', false, {ACT_RIGHT, ACT_COUNT}},
    {0, 'k', false, {ACT_UP, ACT_COUNT}},
    {0, 'j', false, {ACT_DOWN, ACT_COUNT}},
    {0, 'w', false, {ACT_WORD_RIGHT, ACT_COUNT}},
    {0, 'e', false, {ACT_WORD_RIGHT, ACT_COUNT}},
    {0, 'b', false, {ACT_WORD_LEFT, ACT_COUNT}},
    {0, '0', false, {ACT_LINE_START, ACT_COUNT}},
    {0, '^', false, {ACT_LINE_START, ACT_COUNT}},
    {0, '$', false, {ACT_LINE_END, ACT_COUNT}},
    {0, 'x', false, {ACT_DELETE, ACT_COUNT}},
    {0, 'X', false, {ACT_DELETE_BACK, ACT_COUNT}},
    {0, 'D', false, {ACT_KILL_LINE, ACT_COUNT}},
    {0, 'u', false, {ACT_UNDO, ACT_COUNT}},
    {0, 'p', false, {ACT_YANK, ACT_COUNT}},
    {0, '/', false, {ACT_SEARCH, ACT_COUNT}},
    {0, 'i', true, {ACT_COUNT, ACT_COUNT}},
    {0, 'a', true, {ACT_RIGHT, ACT_COUNT}},
    {0, 'I', true, {ACT_LINE_START, ACT_COUNT}},
    {0, 'A', true, {ACT_LINE_END, ACT_COUNT}},
    {0, 'o', true, {ACT_LINE_END, ACT_NEWLINE}},
    {0, 's', true, {ACT_DELETE, ACT_COUNT}},
    {0, 'S', true, {ACT_LINE_START, ACT_KILL_LINE}},
    {0, 'C', true, {ACT_KILL_LINE, ACT_COUNT}},
    {'d', 'd', false, {ACT_LINE_START, ACT_KILL_LINE}},
    {'d', 'w', false, {ACT_DELETE_NEXT_WORD, ACT_COUNT}},
    {'d', 'b', false, {ACT_DELETE_WORD, ACT_COUNT}},
    {'d', '0', false, {ACT_KILL_START, ACT_COUNT}},
    {'d', '$', false, {ACT_KILL_LINE, ACT_COUNT}},
    {'c', 'c', true, {ACT_LINE_START, ACT_KILL_LINE}},
    {'c', 'w', true, {ACT_DELETE_NEXT_WORD, ACT_COUNT}},
    {'c', 'b', true, {ACT_DELETE_WORD, ACT_COUNT}},
    {'c', '0', true, {ACT_KILL_START, ACT_COUNT}},
    {'c', '$', true, {ACT_KILL_LINE, ACT_COUNT}},
};

static void
command(struct tui *t, uint32_t key)
{
	size_t i, k, n = sizeof(vi_keys) / sizeof(vi_keys[0]);
	char before = t->vi_before;

	t->vi_before = 0;
	if (before == 0 && (key == 'd' || key == 'c')) {
		t->vi_before = (char)key;
		return;
	}
	for (i = 0; i < n; i++) {
		if (vi_keys[i].before != before ||
		    (uint32_t)vi_keys[i].key != key)
			continue;
		for (k = 0; k < 2 && vi_keys[i].actions[k] != ACT_COUNT; k++)
			tui_act(t, vi_keys[i].actions[k]);
		t->vi_command = !vi_keys[i].insert;
		return;
	}
}

bool
vi_event(struct tui *t, const struct event *ev)
{
	if (!t->conf.vi || ev->kind != EV_KEY || ev->mods != 0)
		return false;
	if (!t->vi_command) {
		if (ev->key != KEY_ESC)
			return false;
		t->vi_command = true;
		tui_act(t, ACT_LEFT);
		return true;
	}
	if (ev->key < 0x20 || ev->key >= KEY_ENTER)
		return false; /* Enter, Esc and the others are what they are */
	command(t, ev->key);
	return true;
}
