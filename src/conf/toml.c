/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the statements and tables of TOML 1.0.
 *
 * TOML says who may add to a table: its own header once, headers of tables
 * below it, and dotted keys only to tables that dotted keys made.  The flags
 * of a node remember how it came to be, and nothing else enforces the rule.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "conf/toml_int.h"

enum toml_flags {
	MADE_BY_HEADER = 1, /* of its own: no second one may come */
	MADE_BY_DOTS = 2,   /* by a dotted key */
	MADE_INLINE = 4,    /* closed with its brace */
	ARRAY_OF_TABLES = 8 /* by [[header]] */
};

static int read_value(struct parser *ps, struct toml **value);

/* Goes on from where it was asked last, or a long line would be counted again
 * for each value on it. */
static uint32_t
toml_column(struct parser *ps, const uint8_t *at)
{
	if (ps->counted < ps->line_begin || ps->counted > at) {
		ps->counted = ps->line_begin;
		ps->column = 1;
	}
	for (; ps->counted < at;
	     ps->counted++) /* not for bytes inside of one */
		ps->column += (*ps->counted & 0xC0) != 0x80;
	return ps->column;
}

int
toml_fail(struct parser *ps, const uint8_t *at, const char *fmt, ...)
{
	va_list ap;

	if (ps->err->text[0] != '\0')
		return ERR_FORMAT; /* the first one counts */
	ps->err->line = ps->line;
	ps->err->column = toml_column(ps, at);
	va_start(ap, fmt);
	(void)vsnprintf(ps->err->text, sizeof(ps->err->text), fmt, ap);
	va_end(ap);
	return ERR_FORMAT;
}

bool
toml_newline(struct parser *ps)
{
	if (toml_sees(ps, "\r\n", 2))
		ps->p++;
	else if (!toml_at(ps, '\n'))
		return false;
	ps->p++;
	ps->line++;
	ps->line_begin = ps->p;
	return true;
}

/* NULL, after a message, when there are too many. */
static struct toml *
toml_new(struct parser *ps, enum toml_type type, const uint8_t *at)
{
	struct toml *t;

	if (++ps->nodes > TOML_NODES_MAX) {
		(void)toml_fail(ps, at, "more than %d values", TOML_NODES_MAX);
		return NULL;
	}
	t = xcalloc(1, sizeof(*t));
	t->type = type;
	t->line = ps->line;
	t->column = toml_column(ps, at);
	return t;
}

void
toml_free(struct toml *t)
{
	struct toml *next;

	/* Nested no deeper than TOML_DEPTH_MAX: the reader has seen to it. */
	for (; t != NULL; t = next) {
		next = t->next;
		toml_free(t->child);
		free((void *)(uintptr_t)t->key.p);
		free((void *)(uintptr_t)t->text.p);
		free(t);
	}
}

static void
toml_append(struct toml *parent, struct toml *child)
{
	if (parent->last == NULL)
		parent->child = child;
	else
		parent->last->next = child;
	parent->last = child;
}

static struct toml *
find(const struct toml *table, struct bytes key)
{
	struct toml *t;

	for (t = table->child; t != NULL; t = t->next)
		if (bytes_eq(t->key, key))
			return t;
	return NULL;
}

const struct toml *
toml_get(const struct toml *table, const char *key)
{
	return find(table, bytes_of(key));
}

static void
skip_blank(struct parser *ps)
{
	while (toml_at(ps, ' ') || toml_at(ps, '\t'))
		ps->p++;
}

static int
skip_comment(struct parser *ps)
{
	if (!toml_at(ps, '#'))
		return 0;
	for (; ps->p < ps->end; ps->p++) {
		if (*ps->p == '\n' || toml_sees(ps, "\r\n", 2))
			return 0;
		if ((*ps->p < 0x20 && *ps->p != '\t') || *ps->p == 0x7f)
			return toml_fail(
			    ps, ps->p, "a control character in a comment");
	}
	return 0;
}

/* Blanks and comments, over lines: between the elements of an array. */
static int
skip_lines(struct parser *ps)
{
	do {
		skip_blank(ps);
		if (skip_comment(ps) != 0)
			return ERR_FORMAT;
	} while (toml_newline(ps));
	return 0;
}

static int
end_of_line(struct parser *ps)
{
	skip_blank(ps);
	if (skip_comment(ps) != 0)
		return ERR_FORMAT;
	if (ps->p == ps->end || toml_newline(ps))
		return 0;
	return toml_fail(ps, ps->p, "the line should end here");
}

static bool
is_bare(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* One part of a key; owned. */
static int
read_part(struct parser *ps, struct bytes *key)
{
	const uint8_t *at = ps->p;

	*key = (struct bytes){NULL, 0};
	if (toml_at(ps, '"') || toml_at(ps, '\'')) {
		if (toml_sees(ps, "\"\"\"", 3) || toml_sees(ps, "'''", 3))
			return toml_fail(
			    ps, at, "a key cannot have three quotes");
		return toml_string(ps, key);
	}
	while (ps->p < ps->end && is_bare(*ps->p))
		ps->p++;
	if (ps->p == at)
		return toml_fail(ps, at, "a key should stand here");
	*key = (struct bytes){
	    xmemdup(at, (size_t)(ps->p - at)), (size_t)(ps->p - at)};
	return 0;
}

/* A new member of a table; takes the key. */
static struct toml *
add_member(struct parser *ps, struct toml *table, struct bytes key,
    enum toml_type type, const uint8_t *at)
{
	struct toml *t = toml_new(ps, type, at);

	if (t == NULL) {
		free((void *)(uintptr_t)key.p);
		return NULL;
	}
	t->key = key;
	toml_append(table, t);
	return t;
}

static int
fail_twice(struct parser *ps, const uint8_t *at, struct bytes key,
    const struct toml *first)
{
	return toml_fail(ps, at, "%.*s is there already, in line %u",
	    (int)(key.len > 80 ? 80 : key.len), (const char *)key.p,
	    first->line);
}

/*
 * One step of a header that is not its last: into the table that the part
 * names, made if need be; into the last element of an array of tables.
 */
static int
header_step(
    struct parser *ps, struct toml **table, struct bytes key, const uint8_t *at)
{
	struct toml *t = find(*table, key);

	if (t == NULL) {
		*table = add_member(ps, *table, key, TOML_TABLE, at);
		return *table == NULL ? ERR_FORMAT : 0;
	}
	if (t->type == TOML_ARRAY && (t->flags & ARRAY_OF_TABLES))
		t = t->last;
	else if (t->type != TOML_TABLE || (t->flags & MADE_INLINE)) {
		(void)toml_fail(ps, at,
		    "%.*s, in line %u, takes no more"
		    " tables",
		    (int)(key.len > 80 ? 80 : key.len), (const char *)key.p,
		    t->line);
		t = NULL;
	}
	free((void *)(uintptr_t)key.p);
	if (t == NULL)
		return ERR_FORMAT;
	*table = t;
	return 0;
}

/* The last part of [header]. */
static int
header_table(
    struct parser *ps, struct toml **table, struct bytes key, const uint8_t *at)
{
	struct toml *t = find(*table, key);

	if (t == NULL)
		t = add_member(ps, *table, key, TOML_TABLE, at);
	else {
		if (t->type != TOML_TABLE ||
		    (t->flags &
			(MADE_BY_HEADER | MADE_BY_DOTS | MADE_INLINE)) != 0) {
			(void)fail_twice(ps, at, key, t);
			t = NULL;
		}
		free((void *)(uintptr_t)key.p);
	}
	if (t == NULL)
		return ERR_FORMAT;
	t->flags |= MADE_BY_HEADER;
	*table = t;
	return 0;
}

/* The last part of [[header]]: one more table of the array. */
static int
header_array(
    struct parser *ps, struct toml **table, struct bytes key, const uint8_t *at)
{
	struct toml *array = find(*table, key), *t;

	if (array == NULL) {
		array = add_member(ps, *table, key, TOML_ARRAY, at);
		if (array == NULL)
			return ERR_FORMAT;
		array->flags = ARRAY_OF_TABLES;
	} else {
		if (!(array->flags & ARRAY_OF_TABLES)) {
			(void)fail_twice(ps, at, key, array);
			array = NULL;
		}
		free((void *)(uintptr_t)key.p);
		if (array == NULL)
			return ERR_FORMAT;
	}
	t = toml_new(ps, TOML_TABLE, at);
	if (t == NULL)
		return ERR_FORMAT;
	t->flags = MADE_BY_HEADER;
	toml_append(array, t);
	*table = t;
	return 0;
}

static int
read_header(struct parser *ps, struct toml *root, struct toml **current)
{
	bool array = toml_sees(ps, "[[", 2);
	struct toml *table = root;
	unsigned depth = 0;
	struct bytes key;
	const uint8_t *at;
	int r;

	for (ps->p += array ? 2 : 1;; ps->p++) {
		skip_blank(ps);
		at = ps->p;
		if (++depth > TOML_DEPTH_MAX)
			return toml_fail(ps, at, "nested too deep");
		if (read_part(ps, &key) != 0)
			return ERR_FORMAT;
		skip_blank(ps);
		if (!toml_at(ps, '.'))
			break;
		if (header_step(ps, &table, key, at) != 0)
			return ERR_FORMAT;
	}
	if (!toml_sees(ps, "]]", array ? 2 : 0) || !toml_at(ps, ']')) {
		free((void *)(uintptr_t)key.p);
		return toml_fail(
		    ps, ps->p, "%s should stand here", array ? "]]" : "]");
	}
	ps->p += array ? 2 : 1;
	r = array ? header_array(ps, &table, key, at)
		  : header_table(ps, &table, key, at);
	*current = table;
	return r == 0 ? end_of_line(ps) : r;
}

/* One part of a dotted key that is not its last. */
static int
dotted_step(
    struct parser *ps, struct toml **table, struct bytes key, const uint8_t *at)
{
	struct toml *t = find(*table, key);

	if (t == NULL) {
		t = add_member(ps, *table, key, TOML_TABLE, at);
		if (t == NULL)
			return ERR_FORMAT;
		t->flags = MADE_BY_DOTS;
	} else {
		if (t->type != TOML_TABLE || !(t->flags & MADE_BY_DOTS) ||
		    (t->flags & MADE_INLINE)) {
			(void)fail_twice(ps, at, key, t);
			t = NULL;
		}
		free((void *)(uintptr_t)key.p);
		if (t == NULL)
			return ERR_FORMAT;
	}
	*table = t;
	return 0;
}

/* key = value, in the table given. */
static int
read_pair(struct parser *ps, struct toml *table)
{
	uint32_t line = ps->line, column = 0;
	unsigned depth = ps->depth;
	struct toml *value, *first;
	const uint8_t *at;
	struct bytes key;

	for (;; ps->p++) {
		skip_blank(ps);
		at = ps->p;
		if (column == 0)
			column = toml_column(ps, at);
		if (++depth > TOML_DEPTH_MAX)
			return toml_fail(ps, at, "nested too deep");
		if (read_part(ps, &key) != 0)
			return ERR_FORMAT;
		skip_blank(ps);
		if (!toml_at(ps, '.'))
			break;
		if (dotted_step(ps, &table, key, at) != 0)
			return ERR_FORMAT;
	}
	first = find(table, key);
	value = NULL;
	if (first != NULL)
		(void)fail_twice(ps, at, key, first);
	else if (!toml_at(ps, '='))
		(void)toml_fail(ps, ps->p, "= should stand here");
	else {
		ps->p++;
		skip_blank(ps);
		(void)read_value(ps, &value);
	}
	if (value == NULL) {
		free((void *)(uintptr_t)key.p);
		return ERR_FORMAT;
	}
	value->key = key;
	value->line = line;
	value->column = column;
	toml_append(table, value);
	return 0;
}

static int
read_array(struct parser *ps, struct toml *array)
{
	struct toml *value, **end = &array->child;

	ps->p++;
	for (;;) {
		if (skip_lines(ps) != 0)
			return ERR_FORMAT;
		if (toml_at(ps, ']'))
			break;
		if (read_value(ps, &value) != 0)
			return ERR_FORMAT;
		*end = value;
		end = &value->next;
		if (skip_lines(ps) != 0)
			return ERR_FORMAT;
		if (toml_at(ps, ']'))
			break;
		if (!toml_at(ps, ','))
			return toml_fail(ps, ps->p,
			    ps->p == ps->end ? "an array has no end"
					     : ", or ] should stand here");
		ps->p++;
	}
	ps->p++;
	return 0;
}

/* { a = 1, b.c = 2 }: on one line, without a comma at the end. */
static int
read_inline(struct parser *ps, struct toml *table)
{
	ps->p++;
	skip_blank(ps);
	if (!toml_at(ps, '}'))
		for (;; ps->p++) {
			if (read_pair(ps, table) != 0)
				return ERR_FORMAT;
			skip_blank(ps);
			if (toml_at(ps, '}'))
				break;
			if (!toml_at(ps, ','))
				return toml_fail(
				    ps, ps->p, ", or } should stand here");
		}
	ps->p++;
	table->flags |= MADE_INLINE;
	return 0;
}

static int
read_nested(struct parser *ps, struct toml *value)
{
	int r;

	if (++ps->depth > TOML_DEPTH_MAX)
		return toml_fail(ps, ps->p, "nested too deep");
	r = value->type == TOML_ARRAY ? read_array(ps, value)
				      : read_inline(ps, value);
	ps->depth--;
	return r;
}

/* The value is the caller's; NULL if there is none. */
static int
read_value(struct parser *ps, struct toml **value)
{
	const uint8_t *at = ps->p;
	struct toml *t;
	int r;

	*value = NULL;
	t = toml_new(ps, TOML_STR, at);
	if (t == NULL)
		return ERR_FORMAT;
	if (toml_at(ps, '"') || toml_at(ps, '\''))
		r = toml_string(ps, &t->text);
	else if (toml_at(ps, '[') || toml_at(ps, '{')) {
		t->type = toml_at(ps, '[') ? TOML_ARRAY : TOML_TABLE;
		r = read_nested(ps, t);
	} else
		r = toml_scalar(ps, &t->type, &t->text);
	if (r != 0) {
		toml_free(t);
		return r;
	}
	*value = t;
	return 0;
}

static int
read_statement(struct parser *ps, struct toml *root, struct toml **current)
{
	skip_blank(ps);
	if (ps->p == ps->end || toml_at(ps, '#') || toml_at(ps, '\n') ||
	    toml_at(ps, '\r'))
		return end_of_line(ps);
	if (toml_at(ps, '['))
		return read_header(ps, root, current);
	if (read_pair(ps, *current) != 0)
		return ERR_FORMAT;
	return end_of_line(ps);
}

/* Finds the byte that is no UTF-8, for its place. */
static void
fail_utf8(struct parser *ps)
{
	uint32_t cp;
	size_t n;

	while (ps->p < ps->end) {
		if (*ps->p == '\n') {
			(void)toml_newline(ps);
			continue;
		}
		n = utf8_decode(ps->p, (size_t)(ps->end - ps->p), &cp);
		if (n == 0)
			break;
		ps->p += n;
	}
	(void)toml_fail(ps, ps->p, "this is no UTF-8");
}

struct toml *
toml_read(const uint8_t *p, size_t len, struct toml_error *err)
{
	struct parser ps = {.p = p,
	    .end = p + len,
	    .line_begin = p,
	    .counted = p,
	    .line = 1,
	    .column = 1,
	    .err = err};
	struct toml *root, *current;
	int r = 0;

	memset(err, 0, sizeof(*err));
	if (len > TOML_SIZE_MAX) {
		(void)toml_fail(&ps, p, "larger than %u bytes", TOML_SIZE_MAX);
		return NULL;
	}
	if (!utf8_valid(p, len)) {
		fail_utf8(&ps);
		return NULL;
	}
	if (toml_sees(&ps, "\xEF\xBB\xBF", 3)) {
		ps.p += 3;
		ps.line_begin = ps.p;
	}
	root = current = toml_new(&ps, TOML_TABLE, ps.p);
	while (r == 0 && ps.p < ps.end)
		r = read_statement(&ps, root, &current);
	if (r == 0)
		return root;
	toml_free(root);
	return NULL;
}
