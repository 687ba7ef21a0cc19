/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the whole transcript, or another long text, on the second
 * screen, with search.
 *
 * The position is a line of the store and a row within it, so that a change
 * of the width keeps the place.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/tui.h"

struct pager {
	struct store *store; /* borrowed: the transcript, or ours: */
	struct store own;
	const char *title; /* borrowed */
	size_t top;        /* the first line shown */
	size_t hit;        /* the line that was found last */
	size_t skip;       /* rows of it that are above the screen */
	bool typing;       /* the search's text */
	struct buf needle;
	const char *said; /* NULL, or what the last line says instead */
};

void
pager_free(struct tui *t)
{
	if (t->pager == NULL)
		return;
	store_fini(&t->pager->own);
	buf_fini(&t->pager->needle);
	free(t->pager);
	t->pager = NULL;
}

static size_t
body_rows(const struct tui *t)
{
	return t->term.rows > 1 ? t->term.rows - 1 : 1;
}

static size_t
count_rows(struct tui *t, size_t n)
{
	struct lines rows = {0};
	size_t count;

	tui_line_rows(t, t->pager->store, n, &rows);
	count = rows.n;
	lines_fini(&rows);
	return count;
}

static void
scroll_up(struct tui *t, size_t rows)
{
	struct pager *p = t->pager;

	while (rows-- > 0) {
		if (p->skip > 0)
			p->skip--;
		else if (p->top > 0) {
			p->top--;
			p->skip = count_rows(t, p->top);
			p->skip -= p->skip > 0;
		}
	}
}

/* Whether something is below the screen. */
static bool
more_below(struct tui *t)
{
	size_t i, rows = 0, want = body_rows(t) + t->pager->skip;

	for (i = t->pager->top; i < store_lines(t->pager->store); i++) {
		rows += count_rows(t, i);
		if (rows > want)
			return true;
	}
	return false;
}

static void
scroll_down(struct tui *t, size_t rows)
{
	struct pager *p = t->pager;

	while (rows-- > 0 && more_below(t))
		if (++p->skip >= count_rows(t, p->top)) {
			p->top++;
			p->skip = 0;
		}
}

static void
to_end(struct tui *t)
{
	t->pager->top = store_lines(t->pager->store);
	t->pager->skip = 0;
	scroll_up(t, body_rows(t));
}

static struct pager *
pager_new(struct tui *t, const char *title, struct store *of)
{
	struct pager *p = t->pager = xcalloc(1, sizeof(*t->pager));

	p->title = title;
	p->store = of == NULL ? &p->own : of;
	store_init(&p->own);
	buf_init(&p->needle, 256);
	screen_alt(&t->screen, true);
	tui_view(t, &view_pager);
	return p;
}

void
pager_open(struct tui *t)
{
	if (t->pager != NULL)
		return;
	(void)pager_new(t, "transcript", &t->store);
	to_end(t);
}

void
pager_open_text(
    struct tui *t, const char *title, const char *lang, struct bytes text)
{
	struct text line = {0};
	struct bytes row;
	struct pager *p;

	if (t->pager != NULL || t->asks != NULL)
		return;
	p = pager_new(t, title, NULL);
	while (bytes_line(&text, &row)) {
		text_clear(&line);
		highlight(&line, lang, row.p, row.len);
		store_add(&p->own, NULL, &line, 4);
	}
	text_fini(&line);
}

static void
draw_foot(struct tui *t)
{
	struct pager *p = t->pager;
	struct text line = {0};

	if (p->typing) {
		text_adds(&line, ST_ACCENT, "/");
		text_add(
		    &line, ST_PLAIN, buf_data(&p->needle), p->needle.len, 0);
	} else if (p->said != NULL)
		text_adds(&line, ST_WARN, p->said);
	else
		text_addf(&line, ST_DIM,
		    "%s, line %zu of %zu   ↑↓ PgUp PgDn g G move   "
		    "/ n N search   q back",
		    p->title, p->top + 1, store_lines(p->store));
	screen_row(&t->screen, line.c, line.n);
	if (p->typing)
		screen_cursor(&t->screen, t->screen.next.rows - 1,
		    text_width(line.c, line.n));
	text_fini(&line);
}

/* Marks the places in a row that read like the needle. */
static void
mark(struct text *row, const char *needle)
{
	size_t i, j, len = strlen(needle), got;

	for (i = 0; len > 0 && i < row->n; i++) {
		for (j = i, got = 0;
		     j < row->n && got < len &&
		     strncmp(needle + got, row->c[j].g, row->c[j].len) == 0;
		     j++)
			got += row->c[j].len;
		while (got == len && j-- > i)
			row->c[j].style |= STYLE_REVERSE;
	}
}

static void
draw_pager(struct tui *t)
{
	struct pager *p = t->pager;
	struct lines rows = {0};
	size_t i, max = body_rows(t);

	for (i = p->top; i < store_lines(p->store) && rows.n < max + p->skip;
	     i++)
		tui_line_rows(t, p->store, i, &rows);
	for (i = p->skip; i < rows.n && i < p->skip + max; i++) {
		mark(&rows.v[i], buf_cstr(&p->needle));
		screen_row(&t->screen, rows.v[i].c, rows.v[i].n);
	}
	while (t->screen.next.rows < max)
		screen_row(&t->screen, NULL, 0);
	draw_foot(t);
	lines_fini(&rows);
}

static bool
line_has(struct tui *t, size_t n, const char *needle)
{
	struct text line = {0};
	struct buf b;
	size_t rest, i;
	bool has;

	buf_init(&b, 1u << 22);
	if (store_get(t->pager->store, n, &line, &rest) == 0)
		for (i = 0; i < line.n; i++)
			(void)buf_add(&b, line.c[i].g, line.c[i].len);
	has = buf_cstr(&b) != NULL && strstr(buf_cstr(&b), needle) != NULL;
	buf_fini(&b);
	text_fini(&line);
	return has;
}

/* The next line with the needle, older or newer than the last found. */
static void
find(struct tui *t, bool older)
{
	struct pager *p = t->pager;
	const char *needle = buf_cstr(&p->needle);
	size_t n = store_lines(p->store), i;

	if (needle == NULL || *needle == '\0')
		return;
	for (i = p->hit; older ? i-- > 0 : ++i < n;)
		if (line_has(t, i, needle)) {
			p->hit = p->top = i;
			p->skip = 0;
			if (!more_below(t))
				to_end(t);
			return;
		}
	p->said = older ? "no older line has it" : "no newer line has it";
}

void
pager_close(struct tui *t)
{
	if (t->pager == NULL)
		return;
	screen_alt(&t->screen, false);
	tui_refill(t);
	pager_free(t);
	tui_view(t, &view_main);
}

static void
type_key(struct tui *t, const struct event *ev)
{
	struct pager *p = t->pager;
	uint8_t enc[UTF8_MAX];

	if (ev->key == KEY_ENTER) {
		p->typing = false;
		find(t, true);
	} else if (ev->key == KEY_ESC)
		p->typing = false;
	else if (ev->key == KEY_BACKSPACE) {
		if (p->needle.len > 0)
			p->needle.len--;
	} else if (ev->mods == 0 && ev->key < KEY_ENTER)
		(void)buf_add(&p->needle, enc, utf8_put(enc, ev->key));
}

static void
start_search(struct tui *t)
{
	t->pager->typing = true;
	t->pager->hit = store_lines(t->pager->store);
	buf_clear(&t->pager->needle);
}

/* Keys that move: a number of rows, in screens if page is set. */
static const struct {
	uint32_t key;
	int rows;
	bool page;
} moves[] = {{KEY_UP, -1, false}, {'k', -1, false}, {KEY_DOWN, 1, false},
    {'j', 1, false}, {KEY_ENTER, 1, false}, {KEY_PGUP, -1, true},
    {'b', -1, true}, {KEY_PGDN, 1, true}, {' ', 1, true}};

static void
pager_event(struct tui *t, const struct event *ev)
{
	struct pager *p = t->pager;
	size_t i, rows;

	if (ev->kind != EV_KEY)
		return;
	if (p->typing) {
		type_key(t, ev);
		return;
	}
	p->said = NULL;
	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].key != ev->key || ev->mods != 0)
			continue;
		rows = moves[i].page ? body_rows(t) : 1;
		if (moves[i].rows < 0)
			scroll_up(t, rows);
		else
			scroll_down(t, rows);
		return;
	}
	if (ev->key == 'g' || ev->key == KEY_HOME)
		p->top = p->skip = 0;
	else if (ev->key == 'G' || ev->key == KEY_END)
		to_end(t);
	else if (ev->key == '/')
		start_search(t);
	else if (ev->key == 'n' || ev->key == 'N')
		find(t, ev->key == 'n');
	else if (ev->key == 'q' || ev->key == KEY_ESC ||
		 bind_find(ev->key, ev->mods) == ACT_INTERRUPT ||
		 bind_find(ev->key, ev->mods) == ACT_TRANSCRIPT)
		pager_close(t);
}

const struct view view_pager = {draw_pager, pager_event};
