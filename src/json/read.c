/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: JSON reading.
 *
 * An answer of a model is a hundred thousand small documents and a few large
 * ones, so a document costs two allocations: its text, in which the strings
 * are unescaped where they stand, and its values.  The children of a value
 * lie in one row that is found by its distance, so the whole can be moved.
 * The tests hold this reader against jansson.
 */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "json/value.h"

#define JSON_PAIRS_MAX 16 /* members that are compared each with each */

struct json_doc {
	char *text; /* owned */
	struct json values[];
};

/* Values that are read, and those of containers still open. */
struct row {
	struct json *v; /* owned */
	size_t n, size;
};

struct reader {
	char *p, *end; /* what is left of the text; a NUL is behind it */
	unsigned depth;
	int err;
	struct row open, done;
};

static struct json *
row_add(struct row *row, size_t n)
{
	size_t size = row->size == 0 ? 64 : row->size;

	while (size - row->n < n)
		size *= 2;
	if (size != row->size)
		row->v = xreallocarray(row->v, size, sizeof(*row->v));
	row->size = size;
	row->n += n;
	return row->v + row->n - n;
}

static bool
reader_fail(struct reader *r, int err)
{
	if (r->err == 0)
		r->err = err;
	return false;
}

static void
reader_blanks(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')
		r->p++;
}

static bool
reader_is(struct reader *r, char c)
{
	if (*r->p != c)
		return false;
	r->p++;
	return true;
}

/* Texts. */

static bool
reader_hex4(struct reader *r, uint32_t *cp)
{
	unsigned i, c;

	for (i = 0, *cp = 0; i < 4; i++, r->p++) {
		c = (unsigned char)*r->p;
		if (!isxdigit((int)c))
			return false;
		*cp = *cp << 4 |
		      (isdigit((int)c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return true;
}

/* Behind "\u": one code unit, or two that make a code point. */
static bool
reader_unit(struct reader *r, char **to)
{
	uint32_t cp, low;

	if (!reader_hex4(r, &cp) || cp == 0)
		return false;
	if (cp >= 0xDC00 && cp <= 0xDFFF)
		return false;
	if (cp >= 0xD800 && cp <= 0xDBFF) {
		if (!reader_is(r, '\\') || !reader_is(r, 'u') ||
		    !reader_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
	}
	*to += utf8_encode((uint8_t *)*to, cp);
	return true;
}

static bool
reader_escape(struct reader *r, char **to)
{
	static const char meaning[256] = {['"'] = '"',
	    ['\\'] = '\\',
	    ['/'] = '/',
	    ['b'] = '\b',
	    ['f'] = '\f',
	    ['n'] = '\n',
	    ['r'] = '\r',
	    ['t'] = '\t'};
	char c;

	r->p++;
	if (reader_is(r, 'u'))
		return reader_unit(r, to);
	c = meaning[(unsigned char)*r->p];
	if (c == '\0')
		return false;
	r->p++;
	*(*to)++ = c;
	return true;
}

/* A string, unescaped in place: no escape is shorter than what it means. */
static bool
reader_text(struct reader *r, struct json *v)
{
	char *to = r->p;
	uint32_t cp;
	size_t n;

	*v = (struct json){.kind = JSON_T_STR, .p = to};
	for (;;) {
		n = utf8_plain((uint8_t *)r->p, (size_t)(r->end - r->p));
		if (n == 0 && (unsigned char)*r->p >= 0x7F)
			n = utf8_decode(
			    (uint8_t *)r->p, (size_t)(r->end - r->p), &cp);
		if (n > 0) {
			if (to != r->p)
				memmove(to, r->p, n);
			to += n;
			r->p += n;
		} else if (*r->p == '"') {
			break;
		} else if (*r->p != '\\' || !reader_escape(r, &to)) {
			return reader_fail(r, ERR_FORMAT);
		}
	}
	r->p++;
	*to = '\0';
	v->len = (size_t)(to - v->p);
	return true;
}

/* Numbers and words. */

static bool
reader_digits(struct reader *r)
{
	char *from = r->p;

	while (*r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > from;
}

static bool
reader_number(struct reader *r, struct json *v)
{
	bool real = false;
	int64_t n;

	*v = (struct json){.p = r->p};
	(void)reader_is(r, '-');
	if (!reader_is(r, '0') && !reader_digits(r))
		return reader_fail(r, ERR_FORMAT);
	if (reader_is(r, '.')) {
		real = true;
		if (!reader_digits(r))
			return reader_fail(r, ERR_FORMAT);
	}
	if (reader_is(r, 'e') || reader_is(r, 'E')) {
		real = true;
		if (!reader_is(r, '+'))
			(void)reader_is(r, '-');
		if (!reader_digits(r))
			return reader_fail(r, ERR_FORMAT);
	}
	v->len = (size_t)(r->p - v->p);
	v->kind =
	    real || !json_integer(v->p, v->len, &n) ? JSON_T_REAL : JSON_T_INT;
	return true;
}

static bool
reader_word(struct reader *r, struct json *v)
{
	static const struct {
		const char *word;
		struct json value;
	} words[] = {{"true", {.kind = JSON_T_BOOL, .len = 1}},
	    {"false", {.kind = JSON_T_BOOL}}, {"null", {.kind = JSON_T_NULL}}};
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if (strncmp(r->p, words[i].word, n) != 0)
			continue;
		r->p += n;
		*v = words[i].value;
		return true;
	}
	return reader_fail(r, ERR_FORMAT);
}

/* Containers. */

static int
compare_names(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	if ((*x)->len != (*y)->len)
		return (*x)->len < (*y)->len ? -1 : 1;
	return memcmp((*x)->p, (*y)->p, (*x)->len);
}

/* Sorted when there are many, so that nobody can make us compare for long. */
static bool
names_differ(const struct json *child, size_t members)
{
	const struct json *few[JSON_PAIRS_MAX], **names = few;
	bool differ = true;
	size_t i, j;

	if (members > JSON_PAIRS_MAX)
		names = xcalloc(members, sizeof(struct json *));
	for (i = 0; i < members; i++)
		names[i] = &child[2 * i];
	if (members > JSON_PAIRS_MAX) {
		qsort(names, members, sizeof(struct json *), compare_names);
		for (i = 1; i < members && differ; i++)
			differ = compare_names(&names[i - 1], &names[i]) != 0;
		free(names);
		return differ;
	}
	for (i = 1; i < members; i++)
		for (j = 0; j < i; j++)
			if (compare_names(&names[i], &names[j]) == 0)
				return false;
	return true;
}

/* Puts the open values from that one on where they stay. */
static bool
reader_close(struct reader *r, struct json *v, size_t from)
{
	size_t n = r->open.n - from, i;
	struct json *to;

	if (r->done.n + n > JSON_VALUES_MAX)
		return reader_fail(r, ERR_SPACE);
	v->n = (uint32_t)n;
	v->first = (ptrdiff_t)r->done.n; /* made a distance by its parent */
	to = row_add(&r->done, n);
	for (i = 0; i < n; i++) {
		to[i] = r->open.v[from + i];
		to[i].first -= to + i - r->done.v;
	}
	r->open.n = from;
	if (v->kind == JSON_T_OBJECT && !names_differ(to, n / 2))
		return reader_fail(r, ERR_FORMAT);
	return true;
}

static bool reader_value(struct reader *r, struct json *v);

static bool
reader_name(struct reader *r)
{
	struct json name;

	reader_blanks(r);
	if (!reader_is(r, '"') || !reader_text(r, &name))
		return reader_fail(r, ERR_FORMAT);
	*row_add(&r->open, 1) = name;
	reader_blanks(r);
	return reader_is(r, ':') || reader_fail(r, ERR_FORMAT);
}

static bool
reader_children(struct reader *r, struct json *v, char end)
{
	size_t from = r->open.n;
	struct json child;

	r->p++;
	if (++r->depth > JSON_DEPTH_MAX)
		return reader_fail(r, ERR_DEPTH);
	reader_blanks(r);
	while (!reader_is(r, end)) {
		if (r->open.n > from && !reader_is(r, ','))
			return reader_fail(r, ERR_FORMAT);
		if (end == '}' && !reader_name(r))
			return false;
		if (r->open.n >= JSON_VALUES_MAX)
			return reader_fail(r, ERR_SPACE);
		if (!reader_value(r, &child))
			return false;
		*row_add(&r->open, 1) = child;
		reader_blanks(r);
	}
	r->depth--;
	return reader_close(r, v, from);
}

static bool
reader_value(struct reader *r, struct json *v)
{
	reader_blanks(r);
	switch (*r->p) {
	case '{':
		*v = (struct json){.kind = JSON_T_OBJECT};
		return reader_children(r, v, '}');
	case '[':
		*v = (struct json){.kind = JSON_T_ARRAY};
		return reader_children(r, v, ']');
	case '"':
		r->p++;
		return reader_text(r, v);
	case 't':
	case 'f':
	case 'n':
		return reader_word(r, v);
	default:
		return reader_number(r, v);
	}
}

/* The text is the document's from here; of a whole document the root comes
 * first, where it is found again. */
static struct json *
json_read(char *text, size_t off, size_t len, int *err)
{
	struct reader r = {.p = text + off, .end = text + off + len};
	struct json_doc *doc = NULL;
	struct json root = {0};

	if (reader_value(&r, &root)) {
		reader_blanks(&r);
		if (r.p != r.end)
			(void)reader_fail(&r, ERR_FORMAT);
	}
	*err = r.err;
	if (r.err == 0) {
		doc = xmalloc(
		    sizeof(*doc) + (r.done.n + 1) * sizeof(doc->values[0]));
		doc->text = text;
		root.first++;
		doc->values[0] = root;
		if (r.done.n > 0)
			memcpy(doc->values + 1, r.done.v,
			    r.done.n * sizeof(doc->values[0]));
	} else
		free(text);
	free(r.open.v);
	free(r.done.v);
	return doc == NULL ? NULL : doc->values;
}

struct json *
json_parse(const void *p, size_t len, size_t max, int *err)
{
	if (len > max) {
		*err = ERR_LENGTH;
		return NULL;
	}
	return json_read(xmemdup(p, len), 0, len, err);
}

struct json *
json_parse_buf(struct buf *b, size_t max, int *err)
{
	struct json *j;
	size_t len = b->len;

	if (len < JSON_TAKE_MIN || len > max || buf_cstr(b) == NULL) {
		j = json_parse(buf_data(b), len, max, err);
		buf_clear(b);
		return j;
	}
	j = json_read((char *)b->mem, b->off, len, err);
	b->mem = NULL; /* the document's */
	buf_fini(b);
	return j;
}

void
json_free(struct json *j)
{
	struct json_doc *doc;

	if (j == NULL)
		return;
	doc = (struct json_doc *)(void *)((char *)j -
					  offsetof(struct json_doc, values));
	free(doc->text);
	free(doc);
}
