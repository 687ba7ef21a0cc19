/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the text of a small JSON document at a glance.
 *
 * An answer comes as a hundred thousand documents that hold a few words each.
 * One walk over such a one finds them; it gives up at the first byte that it
 * is not sure of, and then the document is read by json.c as any other.
 */

#include "config.h"

#include <string.h>

#include "base/utf8.h"
#include "json/glance.h"
#include "json/json.h"
#include "json/scan.h"

#define GLANCE_DEPTH 8  /* of a document that is looked at here */
#define GLANCE_PATH  96 /* bytes of a path in it */

struct glance {
	uint8_t *p, *end; /* borrowed: what is left of the document */
	const struct json_glance *rows, *row; /* row: whose text was found */
	struct bytes text;                    /* as it stands, with escapes */
	const struct json_glance *is;         /* whose text was as it must be */
	char path[GLANCE_PATH];               /* of the value under way */
	size_t len, depth;
};

static bool glance_value(struct glance *g);

/* The next byte that is no blank, or NUL. */
static uint8_t
glance_next(struct glance *g)
{
	while (g->p < g->end && (*g->p == ' ' || *g->p == '\t' ||
				    *g->p == '\r' || *g->p == '\n'))
		g->p++;
	return g->p < g->end ? *g->p : '\0';
}

static bool
glance_mark(struct glance *g, char mark)
{
	if (glance_next(g) != (uint8_t)mark)
		return false;
	g->p++;
	return true;
}

/* The value's row of the table; one without a path if it has none. */
static const struct json_glance *
glance_row(const struct glance *g)
{
	const struct json_glance *row;

	for (row = g->rows; row->path != NULL; row++)
		if (*row->path == *g->path &&
		    strncmp(row->path, g->path, g->len) == 0 &&
		    row->path[g->len] == '\0')
			break;
	return row;
}

/* What stands between quotation marks; one that is part of it has an odd
 * number of backslashes before it. */
static bool
glance_string(struct glance *g, struct bytes *string)
{
	uint8_t *from, *quote, *p;

	if (!glance_mark(g, '"'))
		return false;
	from = g->p;
	do {
		quote = memchr(g->p, '"', (size_t)(g->end - g->p));
		if (quote == NULL)
			return false;
		for (p = quote; p > from && p[-1] == '\\'; p--)
			;
		g->p = quote + 1;
	} while ((quote - p) % 2 == 1);
	*string = (struct bytes){from, (size_t)(quote - from)};
	return true;
}

static bool
glance_plain(struct bytes s)
{
	return utf8_plain(s.p, s.len) == s.len;
}

static bool
glance_text(struct glance *g)
{
	const struct json_glance *row = glance_row(g);
	struct bytes s;

	if (!glance_string(g, &s))
		return false;
	if (row->path == NULL || s.len == 0)
		return glance_plain(s);
	if (row->is != NULL) {
		g->is = row;
		return bytes_is(s, row->is);
	}
	if (row->run == NULL || g->row != NULL)
		return false;
	g->row = row;
	g->text = s;
	return true;
}

/* A number without a fraction, or a word; of a row only the word null. */
static bool
glance_word(struct glance *g)
{
	static const char *const words[] = {"null", "true", "false"};
	const uint8_t *from = g->p;
	struct bytes word;
	size_t i;

	while (g->p < g->end && *g->p >= 'a' && *g->p <= 'z')
		g->p++;
	word = (struct bytes){from, (size_t)(g->p - from)};
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (bytes_is(word, words[i]))
			return i == 0 || glance_row(g)->path == NULL;
	while (g->p < g->end && *g->p >= '0' && *g->p <= '9')
		g->p++;
	word.len = (size_t)(g->p - from);
	return word.len > 0 && word.len < 18 &&
	       (*from != '0' || word.len == 1) && glance_row(g)->path == NULL;
}

/* The value of a member or element of this name. */
static bool
glance_named(struct glance *g, struct bytes name)
{
	size_t len = g->len;
	bool good;

	if (len + 1 + name.len >= sizeof(g->path))
		return false;
	if (len > 0)
		g->path[g->len++] = '.';
	memcpy(g->path + g->len, name.p, name.len);
	g->len += name.len;
	good = glance_value(g);
	g->len = len;
	return good;
}

static bool
glance_member(struct glance *g)
{
	struct bytes name;

	return glance_string(g, &name) && glance_plain(name) &&
	       memchr(name.p, '.', name.len) == NULL && glance_mark(g, ':') &&
	       glance_named(g, name);
}

/* An object, or an array of a few elements. */
static bool
glance_items(struct glance *g, char close)
{
	bool array = close == ']', good;
	uint8_t n = '0';

	if (glance_row(g)->path != NULL || ++g->depth > GLANCE_DEPTH)
		return false;
	g->p++;
	if (glance_next(g) != (uint8_t)close)
		do {
			good = array ? glance_named(g, (struct bytes){&n, 1})
				     : glance_member(g);
			if (!good || (array && n++ == '9'))
				return false;
		} while (glance_mark(g, ','));
	g->depth--;
	return glance_mark(g, close);
}

static bool
glance_value(struct glance *g)
{
	switch (glance_next(g)) {
	case '{':
		return glance_items(g, '}');
	case '[':
		return glance_items(g, ']');
	case '"':
		return glance_text(g);
	default:
		return glance_word(g);
	}
}

/* The value at a path, or NULL. */
static const struct json *
glance_at(const struct json *j, const char *path)
{
	char name[GLANCE_PATH];
	size_t n;

	for (; j != NULL && *path != '\0'; path += n + (path[n] == '.')) {
		n = strcspn(path, ".");
		(void)str_fmt(name, sizeof(name), "%.*s", (int)n, path);
		j = json_kind(j) == JSON_T_ARRAY
			? json_item(j, (size_t)(*name - '0'))
			: json_member(j, name);
	}
	return j;
}

int
json_glance_all(const struct json *j, const struct json_glance *rows, void *arg)
{
	struct bytes text, above = bytes_of("");
	int r = 0;

	for (; r == 0 && rows->path != NULL; rows++) {
		if (rows->run == NULL)
			continue;
		text = json_text(glance_at(j, rows->path));
		if (text.len > 0 && !(rows->again && above.len > 0))
			r = rows->run(arg, text);
		above = text;
	}
	return r;
}

bool
json_glance(struct buf *b, const struct json_glance *rows, void *arg, int *r)
{
	struct glance g = {.p = b->mem + b->off,
	    .end = b->mem + b->off + b->len,
	    .rows = rows};
	uint8_t *text;

	if (!glance_value(&g) || glance_next(&g) != '\0' || g.p < g.end ||
	    g.row == NULL || (rows->is != NULL && g.is == NULL))
		return false;
	text = b->mem + (g.text.p - b->mem);
	/* One that is malformed says nothing, as a whole document. */
	*r = scan_decode(text, text + g.text.len, &g.text.len)
		 ? g.row->run(arg, g.text)
		 : 0;
	return true;
}
