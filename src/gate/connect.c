/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: the connections that commands want.
 *
 * Each is a call of its own (TOOL_CONNECT), which belongs to the command's:
 * judged, asked and recorded as any other, but what follows the record is no
 * SPAWN, it is net's ALLOW.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define CONNECTS_MAX 64 /* that wait for an answer */

static int
answer(struct gate *g, uint32_t id, bool named, const char *refusal)
{
	struct msg_allow m = {.allow = refusal == NULL,
	    .named = named,
	    .why = bytes_of(refusal == NULL ? "" : refusal)};

	if (m.why.len > 800)
		m.why.len = 800;
	return gate_send(g, ROLE_NET, id, MSG_ALLOW, &m);
}

/* The cell's socket goes on to net. */
int
connect_on_socket(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_serve *m = msg;
	struct gate *g = arg;
	struct call *c = call_find(g, id);

	if (c == NULL || chan_peer(ch) != ROLE_CELL ||
	    c->state != CALL_RUNNING ||
	    c->decision.grant.net != SPEC_NET_PROXY) {
		fd_close(&m->sock);
		return ERR_STATE;
	}
	(void)gate_send(g, ROLE_NET, id, MSG_SERVE, m);
	fd_close(&m->sock);
	return 0;
}

void
connect_end(struct gate *g, struct call *target)
{
	struct msg_serve_end m = {};
	struct call *c = NULL;

	if (target->decision.grant.net != SPEC_NET_PROXY)
		return;
	(void)gate_send(g, ROLE_NET, target->id, MSG_SERVE_END, &m);
	grants_forget(&g->judge.grants, target->id);
	while ((c = call_next(g, c)) != NULL)
		if (c->tool == TOOL_CONNECT && c->target == target) {
			c->target = NULL;
			(void)call_event(g, c, EV_CANCEL);
		}
}

/* Why there is nothing to decide, or NULL. */
static const char *
refusal(struct gate *g, const struct call *target)
{
	struct call *c = NULL;
	size_t n = 0;

	while ((c = call_next(g, c)) != NULL)
		n += c->tool == TOOL_CONNECT;
	if (g->lost)
		return "the audit log cannot be written";
	if (target == NULL || target->state != CALL_RUNNING ||
	    target->decision.grant.net != SPEC_NET_PROXY || g->stopping)
		return "its command has ended";
	return n < CONNECTS_MAX ? NULL : "too many connections are undecided";
}

int
connect_on_asked(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_asked *m = msg;
	struct gate *g = arg;
	struct call *target = call_find(g, m->call), *c = NULL;
	const char *why = refusal(g, target);

	(void)ch;
	if (m->host.len == 0 || m->port == 0)
		return ERR_FORMAT;
	if (why == NULL)
		c = call_own(g, TOOL_CONNECT);
	if (c == NULL)
		return answer(
		    g, id, false, why == NULL ? "too many commands run" : why);
	c->asked = id;
	c->target = target;
	c->of = target->id;
	c->subject.host = xstrndup((const char *)m->host.p, m->host.len);
	c->subject.port = (uint16_t)m->port;
	c->subject.inside = m->inside;
	subject_host(&c->subject);
	call_go(g, c);
	return 0;
}

/* Another connection of the same command waits for the same answer. */
bool
connect_same(const struct call *a, const struct call *b)
{
	return a != b && a->tool == TOOL_CONNECT && b->tool == TOOL_CONNECT &&
	       a->state == CALL_ASKING && b->state == CALL_ASKING &&
	       a->of == b->of && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0;
}

/* It is on record. */
void
connect_allow(struct gate *g, const struct call *c)
{
	bool named =
	    c->verdict == VERDICT_APPROVED || c->decision.rule[0] != '\0';

	(void)answer(g, c->asked, named, NULL);
}

/* The command hears it from its proxy, and the model at the command's end. */
void
connect_refuse(struct gate *g, const struct call *c)
{
	struct buf *to = c->target == NULL ? NULL : &c->target->denials;
	char *line;

	(void)answer(g, c->asked, false, c->decision.why);
	if (to == NULL)
		return;
	line =
	    xasprintf("connect %s: %s\n", c->subject.argv[0], c->decision.why);
	if (memmem(buf_data(to), to->len, line, strlen(line)) == NULL)
		(void)buf_adds(to, line);
	free(line);
}
