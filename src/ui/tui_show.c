/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: what is shown, and when.
 *
 * Finished text goes to the scrollback and the transcript at once; the region
 * is painted at most every FRAME_MS while text flows.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"

#include "ui/tui.h"

void
tui_keep(struct tui *t, const struct text *line, size_t indent)
{
	struct text lead = {0};

	text_blanks(&lead, ST_PLAIN, indent);
	store_add(&t->store, &lead, line, indent);
	text_fini(&lead);
}

void
tui_put(struct tui *t, const struct text *line, const struct text *first,
    const struct text *rest)
{
	screen_wrap(&t->screen, line, first, rest);
	store_add(&t->store, first, line,
	    rest == NULL ? 0 : text_width(rest->c, rest->n));
	tui_dirty(t);
}

void
tui_line_rows(struct tui *t, struct store *of, size_t n, struct lines *rows)
{
	struct text line = {0}, indent = {0};
	size_t rest = 0;

	if (store_get(of, n, &line, &rest) == 0) {
		text_blanks(&indent, ST_PLAIN, rest);
		lines_wrap(rows, &line, t->term.cols, NULL, &indent);
	}
	text_fini(&line);
	text_fini(&indent);
}

void
tui_refill(struct tui *t)
{
	struct lines rows = {0};
	size_t n = store_lines(&t->store), from = n, i, want = t->term.rows;

	if (!t->screen.own || t->screen.alt)
		return;
	screen_forget(&t->screen); /* the transcript has it */
	for (i = 0; from > 0 && i < want; i += rows.n) {
		lines_clear(&rows);
		tui_line_rows(t, &t->store, --from, &rows);
	}
	lines_clear(&rows);
	for (; from < n; from++)
		tui_line_rows(t, &t->store, from, &rows);
	for (i = rows.n > want ? rows.n - want : 0; i < rows.n; i++)
		screen_print(&t->screen, rows.v[i].c, rows.v[i].n);
	lines_fini(&rows);
}

void
tui_say(struct tui *t, unsigned style, const char *fmt, ...)
{
	struct text line = {0};
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	text_add(&line, style, s, strlen(s), 0);
	tui_put(t, &line, NULL, NULL);
	text_fini(&line);
	free(s);
}

void
tui_say_lines(
    struct tui *t, unsigned style, const char *lead, const struct buf *lines)
{
	struct bytes rest = {buf_data(lines), lines->len}, line;

	while (bytes_line(&rest, &line))
		tui_say(t, style, "%s%.*s", lead, (int)line.len,
		    (const char *)line.p);
}

void
tui_gap(struct tui *t)
{
	static const struct text none;

	tui_put(t, &none, NULL, NULL);
}

void
tui_notice(struct tui *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	free(t->notice);
	t->notice = NULL;
	if (fmt != NULL) {
		va_start(ap, fmt);
		n = vasprintf(&t->notice, fmt, ap);
		va_end(ap);
		if (n == -1)
			t->notice = NULL;
	}
	tui_dirty(t);
}

void
tui_paint(struct tui *t)
{
	if (t->leaving || t->away)
		return;
	loop_timer_del(t->f->proc.loop, t->frame_timer);
	t->frame_timer = 0;
	t->frame_at = clock_mono_ms();
	screen_begin(&t->screen);
	t->view->draw(t);
	screen_flush(&t->screen);
}

static void
on_frame(void *arg)
{
	struct tui *t = arg;

	t->frame_timer = 0;
	tui_paint(t);
}

void
tui_dirty(struct tui *t)
{
	uint64_t now = clock_mono_ms(), due = t->frame_at + FRAME_MS;

	if (t->frame_timer != 0 || t->leaving)
		return;
	t->frame_timer =
	    loop_timer(t->f->proc.loop, due > now ? due - now : 0, on_frame, t);
}

static void
on_tick(void *arg)
{
	struct tui *t = arg;

	t->tick_timer = 0;
	if (!t->running && t->calls == NULL)
		return;
	t->spin = (t->spin + 1) % SPINNER_FRAMES;
	t->tick_timer = loop_timer(t->f->proc.loop, TICK_MS, on_tick, t);
	tui_dirty(t);
}

void
tui_tick(struct tui *t)
{
	if (t->tick_timer == 0)
		t->tick_timer =
		    loop_timer(t->f->proc.loop, TICK_MS, on_tick, t);
}

void
tui_view(struct tui *t, const struct view *v)
{
	if (v == &view_main && t->asks != NULL)
		v = &view_ask;
	else if (v == &view_main && t->questions != NULL)
		v = &view_question;
	else if (v == &view_main && t->picker != NULL)
		v = &view_picker;
	t->view = v;
	tui_dirty(t);
}

void
tui_attention(struct tui *t, const char *what)
{
	if (t->conf.notifications && !t->term.focused)
		term_notify(&t->term, t->conf.notify, what);
}
