/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the person decides.
 *
 * No key typed before the question was on the screen can answer it, Enter
 * never says yes, nothing says yes by itself, and yes is deaf until the end
 * of what is asked has been on the screen.
 */

#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/ask_state.h"
#include "ui/tui.h"
#include "ui/words.h"

#define DEAF_MS     300  /* without a key, after the question appears */
#define MESSAGE_MAX 4000 /* bytes that go back with a no */
#define NAMED_MAX   800  /* bytes of refused files named in the scrollback */

static void
ask_free(struct ask *a)
{
	asked_fini(&a->q);
	ask_text_free(a->whole);
	buf_fini(&a->rule);
	buf_fini(&a->patch);
	lines_fini(&a->effect);
	composer_fini(&a->message);
	while (a->nfiles > 0) {
		free(a->files[--a->nfiles].path);
		free(a->files[a->nfiles].moved);
	}
	free(a);
}

void
ask_free_all(struct tui *t)
{
	struct ask *a;

	while ((a = t->asks) != NULL) {
		t->asks = a->next;
		ask_free(a);
	}
}

static const char *const answer_words[] = {
    [ANSWER_NO] = "You said no",
    [ANSWER_ONCE] = "You said yes, once",
    [ANSWER_SESSION] = "You said yes, for this session",
};

/* What became of it stays in the scrollback, the question in the transcript:
 * what it was about is shown again when it runs. */
static void
put_answered(struct tui *t, const struct ask *a, bool no, const char *how,
    const char *say)
{
	const struct ask_line *l = a->q.text->v;
	struct text line = {0}, both = {0}, rest = {0};
	size_t i;

	for (i = 0; i < a->q.text->n; i++) {
		text_clear(&both);
		text_cells(&both, l[i].lead.c, l[i].lead.n);
		text_cells(&both, l[i].text.c, l[i].text.n);
		tui_keep(t, &both, 0);
	}
	text_addf(&line, no ? ST_BAD : ST_OK, "%s %s", no ? "⊘" : "✓", how);
	if (*say != '\0')
		text_addf(&line, ST_PLAIN, ": %s", say);
	text_blanks(&rest, ST_PLAIN, 2);
	tui_put(t, &line, NULL, &rest);
	tui_gap(t);
	text_fini(&line);
	text_fini(&both);
	text_fini(&rest);
}

/* The first is over. */
static void
next_ask(struct tui *t)
{
	struct ask *a = t->asks;

	t->asks = a->next;
	ask_free(a);
	loop_timer_del(t->f->proc.loop, t->deaf_timer);
	t->deaf_timer = 0;
	term_title(&t->term, "cordon: working");
	tui_view(t, &view_main);
}

static void
answer(struct tui *t, enum answer how, const char *say, struct msg_list refused)
{
	struct ask *a = t->asks;

	asked_send(&a->q, t->f, how, how == ANSWER_NO ? say : "", refused);
	put_answered(t, a, how == ANSWER_NO, answer_words[how], say);
	next_ask(t);
}

/* Of one that is not on the screen yet nobody need hear. */
void
ask_withdraw(struct tui *t, uint32_t id)
{
	struct ask *a, **at = &t->asks;

	while (*at != NULL && (*at)->q.id != id)
		at = &(*at)->next;
	a = *at;
	if (a == NULL) /* answered meanwhile */
		return;
	if (a == t->asks) {
		put_answered(t, a, true, "Not asked any more", "");
		next_ask(t);
		return;
	}
	*at = a->next;
	ask_free(a);
}

static void
say_no(struct tui *t, const char *why)
{
	answer(t, ANSWER_NO, why, (struct msg_list){0, NULL});
}

/* The files that are not to be changed. */
static struct msg_list
refused_files(const struct ask *a, struct bytes names[ASK_FILES])
{
	struct msg_list l = {0, names};
	size_t i;

	for (i = 0; i < a->nfiles; i++)
		if (a->files[i].no)
			names[l.n++] = bytes_of(a->files[i].path);
	return l;
}

/* Yes, but only where it may be said. */
static void
say_yes(struct tui *t, enum answer how)
{
	struct bytes names[ASK_FILES];
	struct msg_list refused = refused_files(t->asks, names);
	struct buf say;
	size_t i;

	if (!t->asks->seen) {
		tui_notice(t, "there is more: go to the end first");
		return;
	}
	if (refused.n > 0 && refused.n == t->asks->nfiles) {
		say_no(t, "");
		return;
	}
	buf_init(&say, NAMED_MAX);
	(void)buf_adds(&say, refused.n > 0 ? "but not to " : "");
	for (i = 0; i < refused.n; i++)
		(void)buf_addf(&say, "%s%.*s", i > 0 ? ", " : "",
		    (int)names[i].len, (const char *)names[i].p);
	answer(t, how, buf_err(&say) != 0 ? "but not to all" : buf_cstr(&say),
	    refused);
	buf_fini(&say);
}

/* The rule is as wide as a yes for the session would be. */
static void
set_rule(struct ask *a)
{
	buf_clear(&a->rule);
	lines_clear(&a->effect);
	a->has_rule = scope_rule(&a->q.scope, &a->rule);
}

int
ask_open(struct tui *t, uint32_t id, struct msg_ask *m)
{
	struct ask *a = xcalloc(1, sizeof(*a)), **at;
	int r = asked_init(&a->q, t->f, id, m, &a->patch);
	struct bytes p = {buf_data(&a->patch), a->patch.len};

	if (r != 1) {
		buf_fini(&a->patch);
		free(a);
		return r;
	}
	a->whole = ask_text_new(m, p, true);
	buf_init(&a->rule, 16384);
	set_rule(a);
	if (a->q.what == ASK_PATCH)
		a->nfiles = ask_files(a->files, &m->writes, p);
	composer_init(&a->message);
	for (at = &t->asks; *at != NULL; at = &(*at)->next)
		;
	*at = a;
	pager_close(t);
	tui_view(t, &view_ask);
	return 0;
}

/* What was typed before the pause was over may still wait to be read, where
 * the machine is slow: then there was no pause. */
static void
on_pause(void *arg)
{
	struct tui *t = arg;
	struct pollfd in = {t->term.in, POLLIN, 0};

	t->deaf_timer = 0;
	if (poll(&in, 1, 0) != 0)
		ask_stay_deaf(t);
	else if (t->asks != NULL && t->asks->drawn)
		t->asks->hearing = true;
}

void
ask_stay_deaf(struct tui *t)
{
	loop_timer_del(t->f->proc.loop, t->deaf_timer);
	t->deaf_timer = loop_timer(t->f->proc.loop, DEAF_MS, on_pause, t);
}

/* Keys. */

#define ASK(fn, key, when, word, help) static void key_##fn(struct tui *t);
#include "ui/ask.def"
#undef ASK

const struct ask_key ask_keys[ASK_KEYS] = {
#define ASK(fn, key, when, word, help) {key, word, help, when, key_##fn},
#include "ui/ask.def"
#undef ASK
};

bool
ask_key_works(const struct ask *a, const struct ask_key *key)
{
	switch (key->when) {
	case WHEN_ANY:
		return true;
	case WHEN_INSIDE:
		return !asked_leaves(&a->q);
	case WHEN_LASTS:
		return asked_lasts(&a->q);
	case WHEN_FILES:
		return a->nfiles > 1;
	}
	return false;
}

static void
key_yes(struct tui *t)
{
	say_yes(t, ANSWER_ONCE);
}

static void
key_session(struct tui *t)
{
	struct bytes names[ASK_FILES];

	if (refused_files(t->asks, names).n > 0) {
		tui_notice(t, "a part of a patch is allowed once: y");
		return;
	}
	t->asks->mode = MODE_SCOPE;
	t->asks->sub_top = 0;
}

static void
key_no(struct tui *t)
{
	say_no(t, "");
}

static void
key_message(struct tui *t)
{
	t->asks->mode = MODE_MESSAGE;
}

static void
key_explain(struct tui *t)
{
	t->asks->explained = !t->asks->explained;
	t->asks->top = 0;
}

/* What the rule would change is asked of main. */
static void
weigh_rule(struct tui *t)
{
	struct ask *a = t->asks;

	if (a->has_rule && a->effect.n == 0 && !t->wanting)
		(void)wish_rule(
		    t, (struct bytes){buf_data(&a->rule), a->rule.len});
}

static void
change_scope(struct tui *t, bool wider)
{
	struct ask *a = t->asks;

	if (!scope_step(&a->q.scope, wider))
		return;
	set_rule(a);
	a->stale = t->wanting;
	if (a->mode == MODE_RULE)
		weigh_rule(t);
}

static void
key_always(struct tui *t)
{
	t->asks->mode = MODE_RULE;
	t->asks->sub_top = 0;
	weigh_rule(t);
}

void
ask_effect(struct tui *t, struct bytes lines)
{
	struct bytes line, before = {NULL, 0};
	struct ask *a = t->asks;

	if (a == NULL || a->mode != MODE_RULE)
		return;
	if (a->stale) { /* of the rule as it was */
		a->stale = false;
		weigh_rule(t);
		return;
	}
	lines_clear(&a->effect);
	for (; bytes_line(&lines, &line); before = line)
		if (!bytes_eq(line, before))
			text_add(lines_new(&a->effect), ST_PLAIN, line.p,
			    line.len, 0);
	tui_dirty(t);
}

static void
key_files(struct tui *t)
{
	t->asks->mode = MODE_FILES;
	t->asks->sub_top = 0;
}

static void
key_interrupt(struct tui *t)
{
	say_no(t, "interrupted");
	tui_interrupt(t);
}

size_t *
ask_top(struct ask *a)
{
	return ask_aside(a) ? &a->sub_top : &a->top;
}

static bool
scroll_key(struct ask *a, uint32_t key)
{
	size_t rows = a->mode == MODE_FILES ? a->sub_page : a->page;
	size_t page = rows > 1 ? rows - 1 : 1, *top = ask_top(a);

	if (key == KEY_UP)
		*top -= *top > 0;
	else if (key == KEY_DOWN)
		++*top; /* drawing keeps it within the text */
	else if (key == KEY_PGUP)
		*top = *top > page ? *top - page : 0;
	else if (key == KEY_PGDN || key == ' ')
		*top += page;
	else
		return false;
	return true;
}

static void
message_event(struct tui *t, const struct event *ev)
{
	struct ask *a = t->asks;
	uint8_t enc[UTF8_MAX];
	enum action action = bind_find(ev->key, ev->mods);
	size_t len;
	char *s;

	if (ev->kind == EV_PASTE)
		composer_paste(&a->message, ev->text);
	else if (ev->key == KEY_ESC)
		a->mode = MODE_KEYS;
	else if (ev->key == KEY_ENTER && ev->mods == 0) {
		s = composer_take(&a->message, &len);
		if (len > MESSAGE_MAX)
			s[utf8_complete((uint8_t *)s, MESSAGE_MAX)] = '\0';
		say_no(t, s);
		free(s);
	} else if (action < ACT_EDIT_END)
		composer_edit(&a->message, action);
	else if (ev->mods == 0 && ev->key < KEY_ENTER)
		composer_insert(&a->message, enc, utf8_put(enc, ev->key));
}

/* Of the files of a patch; false if it is no key of that list. */
static bool
files_key(struct ask *a, uint32_t key)
{
	struct ask_file *file = &a->files[a->file];
	size_t at = a->file;

	if (key == ' ')
		file->no = !file->no;
	else if (key == KEY_UP)
		a->file -= a->file > 0;
	else if (key == KEY_DOWN)
		a->file += a->file + 1 < a->nfiles;
	else
		return false;
	if (a->file != at)
		a->sub_top = 0;
	return true;
}

static void
sub_event(struct tui *t, const struct event *ev)
{
	struct ask *a = t->asks;

	if (ev->key == KEY_ESC)
		a->mode = MODE_KEYS;
	else if ((a->mode == MODE_FILES && files_key(a, ev->key)) ||
		 scroll_key(a, ev->key))
		return;
	else if (a->mode == MODE_FILES)
		return;
	else if (ev->key == KEY_LEFT || ev->key == KEY_RIGHT)
		change_scope(t, ev->key == KEY_LEFT);
	else if (a->mode == MODE_SCOPE && ev->key == 'y' && ev->mods == 0)
		say_yes(t, ANSWER_SESSION);
	else if (a->mode == MODE_RULE && ev->key == 'c' && a->has_rule)
		tui_notice(t, "%s",
		    term_copy(&t->term, buf_data(&a->rule), a->rule.len) == 0
			? "sent to the clipboard"
			: "too long to copy");
}

static void
ask_event(struct tui *t, const struct event *ev)
{
	struct ask *a = t->asks;
	size_t i;

	if (!a->hearing) {
		if (a->drawn) /* typed at something else: wait for a pause */
			ask_stay_deaf(t);
		return;
	}
	if (a->mode == MODE_MESSAGE) {
		message_event(t, ev);
		return;
	}
	if (ev->kind != EV_KEY)
		return;
	tui_notice(t, NULL);
	if (bind_find(ev->key, ev->mods) == ACT_INTERRUPT) {
		key_interrupt(t);
		return;
	}
	if (a->mode != MODE_KEYS) {
		sub_event(t, ev);
		return;
	}
	if (ev->mods != 0 || scroll_key(a, ev->key))
		return;
	if (ev->key == KEY_ESC) { /* back, and from the question itself no */
		(a->explained ? key_explain : key_no)(t);
		return;
	}
	for (i = 0; i < ASK_KEYS; i++)
		if ((uint8_t)ask_keys[i].key[0] == ev->key &&
		    ask_key_works(a, &ask_keys[i])) {
			ask_keys[i].fn(t);
			return;
		}
}

const struct view view_ask = {ask_draw, ask_event};
