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

#include "policy/decide.h"

struct deciding {
	const struct policy *p;
	const struct request *rq;
	struct policy_decision *d;
	/* Where a cd before may have led; empty without one.  It is looked at
	 * beside the workspace, for the cd may have failed. */
	char moved[PATH_MAX];
};

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

/* What the layers say together about one thing that rules matched. */
struct tally {
	const struct rule *best[POLICY_LAYERS]; /* strictest of each */
	const struct rule *locked;              /* strictest that is locked */
};

static void
tally_add(struct tally *t, const struct rule *r)
{
	if (t->best[r->layer] == NULL || r->effect > t->best[r->layer]->effect)
		t->best[r->layer] = r;
	if (r->locked && (t->locked == NULL || r->effect > t->locked->effect))
		t->locked = r;
}

static const struct rule *
stricter(const struct rule *a, const struct rule *b)
{
	if (a == NULL)
		return b;
	return b != NULL && b->effect > a->effect ? b : a;
}

/*
 * The strictest of the built-in, the system's and the user's; the command
 * line stands in for those where it says something, but for what is locked.
 */
static const struct rule *
tally_trusted(const struct tally *t)
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
static void
take(struct policy_decision *d, enum effect effect, enum grant_kind grant,
    const struct rule *r)
{
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
	size_t i;

	if (cmd->nwords <= cmd->nassign)
		return;
	hash = rule_hash(rule_program(cmd->words[cmd->nassign].s));
	for (i = 0; i < keys->n; i++) {
		if (keys->v[i].hash != 0 && keys->v[i].hash != hash)
			continue;
		r = &dc->p->rules[keys->v[i].rule];
		if (rule_matches_command(r, cmd)) {
			tally_add(t, r);
			note(dc->d, r);
		}
	}
}

/* What a project says is taken on top of all others: it only tightens. */
static void
take_project(struct deciding *dc, const struct tally *t)
{
	const struct rule *r = t->best[POLICY_PROJECT];

	if (r != NULL && r->effect > dc->d->effect)
		take(dc->d, r->effect, GRANT_SESSION, r);
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
	r = tally_trusted(&t);
	/* A permission needs a line that is wholly understood. */
	if (r != NULL && (r->effect != EFFECT_ALLOW || exact))
		take(dc->d, r->effect,
		    r->effect == EFFECT_ALLOW ? GRANT_RULE : GRANT_SESSION, r);
	else if (v->class == SHELL_READ_ONLY)
		take(dc->d, EFFECT_ALLOW, GRANT_NARROW, NULL);
	else
		take(dc->d, default_exec(dc->p), GRANT_SESSION, NULL);
	take_project(dc, &t);
}

/* Everything but commands: a list of the rule against one thing. */
typedef bool
thing_fn(const struct rule *r, const void *thing, const struct request *rq);

static bool
any_path(const struct words *w, const char *path, const struct request *rq)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (path_matches(w->v[i], path, rq->home, rq->workspace))
			return true;
	return false;
}

/* A path, and where the patterns that may match it are found. */
struct path_look {
	const char *path;
	uint32_t hash[3]; /* of its first name below each base; 0: not below */
};

static const char path_bases[] = "/~.";

static uint32_t
look_below(const char *path, const char *base)
{
	size_t n;

	if (base == NULL)
		return 0;
	n = strcmp(base, "/") == 0 ? 0 : strlen(base);
	if (strncmp(path, base, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return 0;
	return rule_hash(path[n] == '/' ? path + n + 1 : "");
}

static void
look_at(struct path_look *l, const char *path, const struct request *rq)
{
	l->path = path;
	l->hash[0] = look_below(path, "/");
	l->hash[1] = look_below(path, rq->home);
	l->hash[2] = look_below(path, rq->workspace);
}

static bool
look_hits(const struct path_look *l, const struct rule_key *k)
{
	const char *base = strchr(path_bases, k->base);
	uint32_t hash =
	    base == NULL || k->base == '\0' ? 0 : l->hash[base - path_bases];

	return hash != 0 && (k->hash == 0 || k->hash == hash);
}

static bool
about_read(const struct rule *r, const void *thing, const struct request *rq)
{
	return r->program.n == 0 && any_path(&r->read, thing, rq);
}

static bool
about_write(const struct rule *r, const void *thing, const struct request *rq)
{
	return r->program.n == 0 && any_path(&r->write, thing, rq);
}

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

/* A word as a path, from base if it is relative: tilde, "." and ".." resolved
 * without looking.  False if it is too long. */
static bool
word_path(char *dst, size_t size, const char *word, const char *base,
    const struct request *rq)
{
	const char *p = word, *end;
	size_t n = 0, len;

	if (word[0] == '/')
		base = "";
	else if (word[0] == '~' && (word[1] == '/' || word[1] == '\0')) {
		base = rq->home;
		p++;
	}
	if (base == NULL || strlcpy(dst, base, size) >= size)
		return false;
	n = strlen(dst);
	for (; *p != '\0'; p = end) {
		while (*p == '/')
			p++;
		end = p + strcspn(p, "/");
		len = (size_t)(end - p);
		if (len == 0 || (len == 1 && p[0] == '.'))
			continue;
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (n > 0 && dst[--n] != '/')
				;
			dst[n] = '\0';
			continue;
		}
		if (n + 1 + len >= size)
			return false;
		dst[n++] = '/';
		memcpy(dst + n, p, len);
		n += len;
		dst[n] = '\0';
	}
	if (n == 0)
		(void)strlcpy(dst, "/", size);
	return true;
}

/* The rules about a path; milder ones too if they may permit. */
static void
path_rules(struct deciding *dc, const char *path, bool reads, bool writes,
    enum effect least, struct tally *t)
{
	const struct rule_keys *keys = &dc->p->paths;
	const struct rule *r;
	struct path_look l;
	size_t i;

	look_at(&l, path, dc->rq);
	for (i = 0; i < keys->n; i++) {
		if (!look_hits(&l, &keys->v[i]))
			continue;
		r = &dc->p->rules[keys->v[i].rule];
		if (r->effect < least ||
		    (!(reads && about_read(r, path, dc->rq)) &&
			!(writes && about_write(r, path, dc->rq))))
			continue;
		tally_add(t, r);
		note(dc->d, r);
	}
}

/*
 * What a word would touch if it is a path.  The kernel decides in the end;
 * here a rule that forbids or asks is heard before anything starts.
 */
static void
decide_from(
    struct deciding *dc, const char *word, const char *base, bool writes)
{
	char path[PATH_MAX];
	struct tally t = {0};
	const struct rule *r;

	if (!word_path(path, sizeof(path), word, base, dc->rq))
		return;
	path_rules(dc, path, true, writes, EFFECT_ASK, &t);
	r = tally_trusted(&t);
	if (r != NULL)
		take(dc->d, r->effect, GRANT_SESSION, r);
	take_project(dc, &t);
}

static void
decide_word(struct deciding *dc, const char *word, bool writes)
{
	if (word[0] == '-' && strchr(word, '=') != NULL)
		word = strchr(word, '=') + 1;
	decide_from(dc, word, dc->rq->workspace, writes);
	if (dc->moved[0] != '\0' && word[0] != '/' && word[0] != '~')
		decide_from(dc, word, dc->moved, writes);
}

/* Follows a cd to where it would lead, had all before it succeeded. */
static void
follow_cd(struct deciding *dc, const struct shell_command *cmd)
{
	const char *home = dc->rq->home == NULL ? "/" : dc->rq->home;
	char path[PATH_MAX];
	const char *base = dc->moved[0] != '\0' ? dc->moved : dc->rq->workspace;

	if (cmd->nwords == 0 || strcmp(cmd->words[0].s, "cd") != 0)
		return;
	if (word_path(path, sizeof(path),
		cmd->nwords == 1 ? home : cmd->words[cmd->nwords - 1].s, base,
		dc->rq))
		(void)strlcpy(dc->moved, path, sizeof(dc->moved));
}

static bool
redir_writes(const struct shell_redir *rd)
{
	return rd->op == SHELL_OUT || rd->op == SHELL_CLOBBER ||
	       rd->op == SHELL_APPEND || rd->op == SHELL_RDWR ||
	       rd->op == SHELL_BOTH || rd->op == SHELL_BOTH_APPEND;
}

static void
decide_words(
    struct deciding *dc, const struct shell_command *cmd, bool read_only)
{
	size_t i;

	for (i = cmd->nassign + 1; i < cmd->nwords; i++)
		decide_word(dc, cmd->words[i].s, !read_only);
	for (i = 0; i < cmd->nredirs; i++)
		if (redir_writes(&cmd->redirs[i]) ||
		    cmd->redirs[i].op == SHELL_IN)
			decide_word(dc, cmd->redirs[i].word.s,
			    redir_writes(&cmd->redirs[i]));
}

static void
decide_line(struct deciding *dc, const struct shell_verdict *v)
{
	struct policy_decision *d = dc->d;
	size_t i;

	d->class = v->class;
	d->unasked = v->class == SHELL_READ_ONLY;
	if (v->class == SHELL_DECEPTIVE) {
		take(d, EFFECT_FORBID, GRANT_NARROW, NULL);
		(void)snprintf(d->why, sizeof(d->why), "%s", v->why);
		return;
	}
	for (i = 0; i < v->split.ncommands; i++) {
		decide_command(dc, &v->split.commands[i], v);
		decide_words(dc, &v->split.commands[i], d->unasked);
		follow_cd(dc, &v->split.commands[i]);
	}
	if (v->class == SHELL_UNCLEAR || v->split.ncommands == 0)
		take(d, d->unasked ? EFFECT_ALLOW : default_exec(dc->p),
		    d->unasked ? GRANT_NARROW : GRANT_SESSION, NULL);
	if (d->rule != NULL)
		d->unasked = d->unasked && d->effect == EFFECT_ALLOW;
	(void)snprintf(d->why, sizeof(d->why), "%s", v->why);
}

static void
decide_exec(struct deciding *dc)
{
	const struct request *rq = dc->rq;
	struct shell_verdict v;

	if (rq->line != NULL)
		shell_classify(&v, rq->line, strlen(rq->line));
	else
		shell_classify_argv(&v, rq->argv, rq->argc);
	decide_line(dc, &v);
	shell_verdict_fini(&v);
}

/* By the rules that matched, else as the defaults have it. */
static void
take_tally(struct deciding *dc, const struct tally *t, enum effect otherwise)
{
	const struct rule *r = tally_trusted(t);

	take(dc->d, r == NULL ? otherwise : r->effect, GRANT_SESSION, r);
	take_project(dc, t);
}

static void
decide_path(
    struct deciding *dc, const char *path, bool writes, enum effect otherwise)
{
	struct tally t = {0};

	path_rules(dc, path, !writes, writes, EFFECT_ALLOW, &t);
	take_tally(dc, &t, otherwise);
}

static void
decide_thing(struct deciding *dc, thing_fn *about, const void *thing,
    enum effect otherwise)
{
	struct tally t = {0};
	size_t i;

	for (i = 0; i < dc->p->nrules; i++)
		if (about(&dc->p->rules[i], thing, dc->rq)) {
			tally_add(&t, &dc->p->rules[i]);
			note(dc->d, &dc->p->rules[i]);
		}
	take_tally(dc, &t, otherwise);
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
	return p->defaults.write == THREE_NO    ? EFFECT_FORBID
	       : p->defaults.write == THREE_ASK ? EFFECT_ASK
						: EFFECT_ALLOW;
}

void
policy_decide(
    const struct policy *p, const struct request *rq, struct policy_decision *d)
{
	struct deciding dc = {p, rq, d, ""};
	size_t i;

	memset(d, 0, sizeof(*d));
	d->class = SHELL_OTHER;
	if (rq->line != NULL || rq->argc > 0)
		decide_exec(&dc);
	for (i = 0; i < rq->nreads; i++)
		decide_path(&dc, rq->reads[i], false, EFFECT_ALLOW);
	for (i = 0; i < rq->nwrites; i++)
		decide_path(&dc, rq->writes[i], true, default_write(p));
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
