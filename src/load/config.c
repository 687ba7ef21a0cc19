/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of cordon-load: a configuration file as CONF frames, one for each
 * value.  What the keys are called is none of its business: main checks them
 * against the table of keys.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/toml.h"
#include "load/load.h"

#define CONFIG_CLI 6    /* LAYER_CLI of conf/keys.h */
#define SET_MAX    4096 /* bytes of a KEY=VALUE */

static const enum conf_kind kinds[] = {
    [TOML_STR] = CONF_STR,
    [TOML_INT] = CONF_INT,
    [TOML_FLOAT] = CONF_FLOAT,
    [TOML_BOOL] = CONF_BOOL,
    [TOML_DATETIME] = CONF_TIME,
    [TOML_LOCAL_DATETIME] = CONF_TIME,
    [TOML_LOCAL_DATE] = CONF_TIME,
    [TOML_LOCAL_TIME] = CONF_TIME,
};

static int walk_value(struct walk *w, const struct toml *t);

static int
walk_fail(struct walk *w, const struct leaf *at, const char *text)
{
	if (at->line == 0)
		return load_fail(w->load, "%s: %s", w->src->name, text);
	return load_fail(
	    w->load, "%s:%u:%u: %s", w->src->name, at->line, at->column, text);
}

static bool
is_bare(struct bytes part)
{
	size_t i;

	for (i = 0; i < part.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			part.p[i]) == NULL ||
		    part.p[i] == '\0')
			return false;
	return part.len > 0;
}

/* Adds a part to the key; quoted unless bare.  ERR_FORMAT for a NUL. */
static int
walk_push(struct walk *w, struct bytes part)
{
	size_t i;

	if (w->key.len > 0)
		(void)buf_addc(&w->key, '.');
	if (is_bare(part))
		return buf_add(&w->key, part.p, part.len);
	(void)buf_addc(&w->key, '"');
	for (i = 0; i < part.len; i++) {
		if (part.p[i] == '\0')
			return ERR_FORMAT;
		if (part.p[i] == '"' || part.p[i] == '\\')
			(void)buf_addc(&w->key, '\\');
		(void)buf_addc(&w->key, (char)part.p[i]);
	}
	return buf_addc(&w->key, '"');
}

int
walk_emit(
    struct walk *w, const struct leaf *leaf, enum conf_kind kind, bool list)
{
	struct msg_conf m = {.value = leaf->text,
	    .kind = (uint8_t)kind,
	    .list = list,
	    .layer = w->src->layer,
	    .file = bytes_of(w->src->name),
	    .line = leaf->line,
	    .column = leaf->column};
	int r;

	if (leaf->text.len > 0 &&
	    memchr(leaf->text.p, '\0', leaf->text.len) != NULL)
		return walk_fail(w, leaf, "a string with a NUL in it");
	m.key = (struct bytes){buf_data(&w->key), w->key.len};
	r = load_send(w->load, MSG_CONF, &m);
	return r == 0 ? 0 : walk_fail(w, leaf, "a value that is too long");
}

int
walk_into(struct walk *w, const struct leaf *at, struct bytes part)
{
	if (walk_push(w, part) == 0)
		return 0;
	return walk_fail(w, at, "a key that is too long or has a NUL in it");
}

static struct leaf
leaf_of(const struct toml *t)
{
	return (struct leaf){t->text, t->line, t->column};
}

/* Below a key or the number of an element, which is taken off again. */
static int
walk_below(struct walk *w, const struct toml *t, struct bytes part)
{
	struct leaf at = leaf_of(t);
	size_t len = w->key.len;
	int r;

	r = walk_into(w, &at, part);
	if (r == 0)
		r = walk_value(w, t);
	w->key.len = len;
	return r;
}

static int
walk_array(struct walk *w, const struct toml *array)
{
	struct leaf leaf = leaf_of(array);
	const struct toml *t;
	char number[16];
	unsigned i = 0;
	int r = 0;

	if (array->child == NULL)
		return walk_emit(w, &leaf, CONF_EMPTY, false);
	for (t = array->child; r == 0 && t != NULL; t = t->next, i++) {
		leaf = leaf_of(t);
		if (t->type != TOML_TABLE && t->type != TOML_ARRAY) {
			r = walk_emit(w, &leaf, kinds[t->type], true);
			continue;
		}
		(void)snprintf(number, sizeof(number), "%u", i);
		r = walk_below(w, t, bytes_of(number));
	}
	return r;
}

static int
walk_table(struct walk *w, const struct toml *table)
{
	const struct toml *t;
	int r = 0;

	for (t = table->child; r == 0 && t != NULL; t = t->next)
		r = walk_below(w, t, t->key);
	return r;
}

static int
walk_value(struct walk *w, const struct toml *t)
{
	struct leaf leaf = leaf_of(t);

	if (t->type == TOML_TABLE)
		return walk_table(w, t);
	if (t->type == TOML_ARRAY)
		return walk_array(w, t);
	return walk_emit(w, &leaf, kinds[t->type], false);
}

static int
walk_root(
    struct load *l, const struct load_source *src, const struct toml *root)
{
	struct walk w = {.load = l, .src = src};
	int r;

	buf_init(&w.key, WALK_KEY_MAX);
	r = walk_table(&w, root);
	buf_fini(&w.key);
	return r;
}

static int
config_read(struct load *l, const struct load_source *src)
{
	struct toml_error err;
	struct toml *root = toml_read(src->text.p, src->text.len, &err);
	int r;

	if (root == NULL)
		return load_fail(l, "%s:%u:%u: %s", src->name, err.line,
		    err.column, err.text);
	r = walk_root(l, src, root);
	toml_free(root);
	return r;
}

const struct load_kind load_config = {"config", TOML_SIZE_MAX, config_read};

/* The key before the first =, the value behind it: TOML, or else a string. */
int
config_set(struct load *l, struct bytes text)
{
	const struct load_source src = {.name = "-c", .layer = CONFIG_CLI};
	const uint8_t *eq = memchr(text.p, '=', text.len);
	struct toml_error err;
	struct msg_conf m = {.layer = CONFIG_CLI};
	struct toml *root = NULL;
	int r;

	if (eq == NULL || eq == text.p || text.len > SET_MAX)
		return load_fail(l, "-c %.*s: it should be KEY=VALUE",
		    (int)(text.len > 80 ? 80 : text.len), (const char *)text.p);
	if (memchr(text.p, '\n', text.len) == NULL)
		root = toml_read(text.p, text.len, &err);
	if (root != NULL) {
		r = walk_root(l, &src, root);
		toml_free(root);
		return r;
	}
	m.key = (struct bytes){text.p, (size_t)(eq - text.p)};
	m.value = (struct bytes){eq + 1, text.len - m.key.len - 1};
	while (m.key.len > 0 && m.key.p[m.key.len - 1] == ' ')
		m.key.len--;
	if (load_send(l, MSG_CONF, &m) != 0)
		return load_fail(l,
		    "-c %.*s: the key or the value is too"
		    " long",
		    (int)(m.key.len > 80 ? 80 : m.key.len),
		    (const char *)m.key.p);
	return 0;
}
