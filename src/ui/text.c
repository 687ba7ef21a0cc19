/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: bytes to cells.
 *
 * The one place where untrusted bytes become something that can be shown.
 * What vis lets pass is cut into grapheme clusters; a cluster that draws
 * nothing or does not fit a cell is spelled as numbers, as vis would.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "ui/text.h"

#define TAB_STOP 8
#define MARKED_BYTES                                                           \
	20 /* of a letter and its marks, which must not reach other rows */
#define CP_VS16    0xFE0Fu
#define TEXT_PIECE 65536 /* bytes made visible at once */

void
text_fini(struct text *t)
{
	free(t->c);
	memset(t, 0, sizeof(*t));
}

void
text_clear(struct text *t)
{
	t->n = 0;
}

static struct cell *
text_room(struct text *t, size_t n)
{
	if (t->size - t->n < n) {
		t->size = (t->n + n) * 2;
		t->c = xreallocarray(t->c, t->size, sizeof(*t->c));
	}
	return t->c + t->n;
}

/*
 * Terminals agree about Latin, CJK, lines and bullets.  Other symbols may be
 * one column wider, and a joined sequence as wide as its parts.
 */
static uint8_t
cell_slack(const uint8_t *p, size_t len, int width)
{
	uint32_t cp, first = 0;
	int wide = 0;
	size_t n, parts = 0;

	for (; len > 0; p += n, len -= n, parts++) {
		n = utf8_decode(p, len, &cp);
		if (n == 0)
			break;
		if (parts == 0)
			first = cp;
		else if (utf8_width(cp) == 0)
			wide += cp == CP_VS16;
		wide += utf8_width(cp);
	}
	if (parts == 1)
		wide += first >= 0x2030 && (first < 0x2500 || first > 0x259F) &&
			(first < 0x2E80 || first > 0xD7A3) &&
			(first < 0xFF00 || first > 0xFF60);
	return wide > width ? (uint8_t)(wide - width) : 0;
}

static void
text_cell(struct text *t, unsigned style, const void *g, size_t len, int width)
{
	struct cell *c = text_room(t, 1);

	c->style = (uint16_t)style;
	c->link = 0;
	c->width = (uint8_t)width;
	c->slack = len > 1 ? cell_slack(g, len, width) : 0;
	c->len = (uint8_t)len;
	memcpy(c->g, g, len);
	t->n++;
}

void
text_blanks(struct text *t, unsigned style, size_t n)
{
	while (n-- > 0)
		text_cell(t, style, " ", 1, 1);
}

/* A cluster that cannot be one cell: each code point as its number. */
static void
text_numbers(struct text *t, unsigned style, const uint8_t *p, size_t len)
{
	char num[16];
	uint32_t cp;
	size_t n, i;

	for (; len > 0; p += n, len -= n) {
		n = utf8_decode(p, len, &cp);
		if (n == 0)
			return;
		(void)snprintf(num, sizeof(num), "\\u{%x}", (unsigned)cp);
		for (i = 0; num[i] != '\0'; i++)
			text_cell(t, style, &num[i], 1, 1);
	}
}

/* The plain ASCII at the front, which is nearly all there is. */
static size_t
text_ascii(struct text *t, unsigned style, const uint8_t *p, size_t len)
{
	struct cell *c;
	size_t i, n;

	/* The last may get a mark from what follows. */
	for (n = 0; n < len && p[n] >= 0x20 && p[n] < 0x7F; n++)
		;
	if (n < len && p[n] >= 0x80 && n > 0)
		n--;
	if (n == 0)
		return 0;
	c = text_room(t, n);
	for (i = 0; i < n; i++)
		c[i] = (struct cell){(uint16_t)style, 0, 1, 0, 1, {(char)p[i]}};
	t->n += n;
	return n;
}

/* A code point and the marks on it, joined with nothing else. */
static size_t
text_alone(const uint8_t *p, size_t len, int *width)
{
	uint32_t cp = 0;
	size_t n, all;

	all = utf8_decode(p, len, &cp);
	*width = utf8_width(cp);
	while (all < len && (n = utf8_decode(p + all, len - all, &cp)) > 0 &&
	       utf8_width(cp) == 0)
		all += n;
	return all;
}

/* p is what vis let pass. */
static void
text_clusters(
    struct text *t, unsigned style, const uint8_t *p, size_t len, bool exact)
{
	size_t n;
	int width;

	for (; len > 0; p += n, len -= n) {
		if (*p == '\t') {
			n = 1;
			text_blanks(t, style,
			    TAB_STOP - text_width(t->c, t->n) % TAB_STOP);
			continue;
		}
		n = text_ascii(t, style, p, len);
		if (n > 0)
			continue;
		n = exact ? text_alone(p, len, &width)
			  : utf8_grapheme(p, len, &width);
		if (n > (*p < 0xF0 ? MARKED_BYTES : CELL_BYTES) || width < 1 ||
		    width > 2)
			text_numbers(t, style, p, n);
		else
			text_cell(t, style, p, n, width);
	}
}

/* A piece that ends inside no code point, if the text allows. */
static size_t
text_piece(const uint8_t *p, size_t len)
{
	size_t n;

	if (len <= TEXT_PIECE)
		return len;
	n = utf8_complete(p, TEXT_PIECE);
	return n == 0 ? TEXT_PIECE : n;
}

void
text_add(struct text *t, unsigned style, const void *data, size_t len,
    unsigned flags)
{
	static struct buf shown; /* kept: this runs for every byte there is */
	const uint8_t *p = data;
	unsigned vis = (flags & TEXT_EXACT) != 0 ? VIS_STRICT : 0;
	size_t n;

	if (shown.cap == 0)
		buf_init(&shown, 16 * (size_t)TEXT_PIECE);
	if ((flags & TEXT_TABS) != 0)
		vis |= VIS_TAB;
	for (; len > 0; p += n, len -= n) {
		n = text_piece(p, len);
		buf_clear(&shown);
		(void)vis_add(&shown, p, n, vis);
		text_clusters(t, style, buf_data(&shown), shown.len,
		    (flags & TEXT_EXACT) != 0);
	}
}

void
text_adds(struct text *t, unsigned style, const char *s)
{
	text_add(t, style, s, strlen(s), 0);
}

void
text_addf(struct text *t, unsigned style, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	text_add(t, style, s, strlen(s), 0);
	free(s);
}

void
text_cells(struct text *t, const struct cell *c, size_t n)
{
	if (n == 0)
		return;
	memcpy(text_room(t, n), c, n * sizeof(*c));
	t->n += n;
}

void
text_link(struct text *t, size_t from, unsigned link)
{
	for (; from < t->n; from++)
		t->c[from].link = (uint16_t)link;
}

size_t
text_bytes(uint8_t *dst, const struct cell *c, size_t n)
{
	uint8_t *p = dst;
	size_t i;

	for (i = 0; i < n; i++) {
		if (c[i].len == 1) {
			*p++ = (uint8_t)c[i].g[0];
			continue;
		}
		memcpy(p, c[i].g, c[i].len);
		p += c[i].len;
	}
	return (size_t)(p - dst);
}

size_t
text_width(const struct cell *c, size_t n)
{
	size_t i, w = 0;

	for (i = 0; i < n; i++)
		w += c[i].width;
	return w;
}

size_t
cell_room(const struct cell *c)
{
	return (size_t)c->width + c->slack;
}

static bool
cell_blank(const struct cell *c)
{
	return c->len == 1 && c->g[0] == ' ';
}

size_t
text_break(
    const struct cell *c, size_t n, size_t cols, bool words, size_t *take)
{
	size_t i, w = 0, end;

	for (i = 0; i < n && w + cell_room(&c[i]) <= cols; i++)
		w += c[i].width;
	if (i == 0 && n > 0) /* wider than the terminal: it gets its row */
		i = 1;
	*take = i;
	if (i == n || !words)
		return i;
	for (end = i; end > 0 && !cell_blank(&c[end]); end--)
		;
	if (end == 0) /* one long word */
		return i;
	*take = end;
	while (*take < n && cell_blank(&c[*take]))
		++*take;
	while (end > 0 && cell_blank(&c[end - 1]))
		end--;
	if (end == 0) { /* an indentation and one long word */
		*take = i;
		return i;
	}
	return end;
}

void
lines_fini(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->size; i++)
		text_fini(&l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void
lines_clear(struct lines *l)
{
	l->n = 0;
}

struct text *
lines_new(struct lines *l)
{
	size_t size;

	if (l->n == l->size) {
		size = l->size == 0 ? 16 : l->size * 2;
		l->v = xreallocarray(l->v, size, sizeof(*l->v));
		memset(l->v + l->size, 0, (size - l->size) * sizeof(*l->v));
		l->size = size;
	}
	text_clear(&l->v[l->n]);
	return &l->v[l->n++];
}

static void
lines_rows(struct lines *l, const struct text *t, size_t cols,
    const struct text *first, const struct text *rest, bool words)
{
	const struct text *lead = first;
	size_t off = 0, take, show, w;
	struct text *row;

	do {
		w = lead == NULL ? 0 : text_width(lead->c, lead->n);
		show = text_break(t->c + off, t->n - off,
		    cols > w ? cols - w : 1, words, &take);
		row = lines_new(l);
		if (lead != NULL)
			text_cells(row, lead->c, lead->n);
		text_cells(row, t->c + off, show);
		off += take;
		lead = rest;
	} while (off < t->n);
}

void
lines_wrap(struct lines *l, const struct text *t, size_t cols,
    const struct text *first, const struct text *rest)
{
	lines_rows(l, t, cols, first, rest, true);
}

void
lines_fill(struct lines *l, const struct text *t, size_t cols,
    const struct text *first, const struct text *rest)
{
	lines_rows(l, t, cols, first, rest, false);
}

void
lines_split(struct lines *l, unsigned style, struct bytes b, unsigned flags)
{
	struct bytes line;

	while (bytes_line(&b, &line)) {
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		text_add(lines_new(l), style, line.p, line.len, flags);
	}
}
