/* SPDX-License-Identifier: Apache-2.0 */

/* Library: questions about the table of keys.  Pure functions. */

#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/keys.h"

#define NEAREST_MAX 128 /* names at one place of the tree */

static const char *const layer_names[LAYER_COUNT] = {
    [LAYER_BUILTIN] = "built-in",
    [LAYER_SYSTEM] = "system",
    [LAYER_USER] = "user",
    [LAYER_PROFILE] = "profile",
    [LAYER_PROJECT] = "project",
    [LAYER_ENV] = "environment",
    [LAYER_CLI] = "command line",
};

const char *
layer_name(enum conf_layer layer)
{
	assert(layer < LAYER_COUNT);
	return layer_names[layer];
}

static bool
is_bare(int c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* Copies a part in double quotes; only \" and \\ are escapes here, which is
 * what toml_put_part writes and people need. */
static int
split_quoted(const char **src, char **dst)
{
	const char *p = *src + 1;

	for (; *p != '"'; p++) {
		if (*p == '\\')
			p++;
		if (*p == '\0')
			return ERR_FORMAT;
		*(*dst)++ = *p;
	}
	*src = p + 1;
	return 0;
}

int
key_split(struct key_path *path, const char *dotted)
{
	char *dst = path->mem;
	const char *p = dotted;

	path->n = 0;
	if (strlen(dotted) >= sizeof(path->mem))
		return ERR_SPACE;
	for (;;) {
		if (path->n == KEY_PARTS_MAX)
			return ERR_DEPTH;
		path->part[path->n++] = dst;
		if (*p == '"') {
			if (split_quoted(&p, &dst) != 0)
				return ERR_FORMAT;
		} else {
			if (!is_bare((unsigned char)*p))
				return ERR_FORMAT;
			while (is_bare((unsigned char)*p))
				*dst++ = *p++;
		}
		*dst++ = '\0';
		if (*p == '\0')
			return 0;
		if (*p++ != '.')
			return ERR_FORMAT;
	}
}

int
toml_put_string(struct buf *out, const char *s)
{
	(void)buf_addc(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			(void)buf_addf(out, "\\%c", c);
		else if (c == '\n')
			(void)buf_adds(out, "\\n");
		else if (c == '\t')
			(void)buf_adds(out, "\\t");
		else if (c < 0x20 || c == 0x7f)
			(void)buf_addf(out, "\\u%04X", c);
		else
			(void)buf_addc(out, (char)c);
	}
	return buf_addc(out, '"');
}

int
toml_put_part(struct buf *out, const char *part)
{
	const char *p = part;

	while (is_bare((unsigned char)*p))
		p++;
	if (*p == '\0' && p != part)
		return buf_adds(out, part);
	return toml_put_string(out, part);
}

int
key_join(char *dst, size_t size, const struct key_path *path, unsigned first)
{
	struct buf b;
	unsigned i;
	int r;

	buf_init(&b, size - 1);
	for (i = first; i < path->n; i++) {
		if (i > first)
			(void)buf_addc(&b, '.');
		(void)toml_put_part(&b, path->part[i]);
	}
	r = buf_err(&b);
	(void)strlcpy(dst, r == 0 ? buf_cstr(&b) : "", size);
	buf_fini(&b);
	return r;
}

/* The place of value in "one|two|three", or -1. */
static int
enum_index(const char *values, const char *value)
{
	int i;
	size_t n;

	for (i = 0;; i++) {
		n = strcspn(values, "|");
		if (strlen(value) == n && strncmp(values, value, n) == 0)
			return i;
		if (values[n] == '\0')
			return -1;
		values += n + 1;
	}
}

/* The length of the part of a row's name that begins at p. */
static size_t
part_len(const char *p)
{
	return strcspn(p, ".");
}

static bool
part_matches(const struct key *key, const char *p, size_t len, const char *part)
{
	if (len == 1 && *p == '*' && key->names != NULL)
		return enum_index(key->names, part) != -1;
	if (len == 1 && *p == '*')
		return *part != '\0';
	return strlen(part) == len && strncmp(p, part, len) == 0;
}

/*
 * How many parts of the path, from first on, the row's name agrees with;
 * rest is where its name goes on after them.
 */
static unsigned
row_agrees(const struct key *key, const struct key_path *path, unsigned first,
    const char **rest)
{
	const char *p = key->name;
	unsigned i;
	size_t n;

	for (i = first; i < path->n && *p != '\0'; i++) {
		n = part_len(p);
		if (!part_matches(key, p, n, path->part[i]))
			break;
		p += n + (p[n] == '.');
	}
	*rest = p;
	return i - first;
}

unsigned
key_base(const struct key_path *path)
{
	return path->n > 2 && strcmp(path->part[0], "profiles") == 0 ? 2 : 0;
}

const struct key *
key_find(const struct key_path *path, unsigned first)
{
	const struct key *key;
	const char *rest;

	for (key = keys; key->name != NULL; key++)
		if (row_agrees(key, path, first, &rest) == path->n - first &&
		    *rest == '\0')
			return key;
	return NULL;
}

const struct key *
key_named(const char *name)
{
	struct key_path path;

	if (key_split(&path, name) != 0)
		return NULL;
	return key_find(&path, key_base(&path));
}

bool
key_is_table(const struct key_path *path, unsigned first)
{
	const struct key *key;
	const char *rest;

	for (key = keys; key->name != NULL; key++)
		if (row_agrees(key, path, first, &rest) == path->n - first &&
		    *rest != '\0')
			return true;
	return false;
}

/* The same, where a row that ends too early is wrong in its last part:
 * model_provider.x is not a model_provider. */
static unsigned
row_depth(const struct key *key, const struct key_path *path, unsigned first,
    const char **rest)
{
	unsigned n = row_agrees(key, path, first, rest);
	const char *dot;

	if (**rest != '\0' || n == path->n - first)
		return n;
	dot = strrchr(key->name, '.');
	*rest = dot == NULL ? key->name : dot + 1;
	return n - 1;
}

struct names {
	char name[NEAREST_MAX][KEY_SIZE];
	unsigned n;
};

static void
names_add(struct names *all, const char *name, size_t len)
{
	if (len == 0 || len >= KEY_SIZE || all->n == NEAREST_MAX)
		return;
	memcpy(all->name[all->n], name, len);
	all->name[all->n++][len] = '\0';
}

/* Collects what may follow the first good parts of the path. */
static void
names_find(struct names *all, const struct key_path *path, unsigned first,
    unsigned good)
{
	const struct key *key;
	const char *rest, *p;
	size_t len;

	for (key = keys; key->name != NULL; key++) {
		if (row_depth(key, path, first, &rest) != good)
			continue;
		len = part_len(rest);
		if (*rest != '*' &&
		    !part_matches(key, rest, len, path->part[first + good]))
			names_add(all, rest, len);
		if (*rest != '*' || key->names == NULL)
			continue;
		for (p = key->names; *p != '\0'; p += len + (p[len] == '|')) {
			len = strcspn(p, "|");
			names_add(all, p, len);
		}
	}
}

bool
key_nearest(char *dst, size_t size, const struct key_path *path, unsigned first)
{
	static struct names all;
	const char *list[NEAREST_MAX + 1], *near, *rest;
	struct key_path fixed = *path;
	const struct key *key;
	unsigned good = 0, n, i;

	all.n = 0;
	for (key = keys; key->name != NULL; key++) {
		n = row_depth(key, path, first, &rest);
		if (n > good)
			good = n;
	}
	if (first + good >= path->n)
		return false;
	names_find(&all, path, first, good);
	for (i = 0; i < all.n; i++)
		list[i] = all.name[i];
	list[i] = NULL;
	near = str_nearest(path->part[first + good], list);
	if (near == NULL)
		return false;
	for (i = 0; i < path->n; i++)
		fixed.part[i] = path->part[i];
	fixed.part[first + good] = near;
	return key_join(dst, size, &fixed, 0) == 0;
}

static void
kind_text(char *dst, size_t size, enum value_kind kind, bool list)
{
	static const char *const texts[] = {
	    [VALUE_STR] = "a string",
	    [VALUE_INT] = "an integer",
	    [VALUE_FLOAT] = "a float",
	    [VALUE_BOOL] = "a boolean",
	    [VALUE_TIME] = "a date or time",
	    [VALUE_EMPTY] = "an array",
	};

	(void)snprintf(dst, size, "%s%s%s", list ? "an array with " : "",
	    texts[kind], list ? " in it" : "");
}

void
key_type_text(const struct key *key, char *dst, size_t size)
{
	switch (key->type) {
	case KEY_STR:
		(void)strlcpy(dst, "a string", size);
		return;
	case KEY_ENUM:
		(void)snprintf(dst, size, "one of %s", key->values);
		return;
	case KEY_INT:
	case KEY_FLOAT:
		if (key->max == INT64_MAX)
			(void)snprintf(dst, size,
			    "%s number of at least %" PRId64,
			    key->type == KEY_INT ? "a whole" : "a", key->min);
		else
			(void)snprintf(dst, size,
			    "%s number from %" PRId64 " to %" PRId64,
			    key->type == KEY_INT ? "a whole" : "a", key->min,
			    key->max);
		return;
	case KEY_BOOL:
		(void)strlcpy(dst, "true or false", size);
		return;
	case KEY_LIST:
		(void)snprintf(dst, size, "an array of %s",
		    key->values == NULL ? "strings" : key->values);
		return;
	}
}

static bool
kind_suits(enum key_type type, enum value_kind kind, bool list)
{
	switch (type) {
	case KEY_STR:
	case KEY_ENUM:
		return kind == VALUE_STR && !list;
	case KEY_INT:
		return kind == VALUE_INT && !list;
	case KEY_FLOAT:
		return (kind == VALUE_INT || kind == VALUE_FLOAT) && !list;
	case KEY_BOOL:
		return kind == VALUE_BOOL && !list;
	case KEY_LIST:
		return kind == VALUE_EMPTY || (kind == VALUE_STR && list);
	}
	return false;
}

static bool
in_range(const struct key *key, const char *value)
{
	const char *err;
	char *end;
	double d;

	if (key->type == KEY_INT) {
		(void)strtonum(value, key->min, key->max, &err);
		return err == NULL;
	}
	d = strtod(value, &end);
	return *end == '\0' && d >= (double)key->min && d <= (double)key->max;
}

/* What a text of the row must be that this one is not, or NULL. */
static const char *
text_wants(const struct key *key, const char *type, const char *value)
{
	if (key->type == KEY_BOOL)
		return enum_index("true|false", value) == -1 ? type : NULL;
	if (key->values != NULL && enum_index(key->values, value) == -1)
		return type;
	return key->type == KEY_STR ? form_wants(key->form, value) : NULL;
}

int
key_check(const struct key *key, enum value_kind kind, bool list,
    const char *value, char *why, size_t size)
{
	char type[256], given[64];
	const char *wanted;

	key_type_text(key, type, sizeof(type));
	if (!kind_suits(key->type, kind, list)) {
		kind_text(given, sizeof(given), kind, list);
		(void)snprintf(why, size, "must be %s, not %s", type, given);
		return ERR_TYPE;
	}
	if (kind == VALUE_EMPTY)
		return 0;
	if (key->type == KEY_INT || key->type == KEY_FLOAT) {
		if (in_range(key, value))
			return 0;
		(void)snprintf(why, size, "must be %s, not %s", type, value);
		return ERR_RANGE;
	}
	if (*value == '\0' && (key->flags & KEY_EMPTY))
		return 0;
	if (*value == '\0') {
		(void)strlcpy(why,
		    list ? "must not have an empty string in it; take it out"
			 : "must not be empty; give it a value or leave it out",
		    size);
		return ERR_RANGE;
	}
	wanted = text_wants(key, type, value);
	if (wanted == NULL)
		return 0;
	(void)snprintf(why, size, "must be %s, not \"%s\"", wanted, value);
	return ERR_RANGE;
}

bool
key_tighter(const struct key *key, const char *value, const char *other)
{
	switch (key->type) {
	case KEY_ENUM:
		return enum_index(key->values, value) <=
		       enum_index(key->values, other);
	case KEY_INT:
	case KEY_FLOAT:
		return strtod(value, NULL) <= strtod(other, NULL);
	case KEY_BOOL:
		return strcmp(value, "false") == 0 ||
		       strcmp(other, "true") == 0;
	case KEY_STR:
	case KEY_LIST:
		break;
	}
	return false;
}
