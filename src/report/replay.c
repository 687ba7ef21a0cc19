/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon audit replay: which calls of a log a policy would have decided
 * otherwise.
 *
 * The policy comes as rules on standard input (src/cordon/replay.c).  The
 * decision is policy's, the same function that gate asks; what a log says of a
 * call is all that it needs.
 */

#include "config.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "policy/decide.h"
#include "report/entry.h"
#include "report/report.h"

#define RULES_MAX (64u << 20) /* bytes of the policy */
#define WORDS_MAX 4096        /* paths or arguments of one call */

#define EXIT_OTHERWISE 1

/* How a call was or would be decided. */
struct ruling {
	int rank; /* from nothing to the most */
	char word[64], rule[160];
};

struct replay {
	char *home; /* owned */
	struct policy policy;
	char *workspace;   /* owned: of the run that is read */
	struct entry call; /* only data, owned: the last that was asked */
	struct buf line;   /* what that is in words */
	uint64_t calls, widens, tightens, unknown;
};

/* Tools of ours that nobody asked for. */
static const char *const own_tools[] = {
    "context", "changed", "digest", "files"};
/* Whose argv is our own program: reads and writes say all. */
static const char *const file_tools[] = {
    "apply_patch", "read_file", "list_dir", "grep", "view_image"};

static bool
is_one_of(const struct json *call, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (json_is(call, "tool", names[i]))
			return true;
	return false;
}

/* Reading the policy. */

static int
take_number(struct bytes *b, uint32_t *n)
{
	if (b->len < sizeof(*n))
		return ERR_TRUNC;
	memcpy(n, b->p, sizeof(*n));
	*n = be32toh(*n);
	b->p += sizeof(*n);
	b->len -= sizeof(*n);
	return 0;
}

static int
take_bytes(struct bytes *b, struct bytes *out)
{
	uint32_t n;
	int r = take_number(b, &n);

	if (r != 0 || b->len < n)
		return ERR_TRUNC;
	*out = (struct bytes){b->p, n};
	b->p += n;
	b->len -= n;
	return 0;
}

static int
read_policy(struct replay *rp)
{
	struct bytes b, home, body;
	struct buf in;
	int r;

	buf_init(&in, RULES_MAX);
	r = fd_read_all(STDIN_FILENO, &in);
	b = (struct bytes){buf_data(&in), in.len};
	if (r == 0)
		r = take_bytes(&b, &home);
	if (r == 0)
		rp->home = xstrndup((const char *)home.p, home.len);
	while (r == 0 && b.len > 0) {
		r = take_bytes(&b, &body);
		if (r == 0)
			r = policy_decode(&rp->policy, body);
	}
	buf_fini(&in);
	return r;
}

/* Rulings. */

static const char *const allowed[] = {[GRANT_NARROW] = "allow (reads)",
    [GRANT_RULE] = "allow (what a rule names)",
    [GRANT_SESSION] = "allow (in the cell)"};

static void
ruling_of(struct ruling *v, const struct policy_decision *d)
{
	const char *word = d->effect == EFFECT_ALLOW ? allowed[d->grant]
						     : effect_name(d->effect);

	v->rank = d->effect == EFFECT_ALLOW ? 2 + (int)d->grant
					    : d->effect == EFFECT_ASK;
	(void)strlcpy(v->word, word, sizeof(v->word));
	(void)strlcpy(v->rule, d->rule == NULL ? "default" : d->rule->id,
	    sizeof(v->rule));
}

/* What the log says: of the policy alone, for the session's other limits are
 * none of another policy's. */
static bool
ruling_logged(struct ruling *v, const struct json *d)
{
	static const char *const rights[] = {[GRANT_NARROW] = "narrow",
	    [GRANT_RULE] = "rule",
	    [GRANT_SESSION] = "session"};
	struct policy_decision pd = {.effect = EFFECT_FORBID};
	size_t i;

	if (json_is(d, "policy", "allow"))
		pd.effect = EFFECT_ALLOW;
	else if (json_is(d, "policy", "ask"))
		pd.effect = EFFECT_ASK;
	else if (!json_is(d, "policy", "forbid"))
		return false;
	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (json_is(d, "rights", rights[i]))
			pd.grant = (enum grant_kind)i;
	ruling_of(v, &pd);
	if (*json_str(d, "rule") != '\0')
		(void)strlcpy(v->rule, json_str(d, "rule"), sizeof(v->rule));
	return true;
}

/* The texts of an array; false if one of them is none. */
static bool
take_texts(const struct json *array, const char **v, size_t *n)
{
	size_t i;

	*n = json_length(array);
	if (*n > WORDS_MAX)
		return false;
	for (i = 0; i < *n; i++) {
		if (json_kind(json_item(array, i)) != JSON_T_STR)
			return false;
		v[i] = (const char *)json_text(json_item(array, i)).p;
	}
	return true;
}

/* Asks the policy about the call; false if the log does not say enough. */
static bool
ask(struct replay *rp, struct ruling *v)
{
	static const char *argv[WORDS_MAX], *reads[WORDS_MAX],
	    *writes[WORDS_MAX];
	const struct json *c = rp->call.data;
	struct policy_decision d = {.effect = EFFECT_NONE};
	struct request rq = {.tool = json_str(c, "tool"),
	    .home = rp->home,
	    .workspace = rp->workspace,
	    .cwd = json_str(c, "cwd")};
	bool files = is_one_of(
	    c, file_tools, sizeof(file_tools) / sizeof(file_tools[0]));

	if (!take_texts(json_member(c, "argv"), argv, &rq.argc) ||
	    !take_texts(json_member(c, "reads"), reads, &rq.nreads) ||
	    !take_texts(json_member(c, "writes"), writes, &rq.nwrites) ||
	    json_member(c, "more") != NULL)
		return false;
	rq.reads = reads;
	rq.writes = writes;
	if (json_kind(json_member(c, "line")) == JSON_T_STR)
		rq.line = (const char *)json_text(json_member(c, "line")).p;
	else if (json_member(c, "line") != NULL)
		return false;
	if (rq.line == NULL && !files)
		rq.argv = argv;
	else
		rq.argc = 0;
	policy_decide(&rp->policy, &rq, &d);
	ruling_of(v, &d);
	return true;
}

/* The log. */

static void
say(struct replay *rp, uint64_t seq, const struct ruling *a,
    const struct ruling *b)
{
	bool wider = b->rank > a->rank;

	put("%s %6" PRIu64 "  ", wider ? "widens  " : "tightens", seq);
	put_vis(buf_data(&rp->line), rp->line.len, 0);
	put(": %s (", a->word);
	put_vis(a->rule, strlen(a->rule), 0);
	put(") -> %s (", b->word);
	put_vis(b->rule, strlen(b->rule), 0);
	put(")\n");
	rp->widens += wider;
	rp->tightens += !wider;
}

static void
decided(struct replay *rp, const struct entry *e)
{
	struct ruling a, b;

	rp->calls++;
	if (!ruling_logged(&a, e->data) || !ask(rp, &b))
		rp->unknown++;
	else if (a.rank != b.rank)
		say(rp, e->r.seq, &a, &b);
}

static void
call_done(struct replay *rp)
{
	json_free(rp->call.data);
	rp->call.data = NULL;
	buf_clear(&rp->line);
}

static int
on_entry(void *arg, const struct entry *e)
{
	const char *cwd = json_str(e->data, "cwd");
	struct replay *rp = arg;
	struct bytes data;
	int err;

	if (e->damaged || e->data == NULL)
		return 0;
	if (e->r.type == AUDIT_OPEN) {
		free(rp->workspace);
		rp->workspace = xstrdup(cwd);
	}
	if (e->r.type == AUDIT_DECISION && rp->call.data != NULL &&
	    json_number(json_member(rp->call.data, "call")) ==
		json_number(json_member(e->data, "call"))) {
		decided(rp, e);
		call_done(rp);
	}
	if (e->r.type != AUDIT_CALL ||
	    is_one_of(
		e->data, own_tools, sizeof(own_tools) / sizeof(own_tools[0])))
		return 0;
	call_done(rp);
	data = e->r.data;
	rp->call.data = json_parse(data.p, data.len, data.len, &err);
	entry_words(&rp->line, e);
	return 0;
}

int
report_replay(const struct args *a)
{
	const char *word = args_session(a);
	struct replay rp = {.calls = 0};
	int r;

	policy_init(&rp.policy);
	buf_init(&rp.line, RECORD_DATA_MAX);
	r = read_policy(&rp);
	if (r != 0) {
		log_error("the policy on standard input: %s", err_str(r));
		r = EX_DATAERR;
	} else
		r = entry_of_log(a, word, on_entry, &rp);
	if (r == EX_OK)
		put("%" PRIu64 " calls: %" PRIu64 " widen, %" PRIu64
		    " tighten, %" PRIu64 " cannot be told\n",
		    rp.calls, rp.widens, rp.tightens, rp.unknown);
	call_done(&rp);
	policy_fini(&rp.policy);
	buf_fini(&rp.line);
	free(rp.workspace);
	free(rp.home);
	return r == EX_OK && rp.widens + rp.tightens > 0 ? EXIT_OTHERWISE : r;
}
