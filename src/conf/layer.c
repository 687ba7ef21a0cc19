/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the layers of configuration, and the values that they have. */

#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "conf/layer.h"
#include "conf/layer_int.h"

/* The providers that are there without configuration. */
static const struct builtin {
	const char *name, *value;
} builtins[] = {
    {"model_providers.openai.name", "OpenAI"},
    {"model_providers.openai.base_url", "https://api.openai.com/v1"},
    {"model_providers.openai.default_model", "gpt-5.5"},
    {"model_providers.openai.wire_api", "responses"},
    {"model_providers.openai.env_key", "OPENAI_API_KEY"},
    {"model_providers.openai.requires_openai_auth", "true"},
    {"model_providers.anthropic.name", "Anthropic"},
    {"model_providers.anthropic.base_url", "https://api.anthropic.com/v1"},
    {"model_providers.anthropic.default_model", "claude-sonnet-4-5"},
    {"model_providers.anthropic.wire_api", "messages"},
    {"model_providers.anthropic.env_key", "ANTHROPIC_API_KEY"},
    {"model_providers.ollama.name", "Ollama"},
    {"model_providers.ollama.base_url", "http://127.0.0.1:11434/v1"},
    {"model_providers.ollama.default_model", "gpt-oss:20b"},
    {"model_providers.ollama.wire_api", "chat"},
    {"model_providers.lmstudio.name", "LM Studio"},
    {"model_providers.lmstudio.base_url", "http://127.0.0.1:1234/v1"},
    {"model_providers.lmstudio.default_model", "openai/gpt-oss-20b"},
    {"model_providers.lmstudio.wire_api", "chat"},
};

void
layer_diag(struct conf *c, bool error, const struct conf_item *at,
    const char *fmt, ...)
{
	char text[1024];
	struct conf_diag *d;
	va_list ap;

	c->failed |= error;
	if (c->ndiags == DIAGS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d = &c->diags[c->ndiags++];
	d->error = error;
	if (at->file == NULL)
		d->text = xasprintf("%s: %s", layer_name(at->layer), text);
	else if (at->line == 0)
		d->text = xasprintf("%s: %s", at->file, text);
	else
		d->text = xasprintf(
		    "%s:%u:%u: %s", at->file, at->line, at->column, text);
}

/* A mistake: fatal except in a project's file, which others wrote. */
static bool
is_error(const struct conf *c, enum conf_layer layer)
{
	return c->strict || layer != LAYER_PROJECT;
}

struct conf_item
layer_item(const struct conf_value *v)
{
	return (struct conf_item){.name = v->name,
	    .layer = v->layer,
	    .file = v->file,
	    .line = v->line,
	    .column = v->column};
}

static struct conf_value *
value_new(struct conf *c, const struct key *key, const char *name,
    const struct conf_item *item)
{
	struct conf_value *v;

	if (c->n == c->size) {
		c->size = c->size == 0 ? 256 : 2 * c->size;
		c->all = xreallocarray(c->all, c->size, sizeof(*c->all));
	}
	v = &c->all[c->n];
	memset(v, 0, sizeof(*v));
	v->key = key;
	v->name = xstrdup(name);
	v->layer = item->layer;
	v->kind = item->kind;
	v->file = item->file == NULL ? NULL : xstrdup(item->file);
	v->line = item->line;
	v->column = item->column;
	v->order = ++c->n;
	return v;
}

static void
value_push(struct conf_value *v, const char *text)
{
	v->v = xreallocarray(v->v, v->n + 1, sizeof(*v->v));
	v->v[v->n++] = xstrdup(text);
}

static enum value_kind
type_kind(enum key_type type)
{
	static const enum value_kind kinds[] = {
	    [KEY_STR] = VALUE_STR,
	    [KEY_ENUM] = VALUE_STR,
	    [KEY_INT] = VALUE_INT,
	    [KEY_FLOAT] = VALUE_FLOAT,
	    [KEY_BOOL] = VALUE_BOOL,
	    [KEY_LIST] = VALUE_EMPTY,
	};

	return kinds[type];
}

struct conf_value *
layer_builtin(
    struct conf *c, const struct key *key, const char *name, const char *value)
{
	struct conf_item item = {
	    .layer = LAYER_BUILTIN, .kind = type_kind(key->type)};
	struct conf_value *v = value_new(c, key, name, &item);

	value_push(v, value);
	return v;
}

struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));
	struct key_path path;
	const struct key *key;
	size_t i;

	for (key = keys; key->name != NULL; key++)
		if (strchr(key->name, '*') == NULL && key->def != NULL)
			(void)layer_builtin(c, key, key->name, key->def);
	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		if (key_split(&path, builtins[i].name) != 0)
			assert(false && "a built-in name is no key");
		key = key_find(&path, 0);
		assert(key != NULL);
		(void)layer_builtin(
		    c, key, builtins[i].name, builtins[i].value);
	}
	return c;
}

void
conf_free(struct conf *c)
{
	size_t i, j;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		for (j = 0; j < c->all[i].n; j++)
			free(c->all[i].v[j]);
		free(c->all[i].v);
		free(c->all[i].name);
		free(c->all[i].profile);
		free(c->all[i].file);
	}
	for (i = 0; i < c->ndiags; i++)
		free(c->diags[i].text);
	free(c->all);
	free(c->live);
	free(c);
}

void
conf_strict(struct conf *c, bool strict)
{
	c->strict = strict;
}

static void
diag_unknown(struct conf *c, const struct conf_item *item,
    const struct key_path *path, unsigned first)
{
	char near[KEY_SIZE];
	bool error = is_error(c, item->layer);
	const char *verb = error ? "" : ", ignored";

	if (key_is_table(path, first))
		layer_diag(c, error, item,
		    "%s is a table, not a value%s; name a key of it",
		    item->name, verb);
	else if (key_nearest(near, sizeof(near), path, first))
		layer_diag(c, error, item, "no key %s%s; did you mean %s?",
		    item->name, verb, near);
	else
		layer_diag(c, error, item,
		    "no key %s%s; 'cordon help config-file' has them",
		    item->name, verb);
}

/* Whether the layer may have the key at all. */
static bool
layer_permits(
    struct conf *c, const struct conf_item *item, const struct key *key)
{
	if ((key->flags & KEY_SYSTEM) && item->layer != LAYER_SYSTEM) {
		layer_diag(c, is_error(c, item->layer), item,
		    "%s has a meaning only in the system's file; set it there",
		    item->name);
		return false;
	}
	if (item->layer == LAYER_PROJECT && key->project == PROJECT_NO) {
		layer_diag(c, c->strict, item,
		    "%s is ignored: a project's file cannot set it",
		    item->name);
		return false;
	}
	return true;
}

/* Another element of the array that was added last. */
static bool
value_continue(struct conf *c, const struct conf_item *item, const char *name)
{
	struct conf_value *v = c->n == 0 ? NULL : &c->all[c->n - 1];

	if (v == NULL || !item->list || v->layer != item->layer ||
	    v->kind != VALUE_EMPTY || strcmp(v->name, name) != 0)
		return false;
	value_push(v, item->value);
	return true;
}

/* -c model=5 means "5", and -c locked=x an array of one. */
static void
take_as_meant(struct conf_item *item, const struct key *key)
{
	bool word = !item->list && item->kind != VALUE_EMPTY;

	if (word && (key->type == KEY_STR || key->type == KEY_ENUM))
		item->kind = VALUE_STR;
	if (word && key->type == KEY_LIST && item->kind == VALUE_STR)
		item->list = true;
}

static void
add_checked(struct conf *c, struct conf_item *item, const struct key *key,
    const char *name, const char *profile)
{
	char why[512];
	struct conf_value *v;

	if (!layer_permits(c, item, key))
		return;
	if (item->layer == LAYER_CLI)
		take_as_meant(item, key);
	if (key_check(key, item->kind, item->list, item->value, why,
		sizeof(why)) != 0) {
		layer_diag(c, is_error(c, item->layer), item, "%s %s",
		    item->name, why);
		return;
	}
	if (value_continue(c, item, name))
		return;
	v = value_new(c, key, name, item);
	if (profile != NULL)
		v->profile = xstrdup(profile);
	if (item->kind != VALUE_EMPTY)
		value_push(v, item->value);
	if (key->type == KEY_LIST)
		v->kind = VALUE_EMPTY; /* of an array: more may come */
}

void
conf_add(struct conf *c, const struct conf_item *given)
{
	struct conf_item item = *given;
	struct key_path path;
	const struct key *key;
	char name[KEY_SIZE];
	unsigned first = 0;

	assert(!c->finished);
	if (key_split(&path, item.name) != 0) {
		layer_diag(c, is_error(c, item.layer), &item,
		    "%.100s is not the name of a key; 'cordon help "
		    "config-file' has them",
		    item.name);
		return;
	}
	if (item.layer == LAYER_USER || item.layer == LAYER_SYSTEM)
		first = key_base(&path);
	if (first > 0)
		item.layer = LAYER_PROFILE;
	key = key_find(&path, first);
	if (key == NULL) {
		if (item.layer == LAYER_PROJECT &&
		    strcmp(path.part[0], "profiles") == 0)
			layer_diag(c, c->strict, &item,
			    "%s is ignored: a project's"
			    " file has no profiles",
			    item.name);
		else
			diag_unknown(c, &item, &path, first);
		return;
	}
	if (key_join(name, sizeof(name), &path, first) != 0) {
		layer_diag(c, true, &item, "a name that is too long");
		return;
	}
	add_checked(c, &item, key, name, first > 0 ? path.part[1] : NULL);
}

/* A text from where there are no types: a variable or an option. */
static void
add_untyped(struct conf *c, enum conf_layer layer, const char *source,
    const char *name, const char *value)
{
	struct conf_item item = {
	    .name = name, .value = value, .layer = layer, .file = source};
	struct key_path path;
	const struct key *key = NULL;

	if (key_split(&path, name) == 0)
		key = key_find(&path, 0);
	item.list = key != NULL && key->type == KEY_LIST;
	if (key != NULL && !item.list)
		item.kind = type_kind(key->type);
	conf_add(c, &item);
}

void
conf_add_env(struct conf *c)
{
	const struct key *key;
	const char *value;

	for (key = keys; key->name != NULL; key++) {
		value = key->env == NULL ? NULL : getenv(key->env);
		if (value != NULL && *value != '\0')
			add_untyped(c, LAYER_ENV, key->env, key->name, value);
	}
}

void
conf_add_cli(struct conf *c, const char *name, const char *value)
{
	add_untyped(c, LAYER_CLI, NULL, name, value);
}

bool
conf_said(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->all[i].layer != LAYER_BUILTIN &&
		    c->all[i].layer != LAYER_PROFILE &&
		    c->all[i].layer != LAYER_PROJECT &&
		    strcmp(c->all[i].name, name) == 0)
			return true;
	return false;
}

void
conf_add_builtin(struct conf *c, const char *name, const char *value)
{
	add_untyped(c, LAYER_BUILTIN, NULL, name, value);
}

void
conf_fail(struct conf *c, const char *text)
{
	c->failed = true;
	if (c->ndiags < DIAGS_MAX)
		c->diags[c->ndiags++] = (struct conf_diag){true, xstrdup(text)};
}

const struct conf_diag *
conf_diags(const struct conf *c, size_t *n)
{
	*n = c->ndiags;
	return c->diags;
}

bool
conf_failed(const struct conf *c)
{
	return c->failed;
}

const struct conf_value *
conf_get(const struct conf *c, const char *name)
{
	size_t lo = 0, hi = c->nlive, mid;
	int r;

	assert(c->finished);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = strcmp(name, c->live[mid]->name);
		if (r == 0)
			return c->live[mid];
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const char *
conf_text(const struct conf *c, const char *name)
{
	const struct conf_value *v = conf_get(c, name);

	return v == NULL || v->key->type == KEY_LIST ? NULL : v->v[0];
}

bool
conf_is(const struct conf *c, const char *name, const char *value)
{
	const char *text = conf_text(c, name);

	return text != NULL && strcmp(text, value) == 0;
}

const struct conf_value *const *
conf_all(const struct conf *c, size_t *n)
{
	*n = c->nlive;
	return c->live;
}

int
conf_value_toml(struct buf *out, const struct conf_value *v)
{
	size_t i;

	if (v->key->type != KEY_LIST) {
		if (v->key->type == KEY_STR || v->key->type == KEY_ENUM)
			return toml_put_string(out, v->v[0]);
		return buf_adds(out, v->v[0]);
	}
	(void)buf_addc(out, '[');
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			(void)buf_adds(out, ", ");
		(void)toml_put_string(out, v->v[i]);
	}
	return buf_addc(out, ']');
}
