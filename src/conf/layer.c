/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the layers of configuration and which value of them counts.
 *
 * A higher layer beats a lower one, with two exceptions that exist for the
 * sake of what the walls promise: a key that the system's file locks keeps
 * the system's value, and the workspace's file can only tighten.
 */

#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "conf/layer.h"

#define DIAGS_MAX 100 /* more are counted as one */

struct conf {
	struct conf_value *all; /* owned; every value of every layer */
	size_t n, size;
	const struct conf_value **live; /* owned; those in force, by name */
	size_t nlive;
	struct conf_diag diags[DIAGS_MAX]; /* owned */
	size_t ndiags;
	const struct conf_value *locked; /* borrowed; the system's list */
	bool strict;
	bool failed;
	bool finished;
};

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

static void diag(struct conf *c, bool error, const struct conf_item *at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
diag(struct conf *c, bool error, const struct conf_item *at, const char *fmt,
    ...)
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

static struct conf_item
item_of(const struct conf_value *v)
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

static struct conf_value *
builtin_add(
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
			(void)builtin_add(c, key, key->name, key->def);
	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		if (key_split(&path, builtins[i].name) != 0)
			assert(false && "a built-in name is no key");
		key = key_find(&path, 0);
		assert(key != NULL);
		(void)builtin_add(c, key, builtins[i].name, builtins[i].value);
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
		diag(c, error, item,
		    "%s is a table, not a value%s; name a key of it",
		    item->name, verb);
	else if (key_nearest(near, sizeof(near), path, first))
		diag(c, error, item, "no key %s%s; did you mean %s?",
		    item->name, verb, near);
	else
		diag(c, error, item,
		    "no key %s%s; 'cordon help config-file' has them",
		    item->name, verb);
}

/* Whether the layer may have the key at all. */
static bool
layer_permits(
    struct conf *c, const struct conf_item *item, const struct key *key)
{
	if ((key->flags & KEY_SYSTEM) && item->layer != LAYER_SYSTEM) {
		diag(c, is_error(c, item->layer), item,
		    "%s has a meaning only in the system's file; set it there",
		    item->name);
		return false;
	}
	if (item->layer == LAYER_PROJECT && key->project == PROJECT_NO) {
		diag(c, c->strict, item,
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
		diag(c, is_error(c, item->layer), item, "%s %s", item->name,
		    why);
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
		diag(c, is_error(c, item.layer), &item,
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
			diag(c, c->strict, &item,
			    "%s is ignored: a project's"
			    " file has no profiles",
			    item.name);
		else
			diag_unknown(c, &item, &path, first);
		return;
	}
	if (key_join(name, sizeof(name), &path, first) != 0) {
		diag(c, true, &item, "a name that is too long");
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

static int
value_compare(const void *a, const void *b)
{
	const struct conf_value *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (r != 0)
		return r;
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Adds the defaults of the table that a value with a named part is in, such
 * as the time-outs of a provider. */
static void
siblings_add(struct conf *c, const struct key *key, const char *name)
{
	size_t prefix = (size_t)(strrchr(key->name, '.') - key->name) + 1;
	const struct key *k;
	const char *last;
	char *sibling;

	for (k = keys; k->name != NULL; k++) {
		if (k->def == NULL ||
		    strncmp(k->name, key->name, prefix) != 0 ||
		    strchr(k->name + prefix, '.') != NULL)
			continue;
		/* The last part of these names is bare: it is in the table. */
		last = strrchr(name, '.');
		sibling = xasprintf(
		    "%.*s.%s", (int)(last - name), name, k->name + prefix);
		/* Whatever else is built in beats it. */
		builtin_add(c, k, sibling, k->def)->order = 0;
		free(sibling);
	}
}

static void
defaults_add(struct conf *c)
{
	size_t i, n = c->n;
	char *name;

	for (i = 0; i < n; i++) {
		const struct key *key = c->all[i].key;
		const char *star = strrchr(key->name, '*');

		/* Not where the last part itself is the person's. */
		if (star == NULL || star[1] == '\0')
			continue;
		name = xstrdup(c->all[i].name);
		siblings_add(c, key, name);
		free(name);
	}
}

/* Whether the system's list of locked keys names this one or a table above
 * it. */
static bool
is_locked(const struct conf *c, const char *name)
{
	size_t i, n;

	if (c->locked == NULL)
		return false;
	for (i = 0; i < c->locked->n; i++) {
		n = strlen(c->locked->v[i]);
		if (strncmp(name, c->locked->v[i], n) == 0 &&
		    (name[n] == '\0' || name[n] == '.'))
			return true;
	}
	return false;
}

/* Finds the system's list of locked keys and checks its names. */
static void
locked_find(struct conf *c)
{
	struct conf_item at;
	struct key_path path;
	char near[KEY_SIZE];
	size_t i, j;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->all[i].name, "locked") == 0)
			c->locked = &c->all[i];
	if (c->locked == NULL)
		return;
	at = item_of(c->locked);
	for (j = 0; j < c->locked->n; j++) {
		const char *name = c->locked->v[j];
		bool split = key_split(&path, name) == 0;

		if (split &&
		    (key_find(&path, 0) != NULL || key_is_table(&path, 0)))
			continue;
		if (split && key_nearest(near, sizeof(near), &path, 0))
			diag(c, true, &at,
			    "locked: no key %s; did you mean"
			    " %s?",
			    name, near);
		else
			diag(c, true, &at,
			    "locked: no key %s; 'cordon help config-file' has "
			    "them",
			    name);
	}
}

/* Says that a layer tried to set what the system's file locks. */
static void
diag_locked(struct conf *c, const struct conf_value *v)
{
	struct conf_item at = item_of(v);
	bool error = v->layer >= LAYER_ENV || c->strict;

	diag(c, error, &at, "%s is %s: %s locks it", v->name,
	    error ? "refused" : "ignored", c->locked->file);
}

/* The better of the value so far and what the project's file says. */
static const struct conf_value *
tighten(struct conf *c, const struct conf_value *best,
    const struct conf_value *project)
{
	struct conf_item at = item_of(project);

	if (best == NULL ||
	    key_tighter(project->key, project->v[0], best->v[0]))
		return project;
	diag(c, c->strict, &at,
	    "%s = %s is ignored: a project's file can only tighten, and %s"
	    " has %s",
	    project->name, project->v[0], layer_name(best->layer), best->v[0]);
	return best;
}

/* Decides over the values of one name, all[from] to all[to - 1]. */
static const struct conf_value *
group_decide(struct conf *c, size_t from, size_t to, const char *profile)
{
	const struct conf_value *best = NULL, *project = NULL, *v;
	bool locked = is_locked(c, c->all[from].name);
	size_t i;

	for (i = from; i < to; i++) {
		v = &c->all[i];
		if (v->layer == LAYER_PROFILE &&
		    (profile == NULL || strcmp(v->profile, profile) != 0))
			continue;
		if (locked && v->layer > LAYER_SYSTEM)
			diag_locked(c, v);
		else if (v->layer == LAYER_PROJECT &&
			 v->key->project == PROJECT_TIGHTEN)
			project = v;
		else
			best = v;
	}
	return project == NULL ? best : tighten(c, best, project);
}

static void
profile_check(struct conf *c, const char *profile)
{
	struct conf_item at = {.layer = LAYER_CLI};
	const char **names, *near;
	size_t i, n = 0;

	names = xcalloc(c->n + 1, sizeof(*names));
	for (i = 0; i < c->n; i++)
		if (c->all[i].profile != NULL)
			names[n++] = c->all[i].profile;
	for (i = 0; i < n; i++)
		if (strcmp(names[i], profile) == 0)
			break;
	near = i < n ? NULL : str_nearest(profile, names);
	if (i == n && near != NULL)
		diag(c, true, &at, "no profile %s; did you mean %s?", profile,
		    near);
	else if (i == n)
		diag(c, true, &at,
		    "no profile %s; a profile is a table"
		    " [profiles.%s] of the configuration",
		    profile, profile);
	free(names);
}

/* The value beside v whose last part is leaf ("env_key"). */
static const struct conf_value *
beside(const struct conf *c, const struct conf_value *v, size_t parents,
    const char *leaf)
{
	const char *end = v->name + strlen(v->name);
	const struct conf_value *found;
	char *name;

	for (; parents > 0; parents--)
		do
			end--;
		while (*end != '.');
	name = xasprintf("%.*s.%s", (int)(end - v->name), v->name, leaf);
	found = conf_get(c, name);
	free(name);
	return found;
}

static bool
row_is(const struct conf_value *v, const char *row)
{
	return strcmp(v->key->name, row) == 0;
}

/* What a key by itself cannot tell. */
static void
together_check(struct conf *c, const struct conf_value *v)
{
	struct conf_item at = item_of(v);
	const struct conf_value *command, *other;

	if (v->layer == LAYER_BUILTIN ||
	    !str_starts(v->key->name, "model_providers.*.auth."))
		return;
	command = beside(c, v, 1, "command");
	if (command == NULL || command->v[0][0] == '\0') {
		if (command == NULL || command == v)
			diag(c, true, &at,
			    "%s needs a command beside it that"
			    " is not empty",
			    v->name);
		return;
	}
	if (!row_is(v, "model_providers.*.auth.command"))
		return;
	other = beside(c, v, 2, "env_key");
	if (other != NULL && other->layer != LAYER_BUILTIN)
		diag(c, true, &at, "%s and %s exclude each other", v->name,
		    other->name);
}

static void
provider_check(struct conf *c)
{
	const struct conf_value *v = conf_get(c, "model_provider");
	struct conf_item at = item_of(v);
	const char **names, *near;
	struct key_path path;
	char name[KEY_SIZE];
	struct buf b;
	size_t i, n = 0;

	buf_init(&b, sizeof(name) - 1);
	(void)buf_adds(&b, "model_providers.");
	(void)toml_put_part(&b, v->v[0]);
	(void)buf_adds(&b, ".base_url");
	if (buf_err(&b) == 0 && conf_get(c, buf_cstr(&b)) != NULL) {
		buf_fini(&b);
		return;
	}
	buf_fini(&b);
	names = xcalloc(c->nlive + 1, sizeof(*names));
	for (i = 0; i < c->nlive; i++)
		if (row_is(c->live[i], "model_providers.*.base_url") &&
		    key_split(&path, c->live[i]->name) == 0)
			names[n++] = xstrdup(path.part[1]);
	near = str_nearest(v->v[0], names);
	if (near == NULL)
		diag(c, true, &at,
		    "model_provider: no provider %s has a base_url; set "
		    "model_providers.%s.base_url",
		    v->v[0], v->v[0]);
	else
		diag(c, true, &at,
		    "model_provider: no provider %s; did you mean %s?", v->v[0],
		    near);
	for (i = 0; i < n; i++)
		free((char *)(uintptr_t)names[i]);
	free(names);
}

void
conf_finish(struct conf *c, const char *profile)
{
	const struct conf_value *best;
	size_t i, from;

	assert(!c->finished);
	defaults_add(c);
	qsort(c->all, c->n, sizeof(*c->all), value_compare);
	locked_find(c);
	c->finished = true;
	c->live = xcalloc(c->n + 1, sizeof(struct conf_value *));
	for (from = 0; from < c->n; from = i) {
		for (i = from + 1; i < c->n; i++)
			if (strcmp(c->all[i].name, c->all[from].name) != 0)
				break;
		best = group_decide(c, from, i, profile);
		if (best != NULL)
			c->live[c->nlive++] = best;
	}
	if (profile != NULL)
		profile_check(c, profile);
	for (i = 0; i < c->nlive; i++)
		together_check(c, c->live[i]);
	provider_check(c);
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
