/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: what the model says, turn by turn.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/tui.h"

#define MESSAGE_MAX (64u << 20) /* bytes of one message of the model */

static void
put_item_line(void *arg, const struct text *line, const struct text *first,
    const struct text *rest)
{
	struct tui *t = arg;
	static struct text lead1, lead2, dim; /* kept: every line is here */
	size_t i;

	text_clear(&lead1);
	text_clear(&lead2);
	if (t->item_reason) {
		text_clear(&dim);
		text_cells(&dim, line->c, line->n);
		for (i = 0; i < dim.n; i++)
			dim.c[i].style = ST_QUOTE;
		line = &dim;
	}
	if (t->item_first)
		text_adds(&lead1, t->item_reason ? ST_DIM : ST_ACCENT, "• ");
	else if (line->n > 0 || first != NULL)
		text_blanks(&lead1, ST_PLAIN, 2);
	text_blanks(&lead2, ST_PLAIN, 2);
	if (first != NULL)
		text_cells(&lead1, first->c, first->n);
	if (rest != NULL)
		text_cells(&lead2, rest->c, rest->n);
	tui_put(t, line, &lead1, &lead2);
	t->item_first = false;
}

void
tui_end_item(struct tui *t)
{
	if (!t->item_open)
		return;
	md_end(&t->md);
	md_fini(&t->md);
	t->item_open = false;
	if (!t->item_first)
		tui_gap(t);
}

static void
feed_item(struct tui *t, uint32_t item, bool reason, struct bytes b)
{
	if (t->item_open && (t->item != item || t->item_reason != reason))
		tui_end_item(t);
	if (!t->item_open) {
		md_init(&t->md, put_item_line, t,
		    t->term.cols > 4 ? t->term.cols - 2 : 2);
		t->item_open = t->item_first = true;
		t->item = item;
		t->item_reason = reason;
		if (!reason)
			buf_clear(&t->last);
	}
	if (!reason) /* if it is too long for a clipboard, it is not kept */
		(void)buf_add(&t->last, b.p, b.len);
	md_feed(&t->md, b.p, b.len);
	tui_dirty(t);
}

int
tui_on_text(struct front *f, uint32_t id, struct msg_text *m)
{
	struct tui *t = f->state;

	(void)id;
	t->item_streamed = true;
	feed_item(t, m->item, false, m->delta);
	return 0;
}

int
tui_on_reason(struct front *f, uint32_t id, struct msg_reason *m)
{
	struct tui *t = f->state;

	(void)id;
	t->item_streamed = true;
	if (!t->conf.hide_reasoning)
		feed_item(t, m->item, true, m->delta);
	return 0;
}

/* The prompt as it stands in the scrollback. */
static void
put_prompt(struct tui *t, const void *s, size_t len, const char *mark)
{
	struct lines l = {0};
	struct text first = {0}, rest = {0};
	size_t i;

	text_adds(&first, ST_ACCENT, mark);
	text_blanks(&rest, ST_PLAIN, text_width(first.c, first.n));
	lines_split(&l, ST_USER, (struct bytes){s, len}, TEXT_TABS);
	screen_mark(&t->screen, 'A');
	for (i = 0; i < l.n; i++)
		tui_put(t, &l.v[i], i == 0 ? &first : &rest, &rest);
	screen_mark(&t->screen, 'C');
	if (!t->item_open)
		tui_gap(t);
	lines_fini(&l);
	text_fini(&first);
	text_fini(&rest);
}

static int
item_text(struct msg_item *m, struct buf *b)
{
	int r;

	buf_init(b, MESSAGE_MAX);
	if (m->whole == -1)
		return buf_add(b, m->text.p, m->text.len);
	r = fd_read_memfd(m->whole, b);
	fd_close(&m->whole);
	return r;
}

static void
item_whole(struct tui *t, const struct msg_item *m, const struct buf *b)
{
	struct bytes text = {buf_data(b), b->len};
	bool reason = m->kind == ITEM_REASONING;
	static char word[] = "searched: ";

	if (m->kind == ITEM_MESSAGE || reason) {
		/* What streamed in is shown already, also if something came
		 * between its last piece and this. */
		if (!t->item_streamed || t->item != m->item ||
		    t->item_reason != reason) {
			if (b->len == 0 || (reason && t->conf.hide_reasoning))
				return;
			feed_item(t, m->item, reason, text);
		}
		t->item_streamed = false;
		tui_end_item(t);
		return;
	}
	tui_end_item(t);
	if (m->kind == ITEM_USER)
		put_prompt(t, buf_data(b), b->len, "› ");
	if (m->kind == ITEM_WARNING)
		tui_say(t, ST_WARN, "warning: %.*s", (int)text.len,
		    (const char *)text.p);
	else if (m->kind == ITEM_WEB_SEARCH)
		tui_say(t, ST_DIM, "• %s%.*s", word, (int)text.len,
		    (const char *)text.p);
}

int
tui_on_item(struct front *f, uint32_t id, struct msg_item *m)
{
	struct buf b;
	int r;

	(void)id;
	r = item_text(m, &b);
	if (r == 0)
		item_whole(f->state, m, &b);
	buf_fini(&b);
	return r;
}

int
tui_on_plan(struct front *f, uint32_t id, struct msg_plan *m)
{
	static const struct {
		const char *state, *mark;
		unsigned style;
	} marks[] = {{"completed", "✓ ", ST_DIM},
	    {"in_progress", "▸ ", ST_USER}, {"", "· ", ST_PLAIN}};
	struct tui *t = f->state;
	struct text line = {0};
	size_t i, k;

	(void)id;
	tui_end_item(t);
	tui_say(t, ST_ACCENT, "• Plan");
	for (i = 0; i < m->steps.n && i < m->states.n; i++) {
		for (k = 0; *marks[k].state != '\0' &&
			    !bytes_is(m->states.v[i], marks[k].state);
		     k++)
			;
		text_clear(&line);
		text_blanks(&line, ST_PLAIN, 2);
		text_adds(&line, ST_ACCENT, marks[k].mark);
		text_add(&line, marks[k].style, m->steps.v[i].p,
		    m->steps.v[i].len, 0);
		tui_put(t, &line, NULL, NULL);
	}
	tui_gap(t);
	text_fini(&line);
	return 0;
}

int
tui_on_usage(struct front *f, uint32_t id, struct msg_usage *m)
{
	struct tui *t = f->state;

	(void)id;
	t->usage = *m;
	tui_dirty(t);
	return 0;
}

/* Turns. */

static void
next_queued(struct tui *t)
{
	char *s;

	if (t->nqueue == 0)
		return;
	s = t->queue[0];
	memmove(t->queue, t->queue + 1, --t->nqueue * sizeof(*t->queue));
	tui_prompt(t, s, strlen(s));
	free(s);
}

/* What the commands of the turn have changed goes on record, and is shown. */
static void
ask_changes(struct tui *t)
{
	if (t->commands)
		front_send(t->f, ROLE_GATE, TUI_TURN_OVER, MSG_CHANGES,
		    &(struct msg_changes){});
	t->commands = false;
}

static void
turn_over(struct tui *t, enum turn_phase phase)
{
	uint64_t s = (clock_mono_ms() - t->turn_since) / 1000;

	ask_changes(t);
	tui_end_item(t);
	tui_notice(t, NULL);
	t->running = false;
	if (phase == TURN_CUT)
		tui_say(t, ST_WARN, "■ Interrupted.");
	if (phase == TURN_FAILED)
		tui_say(t, ST_BAD, "■ The turn failed.");
	if (s >= 60)
		tui_say(t, ST_DIM, "  worked for %um %02us", (unsigned)(s / 60),
		    (unsigned)(s % 60));
	if (s >= 60 || phase == TURN_CUT || phase == TURN_FAILED)
		tui_gap(t);
	screen_mark(&t->screen, 'D');
	term_title(&t->term, "cordon");
	tui_attention(t, "The turn is over.");
	if (phase == TURN_COMPLETED)
		next_queued(t);
}

int
tui_on_turn(struct front *f, uint32_t id, struct msg_turn *m)
{
	struct tui *t = f->state;

	(void)id;
	if (m->phase != TURN_STARTED) {
		turn_over(t, (enum turn_phase)m->phase);
		return 0;
	}
	if (!t->running)
		t->turn_since = clock_mono_ms();
	t->running = true;
	term_title(&t->term, "cordon: working");
	tui_tick(t);
	tui_dirty(t);
	return 0;
}

int
tui_on_fail(struct front *f, uint32_t id, struct msg_fail *m)
{
	struct tui *t = f->state;

	(void)id;
	if (m->retrying) {
		tui_notice(t, "%.*s; trying again", (int)m->text.len,
		    (const char *)m->text.p);
		return 0;
	}
	tui_end_item(t);
	tui_notice(t, NULL);
	tui_say(t, ST_BAD, "failed: %.*s", (int)m->text.len,
	    (const char *)m->text.p);
	return 0;
}

static void
put_image(struct tui *t, const char *name, void *arg)
{
	(void)arg;
	tui_say(t, ST_DIM, "  image %s", name);
}

void
tui_prompt(struct tui *t, const char *s, size_t len)
{
	struct msg_prompt prompt = {.images = 0};
	struct msg_steer steer;
	int fd = fd_memfd("prompt", s, len);

	if (fd < 0) {
		tui_notice(t, "the prompt cannot be passed on");
		return;
	}
	if (!t->running)
		tui_end_item(t);
	else
		tui_gap(t);
	look_each(t, s, put_image, NULL);
	if (t->running) {
		steer.text = fd;
		put_prompt(t, s, len, "↳ ");
		(void)images_send(t->f, s);
		front_send(t->f, ROLE_MODEL, 0, MSG_STEER, &steer);
	} else {
		put_prompt(t, s, len, "› ");
		prompt.text = fd;
		prompt.images = images_send(t->f, s);
		front_send(t->f, ROLE_MODEL, 0, MSG_PROMPT, &prompt);
		t->running = true; /* TURN confirms it */
		t->turn_since = clock_mono_ms();
		tui_tick(t);
	}
	(void)close(fd);
	tui_notice(t, NULL);
}

void
tui_interrupt(struct tui *t)
{
	front_send(
	    t->f, ROLE_GATE, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	front_send(
	    t->f, ROLE_MODEL, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	tui_notice(t, "interrupting");
}

int
tui_on_place(struct front *f, uint32_t id, struct msg_place *m)
{
	struct tui *t = f->state;

	(void)id;
	free(t->conf.branch);
	t->conf.branch = bytes_dup(m->branch);
	front_given(m, &t->given);
	if (t->given.len > 0) {
		tui_say_lines(t, ST_DIM, "instructions: ", &t->given);
		tui_gap(t);
	}
	tui_dirty(t);
	return 0;
}
