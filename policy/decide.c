/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the decision.
 *
 * Forbid beats ask beats allow, wherever the rules stand; a line is as strict
 * as its strictest command; a project only tightens.  What is permitted
 * because it is known to read only runs in the narrowest grant, so that a
 * mistake about it costs an error, not a file.
 */

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "policy/deciding.h"

#define DECIDE_NESTED_MAX 4 /* shells within each other */

static void
note(struct policy_decision *d, const struct rule *r)
{
	size_t i, at = d->nmatches;

	for (i = 0; i < d->nmatches; i++)
		if (d->matches[i] == r)
			return;
	if (d->nmatches == DECISION_MATCHES)
		return;
	while (at > 0 && d->matches[at - 1]->effect < r->effect) {
		d->matches[at] = d->matches[at - 1];
		at--;
	}
	d->matches[at] = r;
	d->nmatches++;
}

/* The stricter; of two as strict the one that gives less, and then the one
 * with the lesser id: where they stand never matters. */
static bool
rule_before(const struct rule *a, const struct rule *b)
{
	bool aless = rule_names(a), bless = rule_names(b);

	if (a->effect != b->effect)
		return a->effect > b->effect;
	if (aless != bless)
		return aless;
	return strcmp(a->id, b->id) < 0;
}

static void
tally_add(struct tally *t, const struct rule *r)
{
	if (t->best[r->layer] == NULL || rule_before(r, t->best[r->layer]))
		t->best[r->layer] = r;
	if (r->locked && (t->locked == NULL || rule_before(r, t->locked)))
		t->locked = r;
}

static const struct rule *
stricter(const struct rule *a, const struct rule *b)
{
	if (a == NULL)
		return b;
	return b != NULL && b->effect > a->effect ? b : a;
}

void
deciding_match(struct deciding *dc, struct tally *t, const struct rule *r)
{
	tally_add(t, r);
	note(dc->d, r);
}

/*
 * The strictest of the built-in, the system's and the user's; the command
 * line stands in for those where it says something, but for what is locked.
 */
const struct rule *
deciding_trusted(const struct tally *t)
{
	const struct rule *r = NULL;
	int i;

	if (t->best[POLICY_CLI] != NULL)
		return stricter(t->best[POLICY_CLI], t->locked);
	for (i = POLICY_BUILTIN; i <= POLICY_USER; i++)
		r = stricter(r, t->best[i]);
	return r;
}

static enum effect
default_exec(const struct policy *p)
{
	switch (p->defaults.exec) {
	case EXEC_SANDBOX:
		return EFFECT_ALLOW;
	case EXEC_ASK:
	case EXEC_UNSET:
		return EFFECT_ASK;
	case EXEC_FORBID:
		break;
	}
	return EFFECT_FORBID;
}

/*
 * Takes the verdict over if it is stricter than what was found so far, and
 * where it is the same, the narrower grant: a line runs with one.  What two
 * rules name is not added up, or the one would have what the other names.
 */
void
deciding_take(struct deciding *dc, enum effect effect, enum grant_kind grant,
    const struct rule *r)
{
	struct policy_decision *d = dc->d;

	if (effect < d->effect)
		return;
	if (effect > d->effect || grant < d->grant) {
		d->effect = effect;
		d->grant = grant;
		d->rule = r;
	} else if (grant == GRANT_RULE && d->grant == GRANT_RULE &&
		   r != d->rule)
		d->grant = GRANT_NARROW;
}

static void
command_rules(
    struct deciding *dc, const struct shell_command *cmd, struct tally *t)
{
	const struct rule_keys *keys = &dc->p->programs;
	const struct rule *r;
	uint32_t hash;
	bool wrapped;
	size_t i;

	if (cmd->nwords <= cmd->nassign)
		return;
	hash = rule_hash(rule_program(cmd->words[cmd->nassign].s));
	wrapped = command_wrapped(cmd);
	for (i = 0; i < keys->n; i++) {
		if (!wrapped && keys->v[i].hash != 0 && keys->v[i].hash != hash)
			continue;
		r = &dc->p->rules[keys->v[i].rule];
		if (rule_matches_command(r, cmd))
			deciding_match(dc, t, r);
	}
}

void
deciding_project(struct deciding *dc, const struct tally *t)
{
	const struct rule *r = t->best[POLICY_PROJECT];

	if (r != NULL && r->effect > dc->d->effect)
		deciding_take(dc, r->effect, GRANT_SESSION, r);
}

/* One simple command: by its rule, or by what is known of it. */
static void
decide_command(struct deciding *dc, const struct shell_command *cmd,
    const struct shell_verdict *v)
{
	bool exact = v->class >= SHELL_OTHER;
	struct tally t = {0};
	const struct rule *r;

	command_rules(dc, cmd, &t);
	r = deciding_trusted(&t);
	/* A permission needs a line that is wholly understood. */
	if (r != NULL && (r->effect != EFFECT_ALLOW || exact))
		deciding_take(dc, r->effect,
		    r->effect == EFFECT_ALLOW ? GRANT_RULE : GRANT_SESSION, r);
	else if (dc->d->unasked)
		deciding_take(dc, EFFECT_ALLOW, GRANT_NARROW, NULL);
	else {
		dc->others = dc->others || !cmd->reads;
		deciding_take(dc, default_exec(dc->p), GRANT_SESSION, NULL);
	}
	deciding_project(dc, &t);
}

/* Everything but commands: a list of the rule against one thing. */
typedef bool
thing_fn(const struct rule *r, const void *thing, const struct request *rq);

static bool
about_host(const struct rule *r, const void *thing, const struct request *rq)
{
	size_t i;

	for (i = 0; r->program.n == 0 && i < r->net.n; i++)
		if (host_matches(r->net.v[i], thing, rq->port))
			return true;
	return false;
}

static bool
any_word(const struct words *w, const char *word)
{
	size_t i, n;

	for (i = 0; i < w->n; i++) {
		n = strlen(w->v[i]);
		if (strcmp(w->v[i], word) == 0 ||
		    (n > 0 && w->v[i][n - 1] == '*' &&
			strncmp(w->v[i], word, n - 1) == 0))
			return true;
	}
	return false;
}

static bool
about_tool(const struct rule *r, const void *thing, const struct request *rq)
{
	(void)rq;
	return any_word(&r->tool, thing);
}

static bool
about_mcp(const struct rule *r, const void *thing, const struct request *rq)
{
	(void)rq;
	return any_word(&r->mcp, thing);
}

/* Known to only read; unless it looks where it could not. */
static bool
decide_reads(struct deciding *dc, const struct shell_verdict *v)
{
	const struct shell_command *c = v->split.commands;
	bool searches = false;
	size_t i;

	if (v->class != SHELL_READ_ONLY)
		return false;
	for (i = 0; i < v->split.ncommands && !searches; i++) {
		searches = deciding_searches(dc, &c[i]);
		deciding_cd(dc, &c[i]);
	}
	deciding_forget(dc);
	if (searches)
		(void)strlcpy(dc->d->why,
		    "it would look where something is forbidden",
		    sizeof(dc->d->why));
	return !searches;
}

/* What a shell in the line would run can only make it stricter. */
static void
decide_nested(
    struct deciding *dc, const struct shell_command *cmd, unsigned depth)
{
	const char *line = command_nested(cmd);
	const struct rule *r;
	struct shell_split sp;
	struct tally t;
	size_t i;

	if (line == NULL || depth == DECIDE_NESTED_MAX)
		return;
	shell_split(&sp, line, strlen(line));
	for (i = 0; i < sp.ncommands; i++) {
		memset(&t, 0, sizeof(t));
		command_rules(dc, &sp.commands[i], &t);
		r = deciding_trusted(&t);
		if (r != NULL && r->effect > EFFECT_ALLOW)
			deciding_take(dc, r->effect, GRANT_SESSION, r);
		deciding_project(dc, &t);
		deciding_words(dc, &sp.commands[i], false);
		decide_nested(dc, &sp.commands[i], depth + 1);
	}
	shell_split_fini(&sp);
}

static void
decide_line(struct deciding *dc, const struct shell_verdict *v)
{
	struct policy_decision *d = dc->d;
	const struct shell_command *c = v->split.commands;
	size_t i;

	d->class = v->class;
	(void)strlcpy(d->why, v->why, sizeof(d->why));
	if (v->class == SHELL_DECEPTIVE) {
		deciding_take(dc, EFFECT_FORBID, GRANT_NARROW, NULL);
		return;
	}
	d->unasked = decide_reads(dc, v);
	for (i = 0; i < v->split.ncommands; i++) {
		decide_command(dc, &c[i], v);
		deciding_words(dc, &c[i], d->unasked);
		decide_nested(dc, &c[i], 0);
		deciding_cd(dc, &c[i]);
	}
	deciding_forget(dc);
	if (v->class == SHELL_UNCLEAR || v->split.ncommands == 0)
		deciding_take(dc, default_exec(dc->p), GRANT_SESSION, NULL);
	if (d->rule != NULL)
		d->unasked = d->unasked && d->effect == EFFECT_ALLOW;
	/* What a rule names is for the commands that it permits. */
	if (d->grant == GRANT_RULE && dc->others && rule_names(d->rule))
		d->grant = GRANT_NARROW;
}

static void
decide_exec(struct deciding *dc)
{
	const struct request *rq = dc->rq;
	const struct shell_where where = {rq->cwd, rq->workspace};
	struct shell_verdict v;

	if (rq->line != NULL)
		shell_classify(&v, rq->line, strlen(rq->line), &where);
	else
		shell_classify_argv(&v, rq->argv, rq->argc, &where);
	decide_line(dc, &v);
	shell_verdict_fini(&v);
}

void
deciding_tally(
    struct deciding *dc, const struct tally *t, enum effect otherwise)
{
	const struct rule *r = deciding_trusted(t);

	deciding_take(dc, r == NULL ? otherwise : r->effect, GRANT_SESSION, r);
	deciding_project(dc, t);
}

static void
decide_thing(struct deciding *dc, thing_fn *about, const void *thing,
    enum effect otherwise)
{
	struct tally t = {0};
	size_t i;

	for (i = 0; i < dc->p->nrules; i++)
		if (about(&dc->p->rules[i], thing, dc->rq)) {
			deciding_match(dc, &t, &dc->p->rules[i]);
		}
	deciding_tally(dc, &t, otherwise);
}

static enum effect
default_net(const struct policy *p)
{
	return p->defaults.net == THREE_YES   ? EFFECT_ALLOW
	       : p->defaults.net == THREE_ASK ? EFFECT_ASK
					      : EFFECT_FORBID;
}

static enum effect
default_write(const struct policy *p)
{
	return p->defaults.write == THREE_YES  ? EFFECT_ALLOW
	       : p->defaults.write == THREE_NO ? EFFECT_FORBID
					       : EFFECT_ASK;
}

void
policy_decide(
    const struct policy *p, const struct request *rq, struct policy_decision *d)
{
	struct deciding dc = {.p = p, .rq = rq, .d = d};
	size_t i;

	memset(d, 0, sizeof(*d));
	d->class = SHELL_OTHER;
	if (rq->line != NULL || rq->argc > 0)
		decide_exec(&dc);
	for (i = 0; i < rq->nreads; i++)
		deciding_path(&dc, rq->reads[i], false, EFFECT_ALLOW);
	for (i = 0; i < rq->nwrites; i++)
		deciding_path(&dc, rq->writes[i], true, default_write(p));
	if (rq->host != NULL)
		decide_thing(&dc, about_host, rq->host, default_net(p));
	if (rq->tool != NULL)
		decide_thing(&dc, about_tool, rq->tool, EFFECT_ALLOW);
	if (rq->mcp != NULL)
		decide_thing(&dc, about_mcp, rq->mcp, EFFECT_ASK);
	if (d->effect == EFFECT_NONE)
		d->effect = EFFECT_ASK;
	if (d->rule != NULL && d->rule->reason != NULL &&
	    d->rule->reason[0] != '\0')
		(void)snprintf(d->why, sizeof(d->why), "%s", d->rule->reason);
}
