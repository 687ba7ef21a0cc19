/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library of cordon-load: the rules of a policy file.
 *
 * A rule that could not match what it seems to name, or that another one makes
 * vain, is a mistake: what looks like protection has to be some.
 */

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"
#include "policy/decide.h"
#include "policy/reading.h"

/* exec = { program, args } */

static int
exec_program(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_words(rd, t, &r->program);
}

static int
exec_arg(struct reader *rd, const struct toml *t, struct rule *r)
{
	struct arg_pattern a = {ARG_WORDS, {NULL, 0}};
	int e = 0;

	if (t->type == TOML_STR && bytes_is(t->text, "*"))
		a.kind = ARG_ONE;
	else if (t->type == TOML_STR && bytes_is(t->text, "..."))
		a.kind = ARG_REST;
	else
		e = read_words(rd, t, &a.words);
	r->args = xreallocarray(r->args, r->nargs + 1, sizeof(r->args[0]));
	r->args[r->nargs++] = a;
	return e;
}

static int
exec_args(struct reader *rd, const struct toml *t, void *into)
{
	const struct toml *c;
	struct rule *r = into;
	int e = 0;

	if (t->type != TOML_ARRAY)
		return read_fail(rd, t,
		    "args must be a list of texts, \"*\" for "
		    "one word and \"...\" for the rest");
	r->any_args = false;
	for (c = t->child; e == 0 && c != NULL; c = c->next)
		e = r->nargs == POLICY_WORDS_MAX
			? read_fail(rd, c, "too many arguments")
			: exec_arg(rd, c, r);
	return e;
}

static const struct key_row exec_keys[] = {
    {"program", exec_program}, {"args", exec_args}, {NULL, NULL}};

static int
rule_exec(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	if (t->type != TOML_TABLE) /* exec = "make", exec = ["cc", "gcc"] */
		return read_words(rd, t, &r->program);
	if (read_keys(rd, t, exec_keys, r) != 0)
		return ERR_FORMAT;
	return r->program.n > 0 ? 0 : read_fail(rd, t, "exec needs a program");
}

/* [[rule]] */

static int
rule_id(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_text(rd, t, &r->id);
}

static int
rule_effect(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_effect(rd, t, &r->effect);
}

static int
rule_reason(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_text(rd, t, &r->reason);
}

static int
rule_locked(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	if (rd->layer != POLICY_SYSTEM && rd->layer != POLICY_BUILTIN)
		return read_fail(
		    rd, t, "locked is for the system's policy only");
	return read_bool(rd, t, &r->locked);
}

/* Paths are compared by name, so that one with "", "." or ".." among its
 * names would match nothing and protect nothing. */
static bool
path_plain(const char *p)
{
	size_t n;

	for (;;) {
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n + (p[n] == '/');
		if (*p == '\0')
			return true;
	}
}

/* Everybody's home: the person's own and each below /home. */
static int
path_homes(struct reader *rd, const struct toml *t, struct words *w)
{
	char *rest = xstrdup(w->v[w->n - 1] + 2), text[PATH_MAX];
	int r = str_fmt(text, sizeof(text), "/home/*%s", rest);

	if (r != 0 || w->n == POLICY_WORDS_MAX)
		r = read_fail(rd, t, "too long, or too many values");
	else {
		words_add(w, bytes_of(text));
		memmove(w->v[w->n - 2] + 1, rest, strlen(rest) + 1);
	}
	free(rest);
	return r;
}

static int
rule_path(struct reader *rd, const struct toml *t, struct words *w)
{
	static const char *const bases[] = {"/", "~/", "~*/", "./"};
	const char *p;
	size_t i;

	if (read_word(rd, t, w) != 0)
		return ERR_FORMAT;
	p = w->v[w->n - 1];
	if (strcmp(p, "/") == 0 || strcmp(p, "~") == 0 || strcmp(p, ".") == 0 ||
	    strcmp(p, "./") == 0)
		return 0;
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (str_starts(p, bases[i]))
			break;
	if (i == sizeof(bases) / sizeof(bases[0]))
		return read_fail(rd, t,
		    "%.60s: a path begins with /, ~/, ~*/ (any home) or ./ "
		    "(the workspace)",
		    p);
	if (!path_plain(p + strlen(bases[i])))
		return read_fail(rd, t,
		    "%.60s: no name of a path is empty, . or .., or it would "
		    "match nothing",
		    p);
	return i == 2 ? path_homes(rd, t, w) : 0;
}

static int
rule_paths(struct reader *rd, const struct toml *t, struct words *w)
{
	const struct toml *c;
	int r = 0;

	if (t->type != TOML_ARRAY)
		return rule_path(rd, t, w);
	for (c = t->child; r == 0 && c != NULL; c = c->next)
		r = rule_path(rd, c, w);
	return r;
}

static int
rule_read(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return rule_paths(rd, t, &r->read);
}

static int
rule_write(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return rule_paths(rd, t, &r->write);
}

static int
rule_net(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;
	size_t i;

	if (read_words(rd, t, &r->net) != 0)
		return ERR_FORMAT;
	for (i = 0; i < r->net.n; i++)
		if (strrchr(r->net.v[i], ':') == NULL)
			return read_fail(rd, t,
			    "%.60s: a host needs its port, as in "
			    "example.org:443",
			    r->net.v[i]);
	return 0;
}

static int
rule_tool(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_words(rd, t, &r->tool);
}

static int
rule_mcp(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_words(rd, t, &r->mcp);
}

static int
rule_match(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_words(rd, t, &r->match);
}

static int
rule_not_match(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return read_words(rd, t, &r->not_match);
}

static const struct key_row rule_keys[] = {{"id", rule_id},
    {"effect", rule_effect}, {"reason", rule_reason}, {"locked", rule_locked},
    {"exec", rule_exec}, {"read", rule_read}, {"write", rule_write},
    {"net", rule_net}, {"tool", rule_tool}, {"mcp", rule_mcp},
    {"match", rule_match}, {"not_match", rule_not_match}, {NULL, NULL}};

static int
emit_rule(struct reader *rd, const struct toml *at, struct rule *r)
{
	struct buf body;
	int e;

	buf_init(&body, POLICY_BODY_MAX);
	e = rule_encode(r, &body);
	if (e == 0)
		e = rd->emit(rd->arg, &body);
	else
		e = read_fail(rd, at, "rule %s is too large", r->id);
	buf_fini(&body);
	return e == 0 ? policy_add(&rd->policy, r) : e;
}

static int
check_rule(struct reader *rd, const struct toml *at, const struct rule *r)
{
	const struct rule *other;
	const char *example;
	bool should = true;
	size_t i;

	if (r->id == NULL)
		return read_fail(rd, at, "a rule needs an id");
	if (r->effect == EFFECT_NONE)
		return read_fail(rd, at, "rule %s needs an effect", r->id);
	if (r->program.n + r->read.n + r->write.n + r->net.n + r->tool.n +
		r->mcp.n ==
	    0)
		return read_fail(rd, at,
		    "rule %s says nothing: give exec, read, write, net, tool "
		    "or mcp",
		    r->id);
	for (i = 0; i < rd->policy.nrules; i++) {
		other = &rd->policy.rules[i];
		if (strcmp(other->id, r->id) == 0)
			return read_fail(rd, at,
			    "the id %s is taken by line %u", r->id,
			    other->line);
		if (other->effect >= r->effect && rule_covers(other, r))
			return read_fail(rd, at,
			    "rule %s is never reached: rule %s of line %u is "
			    "as strict and matches all of it",
			    r->id, other->id, other->line);
		if (r->effect > other->effect && rule_covers(r, other))
			return read_fail(rd, at,
			    "rule %s makes rule %s of line %u unreachable",
			    r->id, other->id, other->line);
	}
	example = rule_example(r, &should);
	if (example != NULL)
		return read_fail(rd, at, "rule %s %s its example \"%.100s\"",
		    r->id, should ? "does not match" : "matches", example);
	return 0;
}

int
read_rule(struct reader *rd, const struct toml *t)
{
	struct rule r;
	int e;

	rule_init(&r);
	r.layer = rd->layer;
	r.file = xstrdup(rd->name);
	r.line = t->line;
	e = read_keys(rd, t, rule_keys, &r);
	if (e == 0)
		e = check_rule(rd, t, &r);
	if (e == 0)
		e = emit_rule(rd, t, &r);
	rule_fini(&r);
	return e;
}
