/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: the tools that run, and what is left of them. */

#include "config.h"

#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/tui.h"
#include "ui/words.h"

#define PATCH_MAX   (8u << 20) /* bytes of a patch that are shown */
#define PATCH_ROWS  60         /* lines of it on the screen; all in the pager */
#define OUTPUT_ROWS 5          /* last lines of an output on the screen */
#define LIVE_ROWS   3          /* the same while it runs */

static const char *const tool_words[TOOL_COUNT] = {
    [TOOL_EXEC] = "",
    [TOOL_ARGV] = "",
    [TOOL_STDIN] = "write to ",
    [TOOL_PATCH] = "edit ",
    [TOOL_READ] = "read ",
    [TOOL_LIST] = "list ",
    [TOOL_GREP] = "search ",
    [TOOL_IMAGE] = "look at ",
    [TOOL_CONTEXT] = "",
    [TOOL_USER] = "! ",
    [TOOL_MCP] = "tool ",
};

static void
make_title(struct tui_call *c, const struct msg_begin *m)
{
	bool lines = c->tool == TOOL_EXEC || c->tool == TOOL_USER;
	size_t i;

	if (c->outside)
		text_adds(&c->title, ST_BAD, "OUTSIDE the cordon: ");
	if (tool_words[c->tool] != NULL)
		text_adds(&c->title, ST_PLAIN, tool_words[c->tool]);
	if (c->tool == TOOL_PATCH) {
		for (i = 0; i < m->changes.n; i++) {
			text_adds(&c->title, ST_DIM, i > 0 ? ", " : "");
			text_add(&c->title, ST_CODE, m->changes.v[i].p,
			    m->changes.v[i].len, 0);
		}
		return;
	}
	words_add(&c->title, c->outside ? ST_BAD : ST_CODE, &m->argv, lines, 0);
}

static struct tui_call **
call_at(struct tui *t, uint32_t id)
{
	struct tui_call **c = &t->calls;

	while (*c != NULL && (*c)->id != id)
		c = &(*c)->next;
	return c;
}

static void
call_free(struct tui_call *c)
{
	text_fini(&c->title);
	buf_fini(&c->patch);
	buf_fini(&c->tail);
	buf_fini(&c->kept);
	free(c);
}

void
call_free_all(struct tui *t)
{
	struct tui_call *c;

	while ((c = t->calls) != NULL) {
		t->calls = c->next;
		call_free(c);
	}
}

int
call_begin(struct tui *t, uint32_t id, struct msg_begin *m)
{
	struct tui_call *c;

	if (m->tool >= TOOL_COUNT || *call_at(t, id) != NULL) {
		fd_close(&m->patch);
		return ERR_STATE;
	}
	c = xcalloc(1, sizeof(*c));
	c->id = id;
	c->tool = (enum tool)m->tool;
	c->verdict = (enum verdict)m->verdict;
	c->outside = m->outside;
	c->since = clock_mono_ms();
	if (c->tool == TOOL_USER) {
		c->diff = t->diff_asked;
		t->diff_asked = false;
	}
	t->commands |= c->tool == TOOL_EXEC || c->tool == TOOL_ARGV ||
		       c->tool == TOOL_USER || c->tool == TOOL_MCP;
	buf_init(&c->patch, PATCH_MAX);
	buf_init(&c->tail, 2 * (size_t)CALL_TAIL);
	buf_init(&c->kept, CALL_KEPT);
	make_title(c, m);
	if (m->patch != -1)
		(void)fd_read_memfd(m->patch, &c->patch);
	fd_close(&m->patch);
	*call_at(t, id) = c;
	tui_dirty(t);
	return 0;
}

int
call_output(struct tui *t, uint32_t id, const struct msg_output *m)
{
	struct tui_call *c = *call_at(t, id);
	struct bytes b = m->data;
	size_t room;

	if (c == NULL)
		return ERR_STATE;
	c->bytes += b.len;
	room = CALL_KEPT - c->kept.len;
	(void)buf_add(&c->kept, b.p, b.len < room ? b.len : room);
	if (b.len > CALL_TAIL) {
		b.p += b.len - CALL_TAIL;
		b.len = CALL_TAIL;
	}
	(void)buf_add(&c->tail, b.p, b.len);
	if (c->tail.len > CALL_TAIL)
		buf_drain(&c->tail, c->tail.len - CALL_TAIL);
	tui_dirty(t);
	return 0;
}

/* The first row of a title, which may be long. */
static void
title_row(struct text *line, const struct tui_call *c, size_t cols)
{
	size_t take, show;

	show = text_break(c->title.c, c->title.n, cols, false, &take);
	text_cells(line, c->title.c, show);
	if (show < c->title.n)
		text_adds(line, ST_DIM, "…");
}

void
call_draw(struct tui *t, size_t max)
{
	struct lines out = {0};
	struct text line = {0};
	const struct tui_call *c;
	size_t i, cols = t->term.cols;

	for (c = t->calls; c != NULL && max > 0; c = c->next) {
		text_clear(&line);
		text_adds(&line, c->outside ? ST_BAD : ST_ACCENT, "• ");
		title_row(&line, c, cols > 16 ? cols - 14 : 2);
		text_addf(&line, ST_DIM, "  %us",
		    (unsigned)((clock_mono_ms() - c->since) / 1000));
		screen_row(&t->screen, line.c, line.n);
		max--;
		lines_clear(&out);
		lines_split(&out, ST_DIM,
		    (struct bytes){buf_data(&c->tail), c->tail.len}, TEXT_TABS);
		i = out.n > LIVE_ROWS ? out.n - LIVE_ROWS : 0;
		for (; i < out.n && max > 0; i++, max--) {
			text_clear(&line);
			text_adds(&line, ST_DIM, "  │ ");
			text_cells(&line, out.v[i].c, out.v[i].n);
			screen_row(&t->screen, line.c, line.n);
		}
	}
	lines_fini(&out);
	text_fini(&line);
}

/* Lines from a list: the last (or first) rows of it on the screen, all of it
 * in the transcript. */
static void
put_folded(struct tui *t, const struct lines *l, size_t rows, bool last)
{
	bool fold = l->n > rows + 1; /* one line is not worth a line */
	size_t from = last && fold ? l->n - rows : 0;
	size_t to = !last && fold ? rows : l->n, i;
	struct text lead = {0}, note = {0};

	text_blanks(&lead, ST_PLAIN, 2);
	text_adds(&lead, ST_DIM, "│ ");
	text_addf(&note, ST_DIM, "  … %zu more lines, %s shows all",
	    l->n - (to - from), bind_hint(ACT_TRANSCRIPT));
	if (from > 0)
		screen_print(&t->screen, note.c, note.n);
	for (i = 0; i < l->n; i++)
		if (i < from || i >= to)
			tui_keep(t, &l->v[i], 2);
		else
			tui_put(t, &l->v[i], &lead, &lead);
	if (to < l->n)
		screen_print(&t->screen, note.c, note.n);
	text_fini(&lead);
	text_fini(&note);
}

static void
put_output(struct tui *t, const struct tui_call *c)
{
	struct lines l = {0};
	const struct buf *b = c->bytes > CALL_KEPT ? &c->tail : &c->kept;

	if (c->bytes > CALL_KEPT) {
		lines_split(&l, ST_DIM,
		    (struct bytes){buf_data(&c->kept), c->kept.len}, TEXT_TABS);
		text_addf(lines_new(&l), ST_WARN,
		    "… output of %llu bytes; the middle is not kept here",
		    (unsigned long long)c->bytes);
	}
	lines_split(&l, ST_DIM, (struct bytes){buf_data(b), b->len}, TEXT_TABS);
	put_folded(t, &l, OUTPUT_ROWS, true);
	lines_fini(&l);
}

/* What the person asked to read is not for the last rows of the screen. */
static void
show_diff(struct tui *t, const struct tui_call *c)
{
	struct bytes text = {buf_data(&c->kept), c->kept.len}, row;
	struct lines l = {0};

	if (text.len == 0) {
		tui_say(t, ST_DIM, "  nothing");
		return;
	}
	pager_open_text(t, "not committed", "diff", text);
	while (bytes_line(&text, &row))
		highlight(lines_new(&l), "diff", row.p, row.len);
	put_folded(t, &l, 0, true);
	lines_fini(&l);
}

static const struct {
	const char *mark;
	unsigned style;
} results[] = {
    [RESULT_OK] = {"✓ ", ST_OK},
    [RESULT_FAILED] = {"✗ ", ST_BAD},
    [RESULT_REFUSED] = {"⊘ ", ST_BAD},
    [RESULT_CANCELLED] = {"■ ", ST_WARN},
    [RESULT_ERROR] = {"✗ ", ST_BAD},
};

static void
put_header(struct tui *t, const struct tui_call *c, const struct msg_done *m)
{
	struct text first = {0}, rest = {0}, line = {0};
	int st = (int)m->exit;

	text_adds(&first, results[m->status].style, results[m->status].mark);
	text_blanks(&rest, ST_PLAIN, 2);
	text_cells(&line, c->title.c, c->title.n);
	if (m->status == RESULT_FAILED && WIFEXITED(st))
		text_addf(&line, ST_BAD, "  exit %d", WEXITSTATUS(st));
	if (m->status == RESULT_FAILED && WIFSIGNALED(st))
		text_addf(&line, ST_BAD, "  signal %d", WTERMSIG(st));
	if (m->status == RESULT_CANCELLED)
		text_adds(&line, ST_WARN, "  cancelled");
	if (m->wall_us >= 100000)
		text_addf(&line, ST_DIM, "  %.1fs", (double)m->wall_us / 1e6);
	if (c->verdict == VERDICT_APPROVED)
		text_adds(&line, ST_DIM, "  approved by you");
	tui_put(t, &line, &first, &rest);
	text_fini(&first);
	text_fini(&rest);
	text_fini(&line);
}

int
call_done(struct tui *t, uint32_t id, const struct msg_done *m)
{
	struct tui_call **at = call_at(t, id), *c = *at;
	struct lines l = {0};
	size_t i;

	if (c == NULL || m->status > RESULT_ERROR)
		return ERR_STATE;
	*at = c->next;
	put_header(t, c, m);
	if (m->reason.len > 0 && m->status != RESULT_OK)
		tui_say(t, ST_DIM, "  %.*s", (int)m->reason.len,
		    (const char *)m->reason.p);
	for (i = 0; i < m->changes.n; i++)
		(void)tui_newly_named(t, m->changes.v[i]);
	for (i = 0; i < m->denials.n; i++)
		tui_say(t, ST_WARN, "  the cell kept it from: %.*s",
		    (int)m->denials.v[i].len, (const char *)m->denials.v[i].p);
	if (c->tool == TOOL_PATCH) {
		words_diff(
		    &l, (struct bytes){buf_data(&c->patch), c->patch.len});
		put_folded(t, &l, PATCH_ROWS, false);
	}
	if (c->diff && m->status == RESULT_OK && c->bytes <= CALL_KEPT)
		show_diff(t, c);
	else if (c->tool == TOOL_EXEC || c->tool == TOOL_ARGV ||
		 c->tool == TOOL_USER || c->tool == TOOL_MCP ||
		 m->status == RESULT_ERROR)
		put_output(t, c);
	tui_gap(t);
	lines_fini(&l);
	call_free(c);
	return 0;
}
