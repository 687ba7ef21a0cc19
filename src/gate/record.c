/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: audit records.  Each says one thing that was asked, decided, done or
 * refused; audit adds the number, the clocks and the chain.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/order.h"

#include "gate/gate.h"

#define PAYLOAD_MAX (16u * 1024 * 1024) /* bytes of one record */
#define INLINE_MAX  60000               /* beyond, it travels as a memfd */
#define PATHS_NAMED 4096                /* files that a record names */

struct record {
	struct buf body;
	struct jsonw w;
};

static void
record_begin(struct record *r)
{
	buf_init(&r->body, PAYLOAD_MAX);
	jsonw_init(&r->w, &r->body);
	jsonw_object(&r->w);
}

static void
record_open(struct gate *g, struct record *r, const struct call *c)
{
	record_begin(r);
	jsonw_ku64(&r->w, "call", c->id);
	jsonw_kstr(&r->w, "tool", c->subject.tool);
	if (c->tool == TOOL_CONNECT) {
		jsonw_ku64(&r->w, "of", c->of);
		jsonw_kstr(&r->w, "host", c->subject.host);
		jsonw_ku64(&r->w, "port", c->subject.port);
	}
	if (g->judge.danger)
		jsonw_kbool(&r->w, "danger", true);
}

/* Sends it; a record that cannot be sent is as bad as one not written. */
static uint32_t
record_send(struct gate *g, struct record *r, enum audit_type type)
{
	struct msg_record m = {.type = (uint8_t)type, .whole = -1};
	uint32_t id = ++g->next_record;
	int err;

	jsonw_end(&r->w);
	if (r->body.len <= INLINE_MAX)
		m.payload = (struct bytes){buf_data(&r->body), r->body.len};
	else
		m.whole = fd_memfd("record", buf_data(&r->body), r->body.len);
	err = buf_err(&r->body);
	if (err == 0 && m.payload.len == 0 && m.whole < 0)
		err = m.whole;
	if (err == 0)
		err = gate_send(g, ROLE_AUDIT, id, MSG_RECORD, &m);
	if (err != 0 && !g->lost) {
		g->lost = true;
		log_error("a record cannot be sent: nothing runs any more");
	}
	fd_close(&m.whole);
	buf_fini(&r->body);
	return id;
}

static void
add_list(struct jsonw *w, const char *name, char *const *v, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < n && i < PATHS_NAMED; i++)
		jsonw_bytes(w, v[i], strlen(v[i]));
	jsonw_end(w);
	if (n > PATHS_NAMED)
		jsonw_ku64(w, "more", n - PATHS_NAMED);
}

static void
add_bytes(struct jsonw *w, const char *name, const char *s)
{
	if (s == NULL)
		return;
	jsonw_name(w, name);
	jsonw_bytes(w, s, strlen(s));
}

uint32_t
record_call(struct gate *g, const struct call *c)
{
	/* The line is the last word of the argv: once is enough. */
	size_t argc = c->subject.argc - (c->subject.line != NULL);
	struct record r;

	record_open(g, &r, c);
	add_bytes(&r.w, "id", c->ident);
	add_bytes(&r.w, "line", c->subject.line);
	add_list(&r.w, "argv", c->subject.argv, argc);
	add_bytes(&r.w, "cwd", c->subject.cwd);
	add_list(&r.w, "reads", c->subject.reads, c->subject.nreads);
	add_list(&r.w, "writes", c->subject.writes, c->subject.nwrites);
	if (c->subject.input[0] != '\0')
		jsonw_kstr(&r.w, "input_sha256", c->subject.input);
	if (c->subject.escalate)
		jsonw_kbool(&r.w, "escalate", true);
	if (c->first != NULL)
		jsonw_ku64(&r.w, "again", c->first->id);
	add_bytes(&r.w, "words", c->subject.words);
	return record_send(g, &r, AUDIT_CALL);
}

/* All that matched, the one that decided first. */
static void
add_matches(struct jsonw *w, const struct policy_decision *d)
{
	size_t i;

	if (d->nmatches == 0)
		return;
	jsonw_name(w, "matches");
	jsonw_array(w);
	for (i = 0; i < d->nmatches; i++) {
		const struct rule *r = d->matches[i];

		jsonw_object(w);
		jsonw_kstr(w, "rule", r->id);
		jsonw_kstr(w, "effect", effect_name(r->effect));
		jsonw_kstr(w, "layer", policy_layer_name(r->layer));
		add_bytes(w, "file", rule_file(r));
		jsonw_ku64(w, "line", r->line);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
add_decision(struct jsonw *w, const struct decision *d, enum verdict verdict)
{
	static const char *const rights[] = {[GRANT_NARROW] = "narrow",
	    [GRANT_RULE] = "rule",
	    [GRANT_SESSION] = "session"};
	static const char *const words[] = {
	    [VERDICT_ALLOW] = "allow",
	    [VERDICT_ASK] = "ask",
	    [VERDICT_FORBID] = "forbid",
	    [VERDICT_APPROVED] = "approved",
	};

	jsonw_kstr(w, "verdict", words[verdict]);
	if (d->rule[0] != '\0')
		jsonw_kstr(w, "rule", d->rule);
	if (d->file[0] != '\0') {
		add_bytes(w, "file", d->file);
		jsonw_ku64(w, "line", d->line);
	}
	if (d->why[0] != '\0')
		jsonw_kstr(w, "why", d->why);
	/* Before the session's own limits, and that nobody is there to ask. */
	jsonw_kstr(w, "policy", effect_name(d->said.effect));
	jsonw_kstr(w, "rights", rights[d->said.grant]);
	add_matches(w, &d->said);
	if (verdict != VERDICT_FORBID && d->grant.spec.len > 0)
		granted_print(&d->grant, w, true);
}

uint32_t
record_decision(struct gate *g, const struct call *c)
{
	struct record r;

	record_open(g, &r, c);
	add_decision(&r.w, &c->decision, c->decision.verdict);
	return record_send(g, &r, AUDIT_DECISION);
}

static void
add_hex(struct jsonw *w, const char *name, struct bytes b)
{
	char hex[STR_HEX_SIZE(64)];

	if (b.len == 0 || b.len > 64)
		return;
	str_hex(hex, b.p, b.len);
	jsonw_kstr(w, name, hex);
}

static void
add_refused(struct jsonw *w, const struct msg_list *l)
{
	size_t i;

	if (l->n == 0)
		return;
	jsonw_name(w, "refused");
	jsonw_array(w);
	for (i = 0; i < l->n; i++)
		jsonw_bytes(w, l->v[i].p, l->v[i].len);
	jsonw_end(w);
}

uint32_t
record_approval(struct gate *g, const struct call *c, const struct approval *a)
{
	static const char *const answers[] = {
	    [ANSWER_NO] = "no",
	    [ANSWER_ONCE] = "once",
	    [ANSWER_SESSION] = "session",
	    [ANSWER_EXPLAIN] = "explain",
	};
	static const char *const channels[] = {
	    [CHANNEL_TTY] = "terminal",
	    [CHANNEL_EDITOR] = "editor",
	    [CHANNEL_WEB] = "web",
	    [CHANNEL_PROGRAM] = "program",
	    [CHANNEL_PRESET] = "preset",
	};
	struct record r;

	record_open(g, &r, c);
	jsonw_kstr(&r.w, "answer", answers[a->answer]);
	jsonw_kstr(&r.w, "channel", channels[a->channel]);
	add_hex(&r.w, "bound", a->bound);
	add_hex(&r.w, "shown", a->shown);
	if (a->message.len > 0)
		jsonw_kstrn(&r.w, "message", a->message);
	if (a->scope.len > 0)
		jsonw_kstrn(&r.w, "scope", a->scope);
	if (a->grant != 0)
		jsonw_ku64(&r.w, "grant", a->grant);
	add_refused(&r.w, &a->refused);
	links_print(c, &r.w);
	if (a->program.len > 0) {
		jsonw_name(&r.w, "program");
		jsonw_bytes(&r.w, a->program.p, a->program.len);
	}
	add_hex(&r.w, "program_sha256", a->program_hash);
	if (a->request.len > 0)
		jsonw_kstrn(&r.w, "request", a->request);
	return record_send(g, &r, AUDIT_APPROVAL);
}

uint32_t
record_grant(struct gate *g, const struct grant *grant, const char *how)
{
	struct record r;

	record_begin(&r);
	jsonw_kstr(&r.w, "answer", how);
	jsonw_ku64(&r.w, "grant", grant->number);
	add_hex(
	    &r.w, "bound", (struct bytes){grant->hash, sizeof(grant->hash)});
	add_bytes(&r.w, "scope", grant->text);
	return record_send(g, &r, AUDIT_APPROVAL);
}

/* A connection is what is done, as a command is. */
static uint32_t
record_allowed(struct gate *g, const struct call *c)
{
	struct record r;

	record_open(g, &r, c);
	jsonw_kstr(&r.w, "verdict", "allow");
	jsonw_kstr(&r.w, "role", "cell");
	if (c->decision.rule[0] != '\0')
		jsonw_kstr(&r.w, "rule", c->decision.rule);
	return record_send(g, &r, AUDIT_CONNECT);
}

uint32_t
record_intent(struct gate *g, const struct call *c)
{
	const struct mcp_server *s = mcp_of(g, c);
	struct record r;
	size_t i;

	if (c->tool == TOOL_CONNECT)
		return record_allowed(g, c);
	record_open(g, &r, c);
	add_list(&r.w, "argv", c->subject.argv, c->subject.argc);
	add_bytes(&r.w, "cwd", c->subject.cwd);
	jsonw_name(&r.w, "env"); /* names alone */
	jsonw_array(&r.w);
	for (i = 0; i < g->nenv; i++)
		jsonw_strn(&r.w, g->env[i], strcspn(g->env[i], "="));
	for (i = 0; s != NULL && i < s->nenv; i++)
		jsonw_strn(&r.w, s->env[i], strcspn(s->env[i], "="));
	jsonw_end(&r.w);
	if (c->subject.input[0] != '\0')
		jsonw_kstr(&r.w, "input_sha256", c->subject.input);
	if (judge_outside(&g->judge, &c->subject))
		jsonw_kbool(&r.w, "outside", true);
	else /* the decision has it, unless a person has narrowed that */
		granted_print(&c->decision.grant, &r.w, c->left_out != NULL);
	return record_send(g, &r, AUDIT_INTENT);
}

uint32_t
record_input(struct gate *g, const struct call *c)
{
	struct record r;

	record_open(g, &r, c);
	if (c->target != NULL)
		jsonw_ku64(&r.w, "session", c->target->session);
	jsonw_name(&r.w, "input");
	jsonw_bytes(&r.w, c->chars, c->chars_len);
	return record_send(g, &r, AUDIT_TOOL);
}

static void
add_usage(struct jsonw *w, const struct call *c)
{
	jsonw_ku64(w, "wall_us", c->exit.wall_us);
	jsonw_ku64(w, "user_us", c->exit.user_us);
	jsonw_ku64(w, "sys_us", c->exit.sys_us);
	jsonw_ku64(w, "rss_kib", c->exit.rss_kib);
}

/* What was done to which file, and what that holds now. */
static void
add_changes(struct jsonw *w, const struct call *c)
{
	struct bytes hash = {NULL, CALL_HASH_LEN};
	char kind[2] = "";
	size_t i;

	if (c->nchanges == 0)
		return;
	jsonw_name(w, "changes");
	jsonw_array(w);
	for (i = 0; i < c->nchanges && i < PATHS_NAMED; i++) {
		jsonw_object(w);
		kind[0] = c->changes[i][0];
		jsonw_kstr(w, "kind", kind);
		add_bytes(w, "path", c->changes[i] + 2);
		if (c->hashes != NULL) {
			hash.p = (uint8_t *)c->hashes + i * CALL_HASH_LEN;
			if (*hash.p != '-')
				jsonw_kstrn(w, "sha256", hash);
		}
		jsonw_end(w);
	}
	jsonw_end(w);
	if (c->nchanges > PATHS_NAMED)
		jsonw_ku64(w, "more", c->nchanges - PATHS_NAMED);
}

uint32_t
record_result(struct gate *g, struct call *c)
{
	char hash[SHA256_DIGEST_STRING_LENGTH];
	struct record r;

	record_open(g, &r, c);
	jsonw_kstr(&r.w, "how", exit_word((enum exit_how)c->exit.how));
	jsonw_ku64(&r.w, "status", c->exit.status);
	add_usage(&r.w, c);
	jsonw_ku64(&r.w, "bytes", c->output.total);
	output_hash(&c->output, hash);
	jsonw_kstr(&r.w, "sha256", hash);
	if (c->cancelled)
		jsonw_kbool(&r.w, "cancelled", true);
	if (c->error != NULL)
		jsonw_kstr(&r.w, "error", c->error);
	if (c->denials.len > 0)
		jsonw_kstrn(&r.w, "denials",
		    (struct bytes){buf_data(&c->denials), c->denials.len});
	if (answer_status(c) == RESULT_OK)
		add_changes(&r.w, c);
	return record_send(g, &r, AUDIT_RESULT);
}

uint32_t
record_refusal(struct gate *g, const struct call *c, const char *why)
{
	struct record r;

	record_open(g, &r, c);
	jsonw_kstr(&r.w, "why", why);
	if (c->decision.rule[0] != '\0')
		jsonw_kstr(&r.w, "rule", c->decision.rule);
	return record_send(g, &r, AUDIT_REFUSAL);
}

void
record_connect(struct gate *g, const struct msg_contact *m)
{
	struct record r;

	record_begin(&r);
	jsonw_kstrn(&r.w, "host", m->host);
	jsonw_ku64(&r.w, "port", m->port);
	jsonw_kstr(&r.w, "verdict", m->allow ? "allow" : "forbid");
	jsonw_kstr(&r.w, "role",
	    m->role < ROLE_COUNT ? role_word((enum role)m->role) : "unknown");
	(void)record_send(g, &r, AUDIT_CONNECT);
}

void
record_violation(struct gate *g, const struct call *c, struct bytes why)
{
	struct record r;

	record_open(g, &r, c);
	jsonw_name(&r.w, "why");
	jsonw_bytes(&r.w, why.p, why.len);
	(void)record_send(g, &r, AUDIT_VIOLATION);
}
