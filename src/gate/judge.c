/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: asking the policy. */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "policy/ceiling.h"
#include "policy/decide.h"
#include "policy/net.h"
#include "sandbox/names.h"

#include "gate/judge.h"

#define MEMO_MAX 16 /* grants that are remembered */

/* The grant of a command follows from these three. */
struct memo_row {
	bool known;
	const struct rule *rule; /* borrowed, of the policy */
	enum grant_kind kind;
	enum effect effect;
	struct granted grant;
	int err; /* instead of it */
};

struct judge_memo {
	struct memo_row rows[MEMO_MAX];
	size_t next; /* to be replaced */
};

static void
memo_forget(struct judge_memo *m)
{
	size_t i;

	for (i = 0; i < MEMO_MAX; i++) {
		granted_clear(&m->rows[i].grant);
		m->rows[i].known = false;
	}
}

void
judge_init(struct judge *j)
{
	size_t i;

	memset(j, 0, sizeof(*j));
	j->memo = xcalloc(1, sizeof(*j->memo));
	for (i = 0; i < MEMO_MAX; i++)
		granted_init(&j->memo->rows[i].grant);
	policy_init(&j->policy);
	spec_init(&j->ceiling);
}

void
judge_fini(struct judge *j)
{
	size_t i;

	grants_fini(&j->grants);
	for (i = 0; i < MEMO_MAX; i++)
		granted_fini(&j->memo->rows[i].grant);
	free(j->memo);
	free(j->home);
	free(j->workspace);
	free(j->profile);
	spec_fini(&j->ceiling);
	policy_fini(&j->policy);
}

int
judge_rule(struct judge *j, struct bytes body)
{
	return policy_decode(&j->policy, body);
}

int
judge_conf(struct judge *j, const char *key, struct bytes value)
{
	if (strcmp(key, "session.home") == 0 && j->home == NULL)
		j->home = xstrndup((const char *)value.p, value.len);
	if (strcmp(key, "session.profile") == 0 && j->profile == NULL)
		j->profile = xstrndup((const char *)value.p, value.len);
	if (strcmp(key, "session.proxy") == 0)
		j->proxy = bytes_is(value, "1");
	if (strcmp(key, "session.ceiling") != 0)
		return 0;
	memo_forget(j->memo);
	spec_fini(&j->ceiling);
	return spec_decode(&j->ceiling, value);
}

/* Without a policy nothing is permitted, without a ceiling nothing could be
 * granted: then there is no session. */
int
judge_ready(struct judge *j, const char *cwd)
{
	j->workspace = xstrdup(cwd);
	if (j->policy.defaults.exec == EXEC_UNSET || j->ceiling.npaths == 0)
		return ERR_STATE;
	return 0;
}

static void
hash_word(SHA2_CTX *ctx, const char *s)
{
	SHA256Update(ctx, (const uint8_t *)s, strlen(s) + 1);
}

static void
hash_list(SHA2_CTX *ctx, char *const *v, size_t n)
{
	uint32_t count = (uint32_t)n;
	size_t i;

	SHA256Update(ctx, (const uint8_t *)&count, sizeof(count));
	for (i = 0; i < n; i++)
		hash_word(ctx, v[i]);
}

void
judge_bind(const struct subject *s, const struct decision *d,
    const char *digest, uint8_t hash[32])
{
	uint8_t flags = (uint8_t)(s->tty | s->escalate << 1);
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	hash_word(&ctx, s->tool);
	hash_word(&ctx, digest);
	hash_word(&ctx, s->input);
	hash_word(&ctx, s->cwd);
	hash_list(&ctx, s->argv, s->argc);
	hash_list(&ctx, s->reads, s->nreads);
	hash_list(&ctx, s->writes, s->nwrites);
	SHA256Update(&ctx, &flags, 1);
	SHA256Update(&ctx, buf_data(&d->grant.spec), d->grant.spec.len);
	SHA256Final(hash, &ctx);
}

static void __attribute__((format(printf, 2, 3)))
forbid(struct decision *d, const char *fmt, ...)
{
	va_list ap;

	d->verdict = VERDICT_FORBID;
	va_start(ap, fmt);
	(void)vsnprintf(d->why, sizeof(d->why), fmt, ap);
	va_end(ap);
}

/* Whether it would run where nothing confines it. */
bool
judge_outside(const struct judge *j, const struct subject *s)
{
	return s->escalate || j->danger;
}

/* A run outside the cell is asked for, whatever rules permit inside. */
static void
check_escalation(
    const struct judge *j, const struct subject *s, struct decision *d)
{
	if (d->verdict == VERDICT_FORBID)
		return;
	d->narrow = false;
	if (!j->open) {
		forbid(d,
		    "commands cannot run outside the sandbox in this "
		    "session; run it inside, without sandbox_permissions");
		return;
	}
	d->verdict = VERDICT_ASK;
	if (s->widen == NULL)
		(void)strlcpy(
		    d->why, "it would run outside the sandbox", sizeof(d->why));
	else
		(void)snprintf(d->why, sizeof(d->why),
		    "it failed, and a guess is that it could not write there; "
		    "it would run again, once and from its beginning, without "
		    "network, in a sandbox of its own that may write %s too",
		    s->widen);
}

/* What no rule can permit, since the cell does not have it. */
static void
check_ceiling(
    const struct judge *j, const struct subject *s, struct decision *d)
{
	unsigned bits;
	size_t i;

	for (i = 0; i < s->nreads; i++) {
		bits = spec_access(&j->ceiling, s->reads[i]);
		if ((bits & SPEC_HIDE) != 0 || (bits & SPEC_READ) == 0) {
			forbid(d, "%s cannot be read in this session",
			    s->reads[i]);
			return;
		}
	}
	for (i = 0; i < s->nwrites; i++) {
		bits = spec_access(&j->ceiling, s->writes[i]);
		if ((bits & SPEC_PROTECT) != 0 || names_in_git(s->writes[i])) {
			forbid(d,
			    "%s is protected: programs outside "
			    "the sandbox would obey it",
			    s->writes[i]);
			return;
		}
		if ((bits & SPEC_HIDE) != 0 || (bits & SPEC_WRITE) == 0) {
			forbid(d, "%s cannot be written in this session",
			    s->writes[i]);
			return;
		}
	}
}

/* g, which r says was computed, into what is granted; takes g over. */
static int
take_grant(const struct judge *j, int r, struct spec *g, struct granted *to)
{
	if (r == 0)
		r = spec_within(g, &j->ceiling) ? granted_set(to, g) : ERR_PERM;
	spec_fini(g);
	return r;
}

/* A session's commands have few different grants, and each costs a walk over
 * all that the ceiling names. */
static int
grant_command(
    const struct judge *j, const struct policy_decision *pd, struct granted *to)
{
	const struct policy_place at = {j->home, j->workspace};
	struct memo_row *row = j->memo->rows;
	struct spec g;
	size_t i;
	int r;

	for (i = 0; i < MEMO_MAX; i++, row++)
		if (row->known && row->rule == pd->rule &&
		    row->kind == pd->grant && row->effect == pd->effect)
			break;
	if (i == MEMO_MAX) {
		row = &j->memo->rows[j->memo->next++ % MEMO_MAX];
		row->known = true;
		row->rule = pd->rule;
		row->kind = pd->grant;
		row->effect = pd->effect;
		spec_init(&g);
		r = policy_grant(&j->policy, pd, &at, &j->ceiling, &g);
		if (g.net == SPEC_NET_PROXY && !j->proxy)
			g.net = SPEC_NET_NONE;
		row->err = take_grant(j, r, &g, &row->grant);
	}
	return row->err != 0 ? row->err : granted_copy(to, &row->grant);
}

/* Pure: the same subject has the same grant, whoever asks. */
static void
compute_grant(const struct judge *j, const struct subject *s,
    const struct policy_decision *pd, struct decision *d)
{
	struct spec g;
	int r;

	if (s->file_tool) {
		spec_init(&g);
		r = spec_for_files(
		    &g, &j->ceiling, s->writes, s->nwrites, s->cwd);
		r = take_grant(j, r, &g, &d->grant);
	} else
		r = grant_command(j, pd, &d->grant);
	if (r != 0 && d->verdict != VERDICT_FORBID)
		forbid(d, "its rights cannot be granted (%s)", err_str(r));
}

struct request
judge_request(const struct judge *j, const struct subject *s)
{
	struct request rq = {.line = s->line,
	    .reads = (const char *const *)s->reads,
	    .nreads = s->nreads,
	    .writes = (const char *const *)s->writes,
	    .nwrites = s->nwrites,
	    .tool = s->tool,
	    .mcp = s->mcp,
	    .home = j->home,
	    .workspace = j->workspace,
	    .cwd = s->cwd};

	if (s->line == NULL && !s->file_tool && s->mcp == NULL) {
		rq.argv = (const char *const *)s->argv + s->wrapped;
		rq.argc = s->argc - s->wrapped;
	}
	return rq;
}

/* What the shell's reader says is why something is not known; of what, a
 * person has to be told, where it does not say so. */
static const char *
not_known(const struct policy_decision *pd)
{
	static const char reads[] = "not known to only read";

	if (pd->effect != EFFECT_ASK || pd->rule != NULL ||
	    pd->why[0] == '\0' || strstr(pd->why, reads) != NULL)
		return "";
	return pd->class == SHELL_UNCLEAR ? "the line is not understood: "
	       : pd->class == SHELL_OTHER ? "not known to only read: "
					  : "";
}

static void
take_verdict(struct decision *d, const struct policy_decision *pd)
{
	static const enum verdict verdicts[] = {
	    [EFFECT_NONE] = VERDICT_FORBID,
	    [EFFECT_ALLOW] = VERDICT_ALLOW,
	    [EFFECT_ASK] = VERDICT_ASK,
	    [EFFECT_FORBID] = VERDICT_FORBID,
	};

	d->verdict = verdicts[pd->effect];
	d->narrow = pd->effect == EFFECT_ALLOW && pd->grant == GRANT_NARROW;
	d->rule[0] = d->file[0] = d->why[0] = '\0';
	if (pd->effect == EFFECT_ASK && pd->why[0] == '\0')
		(void)strlcpy(d->why, "a person has to be asked for this",
		    sizeof(d->why));
	else if (pd->effect != EFFECT_ALLOW)
		(void)snprintf(
		    d->why, sizeof(d->why), "%s%s", not_known(pd), pd->why);
	if (pd->rule == NULL)
		return;
	(void)strlcpy(d->rule, pd->rule->id, sizeof(d->rule));
	(void)strlcpy(d->file, pd->rule->file, sizeof(d->file));
	d->line = pd->rule->line;
}

void
judge_decide(const struct judge *j, const struct subject *s, struct decision *d)
{
	struct request rq = judge_request(j, s);

	d->said = (struct policy_decision){.effect = EFFECT_NONE};
	policy_decide(&j->policy, &rq, &d->said);
	take_verdict(d, &d->said);
	if (s->escalate)
		check_escalation(j, s, d);
	granted_clear(&d->grant);
	if (s->mcp != NULL)
		return; /* nothing is started: its server has a grant */
	if (s->server &&
	    (d->said.rule == NULL || d->said.rule->layer == POLICY_BUILTIN))
		d->said.grant = GRANT_NARROW;
	if (judge_outside(j, s))
		return; /* nothing would hold it to a grant */
	check_ceiling(j, s, d);
	compute_grant(j, s, &d->said, d);
}

/* Of what nothing names, no default permits what is not the Internet's. */
void
judge_connect(const struct judge *j, const struct policy_decision *of,
    const struct subject *s, struct decision *d)
{
	policy_connect(&j->policy, of, s->host, s->port, &d->said);
	take_verdict(d, &d->said);
	if (d->verdict == VERDICT_FORBID && d->why[0] == '\0')
		(void)strlcpy(d->why, "no rule permits connections to it",
		    sizeof(d->why));
	/* No rule forbids it, and the person may be asked for far more. */
	if (d->verdict == VERDICT_FORBID && d->rule[0] == '\0' && j->open)
		d->verdict = VERDICT_ASK;
	if (!s->inside)
		return;
	if (d->verdict == VERDICT_ALLOW && d->rule[0] == '\0')
		forbid(d, "it is inside, and no rule names it");
	if (d->verdict == VERDICT_ASK)
		(void)strlcat(d->why,
		    "; it is this machine or a private network, not the "
		    "Internet",
		    sizeof(d->why));
}

void
judge_tool(const struct judge *j, const char *tool, struct decision *d)
{
	struct request rq = {
	    .tool = tool, .home = j->home, .workspace = j->workspace};

	policy_decide(&j->policy, &rq, &d->said);
	take_verdict(d, &d->said);
}

void
decision_fini(struct decision *d)
{
	granted_fini(&d->grant);
}

void
judge_context(const struct judge *j, struct bytes roots[JUDGE_ROOTS_MAX],
    struct msg_context *m)
{
	static const char *const nets[] = {
	    [SPEC_NET_NONE] = "none",
	    [SPEC_NET_PROXY] = "hosts",
	    [SPEC_NET_HOST] = "full",
	};
	const struct spec *s = &j->ceiling;
	size_t i;

	m->writable.v = roots;
	for (i = 0; i < s->npaths && m->writable.n < JUDGE_ROOTS_MAX; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0 &&
		    s->paths[i].path[0] == '/')
			roots[m->writable.n++] = bytes_of(s->paths[i].path);
	m->network = bytes_of(nets[j->danger ? SPEC_NET_HOST : s->net]);
	m->escalate = bytes_of(j->open ? "ask" : "never");
	m->profile = bytes_of(j->profile == NULL ? "" : j->profile);
}
