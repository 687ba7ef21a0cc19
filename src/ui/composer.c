/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: the editor of the prompt.
 *
 * The cursor stands between grapheme clusters only, so that what looks like
 * one character is deleted as one.
 */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/composer.h"

void
composer_init(struct composer *c)
{
	memset(c, 0, sizeof(*c));
	c->s = xstrdup("");
}

static void
drop_undo(struct composer *c)
{
	while (c->nundo > 0)
		free(c->undo[--c->nundo].s);
}

static void
drop_pastes(struct composer *c)
{
	while (c->npastes > 0) {
		free(c->pastes[--c->npastes].label);
		free(c->pastes[c->npastes].body);
	}
}

void
composer_fini(struct composer *c)
{
	drop_undo(c);
	drop_pastes(c);
	free(c->s);
	free(c->cut);
	memset(c, 0, sizeof(*c));
}

/* Before a change; a run of typing is one. */
static void
remember(struct composer *c, bool typing)
{
	bool same = typing && c->typing;

	c->typing = typing;
	if (same)
		return;
	if (c->nundo == COMPOSER_UNDO) {
		free(c->undo[0].s);
		memmove(c->undo, c->undo + 1,
		    (COMPOSER_UNDO - 1) * sizeof(c->undo[0]));
		c->nundo--;
	}
	c->undo[c->nundo++] =
	    (struct composer_state){xstrndup(c->s, c->len), c->len, c->cur};
}

static void
splice(struct composer *c, size_t from, size_t to, const void *p, size_t len)
{
	size_t need = c->len - (to - from) + len;

	if (need >= COMPOSER_MAX)
		return;
	if (need + 1 > c->size) {
		c->size = 2 * need + 64;
		c->s = xreallocarray(c->s, c->size, 1);
	}
	memmove(c->s + from + len, c->s + to, c->len - to);
	if (len > 0)
		memcpy(c->s + from, p, len);
	c->len = need;
	c->s[c->len] = '\0';
	c->cur = from + len;
}

/* Text from outside: what is not UTF-8 or is NUL becomes U+FFFD. */
static void
clean(struct buf *out, struct bytes b)
{
	uint8_t enc[UTF8_MAX];
	uint32_t cp;
	size_t n;

	for (; b.len > 0; b.p += n, b.len -= n) {
		n = utf8_decode(b.p, b.len, &cp);
		if (n == 0 || cp == 0) {
			n = n == 0 ? 1 : n;
			(void)buf_add(
			    out, enc, utf8_put(enc, UTF8_REPLACEMENT));
		} else
			(void)buf_add(out, b.p, n);
	}
}

void
composer_set(struct composer *c, const char *s, size_t len)
{
	remember(c, false);
	splice(c, 0, c->len, s, len);
}

void
composer_insert(struct composer *c, const void *p, size_t len)
{
	remember(c, true);
	splice(c, c->cur, c->cur, p, len);
}

void
composer_replace(struct composer *c, size_t from, const char *s)
{
	remember(c, false);
	splice(c, from, c->cur, s, strlen(s));
}

static size_t
count_lines(const char *s)
{
	size_t n = 1;

	for (; (s = strchr(s, '\n')) != NULL; s++)
		n++;
	return n;
}

void
composer_put(struct composer *c, struct bytes b)
{
	struct buf text;

	buf_init(&text, COMPOSER_MAX);
	clean(&text, b);
	if (buf_err(&text) == 0)
		composer_insert(c, buf_data(&text), text.len);
	buf_fini(&text);
}

void
composer_paste(struct composer *c, struct bytes b)
{
	struct buf text;
	size_t lines;
	char *label;

	buf_init(&text, COMPOSER_MAX);
	clean(&text, b);
	if (buf_cstr(&text) == NULL || text.len == 0) {
		buf_fini(&text);
		return;
	}
	remember(c, false);
	lines = count_lines(buf_cstr(&text));
	if ((text.len > COMPOSER_FOLD || lines > COMPOSER_FOLD_NL) &&
	    c->npastes < COMPOSER_PASTES) {
		label = xasprintf("[Pasted text %zu: %zu line%s]",
		    c->npastes + 1, lines, lines == 1 ? "" : "s");
		c->pastes[c->npastes].label = label;
		c->pastes[c->npastes++].body = xstrdup(buf_cstr(&text));
		splice(c, c->cur, c->cur, label, strlen(label));
	} else
		splice(c, c->cur, c->cur, buf_data(&text), text.len);
	buf_fini(&text);
}

/* Motions. */

static size_t
next_char(const struct composer *c, size_t at)
{
	int width;

	if (at >= c->len)
		return c->len;
	return at +
	       utf8_grapheme((const uint8_t *)c->s + at, c->len - at, &width);
}

static size_t
line_start(const struct composer *c, size_t at)
{
	while (at > 0 && c->s[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct composer *c, size_t at)
{
	while (at < c->len && c->s[at] != '\n')
		at++;
	return at;
}

static size_t
prev_char(const struct composer *c, size_t at)
{
	size_t from = line_start(c, at), n;

	if (from == at)
		return at > 0 ? at - 1 : 0;
	while ((n = next_char(c, from)) < at)
		from = n;
	return from;
}

static bool
word_byte(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_' || (ch & 0x80) != 0;
}

static size_t
word_left(const struct composer *c, size_t at)
{
	while (at > 0 && !word_byte(c->s[at - 1]))
		at--;
	while (at > 0 && word_byte(c->s[at - 1]))
		at--;
	return at;
}

static size_t
word_right(const struct composer *c, size_t at)
{
	while (at < c->len && !word_byte(c->s[at]))
		at++;
	while (at < c->len && word_byte(c->s[at]))
		at++;
	return at;
}

/* As the shell's Ctrl-W: back to a blank. */
static size_t
blank_left(const struct composer *c, size_t at)
{
	while (at > 0 && isspace((unsigned char)c->s[at - 1]))
		at--;
	while (at > 0 && !isspace((unsigned char)c->s[at - 1]))
		at--;
	return at;
}

static void
cut(struct composer *c, size_t from, size_t to, bool keep)
{
	if (from == to)
		return;
	remember(c, false);
	if (keep) {
		free(c->cut);
		c->cut = xstrndup(c->s + from, to - from);
	}
	splice(c, from, to, NULL, 0);
}

static void
undo(struct composer *c)
{
	struct composer_state *u;

	if (c->nundo == 0)
		return;
	u = &c->undo[--c->nundo];
	splice(c, 0, c->len, u->s, u->len);
	c->cur = u->cur;
	free(u->s);
}

void
composer_edit(struct composer *c, enum action action)
{
	size_t end = line_end(c, c->cur), cur = c->cur;

	if (action <= ACT_LINE_END)
		c->typing = false;
	if (action == ACT_LEFT)
		c->cur = prev_char(c, cur);
	else if (action == ACT_RIGHT)
		c->cur = next_char(c, cur);
	else if (action == ACT_WORD_LEFT)
		c->cur = word_left(c, cur);
	else if (action == ACT_WORD_RIGHT)
		c->cur = word_right(c, cur);
	else if (action == ACT_LINE_START)
		c->cur = line_start(c, cur);
	else if (action == ACT_LINE_END)
		c->cur = end;
	else if (action == ACT_DELETE_BACK)
		cut(c, prev_char(c, cur), cur, false);
	else if (action == ACT_DELETE)
		cut(c, cur, next_char(c, cur), false);
	else if (action == ACT_DELETE_WORD)
		cut(c, blank_left(c, cur), cur, true);
	else if (action == ACT_DELETE_NEXT_WORD)
		cut(c, cur, word_right(c, cur), true);
	else if (action == ACT_KILL_LINE)
		cut(c, cur, end == cur && end < c->len ? end + 1 : end, true);
	else if (action == ACT_KILL_START)
		cut(c, line_start(c, cur), cur, true);
	else if (action == ACT_YANK && c->cut != NULL)
		composer_insert(c, c->cut, strlen(c->cut));
	else if (action == ACT_UNDO)
		undo(c);
	else if (action == ACT_NEWLINE)
		composer_insert(c, "\n", 1);
}

bool
composer_vertical(struct composer *c, bool down)
{
	size_t start = line_start(c, c->cur), end = line_end(c, c->cur);
	size_t col = c->cur - start, to, limit;

	if (down ? end == c->len : start == 0)
		return false;
	to = down ? end + 1 : line_start(c, start - 1);
	limit = line_end(c, to);
	while (to < limit &&
	       to - (down ? end + 1 : line_start(c, start - 1)) < col)
		to = next_char(c, to);
	c->cur = to < limit ? to : limit;
	return true;
}

/* The paste whose placeholder stands at s, or npastes. */
static size_t
paste_at(const struct composer *c, const char *s)
{
	size_t i;

	for (i = 0; i < c->npastes && !str_starts(s, c->pastes[i].label); i++)
		;
	return i;
}

char *
composer_take(struct composer *c, size_t *len)
{
	struct buf b;
	size_t i, p;
	char *s;

	buf_init(&b, 2 * (size_t)COMPOSER_MAX);
	for (i = 0; i < c->len;) {
		p = c->s[i] == '[' ? paste_at(c, c->s + i) : c->npastes;
		if (p < c->npastes) {
			(void)buf_adds(&b, c->pastes[p].body);
			i += strlen(c->pastes[p].label);
		} else
			(void)buf_addc(&b, c->s[i++]);
	}
	*len = b.len;
	s = xstrndup((const char *)buf_data(&b), b.len);
	buf_fini(&b);
	drop_undo(c);
	drop_pastes(c);
	c->typing = false;
	splice(c, 0, c->len, NULL, 0);
	c->top = 0;
	return s;
}

static void
show_line(struct composer *c, size_t from, size_t to, size_t cols,
    struct lines *l, size_t *row, size_t *col)
{
	bool here = c->cur >= from && c->cur <= to;
	struct text t = {0};
	size_t mark = 0, off = 0, n;

	if (here) {
		text_add(&t, ST_PLAIN, c->s + from, c->cur - from, TEXT_TABS);
		mark = t.n;
	}
	text_clear(&t);
	text_add(&t, ST_PLAIN, c->s + from, to - from, TEXT_TABS);
	do {
		(void)text_break(t.c + off, t.n - off, cols, false, &n);
		text_cells(lines_new(l), t.c + off, n);
		if (here && mark >= off && mark <= off + n) {
			*row = l->n - 1;
			*col = text_width(t.c + off, mark - off);
		}
		off += n;
	} while (off < t.n);
	if (here && *col >= cols) { /* behind a full row */
		*row = l->n;
		*col = 0;
		(void)lines_new(l);
	}
	text_fini(&t);
}

void
composer_show(struct composer *c, size_t cols, size_t max, struct lines *l,
    size_t *row, size_t *col)
{
	struct lines all = {0};
	size_t from, to, i;

	*row = *col = 0;
	for (from = 0;; from = to + 1) {
		to = line_end(c, from);
		show_line(c, from, to, cols, &all, row, col);
		if (to == c->len)
			break;
	}
	if (c->top > *row)
		c->top = *row;
	if (*row >= c->top + max)
		c->top = *row - max + 1;
	if (c->top + max > all.n)
		c->top = all.n > max ? all.n - max : 0;
	for (i = c->top; i < all.n && i < c->top + max; i++)
		text_cells(lines_new(l), all.v[i].c, all.v[i].n);
	*row -= c->top;
	lines_fini(&all);
}
