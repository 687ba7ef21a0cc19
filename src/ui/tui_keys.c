/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: what keys do while the draft has them. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/tui.h"

#define USER_CMD_MAX 60000 /* bytes of a !command, as the message has it */

/* A command of the person's own, run in the cell. */
static void
user_exec(struct tui *t, const char *cmd)
{
	struct msg_user_exec m = {.cmd = bytes_of(cmd)};

	if (m.cmd.len == 0 || m.cmd.len > USER_CMD_MAX) {
		tui_notice(t, "!COMMAND runs COMMAND in the cell");
		return;
	}
	front_send(t->f, ROLE_GATE, 0, MSG_USER_EXEC, &m);
}

static void
act_submit(struct tui *t)
{
	size_t len;
	char *s;

	if (t->composer.s[strspn(t->composer.s, " \n\t")] == '\0')
		return;
	if (look_waits(t)) {
		tui_notice(t, "an image is still being read");
		return;
	}
	s = composer_take(&t->composer, &len);
	history_add(&t->history, s);
	t->hist_at = t->history.n;
	tui_changed(t);
	tui_notice(t, NULL);
	if (*s == '!')
		user_exec(t, s + 1);
	else if (*s != '/' || !slash_run(t, s))
		tui_prompt(t, s, len);
	free(s);
}

/* Waits for the turn's end, then is sent. */
static void
act_queue(struct tui *t)
{
	size_t len;

	if (t->composer.len == 0 || t->nqueue == QUEUE_MAX)
		return;
	t->queue[t->nqueue++] = composer_take(&t->composer, &len);
	tui_changed(t);
}

/* Takes the chosen row of the completion list; false if there is no list. */
static bool
complete(struct tui *t)
{
	struct lines rows = {0};
	char text[4096];
	size_t from, n;

	if (t->complete_off)
		return false;
	n = slash_complete(
	    t, &rows, COMPLETE_MAX, t->complete_at, &from, text, sizeof(text));
	lines_fini(&rows);
	if (n == 0)
		return false;
	composer_replace(&t->composer, from, text);
	if (*text != '/') { /* a file, and a blank behind it */
		text[strlen(text) - 1] = '\0';
		(void)look_image(t, text);
	}
	tui_changed(t);
	return true;
}

static size_t
completions(struct tui *t)
{
	struct lines rows = {0};
	char text[4096];
	size_t from, n;

	n = t->complete_off ? 0
			    : slash_complete(t, &rows, COMPLETE_MAX,
				  t->complete_at, &from, text, sizeof(text));
	lines_fini(&rows);
	return n;
}

static void
act_complete(struct tui *t)
{
	if (!complete(t) && t->running)
		act_queue(t);
}

static void
show_history(struct tui *t, size_t at)
{
	const char *s;

	if (t->hist_at == t->history.n) {
		free(t->stash);
		t->stash = xstrdup(t->composer.s);
	}
	t->hist_at = at;
	s = at == t->history.n ? t->stash : t->history.v[at];
	composer_set(&t->composer, s, strlen(s));
	t->complete_off = true;
}

static void
act_up(struct tui *t)
{
	if (completions(t) > 0) {
		if (t->complete_at > 0)
			t->complete_at--;
	} else if (!composer_vertical(&t->composer, false) && t->hist_at > 0)
		show_history(t, t->hist_at - 1);
}

static void
act_down(struct tui *t)
{
	size_t n = completions(t);

	if (n > 0) {
		if (t->complete_at + 1 < n)
			t->complete_at++;
	} else if (!composer_vertical(&t->composer, true) &&
		   t->hist_at < t->history.n)
		show_history(t, t->hist_at + 1);
}

static void
act_search(struct tui *t)
{
	size_t at;

	if (!t->searching) {
		t->searching = true;
		buf_clear(&t->needle);
		return;
	}
	at = history_find(&t->history, t->hist_at, buf_cstr(&t->needle));
	if (at < t->history.n)
		show_history(t, at);
}

static void
act_cancel(struct tui *t)
{
	if (completions(t) > 0)
		t->complete_off = true;
	else if (wish_leave(t))
		return;
	else if (t->running || t->calls != NULL)
		tui_interrupt(t);
	else
		tui_notice(t, NULL);
}

static void
act_interrupt(struct tui *t)
{
	uint64_t now = clock_mono_ms();

	if (t->composer.len > 0) {
		composer_set(&t->composer, "", 0);
		tui_changed(t);
		return;
	}
	if (t->quit_armed > now) {
		tui_quit(t, 0);
		return;
	}
	if (t->running || t->calls != NULL)
		tui_interrupt(t);
	t->quit_armed = now + QUIT_ARMED_MS;
	tui_notice(t, "%s again leaves", bind_hint(ACT_INTERRUPT));
}

static void
act_quit(struct tui *t)
{
	if (t->composer.len == 0)
		tui_quit(t, 0);
	else {
		composer_edit(&t->composer, ACT_DELETE);
		tui_changed(t);
	}
}

static void
act_redraw(struct tui *t)
{
	tui_resized(t);
}

static void (*const acts[ACT_COUNT])(struct tui *) = {
    [ACT_SUBMIT] = act_submit,
    [ACT_UP] = act_up,
    [ACT_DOWN] = act_down,
    [ACT_SEARCH] = act_search,
    [ACT_COMPLETE] = act_complete,
    [ACT_CANCEL] = act_cancel,
    [ACT_INTERRUPT] = act_interrupt,
    [ACT_QUIT] = act_quit,
    [ACT_TRANSCRIPT] = pager_open,
    [ACT_REDRAW] = act_redraw,
    [ACT_SUSPEND] = wish_stop,
    [ACT_EDITOR] = wish_editor,
    [ACT_IMAGE] = wish_image,
};

/* Keys of the search: text narrows it, anything else ends it and counts.
 * True if the key is used up. */
static bool
search_key(struct tui *t, const struct event *ev, enum action action)
{
	uint8_t enc[UTF8_MAX];
	size_t at;

	if (action == ACT_SEARCH) {
		act_search(t);
		return true;
	}
	if (action == ACT_DELETE_BACK && t->needle.len > 0)
		t->needle.len--;
	else if (ev->mods == 0 && ev->key < KEY_ENTER)
		(void)buf_add(&t->needle, enc, utf8_put(enc, ev->key));
	else {
		t->searching = false;
		return action == ACT_CANCEL || action == ACT_SUBMIT ||
		       action == ACT_INTERRUPT;
	}
	at = history_find(&t->history, t->history.n, buf_cstr(&t->needle));
	if (at < t->history.n)
		show_history(t, at);
	return true;
}

/* A list that is open takes Enter for its chosen row, if that adds text. */
static bool
enter_completes(struct tui *t)
{
	size_t before = t->composer.len;

	if (completions(t) == 0)
		return false;
	if (!complete(t))
		return false;
	return t->composer.len != before + 1 ||
	       strchr(t->composer.s, '/') != t->composer.s;
}

void
tui_act(struct tui *t, enum action action)
{
	if (action >= ACT_EDIT_END) {
		acts[action](t);
		return;
	}
	composer_edit(&t->composer, action);
	if (action > ACT_LINE_END)
		tui_changed(t);
}

void
tui_main_event(struct tui *t, const struct event *ev)
{
	uint8_t enc[UTF8_MAX];
	enum action action;

	if (ev->kind == EV_PASTE) {
		if (!look_dropped(t, ev->text))
			composer_paste(&t->composer, ev->text);
		tui_changed(t);
		return;
	}
	if (ev->kind != EV_KEY)
		return;
	action = bind_find(ev->key, ev->mods);
	if (t->searching && search_key(t, ev, action))
		return;
	if (shortcuts_event(t, ev))
		return;
	if (vi_event(t, ev))
		return;
	if (action != ACT_INTERRUPT && t->quit_armed != 0) {
		t->quit_armed = 0;
		tui_notice(t, NULL);
	}
	if (action == ACT_SUBMIT && enter_completes(t))
		return;
	if (action < ACT_COUNT)
		tui_act(t, action);
	else if (ev->mods == 0 && ev->key < KEY_ENTER) {
		composer_insert(&t->composer, enc, utf8_put(enc, ev->key));
		tui_changed(t);
	}
}
