/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: one key of a TOML text, changed in place.
 *
 * The scanner knows where statements begin and end and what their keys are,
 * nothing more.  It runs where TOML is parsed, in cordon-load.
 */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "conf/edit.h"

struct scan {
	const char *p, *end;   /* borrowed */
	struct key_path table; /* of the last header */
	bool array;            /* that header had two brackets */
};

/* One line "key = value", or several. */
struct statement {
	struct key_path path; /* table and key */
	unsigned depth;       /* parts of it that are the table's */
	bool array;           /* in a table of an array */
	const char *begin, *value, *value_end, *end; /* borrowed */
};

/* Where a new line for a key may go, the best so far. */
struct place {
	const char *at; /* NULL: none yet */
	unsigned depth; /* parts of the path that the table there gives */
};

static void
skip_blank(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
}

static void
skip_line(struct scan *s)
{
	const char *nl = memchr(s->p, '\n', (size_t)(s->end - s->p));

	s->p = nl == NULL ? s->end : nl + 1;
}

/* Steps over a string of any of the four kinds. */
static int
skip_string(struct scan *s)
{
	char q = *s->p;
	size_t n = 1;

	if (s->end - s->p >= 3 && s->p[1] == q && s->p[2] == q)
		n = 3;
	for (s->p += n; s->p < s->end; s->p++) {
		if (*s->p == '\\' && q == '"') {
			if (++s->p == s->end)
				break;
		} else if (*s->p == '\n' && n == 1)
			break;
		else if (*s->p == q &&
			 (n == 1 || (s->end - s->p >= 3 && s->p[1] == q &&
					s->p[2] == q))) {
			s->p += n;
			/* Up to two quotes may stand before the last three. */
			while (n == 3 && s->p < s->end && *s->p == q)
				s->p++;
			return 0;
		}
	}
	return ERR_FORMAT;
}

static int
skip_value(struct scan *s)
{
	int depth = 0;

	while (s->p < s->end) {
		switch (*s->p) {
		case '"':
		case '\'':
			if (skip_string(s) != 0)
				return ERR_FORMAT;
			continue;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			depth--;
			break;
		case '\n':
			if (depth == 0)
				return 0;
			break;
		case '#':
			if (depth == 0)
				return 0;
			skip_line(s);
			continue;
		default:
			break;
		}
		s->p++;
	}
	return depth == 0 ? 0 : ERR_FORMAT;
}

/* Adds one part of a key to the path. */
static int
scan_part(struct scan *s, struct key_path *path, size_t *used)
{
	const char *from = s->p, *to;
	char *dst = path->mem + *used;
	size_t n;

	if (s->p < s->end && (*s->p == '"' || *s->p == '\'')) {
		if (skip_string(s) != 0)
			return ERR_FORMAT;
		from++;
		to = s->p - 1;
	} else {
		while (s->p < s->end && (isalnum((unsigned char)*s->p) ||
					    *s->p == '_' || *s->p == '-'))
			s->p++;
		to = s->p;
		if (to == from)
			return ERR_FORMAT;
	}
	n = (size_t)(to - from);
	if (path->n == KEY_PARTS_MAX || *used + n + 1 > sizeof(path->mem))
		return ERR_SPACE;
	/* An escape makes a part that no key of ours has: left as it is. */
	memcpy(dst, from, n);
	dst[n] = '\0';
	path->part[path->n++] = dst;
	*used += n + 1;
	return 0;
}

static int
scan_key(struct scan *s, struct key_path *path)
{
	size_t used = 0;
	unsigned i;
	int r;

	for (i = 0; i < path->n; i++)
		used += strlen(path->part[i]) + 1;
	for (;;) {
		skip_blank(s);
		r = scan_part(s, path, &used);
		if (r != 0)
			return r;
		skip_blank(s);
		if (s->p == s->end || *s->p != '.')
			return 0;
		s->p++;
	}
}

static void
path_copy(struct key_path *dst, const struct key_path *src)
{
	unsigned i;

	memcpy(dst->mem, src->mem, sizeof(dst->mem));
	dst->n = src->n;
	for (i = 0; i < src->n; i++)
		dst->part[i] = dst->mem + (src->part[i] - src->mem);
}

static int
scan_header(struct scan *s)
{
	s->array = s->end - s->p > 1 && s->p[1] == '[';
	s->p += s->array ? 2 : 1;
	s->table.n = 0;
	if (scan_key(s, &s->table) != 0 || s->p == s->end || *s->p != ']')
		return ERR_FORMAT;
	skip_line(s);
	return 0;
}

static int
scan_statement(struct scan *s, struct statement *st)
{
	st->begin = s->p;
	path_copy(&st->path, &s->table);
	st->depth = s->table.n;
	st->array = s->array;
	if (scan_key(s, &st->path) != 0 || s->p == s->end || *s->p != '=')
		return ERR_FORMAT;
	s->p++;
	skip_blank(s);
	st->value = s->p;
	if (skip_value(s) != 0)
		return ERR_FORMAT;
	st->value_end = s->p;
	while (st->value_end > st->value &&
	       isspace((unsigned char)st->value_end[-1]))
		st->value_end--;
	if (st->value_end == st->value)
		return ERR_FORMAT;
	skip_line(s);
	st->end = s->p;
	return 0;
}

/* How many of their first parts two paths have in common. */
static unsigned
common(const struct key_path *a, const struct key_path *b)
{
	unsigned i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->part[i], b->part[i]) != 0)
			break;
	return i;
}

static void
put(struct buf *out, const char *from, const char *to)
{
	(void)buf_add(out, from, (size_t)(to - from));
}

/* A new line "key = literal" where place says, or in a table of its own. */
static int
insert(struct buf *out, struct bytes text, const struct key_path *path,
    const struct place *place, const char *literal)
{
	const char *begin = (const char *)text.p, *end = begin + text.len;
	const char *at = place->at == NULL ? end : place->at;
	unsigned depth = place->depth;
	char name[KEY_SIZE + 2 * KEY_PARTS_MAX];
	struct key_path table;

	put(out, begin, at);
	if (at > begin && at[-1] != '\n')
		(void)buf_addc(out, '\n');
	if (place->at == NULL) {
		path_copy(&table, path);
		table.n--;
		if (key_join(name, sizeof(name), &table, 0) != 0)
			return ERR_SPACE;
		(void)buf_addf(out, "%s[%s]\n", at > begin ? "\n" : "", name);
		depth = table.n;
	}
	if (key_join(name, sizeof(name), path, depth) != 0)
		return ERR_SPACE;
	(void)buf_addf(out, "%s = %s\n", name, literal);
	put(out, at, end);
	return buf_err(out);
}

static int
replace(struct buf *out, struct bytes text, const struct statement *st,
    const char *literal)
{
	const char *begin = (const char *)text.p, *end = begin + text.len;

	if (literal == NULL) {
		put(out, begin, st->begin);
		put(out, st->end, end);
		return buf_err(out);
	}
	put(out, begin, st->value);
	(void)buf_adds(out, literal);
	put(out, st->value_end, end);
	return buf_err(out);
}

/* Looks at a header: is a line behind it in the table of the path? */
static int
look_header(struct scan *s, const struct key_path *path, struct place *place)
{
	if (place->at == NULL && path->n == 1) /* the end of the root table */
		*place = (struct place){s->p, 0};
	if (scan_header(s) != 0)
		return ERR_FORMAT;
	if (s->table.n == path->n - 1 &&
	    common(&s->table, path) == s->table.n) {
		if (s->array)
			return ERR_CONFLICT;
		*place = (struct place){s->p, s->table.n};
	}
	return 0;
}

int
edit_key(struct buf *out, struct bytes text, const struct key_path *path,
    const char *literal)
{
	struct scan s = {.p = (const char *)text.p};
	struct place place = {NULL, 0};
	struct statement st;
	unsigned n;
	int r = 0;

	s.end = s.p + text.len;
	while (r == 0 && s.p < s.end) {
		skip_blank(&s);
		if (s.p == s.end)
			break;
		if (*s.p == '\n' || *s.p == '\r' || *s.p == '#') {
			skip_line(&s);
			continue;
		}
		if (*s.p == '[') {
			r = look_header(&s, path, &place);
			continue;
		}
		r = scan_statement(&s, &st);
		n = r == 0 && !st.array ? common(&st.path, path) : 0;
		if (n > 0 && n == st.path.n && n == path->n)
			return replace(out, text, &st, literal);
		if (n > 0 && n == st.path.n)
			r = ERR_CONFLICT; /* its value is an inline table */
		else if (r == 0 && n == path->n - 1 && !st.array &&
			 n >= st.depth && (n > 0 || st.depth == 0))
			place = (struct place){st.end, st.depth};
	}
	if (r != 0)
		return r;
	if (literal == NULL)
		return ERR_NOENT;
	if (place.at == NULL && path->n == 1)
		place = (struct place){s.end, 0};
	return insert(out, text, path, &place, literal);
}
