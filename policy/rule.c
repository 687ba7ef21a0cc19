/* SPDX-License-Identifier: Apache-2.0 */

/* Library: policies as data. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "policy/rule.h"

static const char *const effect_names[] = {[EFFECT_NONE] = "none",
    [EFFECT_ALLOW] = "allow",
    [EFFECT_ASK] = "ask",
    [EFFECT_FORBID] = "forbid"};
static const char *const layer_names[] = {[POLICY_BUILTIN] = "built-in",
    [POLICY_SYSTEM] = "system",
    [POLICY_USER] = "user",
    [POLICY_CLI] = "command line",
    [POLICY_PROJECT] = "project"};

const char *
effect_name(enum effect effect)
{
	return effect_names[effect];
}

const char *
policy_layer_name(enum policy_layer layer)
{
	return layer_names[layer];
}

const char *
rule_file(const struct rule *r)
{
	return r->file[0] != '\0' ? r->file : policy_layer_name(r->layer);
}

void
words_add(struct words *w, struct bytes word)
{
	w->v = xreallocarray(w->v, w->n + 1, sizeof(w->v[0]));
	w->v[w->n++] = xmemdup(word.p, word.len);
}

void
words_fini(struct words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	w->v = NULL;
	w->n = 0;
}

void
rule_init(struct rule *r)
{
	memset(r, 0, sizeof(*r));
	r->any_args = true;
}

void
rule_fini(struct rule *r)
{
	struct words *const lists[] = {&r->program, &r->read, &r->write,
	    &r->net, &r->tool, &r->mcp, &r->match, &r->not_match};
	size_t i;

	free(r->id);
	free(r->reason);
	free(r->file);
	for (i = 0; i < r->nargs; i++)
		words_fini(&r->args[i].words);
	free(r->args);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		words_fini(lists[i]);
	rule_init(r);
}

static bool
same_words(const struct words *a, const struct words *b)
{
	size_t i;

	for (i = 0; a->n == b->n && i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

static bool
same_args(const struct rule *a, const struct rule *b)
{
	size_t i;

	if (a->any_args != b->any_args || a->nargs != b->nargs)
		return false;
	for (i = 0; i < a->nargs; i++)
		if (a->args[i].kind != b->args[i].kind ||
		    !same_words(&a->args[i].words, &b->args[i].words))
			return false;
	return true;
}

bool
rule_covers(const struct rule *a, const struct rule *b)
{
	return same_words(&a->program, &b->program) &&
	       (a->any_args || same_args(a, b)) &&
	       same_words(&a->read, &b->read) &&
	       same_words(&a->write, &b->write) &&
	       same_words(&a->net, &b->net) && same_words(&a->tool, &b->tool) &&
	       same_words(&a->mcp, &b->mcp);
}

void
policy_init(struct policy *p)
{
	memset(p, 0, sizeof(*p));
}

void
policy_fini(struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nrules; i++)
		rule_fini(&p->rules[i]);
	free(p->rules);
	for (i = 0; i < p->ntests; i++) {
		free(p->tests[i].file);
		free(p->tests[i].given);
		free(p->tests[i].run);
		words_fini(&p->tests[i].denied);
	}
	free(p->tests);
	words_fini(&p->defaults.env);
	free(p->programs.v);
	free(p->paths.v);
	policy_init(p);
}

/* FNV-1a. */
uint32_t
rule_hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0' && *name != '/'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h == 0 ? 1 : h;
}

const char *
rule_program(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash == NULL ? word : slash + 1;
}

static void
keys_add(struct rule_keys *k, const struct rule_key *key)
{
	if (k->n == k->size) {
		k->size = k->size == 0 ? 64 : 2 * k->size;
		k->v = xreallocarray(k->v, k->size, sizeof(k->v[0]));
	}
	k->v[k->n++] = *key;
}

/* By a pattern's first name, unless there is none or it has a star. */
static void
keys_add_paths(
    struct rule_keys *k, const struct words *w, size_t rule, bool writes)
{
	struct rule_key key = {.rule = (uint32_t)rule, .writes = writes};
	const char *name;
	size_t i;

	for (i = 0; i < w->n; i++) {
		key.pattern = w->v[i];
		key.base = w->v[i][0];
		key.hash = 0;
		name = strchr(w->v[i], '/');
		if (name != NULL && name[1] != '\0' &&
		    memchr(name + 1, '*', strcspn(name + 1, "/")) == NULL)
			key.hash = rule_hash(name + 1);
		keys_add(k, &key);
	}
}

static void
policy_index(struct policy *p, const struct rule *r, size_t at)
{
	struct rule_key key = {.rule = (uint32_t)at};
	size_t i;

	for (i = 0; i < r->program.n; i++) {
		key.hash = strcmp(r->program.v[i], "*") == 0
			       ? 0
			       : rule_hash(rule_program(r->program.v[i]));
		keys_add(&p->programs, &key);
	}
	if (r->program.n > 0)
		return;
	keys_add_paths(&p->paths, &r->read, at, false);
	keys_add_paths(&p->paths, &r->write, at, true);
}

int
policy_add(struct policy *p, struct rule *r)
{
	if (p->nrules == POLICY_RULES_MAX)
		return ERR_SPACE;
	if (p->nrules == p->size) {
		p->size = p->size == 0 ? 64 : 2 * p->size;
		p->rules =
		    xreallocarray(p->rules, p->size, sizeof(p->rules[0]));
	}
	policy_index(p, r, p->nrules);
	p->rules[p->nrules++] = *r;
	rule_init(r);
	return 0;
}

void
policy_test_add(struct policy *p, struct policy_test *t)
{
	p->tests = xreallocarray(p->tests, p->ntests + 1, sizeof(p->tests[0]));
	p->tests[p->ntests++] = *t;
	memset(t, 0, sizeof(*t));
}

/* A trusted layer sets; a project's value counts only if it is tighter. */
bool
rule_names(const struct rule *r)
{
	return r->write.n + r->net.n > 0;
}

void
policy_defaults(
    struct policy *p, enum policy_layer layer, const struct defaults *d)
{
	struct defaults *all = &p->defaults;
	bool project = layer == POLICY_PROJECT;
	struct spec_limits limits = d->limits;
	size_t i;

	if (d->exec != EXEC_UNSET && (!project || d->exec > all->exec))
		all->exec = d->exec;
	if (d->write != THREE_UNSET && (!project || d->write < all->write))
		all->write = d->write;
	if (d->net != THREE_UNSET && (!project || d->net < all->net))
		all->net = d->net;
	if (d->escalate != THREE_UNSET &&
	    (!project || d->escalate < all->escalate))
		all->escalate = d->escalate;
	if (project)
		spec_limits_min(&all->limits, &limits);
	else
		spec_limits_set(&all->limits, &limits);
	for (i = 0; !project && i < d->env.n; i++)
		words_add(&all->env, bytes_of(d->env.v[i]));
}
