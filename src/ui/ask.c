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

#include "base/err.h"
#include "base/fdio.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "proto/permit.h"

#include "ui/ask.h"
#include "ui/tui.h"
#include "ui/words.h"

#define DEAF_MS     300  /* without a key, after the question appears */
#define MESSAGE_MAX 4000 /* bytes that go back with a no */
#define CWD_SHOWN   900  /* bytes of a directory in a scope */

enum ask_mode { MODE_KEYS, MODE_MESSAGE, MODE_FILES, MODE_RULE };

struct ask {
	uint32_t id;
	enum ask_what what;
	uint8_t hash[ASK_HASH];
	uint8_t permit[PERMIT_SIZE];  /* of what is shown; see proto/permit.h */
	char *title;                  /* owned: what it is about, in short */
	char *scope;                  /* owned */
	struct ask_text *text, *more; /* owned; more has explanations */
	bool explained;
	struct buf rule; /* what would allow it always */
	bool has_rule;
	struct lines effect; /* what it would change; none: not yet known */
	struct ask_file files[ASK_FILES];
	size_t nfiles, file;
	bool drawn;       /* it has been on the screen */
	bool hearing;     /* and nothing typed before that waits */
	size_t top, page; /* the first row shown; rows of a page */
	size_t sub_top;   /* the same of what is looked at meanwhile */
	bool seen;        /* the last row has been on the screen */
	enum ask_mode mode;
	struct composer message;
	struct ask *next; /* owned */
};

/* When a key answers. */
enum ask_when {
	WHEN_ANY,
	WHEN_INSIDE,  /* not if it leaves the cordon: that is asked each time */
	WHEN_COMMAND, /* if it is one */
	WHEN_FILES    /* if a patch changes more than one */
};

#define ASK(fn, key, when, word, help) static void key_##fn(struct tui *t);
#include "ui/ask.def"
#undef ASK

static const struct ask_key {
	const char *key, *word, *help;
	enum ask_when when;
	void (*fn)(struct tui *t);
} ask_keys[] = {
#define ASK(fn, key, when, word, help) {key, word, help, when, key_##fn},
#include "ui/ask.def"
#undef ASK
};

#define KEYS (sizeof(ask_keys) / sizeof(ask_keys[0]))

static bool
key_works(const struct ask *a, const struct ask_key *key)
{
	switch (key->when) {
	case WHEN_ANY:
		return true;
	case WHEN_INSIDE:
		return a->what != ASK_ESCALATE;
	case WHEN_COMMAND:
		return a->what == ASK_EXEC;
	case WHEN_FILES:
		return a->nfiles > 1;
	}
	return false;
}

static void
ask_free(struct ask *a)
{
	ask_text_free(a->text);
	ask_text_free(a->more);
	buf_fini(&a->rule);
	lines_fini(&a->effect);
	composer_fini(&a->message);
	while (a->nfiles > 0)
		free(a->files[--a->nfiles].path);
	free(a->scope);
	free(a->title);
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

static void
send_answer(struct tui *t, struct ask *a, enum answer answer, const char *say)
{
	struct msg_answer m = {.answer = (uint8_t)answer,
	    .channel = CHANNEL_TTY,
	    .hash = {a->hash, sizeof(a->hash)},
	    .message = bytes_of(say)};
	uint8_t hash[ASK_HASH];
	struct buf shown;

	buf_init(&shown, ASK_SHOWN_MAX);
	ask_text_shown(a->text, &shown, hash);
	m.shown = (struct bytes){hash, sizeof(hash)};
	if (buf_err(&shown) == 0)
		m.text = (struct bytes){buf_data(&shown), shown.len};
	if (answer == ANSWER_SESSION)
		m.scope = bytes_of(a->scope);
	if (a->what == ASK_ESCALATE && answer != ANSWER_NO) {
		struct msg_permit permit = {
		    .hash = {a->permit, sizeof(a->permit)}};

		front_send(t->f, ROLE_OPEN, a->id, MSG_PERMIT, &permit);
	}
	front_send(t->f, ROLE_GATE, a->id, MSG_ANSWER, &m);
	buf_fini(&shown);
}

static const char *const answer_words[] = {
    [ANSWER_NO] = "You said no",
    [ANSWER_ONCE] = "You said yes, once",
    [ANSWER_SESSION] = "You said yes, for this session",
};

/* The answer stays in the scrollback, the question in the transcript: what it
 * was about is shown again when it runs. */
static void
put_answered(
    struct tui *t, const struct ask *a, enum answer answer, const char *say)
{
	const struct ask_line *l = a->text->v;
	struct text line = {0}, both = {0}, rest = {0};
	bool no = answer == ANSWER_NO;
	size_t i;

	for (i = 0; i < a->text->n; i++) {
		text_clear(&both);
		text_cells(&both, l[i].lead.c, l[i].lead.n);
		text_cells(&both, l[i].text.c, l[i].text.n);
		tui_keep(t, &both, 0);
	}
	text_addf(&line, no ? ST_BAD : ST_OK, "%s %s", no ? "⊘" : "✓",
	    answer_words[answer]);
	if (*say != '\0')
		text_addf(&line, ST_PLAIN, ": %s", say);
	text_blanks(&rest, ST_PLAIN, 2);
	tui_put(t, &line, NULL, &rest);
	tui_gap(t);
	text_fini(&line);
	text_fini(&both);
	text_fini(&rest);
}

static void
answer(struct tui *t, enum answer how, const char *say)
{
	struct ask *a = t->asks;

	send_answer(t, a, how, say);
	put_answered(t, a, how, say);
	t->asks = a->next;
	ask_free(a);
	loop_timer_del(t->f->proc.loop, t->deaf_timer);
	t->deaf_timer = 0;
	term_title(&t->term, "cordon: working");
	tui_view(t, &view_main);
}

/* Yes, but only where it may be said. */
static void
say_yes(struct tui *t, enum answer how)
{
	struct ask *a = t->asks;
	struct buf say;
	size_t i, refused = 0;

	if (!a->seen) {
		tui_notice(t, "there is more: go to the end first");
		return;
	}
	buf_init(&say, MESSAGE_MAX);
	for (i = 0; i < a->nfiles; i++)
		if (a->files[i].no && refused++ < 32)
			(void)buf_addf(&say, "%s%s", refused > 1 ? ", " : "",
			    a->files[i].path);
	if (refused == 0)
		answer(t, how, "");
	else {
		struct buf all;

		buf_init(&all, MESSAGE_MAX);
		(void)buf_addf(&all,
		    "only in part: send the patch again without its changes "
		    "to %s",
		    buf_cstr(&say) == NULL ? "these files" : buf_cstr(&say));
		answer(t, ANSWER_NO,
		    buf_cstr(&all) == NULL ? "only in part" : buf_cstr(&all));
		buf_fini(&all);
	}
	buf_fini(&say);
}

int
ask_open(struct tui *t, uint32_t id, struct msg_ask *m)
{
	struct ask *a, **at;
	struct buf patch;
	struct bytes p;
	int r = 0;

	buf_init(&patch, ASK_PATCH_MAX);
	if (m->patch != -1)
		r = fd_read_memfd(m->patch, &patch);
	fd_close(&m->patch);
	if (m->what > ASK_TOOL || m->hash.len != ASK_HASH || r != 0) {
		struct msg_answer no = {.answer = ANSWER_NO,
		    .hash = m->hash,
		    .message = bytes_of("it cannot be shown, so not approved")};

		buf_fini(&patch);
		front_send(t->f, ROLE_GATE, id, MSG_ANSWER, &no);
		return m->what > ASK_TOOL ? ERR_TYPE : 0;
	}
	p = (struct bytes){buf_data(&patch), patch.len};
	a = xcalloc(1, sizeof(*a));
	a->id = id;
	a->what = (enum ask_what)m->what;
	memcpy(a->hash, m->hash.p, ASK_HASH);
	permit_hash(&m->argv, m->cwd, a->permit);
	a->title = ask_title(m);
	if (m->scope.len == 0)
		a->scope = xasprintf("%s  in %.*s", a->title,
		    (int)(m->cwd.len > CWD_SHOWN ? CWD_SHOWN : m->cwd.len),
		    (const char *)m->cwd.p);
	else
		a->scope = xstrndup((const char *)m->scope.p, m->scope.len);
	a->text = ask_text_new(m, p, false);
	a->more = ask_text_new(m, p, true);
	buf_init(&a->rule, 16384);
	a->has_rule = a->what == ASK_EXEC && ask_rule(&a->rule, &m->argv);
	a->nfiles =
	    a->what == ASK_PATCH ? ask_files(a->files, ASK_FILES, p) : 0;
	composer_init(&a->message);
	buf_fini(&patch);
	for (at = &t->asks; *at != NULL; at = &(*at)->next)
		;
	*at = a;
	pager_close(t);
	tui_view(t, &view_ask);
	return 0;
}

static void stay_deaf(struct tui *t);

/* What was typed before the pause was over may still wait to be read, where
 * the machine is slow: then there was no pause. */
static void
on_pause(void *arg)
{
	struct tui *t = arg;
	struct pollfd in = {t->term.in, POLLIN, 0};

	t->deaf_timer = 0;
	if (poll(&in, 1, 0) != 0)
		stay_deaf(t);
	else if (t->asks != NULL && t->asks->drawn)
		t->asks->hearing = true;
}

static void
stay_deaf(struct tui *t)
{
	loop_timer_del(t->f->proc.loop, t->deaf_timer);
	t->deaf_timer = loop_timer(t->f->proc.loop, DEAF_MS, on_pause, t);
}

/* Drawing. */

static void
wrap_text(struct tui *t, const struct ask_text *text, struct lines *rows)
{
	struct text rest = {0};
	size_t i;

	for (i = 0; i < text->n; i++) {
		const struct ask_line *l = &text->v[i];

		text_clear(&rest);
		text_blanks(&rest, ST_PLAIN, text_width(l->lead.c, l->lead.n));
		if (rest.n * 2 > t->term.cols)
			text_clear(&rest);
		(l->prose ? lines_wrap : lines_fill)(
		    rows, &l->text, t->term.cols, &l->lead, &rest);
	}
	text_fini(&rest);
}

static void
wrap_files(const struct ask *a, struct lines *rows)
{
	struct text *line;
	size_t i;

	text_adds(lines_new(rows), ST_HEAD, "Which files may be changed?");
	for (i = 0; i < a->nfiles; i++) {
		line = lines_new(rows);
		text_adds(line, ST_ACCENT, i == a->file ? "› " : "  ");
		text_adds(line, a->files[i].no ? ST_BAD : ST_OK,
		    a->files[i].no ? "no   " : "yes  ");
		text_add(line, ST_CODE, a->files[i].path,
		    strlen(a->files[i].path), TEXT_EXACT);
	}
}

static void
wrap_rule(const struct ask *a, struct lines *rows)
{
	size_t i;

	text_adds(lines_new(rows), ST_HEAD,
	    "This rule in your policy would allow it without asking:");
	(void)lines_new(rows);
	if (a->has_rule)
		lines_split(rows, ST_CODE,
		    (struct bytes){buf_data(&a->rule), a->rule.len}, 0);
	else
		text_adds(lines_new(rows), ST_WARN,
		    "It is more than one program with plain words: a rule for "
		    "it has to be written by hand.");
	(void)lines_new(rows);
	if (a->effect.n > 0)
		text_adds(lines_new(rows), ST_HEAD,
		    "What would be decided otherwise with it:");
	for (i = 0; i < a->effect.n; i++)
		text_cells(lines_new(rows), a->effect.v[i].c, a->effect.v[i].n);
	if (a->effect.n > 0)
		(void)lines_new(rows);
	text_adds(lines_new(rows), ST_DIM,
	    "Add it to ~/.config/cordon/policy.toml yourself: nothing in a "
	    "session can.");
}

/* What can be answered: in three columns, */
static void
keys_all(const struct ask *a, struct lines *l)
{
	static const size_t columns[] = {2, 18, 56};
	struct text *line = NULL;
	size_t i, n = 0;

	for (i = 0; i < KEYS; i++) {
		if (!key_works(a, &ask_keys[i]))
			continue;
		if (n % 3 == 0)
			line = lines_new(l);
		text_blanks(line, ST_PLAIN,
		    columns[n++ % 3] - text_width(line->c, line->n));
		text_adds(line, ST_ACCENT, ask_keys[i].key);
		text_addf(line, ST_PLAIN, " %s", ask_keys[i].help);
	}
}

/* or in a row, or on a tiny screen the keys alone. */
static void
keys_row(const struct ask *a, struct text *line, bool tiny)
{
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if (!key_works(a, &ask_keys[i]))
			continue;
		text_blanks(line, ST_PLAIN, line->n == 0 ? 0 : tiny ? 1 : 2);
		text_adds(line, ST_ACCENT, ask_keys[i].key);
		if (!tiny)
			text_addf(line, ST_PLAIN, " %s", ask_keys[i].word);
	}
}

static void
draw_keys(struct tui *t, const struct ask *a, struct lines *keys)
{
	static const char *const help[] = {
	    [MODE_MESSAGE] = "Enter sends no with these words, Esc goes back",
	    [MODE_FILES] = "Space yes or no, ↑↓ choose, Esc goes back",
	    [MODE_RULE] = "c copies it, Esc goes back",
	};
	struct text line = {0};
	bool small = t->term.cols < 76 || t->term.rows < 16;
	bool tiny = t->term.cols < 50 || t->term.rows < 10;

	if (t->notice != NULL)
		text_adds(&line, ST_WARN, t->notice);
	else if (a->mode != MODE_KEYS)
		text_adds(&line, ST_DIM, help[a->mode]);
	else if (!a->seen)
		text_adds(&line, ST_WARN,
		    tiny ? "Space: more; n m"
			 : "Space shows more; yes works at the end   n no   "
			   "m no, and say why");
	else if (tiny || small)
		keys_row(a, &line, tiny);
	else
		keys_all(a, keys);
	if (line.n > 0)
		lines_wrap(keys, &line, t->term.cols, NULL, NULL);
	text_fini(&line);
}

static void
draw_message(struct tui *t, struct ask *a)
{
	struct lines l = {0};
	struct text line = {0};
	size_t row, col, i, from = t->screen.next.rows;

	composer_show(&a->message, t->term.cols > 3 ? t->term.cols - 2 : 1, 3,
	    &l, &row, &col);
	for (i = 0; i < l.n; i++) {
		text_clear(&line);
		text_adds(&line, ST_ACCENT, i == 0 ? "› " : "  ");
		text_cells(&line, l.v[i].c, l.v[i].n);
		screen_row(&t->screen, line.c, line.n);
	}
	screen_cursor(&t->screen, from + row, col + 2);
	lines_fini(&l);
	text_fini(&line);
}

static void
ask_rows(struct tui *t, const struct ask *a, struct lines *rows)
{
	struct lines l = {0};
	struct text lead = {0};
	size_t i;

	if (a->mode == MODE_FILES)
		wrap_files(a, &l);
	else if (a->mode == MODE_RULE)
		wrap_rule(a, &l);
	else
		wrap_text(t, a->explained ? a->more : a->text, rows);
	text_blanks(&lead, ST_PLAIN, 2);
	for (i = 0; i < l.n; i++)
		lines_wrap(rows, &l.v[i], t->term.cols,
		    l.v[i].n > 0 && l.v[i].c[0].style != ST_HEAD ? &lead : NULL,
		    &lead);
	lines_fini(&l);
	text_fini(&lead);
}

/* Something else is looked at: the question stays where it was. */
static bool
ask_aside(const struct ask *a)
{
	return a->mode == MODE_FILES || a->mode == MODE_RULE;
}

static size_t *
ask_top(struct ask *a)
{
	return ask_aside(a) ? &a->sub_top : &a->top;
}

/* A page of the rows; returns the row behind it. */
static size_t
draw_page(struct tui *t, struct ask *a, const struct lines *rows)
{
	size_t *top = ask_top(a), i;

	if (a->mode == MODE_FILES && a->file + 1 >= *top + a->page)
		*top = a->file + 2 - a->page;
	if (*top + a->page > rows->n)
		*top = rows->n > a->page ? rows->n - a->page : 0;
	for (i = *top; i < rows->n && i < *top + a->page; i++)
		screen_row(&t->screen, rows->v[i].c, rows->v[i].n);
	return i;
}

static void
draw_ask(struct tui *t)
{
	struct ask *a = t->asks;
	struct lines rows = {0}, keys = {0};
	struct text mark = {0};
	size_t i, left;

	ask_rows(t, a, &rows);
	draw_keys(t, a, &keys);
	left = keys.n + 1 + (a->mode == MODE_MESSAGE ? 3 : 0);
	a->page = t->term.rows > left ? t->term.rows - left : 1;
	i = draw_page(t, a, &rows);
	if (i == rows.n && !ask_aside(a))
		a->seen = true;
	if (rows.n > a->page)
		text_addf(&mark, ST_WARN, "  (%zu of %zu lines%s)", i, rows.n,
		    a->seen && i < rows.n ? ", Space: more" : "");
	screen_row(&t->screen, mark.c, mark.n);
	if (a->mode == MODE_MESSAGE)
		draw_message(t, a);
	for (i = 0; i < keys.n; i++)
		screen_row(&t->screen, keys.v[i].c, keys.v[i].n);
	a->drawn = true;
	if (!a->hearing && t->deaf_timer == 0)
		stay_deaf(t);
	lines_fini(&rows);
	lines_fini(&keys);
	text_fini(&mark);
}

/* Keys. */

static void
key_yes(struct tui *t)
{
	say_yes(t, ANSWER_ONCE);
}

static void
key_session(struct tui *t)
{
	say_yes(t, ANSWER_SESSION);
}

static void
key_no(struct tui *t)
{
	answer(t, ANSWER_NO, "");
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

static void
key_always(struct tui *t)
{
	struct ask *a = t->asks;

	a->mode = MODE_RULE;
	a->sub_top = 0;
	if (a->has_rule && a->effect.n == 0)
		(void)wish_rule(
		    t, (struct bytes){buf_data(&a->rule), a->rule.len});
}

void
ask_effect(struct tui *t, struct bytes lines)
{
	struct bytes line, before = {NULL, 0};
	struct ask *a = t->asks;

	if (a == NULL || a->mode != MODE_RULE)
		return;
	lines_clear(&a->effect);
	for (; words_line(&lines, &line); before = line)
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
	answer(t, ANSWER_NO, "interrupted");
	tui_interrupt(t);
}

static bool
scroll_key(struct ask *a, uint32_t key)
{
	size_t page = a->page > 1 ? a->page - 1 : 1, *top = ask_top(a);

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
		answer(t, ANSWER_NO, s);
		free(s);
	} else if (action < ACT_EDIT_END)
		composer_edit(&a->message, action);
	else if (ev->mods == 0 && ev->key < KEY_ENTER)
		composer_insert(&a->message, enc, utf8_encode(enc, ev->key));
}

static void
sub_event(struct tui *t, const struct event *ev)
{
	struct ask *a = t->asks;

	if (ev->key == KEY_ESC)
		a->mode = MODE_KEYS;
	else if (a->mode == MODE_RULE && scroll_key(a, ev->key))
		return;
	else if (a->mode == MODE_RULE && ev->key == 'c' && a->has_rule)
		tui_notice(t, "%s",
		    term_copy(&t->term, buf_data(&a->rule), a->rule.len) == 0
			? "sent to the clipboard"
			: "too long to copy");
	else if (a->mode == MODE_FILES && ev->key == ' ')
		a->files[a->file].no = !a->files[a->file].no;
	else if (a->mode == MODE_FILES && ev->key == KEY_UP)
		a->file -= a->file > 0;
	else if (a->mode == MODE_FILES && ev->key == KEY_DOWN)
		a->file += a->file + 1 < a->nfiles;
}

static void
ask_event(struct tui *t, const struct event *ev)
{
	struct ask *a = t->asks;
	size_t i;

	if (!a->hearing) {
		if (a->drawn) /* typed at something else: wait for a pause */
			stay_deaf(t);
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
	if (ev->key == KEY_ESC) {
		key_no(t);
		return;
	}
	for (i = 0; i < KEYS; i++)
		if ((uint8_t)ask_keys[i].key[0] == ev->key &&
		    key_works(a, &ask_keys[i])) {
			ask_keys[i].fn(t);
			return;
		}
}

const struct view view_ask = {draw_ask, ask_event};
