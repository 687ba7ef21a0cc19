/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: picking one of a list. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/fuzzy.h"
#include "ui/picker.h"
#include "ui/tui.h"
#include "ui/words.h"

#define PICKER_LINES 500000
#define PICKER_ROWS  64
#define LIST_ROWS    15  /* shown at once; fewer beside a preview */
#define LOOK_ROWS    7   /* of those */
#define LOOK_MIN     16  /* rows of a terminal that has room for both */
#define LOOK_MS      150 /* a choice rests that long before it is looked at */
#define LOOK_MAX     65536

struct picker {
	const struct picker_what *what; /* borrowed */
	char *mem;                      /* owned: all lines */
	struct bytes *lines;            /* owned, into mem */
	struct bytes *names;            /* owned: what of them is shown */
	size_t n;
	struct buf typed;
	size_t best[PICKER_ROWS];
	size_t nbest, at;
	int timer;          /* until the choice has rested */
	size_t asked;       /* the line whose preview is wanted */
	struct lines shown; /* the preview */
};

void
picker_free(struct tui *t)
{
	struct picker *p = t->picker;

	if (p == NULL)
		return;
	t->picker = NULL;
	loop_timer_del(t->f->proc.loop, p->timer);
	lines_fini(&p->shown);
	buf_fini(&p->typed);
	free(p->lines);
	free(p->names);
	free(p->mem);
	free(p);
}

static char *
line_of(const struct picker *p, size_t n)
{
	return bytes_dup(p->lines[n]);
}

static void
on_rested(void *arg)
{
	struct tui *t = arg;
	struct picker *p = t->picker;
	char *line;

	p->timer = 0;
	if (p->nbest == 0)
		return;
	p->asked = p->best[p->at];
	line = line_of(p, p->asked);
	if (!p->what->look(t, line))
		p->timer = loop_timer(t->f->proc.loop, LOOK_MS, on_rested, t);
	free(line);
}

/* Another line is chosen. */
static void
choose(struct tui *t, size_t at)
{
	struct picker *p = t->picker;

	p->at = at;
	if (p->what->look == NULL)
		return;
	lines_clear(&p->shown);
	loop_timer_del(t->f->proc.loop, p->timer);
	p->timer = loop_timer(t->f->proc.loop, LOOK_MS, on_rested, t);
}

void
picker_preview(struct tui *t, struct bytes text)
{
	struct picker *p = t->picker;

	if (p == NULL || p->nbest == 0 || p->asked != p->best[p->at])
		return;
	lines_clear(&p->shown);
	if (text.len > LOOK_MAX)
		text.len = LOOK_MAX;
	lines_split(&p->shown, ST_DIM, text, TEXT_TABS);
	tui_dirty(t);
}

static void
narrow(struct tui *t)
{
	struct picker *p = t->picker;
	struct bytes typed = {buf_data(&p->typed), p->typed.len};

	p->nbest = fuzzy_best(typed, p->names, p->n, p->best, PICKER_ROWS);
	choose(t, 0);
}

void
picker_open(struct tui *t, const struct picker_what *what, struct bytes lines)
{
	struct picker *p;
	struct bytes line, rest;
	size_t n = 0;

	picker_free(t);
	p = t->picker = xcalloc(1, sizeof(*p));
	p->what = what;
	p->mem = bytes_dup(lines);
	for (rest = lines; n < PICKER_LINES && bytes_line(&rest, &line); n++)
		;
	p->lines = xcalloc(n + 1, sizeof(*p->lines));
	p->names = xcalloc(n + 1, sizeof(*p->names));
	buf_init(&p->typed, 400);
	rest = (struct bytes){(const uint8_t *)p->mem, strlen(p->mem)};
	while (p->n < n && bytes_line(&rest, &line)) {
		if (line.len <= what->skip)
			continue;
		p->lines[p->n] = line;
		p->names[p->n++] =
		    (struct bytes){line.p + what->skip, line.len - what->skip};
	}
	narrow(t);
	if (p->n == 0) {
		tui_notice(t, "%s", what->none);
		picker_free(t);
		return;
	}
	tui_view(t, &view_picker);
}

static const char help[] =
    "  type to narrow, ↑↓ choose, Enter takes it, Esc goes back";
static const char help_small[] = "  Enter, Esc";

static void
draw_preview(struct tui *t, const struct picker *p)
{
	struct text row = {0};
	size_t i;

	screen_row(&t->screen, NULL, 0);
	for (i = 0; i < p->shown.n && screen_left(&t->screen) > 2; i++) {
		text_clear(&row);
		text_adds(&row, ST_DIM, "  │ ");
		text_cells(&row, p->shown.v[i].c, p->shown.v[i].n);
		screen_row(&t->screen, row.c, row.n);
	}
	text_fini(&row);
}

static void
draw_picker(struct tui *t)
{
	struct picker *p = t->picker;
	bool look = p->what->look != NULL && t->term.rows >= LOOK_MIN;
	struct text row = {0};
	size_t i, top, max = t->term.rows > 5 ? t->term.rows - 4 : 1;

	if (max > p->nbest)
		max = p->nbest;
	if (max > (look ? LOOK_ROWS : LIST_ROWS))
		max = look ? LOOK_ROWS : LIST_ROWS;
	top = p->at >= max ? p->at - max + 1 : 0;
	text_adds(&row, ST_HEAD, p->what->title);
	screen_row(&t->screen, row.c, row.n);
	text_clear(&row);
	text_adds(&row, ST_ACCENT, "› ");
	text_add(&row, ST_PLAIN, buf_data(&p->typed), p->typed.len, 0);
	screen_row(&t->screen, row.c, row.n);
	screen_cursor(&t->screen, 1, text_width(row.c, row.n));
	for (i = top; i < top + max; i++) {
		text_clear(&row);
		text_adds(&row, ST_ACCENT, i == p->at ? "▸ " : "  ");
		text_add(&row, i == p->at ? ST_USER : ST_PLAIN,
		    p->names[p->best[i]].p, p->names[p->best[i]].len, 0);
		screen_row(&t->screen, row.c, row.n);
	}
	if (look)
		draw_preview(t, p);
	text_clear(&row);
	text_adds(&row, ST_DIM, t->term.cols < 50 ? help_small : help);
	screen_row(&t->screen, row.c, row.n);
	text_fini(&row);
}

static void
take(struct tui *t)
{
	struct picker *p = t->picker;
	picker_fn *fn = p->what->fn;
	char *s;

	if (p->nbest == 0)
		return;
	s = line_of(p, p->best[p->at]);
	picker_free(t);
	tui_view(t, &view_main);
	fn(t, s);
	free(s);
}

static void
picker_event(struct tui *t, const struct event *ev)
{
	struct picker *p = t->picker;
	enum action action = bind_find(ev->key, ev->mods);
	uint8_t enc[UTF8_MAX];

	if (ev->kind != EV_KEY)
		return;
	if (action == ACT_CANCEL || action == ACT_INTERRUPT) {
		picker_free(t);
		tui_view(t, &view_main);
	} else if (action == ACT_SUBMIT)
		take(t);
	else if (action == ACT_UP && p->at > 0)
		choose(t, p->at - 1);
	else if (action == ACT_DOWN && p->at + 1 < p->nbest)
		choose(t, p->at + 1);
	else if (action == ACT_DELETE_BACK && p->typed.len > 0) {
		p->typed.len =
		    utf8_complete(buf_data(&p->typed), p->typed.len - 1);
		narrow(t);
	} else if (ev->mods == 0 && ev->key < KEY_ENTER) {
		(void)buf_add(&p->typed, enc, utf8_put(enc, ev->key));
		narrow(t);
	}
}

const struct view view_picker = {draw_picker, picker_event};
