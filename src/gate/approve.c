/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: who answers what the policy asks.
 *
 * There is one answerer a session, which main names at the start: a person,
 * over the front's socket; a program of theirs, over main's; or nobody.  An
 * answer from any other place ends its sender.
 */

#include "config.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define REQUEST_MAX (1u << 20) /* bytes of what a program was asked */
#define NAMES_MAX   65536      /* bytes of words, hosts or files */

static const char *const answerers[] = {
    [ANSWERS_NOBODY] = "nobody",
    [ANSWERS_PERSON] = "person",
    [ANSWERS_PROGRAM] = "program",
};

int
approve_conf(struct gate *g, const char *key, struct bytes value)
{
	char number[24];
	const char *why;
	size_t i;

	if (strcmp(key, "session.grant_ms") == 0) {
		if (bytes_copy(number, sizeof(number), value) != 0)
			return ERR_FORMAT;
		g->grant_ms =
		    (uint64_t)strtonum(number, 1, INT64_MAX / 2, &why);
		return why == NULL ? 0 : ERR_FORMAT;
	}
	if (strcmp(key, "session.grant") == 0) {
		if (g->npresets == GATE_PRESETS_MAX)
			return ERR_SPACE;
		g->presets[g->npresets++] =
		    xstrndup((const char *)value.p, value.len);
		return 0;
	}
	for (i = 0; i < sizeof(answerers) / sizeof(answerers[0]); i++)
		if (bytes_is(value, answerers[i])) {
			g->answers = (enum answers)i;
			return 0;
		}
	return ERR_TYPE;
}

const char *
approve_word(const struct gate *g)
{
	return answerers[g->answers];
}

#define CONNECT_PRESET "connect:"
#define MCP_PRESET     "mcp:"

/* Exactly the command line that the person has granted beforehand, in the
 * session's own folder, never a run outside the cell; or exactly the host, or
 * the tool of an MCP server. */
static bool
is_preset(const struct gate *g, const struct call *c)
{
	const struct subject *s = &c->subject;
	size_t i;

	for (i = 0; c->tool == TOOL_CONNECT && i < g->npresets; i++)
		if (str_starts(g->presets[i], CONNECT_PRESET) &&
		    strcasecmp(g->presets[i] + strlen(CONNECT_PRESET),
			s->argv[0]) == 0)
			return true;
	for (i = 0; c->tool == TOOL_MCP && i < g->npresets; i++)
		if (str_starts(g->presets[i], MCP_PRESET) &&
		    strcmp(g->presets[i] + strlen(MCP_PRESET), s->mcp) == 0)
			return true;
	if (s->line == NULL || s->escalate || strcmp(s->cwd, g->cwd) != 0)
		return false;
	for (i = 0; i < g->npresets; i++)
		if (strcmp(g->presets[i], s->line) == 0)
			return true;
	return false;
}

bool
approve_possible(const struct gate *g, const struct call *c)
{
	return (!c->own || c->tool == TOOL_CONNECT || c->tool == TOOL_SERVER) &&
	       (g->answers != ANSWERS_NOBODY || is_preset(g, c));
}

/* What holds no longer is gone before anything looks for it. */
void
approve_expire(struct gate *g)
{
	const struct grant *gr;
	uint64_t now = clock_boot_ms();

	while ((gr = grants_expired(&g->judge.grants, now)) != NULL) {
		(void)record_grant(g, gr, "expired");
		grants_remove(&g->judge.grants, gr->number);
	}
}

/* Files, each with a NUL behind: what links lead to, since they can be laid
 * anew. */
static void
add_paths(const struct call *c, struct buf *names, char **paths, size_t n)
{
	const char *place;
	size_t i;

	for (i = 0; i < n; i++) {
		place = links_real(c, paths[i]);
		(void)buf_add(names, place, strlen(place) + 1);
	}
}

/* What a person may also allow by name, and what such a grant is bound to
 * besides the names. */
static enum grant_for
call_names(const struct gate *g, const struct call *c, struct buf *names,
    uint8_t hash[32])
{
	const struct decision *d = &c->decision;
	const struct subject *s = &c->subject;
	struct request rq = judge_request(&g->judge, s);
	struct bytes rights = {NULL, 0};
	enum grant_for kind = GRANT_FOR_WORDS;

	buf_clear(names);
	if (s->widen != NULL) {
		(void)buf_add(names, s->widen, strlen(s->widen) + 1);
		widen_bind(c, hash);
		return GRANT_FOR_WRITES;
	}
	if (s->escalate || c->tool == TOOL_MCP)
		return GRANT_FOR_EXACT;
	if (c->tool == TOOL_CONNECT) {
		kind = GRANT_FOR_HOSTS;
		add_paths(c, names, s->argv, 1);
	} else if (s->file_tool) {
		kind = GRANT_FOR_PATHS;
		add_paths(c, names, s->writes, s->nwrites);
		if (s->nwrites == 0)
			add_paths(c, names, s->reads, s->nreads);
	} else if (grant_words(&rq, names))
		rights =
		    (struct bytes){buf_data(&d->grant.spec), d->grant.spec.len};
	if (names->len == 0 || buf_err(names) != 0)
		return GRANT_FOR_EXACT;
	rq.cwd = rq.cwd == NULL ? NULL : links_real(c, rq.cwd);
	grant_bind(&rq, kind, d->rule, rights, s->tty, hash);
	return kind;
}

/* The grant that covers the names of this, or 0. */
static uint32_t
granted_names(struct gate *g, const struct call *c)
{
	uint8_t hash[32];
	uint32_t n = 0;
	struct buf names;

	buf_init(&names, NAMES_MAX);
	if (call_names(g, c, &names, hash) != GRANT_FOR_EXACT)
		n = grants_cover(&g->judge.grants, hash,
		    (struct bytes){buf_data(&names), names.len});
	buf_fini(&names);
	return n;
}

bool
approve_known(struct gate *g, struct call *c)
{
	struct approval a = {.answer = ANSWER_ONCE,
	    .channel = CHANNEL_PRESET,
	    .bound = {c->hash, sizeof(c->hash)}};

	uint8_t tool[32];

	approve_expire(g);
	if (c->subject.widen != NULL) { /* the open cell believes the front */
		c->granted = granted_names(g, c);
		return false;
	}
	if (grants_have(&g->judge.grants, c->hash, c->of))
		return true;
	if (c->tool == TOOL_MCP) {
		mcp_bind(c, tool);
		if (grants_have(&g->judge.grants, tool, 0))
			return true;
	}
	a.grant = granted_names(g, c);
	if (a.grant == 0 && !is_preset(g, c))
		return false;
	(void)record_approval(g, c, &a);
	return true;
}

int
approve_ask(struct gate *g, struct call *c)
{
	struct call *d = NULL;

	while ((d = call_next(g, d)) != NULL)
		if (connect_same(d, c))
			return 0;
	if (c->granted == 0)
		(c->tool == TOOL_CONNECT ? c->target : c)->questions++;
	return answer_ask(c, g->answers == ANSWERS_PROGRAM
				 ? g->proc.main
				 : g->proc.peers[ROLE_UI]);
}

/* The other connections that were waiting for it. */
static void
same_answer(struct gate *g, const struct call *c, bool yes)
{
	struct call *d = NULL;

	while ((d = call_next(g, d)) != NULL) {
		if (!connect_same(d, c))
			continue;
		(void)strlcpy(
		    d->decision.why, c->decision.why, sizeof(d->decision.why));
		(void)call_event(g, d, yes ? EV_YES : EV_NO);
	}
}

/* The person has named what else it is for; where that does not cover what was
 * asked, the grant stays one for exactly this. */
static void
widen(struct gate *g, const struct call *c, const struct approval *a)
{
	struct buf asked, names;
	uint8_t hash[32];
	enum grant_for kind;
	size_t i;

	buf_init(&asked, NAMES_MAX);
	buf_init(&names, NAMES_MAX);
	for (i = 0; i < a->words.n; i++) {
		(void)buf_add(&names, a->words.v[i].p, a->words.v[i].len);
		(void)buf_addc(&names, '\0');
	}
	kind = call_names(g, c, &asked, hash);
	if (kind != GRANT_FOR_EXACT && names.len > 0 && buf_err(&names) == 0)
		grants_widen(&g->judge.grants, a->grant, kind, hash,
		    (struct bytes){buf_data(&names), names.len},
		    (struct bytes){buf_data(&asked), asked.len});
	buf_fini(&asked);
	buf_fini(&names);
}

/* The front has answered by itself, for what the person has granted; that may
 * have been taken back meanwhile. */
static int
by_grant(struct gate *g, const struct call *c, struct approval *a)
{
	if (c->granted == 0 || a->answer != ANSWER_ONCE || a->refused.n > 0)
		return ERR_CONFLICT;
	approve_expire(g);
	if (grants_find(&g->judge.grants, c->granted) == NULL) {
		a->answer = ANSWER_NO;
		a->message = bytes_of("the grant for it was taken back");
	}
	a->grant = c->granted;
	return 0;
}

static int
take(struct gate *g, uint32_t id, struct approval *a)
{
	struct call *c = call_find(g, id);
	uint8_t granted[32];
	bool yes;
	int r;

	/* It may have been cancelled meanwhile; then the answer is void. */
	if (c == NULL || c->cancelled)
		return 0;
	if (c->state != CALL_ASKING)
		return ERR_STATE;
	if (!bytes_eq(a->bound, (struct bytes){c->hash, sizeof(c->hash)}))
		return ERR_CONFLICT;
	if (a->refused.n > 0) {
		r = a->answer == ANSWER_ONCE ? patches_narrow(g, c, a)
					     : ERR_CONFLICT;
		if (r != 0 && r != ERR_NOENT)
			return r;
		if (r == ERR_NOENT) {
			a->answer = ANSWER_NO;
			a->refused.n = 0;
		}
	}
	if (a->channel == CHANNEL_PRESET) {
		r = by_grant(g, c, a);
		if (r != 0)
			return r;
	}
	if (a->answer == ANSWER_SESSION && c->subject.widen != NULL &&
	    !widen_may_grant(g, c, &a->words))
		a->answer = ANSWER_ONCE;
	yes = a->answer == ANSWER_ONCE || a->answer == ANSWER_SESSION;
	memcpy(granted, c->hash, sizeof(granted));
	if (c->tool == TOOL_MCP)
		mcp_bind(c, granted);
	if (a->answer == ANSWER_SESSION &&
	    (!c->subject.escalate || c->subject.widen != NULL)) {
		a->grant = grants_add(&g->judge.grants, granted, 0, a->scope,
		    clock_boot_ms() + g->grant_ms);
		widen(g, c, a);
	} else if (yes && c->tool == TOOL_CONNECT)
		(void)grants_add(&g->judge.grants, c->hash, c->of, a->scope, 0);
	(void)record_approval(g, c, a);
	if (!yes)
		(void)snprintf(c->decision.why, sizeof(c->decision.why),
		    "the %s said no%s%.*s",
		    a->channel == CHANNEL_PROGRAM ? "approving program"
						  : "person",
		    a->message.len > 0 ? ": " : "", (int)a->message.len,
		    (const char *)a->message.p);
	same_answer(g, c, yes);
	return call_event(g, c, yes ? EV_YES : EV_NO);
}

static struct bytes
hash_text(struct bytes text, uint8_t hash[SHA256_DIGEST_LENGTH])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, text.p, text.len);
	SHA256Final(hash, &ctx);
	return (struct bytes){hash, SHA256_DIGEST_LENGTH};
}

int
approve_on_answer(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_answer *m = msg;
	struct gate *g = arg;
	struct approval a = {.answer = (enum answer)m->answer,
	    .channel = (enum answer_channel)m->channel,
	    .bound = m->hash,
	    .shown = m->shown,
	    .message = m->message,
	    .scope = m->scope,
	    .words = m->words,
	    .refused = m->refused,
	    .request = m->text};
	uint8_t hash[SHA256_DIGEST_LENGTH];

	(void)ch;
	/* What is put on record is what was shown. */
	if (m->text.len > 0 && !bytes_eq(m->shown, hash_text(m->text, hash)))
		return ERR_CONFLICT;
	if (g->answers != ANSWERS_PERSON)
		return ERR_STATE;
	return take(g, id, &a);
}

/* What the program was asked is on record to the byte, and so is which
 * program it was. */
static int
on_approved(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_approved *m = msg;
	uint8_t shown[SHA256_DIGEST_LENGTH];
	struct gate *g = arg;
	struct approval a = {.answer = (enum answer)m->answer,
	    .channel = CHANNEL_PROGRAM,
	    .bound = m->hash,
	    .message = m->message,
	    .scope = bytes_of("exactly this, as it is"),
	    .refused = m->refused,
	    .program = m->program,
	    .program_hash = m->program_hash};
	struct buf request;
	int r = 0;

	(void)ch;
	buf_init(&request, REQUEST_MAX);
	if (m->request != -1)
		r = fd_read_memfd(m->request, &request);
	fd_close(&m->request);
	if (request.len > 0) {
		a.request = (struct bytes){buf_data(&request), request.len};
		a.shown = hash_text(a.request, shown);
	}
	if (r == 0)
		r = g->answers == ANSWERS_PROGRAM ? take(g, id, &a) : ERR_STATE;
	buf_fini(&request);
	return r;
}

static void
revoke_grant(struct gate *g, uint32_t number)
{
	const struct grant *gr;

	approve_expire(g);
	gr = grants_find(&g->judge.grants, number);
	if (gr == NULL)
		return;
	(void)record_grant(g, gr, "revoked");
	grants_remove(&g->judge.grants, number);
}

/* A person at another terminal, through main, which has it from a signal. */
static int
on_grants(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_grants *m = msg;

	(void)ch;
	(void)id;
	revoke_grant(arg, m->revoke);
	return 0;
}

const struct chan_handler gate_from_main[] = {
    {MSG_APPROVED, on_approved}, {MSG_GRANTS, on_grants}, {0, NULL}};

/* Lists those of the session. */
int
approve_on_grants(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_grants *m = msg;
	const struct grant *gr = NULL;
	struct msg_grant one;
	uint64_t now = clock_boot_ms();

	revoke_grant(g, m->revoke);
	while ((gr = grants_next(&g->judge.grants, gr)) != NULL) {
		one = (struct msg_grant){.number = gr->number,
		    .text = bytes_of(gr->text),
		    .minutes = (uint32_t)((gr->until - now + 59999) / 60000)};
		(void)chan_send(ch, id, MSG_GRANT, &one);
	}
	one = (struct msg_grant){.last = true};
	(void)chan_send(ch, id, MSG_GRANT, &one);
	return 0;
}
