/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: a question of the model, with choices or free words. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/tui.h"

#define ANSWER_MAX 16000 /* bytes, as the message has it */

struct question {
	uint32_t id;
	char *name; /* owned: the model's id of it */
	struct lines text;
	char **labels; /* owned, each too */
	size_t nlabels, at;
	struct composer words;
	struct question *next; /* owned */
};

static void
question_free(struct question *q)
{
	while (q->nlabels > 0)
		free(q->labels[--q->nlabels]);
	free(q->labels);
	free(q->name);
	lines_fini(&q->text);
	composer_fini(&q->words);
	free(q);
}

void
question_free_all(struct tui *t)
{
	struct question *q;

	while ((q = t->questions) != NULL) {
		t->questions = q->next;
		question_free(q);
	}
}

int
question_open(struct tui *t, uint32_t id, const struct msg_question *m)
{
	struct question *q = xcalloc(1, sizeof(*q)), **at;
	size_t i;

	q->id = id;
	q->name = bytes_dup(m->id);
	text_adds(lines_new(&q->text), ST_HEAD, "The model asks:");
	lines_split(&q->text, STYLE_BOLD, m->header, TEXT_TABS);
	lines_split(&q->text, ST_PLAIN, m->question, TEXT_TABS);
	q->labels = xcalloc(m->labels.n + 1, sizeof(*q->labels));
	for (i = 0; i < m->labels.n; i++)
		q->labels[q->nlabels++] = xstrndup(
		    (const char *)m->labels.v[i].p, m->labels.v[i].len);
	composer_init(&q->words);
	for (at = &t->questions; *at != NULL; at = &(*at)->next)
		;
	*at = q;
	tui_view(t, t->pager != NULL ? &view_pager : &view_main);
	return 0;
}

static void
reply(struct tui *t, const char *words)
{
	struct question *q = t->questions;
	struct msg_reply m = {
	    .id = bytes_of(q->name), .answer = bytes_of(words)};
	size_t i;

	if (m.answer.len > ANSWER_MAX)
		m.answer.len = utf8_complete(m.answer.p, ANSWER_MAX);
	front_send(t->f, ROLE_MODEL, q->id, MSG_REPLY, &m);
	for (i = 0; i < q->text.n; i++)
		tui_put(t, &q->text.v[i], NULL, NULL);
	tui_say(t, ST_USER, "› %s", words);
	tui_gap(t);
	t->questions = q->next;
	question_free(q);
	tui_view(t, &view_main);
}

static void
draw_question(struct tui *t)
{
	struct question *q = t->questions;
	struct lines rows = {0}, draft = {0};
	struct text *line;
	size_t i, row, col, from;

	for (i = 0; i < q->text.n; i++)
		lines_wrap(&rows, &q->text.v[i], t->term.cols, NULL, NULL);
	for (i = 0; i < q->nlabels; i++) {
		line = lines_new(&rows);
		text_addf(line, i == q->at ? ST_ACCENT : ST_PLAIN, "%s%zu. ",
		    i == q->at ? "› " : "  ", i + 1);
		text_adds(line, ST_PLAIN, q->labels[i]);
	}
	for (i = 0; i < rows.n && screen_left(&t->screen) > 3; i++)
		screen_row(&t->screen, rows.v[i].c, rows.v[i].n);
	composer_show(&q->words, t->term.cols > 3 ? t->term.cols - 2 : 1, 2,
	    &draft, &row, &col);
	from = t->screen.next.rows;
	for (i = 0; i < draft.n; i++) {
		struct text one = {0};

		text_adds(&one, ST_ACCENT, i == 0 ? "› " : "  ");
		text_cells(&one, draft.v[i].c, draft.v[i].n);
		screen_row(&t->screen, one.c, one.n);
		text_fini(&one);
	}
	screen_cursor(&t->screen, from + row, col + 2);
	line = lines_new(&rows);
	text_adds(line, ST_DIM, "  ↑↓ and Enter choose, or type an answer");
	screen_row(&t->screen, line->c, line->n);
	lines_fini(&rows);
	lines_fini(&draft);
}

static void
enter(struct tui *t)
{
	struct question *q = t->questions;
	size_t len;
	char *s;

	if (q->words.len == 0 && q->at < q->nlabels)
		s = xstrdup(q->labels[q->at]);
	else
		s = composer_take(&q->words, &len);
	if (*s != '\0')
		reply(t, s);
	free(s);
}

static void
question_event(struct tui *t, const struct event *ev)
{
	struct question *q = t->questions;
	enum action action = bind_find(ev->key, ev->mods);
	uint8_t enc[UTF8_MAX];

	if (ev->kind == EV_PASTE)
		composer_paste(&q->words, ev->text);
	else if (ev->kind != EV_KEY)
		return;
	else if (action == ACT_INTERRUPT || action == ACT_CANCEL)
		tui_interrupt(t);
	else if (action == ACT_SUBMIT)
		enter(t);
	else if (action == ACT_UP)
		q->at -= q->at > 0;
	else if (action == ACT_DOWN)
		q->at += q->at + 1 < q->nlabels;
	else if (action < ACT_EDIT_END)
		composer_edit(&q->words, action);
	else if (ev->mods == 0 && ev->key < KEY_ENTER)
		composer_insert(&q->words, enc, utf8_put(enc, ev->key));
}

const struct view view_question = {draw_question, question_event};
