/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the live region.
 *
 * From top to bottom: the part of the answer that is still open, the tools
 * that run, the spinner, the draft, what could complete it, the status.  On a
 * small terminal the parts go in the order of drop below, the draft last.
 */

#include "config.h"

#include <string.h>

#include "base/clock.h"

#include "ui/tui.h"

static const char *const spinner[SPINNER_FRAMES] = {
    "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

struct parts {
	struct lines answer, draft, list, queue;
	size_t row, col; /* the cursor, in the draft */
	size_t answer_max, calls_max, list_max;
	bool spin, gap, rule, status;
};

static void
draw_lines(struct tui *t, const struct lines *l, size_t from)
{
	for (; from < l->n; from++)
		screen_row(&t->screen, l->v[from].c, l->v[from].n);
}

/* The open end of the answer. */
static void
peek_line(void *arg, const struct text *line, const struct text *first,
    const struct text *rest)
{
	struct text lead1 = {0}, lead2 = {0};
	struct parts *p = *(struct parts **)arg;
	struct tui *t = ((struct tui **)arg)[1];

	if (p->answer.n == 0 && t->item_first)
		text_adds(&lead1, t->item_reason ? ST_DIM : ST_ACCENT, "• ");
	else
		text_blanks(&lead1, ST_PLAIN, 2);
	text_blanks(&lead2, ST_PLAIN, 2);
	if (first != NULL)
		text_cells(&lead1, first->c, first->n);
	if (rest != NULL)
		text_cells(&lead2, rest->c, rest->n);
	lines_wrap(&p->answer, line, t->term.cols, &lead1, &lead2);
	text_fini(&lead1);
	text_fini(&lead2);
}

static void
draw_spinner(struct tui *t)
{
	uint64_t s = (clock_mono_ms() - t->turn_since) / 1000;
	struct text line = {0}, out = {0}, stop = {0};
	size_t room;

	text_addf(&line, ST_ACCENT, "%s ", spinner[t->spin]);
	text_adds(&line, ST_PLAIN, t->calls != NULL ? "Running" : "Working");
	if (s >= 60)
		text_addf(&line, ST_DIM, "  %um %02us", (unsigned)(s / 60),
		    (unsigned)(s % 60));
	else
		text_addf(&line, ST_DIM, "  %us", (unsigned)s);
	text_addf(&stop, ST_DIM, " · %s interrupts", bind_hint(ACT_CANCEL));
	if (t->usage.output > 0)
		text_addf(&out, ST_DIM, " · %llu tokens out",
		    (unsigned long long)t->usage.output);
	/* What there is room for: how to stop it comes first. */
	room = t->term.cols - 1;
	if (text_width(line.c, line.n) + stop.n + out.n <= room)
		text_cells(&line, out.c, out.n);
	if (text_width(line.c, line.n) + stop.n <= room)
		text_cells(&line, stop.c, stop.n);
	screen_row(&t->screen, line.c, line.n);
	text_fini(&line);
	text_fini(&out);
	text_fini(&stop);
}

static void
draw_rule(struct tui *t)
{
	struct text line = {0};
	unsigned i;

	for (i = 0; i + 1 < t->term.cols; i++)
		text_adds(&line, ST_DIM, "─");
	screen_row(&t->screen, line.c, line.n);
	text_fini(&line);
}

static void
draw_draft(struct tui *t, struct parts *p)
{
	struct text line = {0};
	size_t i;

	for (i = 0; i < p->draft.n; i++) {
		text_clear(&line);
		if (i == 0 && t->searching)
			text_adds(&line, ST_ACCENT, "? ");
		else
			text_adds(&line, ST_ACCENT,
			    i > 0           ? "  "
			    : t->vi_command ? ": "
					    : "› ");
		text_cells(&line, p->draft.v[i].c, p->draft.v[i].n);
		if (t->composer.len == 0 && i == 0 && !t->searching)
			text_adds(&line, ST_DIM,
			    t->running ? "Steer it, or wait"
				       : "Ask for something, / for commands");
		screen_row(&t->screen, line.c, line.n);
	}
	text_fini(&line);
}

static void
draw_status(struct tui *t)
{
	struct text line = {0};

	text_blanks(&line, ST_PLAIN, 2);
	if (t->notice != NULL)
		text_adds(&line, ST_WARN, t->notice);
	else if (t->searching) {
		text_adds(&line, ST_DIM, "search in earlier prompts: ");
		text_add(
		    &line, ST_PLAIN, buf_data(&t->needle), t->needle.len, 0);
	} else
		tui_status_text(t, &line, t->term.cols);
	screen_row(&t->screen, line.c, line.n);
	text_fini(&line);
}

static void
list_image(struct tui *t, const char *name, void *arg)
{
	struct parts *p = arg;

	(void)t;
	text_addf(lines_new(&p->queue), ST_DIM, "  image %s", name);
}

/* What goes with the draft, and what goes after the turn. */
static void
list_queue(struct tui *t, struct parts *p)
{
	size_t i;

	look_each(t, t->composer.s, list_image, p);

	for (i = 0; i < t->nqueue; i++)
		text_addf(
		    lines_new(&p->queue), ST_DIM, "  queued: %s", t->queue[i]);
}

/* What there is room for. */
static void
plan(struct tui *t, struct parts *p)
{
	size_t rows = t->term.rows, need;
	char unused[1];
	size_t from;

	p->spin = t->running || t->calls != NULL;
	p->status = rows >= 3;
	p->gap = rows >= 10;
	p->rule = rows >= 8;
	composer_show(&t->composer, t->term.cols > 3 ? t->term.cols - 2 : 1,
	    rows >= 6 ? rows / 3 : 1, &p->draft, &p->row, &p->col);
	need = p->draft.n + p->status + p->rule + p->spin + p->gap;
	if (need > rows)
		p->spin = p->rule = p->gap = false;
	need = p->draft.n + p->status + p->rule + p->spin + p->gap;
	p->list_max = rows > need ? rows - need : 0;
	if (p->list_max > COMPLETE_MAX)
		p->list_max = COMPLETE_MAX;
	if (!t->complete_off && !t->searching)
		(void)slash_complete(t, &p->list, p->list_max, t->complete_at,
		    &from, unused, sizeof(unused));
	shortcuts_list(t, &p->list, rows > need ? rows - need : 0);
	list_queue(t, p);
	need += p->list.n + p->queue.n;
	rows = rows > need + 1 ? rows - need - 1 : 0;
	p->calls_max = t->calls != NULL ? rows / 2 : 0;
	p->answer_max = rows - p->calls_max;
}

static void
draw_main(struct tui *t)
{
	struct parts p = {0};
	void *both[2] = {&p, t};
	size_t from = 0;

	plan(t, &p);
	if (t->item_open && p.answer_max > 0)
		md_peek(&t->md, peek_line, both);
	if (p.answer.n > p.answer_max)
		from = p.answer.n - p.answer_max;
	draw_lines(t, &p.answer, from);
	if (t->calls != NULL && p.calls_max > 0)
		call_draw(t, p.calls_max);
	if (p.gap && (p.spin || p.answer.n > 0))
		screen_row(&t->screen, NULL, 0);
	if (p.spin)
		draw_spinner(t);
	draw_lines(t, &p.queue, 0);
	if (p.rule)
		draw_rule(t);
	from = t->screen.next.rows;
	draw_draft(t, &p);
	screen_cursor(&t->screen, from + p.row, p.col + 2);
	draw_lines(t, &p.list, 0);
	if (p.status)
		draw_status(t);
	lines_fini(&p.answer);
	lines_fini(&p.draft);
	lines_fini(&p.list);
	lines_fini(&p.queue);
}

const struct view view_main = {draw_main, tui_main_event};
