/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-gate: it decides.
 *
 * Each request of the model is judged against the policy, asked of a person
 * where the policy says so, recorded, and only then given to the cell.  It
 * has no files, no network and starts nothing itself.
 */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xmem.h"
#include "sandbox/confine.h"

#include "gate/gate.h"

#define LOST_MS 50   /* between two looks at calls without a record */
#define STOP_MS 1000 /* for what runs to die and be recorded */

static struct gate gate;

struct gate *
gate_self(void)
{
	return &gate;
}

int
gate_send(struct gate *g, enum role peer, uint32_t id, enum msg_type type,
    const void *m)
{
	struct chan *ch = g->proc.peers[peer];
	int r = ch == NULL ? ERR_EOF : chan_send(ch, id, type, m);

	if (r != 0 && ch != NULL)
		log_warn("a message to %s was not sent: %s", role_word(peer),
		    err_str(r));
	return r;
}

/* Once all is quiet, or the time for that is over. */
static void
stop_check(struct gate *g)
{
	if (g->stopping && call_next(g, NULL) == NULL)
		proc_stop(&g->proc, 0);
}

static int
on_ack(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_ack *m = msg;
	struct call *c = call_waiting(g, id);
	int r = 0;

	(void)ch;
	g->seq = m->seq;
	if (c != NULL)
		r = call_event(g, c, EV_ACK);
	stop_check(g);
	return r;
}

/*
 * No record is acknowledged any more, so nobody would hear how a call ended:
 * those that wait for one go on as far as a call may without running.
 */
static void
on_lost_time(void *arg)
{
	struct gate *g = arg;
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL)
		call_lost(g, c);
	(void)loop_timer(g->proc.loop, LOST_MS, on_lost_time, g);
	stop_check(g);
}

static int
on_lost(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_lost *m = msg;
	struct call *c = NULL;

	(void)ch;
	(void)id;
	g->lost = true;
	log_info("the audit log cannot be written (%.*s): nothing runs any "
		 "more",
	    (int)m->why.len, (const char *)m->why.p);
	while ((c = call_next(g, c)) != NULL)
		if (c->state == CALL_STARTING || c->state == CALL_RUNNING)
			cell_kill(g, c);
	(void)loop_timer(g->proc.loop, LOST_MS, on_lost_time, g);
	return 0;
}

static const struct chan_handler from_audit[] = {
    {MSG_ACK, on_ack}, {MSG_LOST, on_lost}, {0, NULL}};

static int
on_contact(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)ch;
	(void)id;
	record_connect(arg, msg);
	return 0;
}

static const struct chan_handler from_net[] = {
    {MSG_CONTACT, on_contact}, {MSG_ASKED, connect_on_asked}, {0, NULL}};

static const struct proc_peer peers[] = {{ROLE_MODEL, gate_from_model, false},
    {ROLE_UI, gate_from_front, false}, {ROLE_CELL, gate_from_cell, true},
    {ROLE_OPEN, gate_from_cell, true}, {ROLE_AUDIT, from_audit, false},
    {ROLE_NET, from_net, true}, {ROLE_MCP, gate_from_mcp, true},
    {ROLE_MCP + 1, gate_from_mcp, true}, {ROLE_MCP + 2, gate_from_mcp, true},
    {ROLE_MCP + 3, gate_from_mcp, true}, {ROLE_MCP + 4, gate_from_mcp, true},
    {ROLE_MCP + 5, gate_from_mcp, true}, {ROLE_MCP + 6, gate_from_mcp, true},
    {ROLE_MCP + 7, gate_from_mcp, true}, {ROLE_COUNT, NULL, false}};
_Static_assert(ROLE_MCP + 8 == ROLE_COUNT, "one row a server");

static int
set_string(char **to, struct bytes value)
{
	free(*to);
	*to = xstrndup((const char *)value.p, value.len);
	return 0;
}

static int
gate_conf(void *arg, const struct msg_conf *m)
{
	struct gate *g = arg;
	char key[256];

	if (bytes_copy(key, sizeof(key), m->key) != 0)
		return ERR_FORMAT;
	if (strcmp(key, "session.cwd") == 0)
		return set_string(&g->cwd, m->value);
	if (strcmp(key, "session.shell") == 0)
		return set_string(&g->shell, m->value);
	if (strcmp(key, "session.tool") == 0)
		return set_string(&g->tool, m->value);
	if (strcmp(key, "session.env") == 0) {
		if (g->nenv == GATE_ENV_MAX)
			return ERR_SPACE;
		return set_string(&g->env[g->nenv++], m->value);
	}
	if (strcmp(key, "session.headless") == 0) {
		g->headless = bytes_is(m->value, "1");
		return 0;
	}
	if (strcmp(key, "session.danger") == 0) {
		g->judge.danger = bytes_is(m->value, "1");
		return 0;
	}
	if (strcmp(key, "session.widen") == 0)
		return widen_conf(g, m->value);
	if (strcmp(key, "session.answers") == 0 ||
	    strcmp(key, "session.grant") == 0 ||
	    strcmp(key, "session.grant_ms") == 0)
		return approve_conf(g, key, m->value);
	if (str_starts(key, "mcp."))
		return mcp_conf(g, key, m->value);
	return judge_conf(&g->judge, key, m->value);
}

static int
gate_rule(void *arg, const struct msg_rule *m)
{
	struct gate *g = arg;

	return judge_rule(&g->judge, m->body);
}

static int
gate_start(void *arg)
{
	struct gate *g = arg;
	int r;

	if (g->cwd == NULL || g->tool == NULL ||
	    g->proc.peers[g->judge.danger ? ROLE_OPEN : ROLE_CELL] == NULL)
		return ERR_STATE;
	g->judge.open = g->proc.peers[ROLE_OPEN] != NULL &&
			g->answers != ANSWERS_NOBODY && !g->judge.danger &&
			g->judge.policy.defaults.escalate == THREE_ASK;
	if (g->shell == NULL)
		g->shell = xstrdup("/bin/bash");
	/* A call, its decision and its intent wait for the disk once. */
	chan_gather(g->proc.peers[ROLE_AUDIT], true);
	r = judge_ready(&g->judge, g->cwd);
	if (r == 0) {
		own_context(g);
		r = mcp_start(g);
	}
	return r;
}

/* A cell is gone, and with it everything that it ran. */
static void
gate_lost_peer(void *arg, enum role peer, int err)
{
	struct gate *g = arg;
	struct call *c = NULL;

	(void)err;
	if (peer >= ROLE_MCP)
		mcp_lost(g, peer);
	if (peer != ROLE_CELL && peer != ROLE_OPEN)
		return;
	g->cell_gone = true;
	while ((c = call_next(g, c)) != NULL) {
		if ((c->state != CALL_STARTING && c->state != CALL_RUNNING) ||
		    cell_of(g, c) != peer)
			continue;
		c->exit.how = EXIT_KILLED;
		c->exit.status = SIGKILL; /* with all that it ran */
		free(c->error);
		c->error = xstrdup("the cell ended");
		(void)call_event(g, c, EV_EXIT);
	}
}

static void
on_stop_time(void *arg)
{
	struct gate *g = arg;

	proc_stop(&g->proc, 0);
}

static void
gate_stop(void *arg)
{
	struct gate *g = arg;

	g->stopping = true;
	call_stop_all(g);
	(void)loop_timer(g->proc.loop, STOP_MS, on_stop_time, g);
	stop_check(g);
}

static const struct proc_ops ops = {
    .conf = gate_conf,
    .rule = gate_rule,
    .start = gate_start,
    .stop = gate_stop,
    .lost = gate_lost_peer,
    .peers = peers,
    .main = gate_from_main,
};

int
main(void)
{
	size_t i;
	int code;

	proc_init(&gate.proc, ROLE_GATE, &ops, &gate);
	gate.next_session = 1;
	gate.grant_ms = GATE_GRANT_MS;
	gate.tree = -1;
	gate.began = clock_wall_ns() / 1000000000u;
	gate.next_own = GATE_OWN_IDS;
	judge_init(&gate.judge);
	buf_init(&gate.documents, GATE_DOCUMENTS_MAX);
	confine_role_or_die("gate", NULL);
	code = proc_run(&gate.proc);
	for (i = 0; i < gate.nenv; i++)
		free(gate.env[i]);
	for (i = 0; i < gate.npresets; i++)
		free(gate.presets[i]);
	judge_fini(&gate.judge);
	mcp_fini(&gate);
	buf_fini(&gate.documents);
	free(gate.ids);
	free(gate.cwd);
	free(gate.shell);
	free(gate.tool);
	return code;
}
