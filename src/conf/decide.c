/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: which value of all layers counts, and what belongs together.
 *
 * A higher layer beats a lower one, with two exceptions that exist for the
 * sake of what the walls promise: a key that the system's file locks keeps
 * the system's value, and the workspace's file can only tighten.
 */

#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/layer.h"
#include "conf/layer_int.h"

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
		layer_builtin(c, k, sibling, k->def)->order = 0;
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
	at = layer_item(c->locked);
	for (j = 0; j < c->locked->n; j++) {
		const char *name = c->locked->v[j];
		bool split = key_split(&path, name) == 0;

		if (split &&
		    (key_find(&path, 0) != NULL || key_is_table(&path, 0)))
			continue;
		if (split && key_nearest(near, sizeof(near), &path, 0))
			layer_diag(c, true, &at,
			    "locked: no key %s; did you mean"
			    " %s?",
			    name, near);
		else
			layer_diag(c, true, &at,
			    "locked: no key %s; 'cordon help config-file' has "
			    "them",
			    name);
	}
}

/* Says that a layer tried to set what the system's file locks. */
static void
diag_locked(struct conf *c, const struct conf_value *v)
{
	struct conf_item at = layer_item(v);
	bool error = v->layer >= LAYER_ENV || c->strict;

	layer_diag(c, error, &at, "%s is %s: %s locks it", v->name,
	    error ? "refused" : "ignored", c->locked->file);
}

/* The better of the value so far and what the project's file says. */
static const struct conf_value *
tighten(struct conf *c, const struct conf_value *best,
    const struct conf_value *project)
{
	struct conf_item at = layer_item(project);

	if (best == NULL ||
	    key_tighter(project->key, project->v[0], best->v[0]))
		return project;
	layer_diag(c, c->strict, &at,
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
		layer_diag(c, true, &at, "no profile %s; did you mean %s?",
		    profile, near);
	else if (i == n)
		layer_diag(c, true, &at,
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

/* A token does not travel where anybody can read it, unless the person says
 * that the way there is a network of their own. */
static void
clear_check(struct conf *c, const struct conf_value *v)
{
	struct conf_item at = layer_item(v);
	const struct conf_value *private = beside(c, v, 1, "private_address");

	if (private == NULL || strcmp(private->v[0], "true") != 0)
		layer_diag(c, true, &at,
		    "%s: what is sent to %s can be read on the way; use https",
		    v->name, v->v[0]);
}

/* What a key by itself cannot tell. */
static void
together_check(struct conf *c, const struct conf_value *v)
{
	struct conf_item at = layer_item(v);
	const struct conf_value *command, *other;

	if (v->key->form == FORM_URL && form_clear(v->v[0]))
		clear_check(c, v);
	if (v->layer == LAYER_BUILTIN ||
	    !str_starts(v->key->name, "model_providers.*.auth."))
		return;
	command = beside(c, v, 1, "command");
	if (command == NULL)
		layer_diag(
		    c, true, &at, "%s needs a command beside it", v->name);
	if (!row_is(v, "model_providers.*.auth.command"))
		return;
	other = beside(c, v, 2, "env_key");
	if (other != NULL && other->layer != LAYER_BUILTIN)
		layer_diag(c, true, &at, "%s and %s exclude each other",
		    v->name, other->name);
}

static void
provider_check(struct conf *c)
{
	const struct conf_value *v = conf_get(c, "model_provider");
	struct conf_item at = layer_item(v);
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
		layer_diag(c, true, &at,
		    "model_provider: no provider %s has a base_url; set "
		    "model_providers.%s.base_url",
		    v->v[0], v->v[0]);
	else
		layer_diag(c, true, &at,
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
	if (c->failed) /* what is missing may be what was refused */
		return;
	for (i = 0; i < c->nlive; i++)
		together_check(c, c->live[i]);
	provider_check(c);
}
