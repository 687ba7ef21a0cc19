/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-mcp: it speaks to one MCP server, and to gate about it.
 *
 * There is one for each server.  The server itself is a command in the cell;
 * all that is here of it are the ends of two pipes.  What comes out of them is
 * read here and nowhere else, by a process that can open nothing, connect
 * nowhere and start nothing.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "json/json.h"
#include "proto/proc.h"
#include "sandbox/confine.h"

#include "mcp/offer.h"
#include "mcp/server.h"

#define STARTUP_MS 10000 /* unless main says */
#define CALL_MS    60000
#define TIME_MAX   86400000
#define TEXT_LONG  60000 /* bytes; more goes as a memfd */
#define SAYS_MAX   400

static struct mcp {
	struct proc proc;
	char *name; /* owned: of the server */
	uint32_t startup_ms, call_ms;
	struct offers offers;
	struct server *server; /* owned */
} mcp;

static int
to_gate(uint32_t id, enum msg_type type, const void *m)
{
	struct chan *gate = mcp.proc.peers[ROLE_GATE];

	return gate == NULL ? ERR_EOF : chan_send(gate, id, type, m);
}

static void
tell_state(bool ready, const char *says)
{
	struct msg_mtools m = {
	    .ready = ready, .left_out = (uint32_t)mcp.offers.left_out};
	struct buf text;

	buf_init(&text, SAYS_MAX);
	(void)vis_add(&text, says, strlen(says), 0);
	m.says = (struct bytes){buf_data(&text), text.len};
	(void)to_gate(0, MSG_MTOOLS, &m);
	buf_fini(&text);
}

static void
on_ready(void *arg)
{
	const struct offer *o = mcp.offers.v;
	struct msg_mtool m;
	size_t i;

	(void)arg;
	for (i = 0; i < mcp.offers.n; i++, o++) {
		m = (struct msg_mtool){.name = bytes_of(o->name),
		    .tool = bytes_of(o->tool),
		    .description = {buf_data(&o->description),
			o->description.len},
		    .schema = {buf_data(&o->schema), o->schema.len}};
		(void)to_gate(0, MSG_MTOOL, &m);
	}
	tell_state(true, server_says(mcp.server));
}

static void
on_answered(void *arg, uint32_t call, enum mcp_how how, struct bytes text)
{
	struct msg_mresult m = {.how = (uint8_t)how, .whole = -1};

	(void)arg;
	if (text.len <= TEXT_LONG)
		m.text = text;
	else
		m.whole = fd_memfd("mcp", text.p, text.len);
	if (text.len > TEXT_LONG && m.whole < 0) {
		m.how = MCP_FAILED;
		m.text = bytes_of("its answer cannot be passed on");
	}
	(void)to_gate(call, MSG_MRESULT, &m);
	fd_close(&m.whole);
}

/* Nothing is left to do. */
static void
on_ended(void *arg, const char *why)
{
	(void)arg;
	tell_state(false, why);
	proc_stop(&mcp.proc, 0);
}

static const struct server_ops server_ops = {
    .ready = on_ready, .answered = on_answered, .ended = on_ended};

static int
on_begin(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)ch;
	(void)id;
	(void)msg;
	server_begin(mcp.server, mcp.startup_ms);
	return 0;
}

/* The arguments are an object, so that nothing in them ends the request that
 * they become part of. */
static int
on_call(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_mcall *m = msg;
	char tool[OFFER_TOOL_MAX + 1];
	struct json *j;
	struct buf line;
	int err;

	(void)arg;
	(void)ch;
	j = json_parse(
	    m->arguments.p, m->arguments.len, m->arguments.len, &err);
	if (json_kind(j) != JSON_T_OBJECT ||
	    bytes_copy(tool, sizeof(tool), m->tool) != 0) {
		json_free(j);
		on_answered(NULL, id, MCP_FAILED,
		    bytes_of("its arguments are no JSON object"));
		return 0;
	}
	buf_init(&line, 2 * m->arguments.len + 64);
	(void)json_write(&line, j);
	server_call(mcp.server, id, tool,
	    (struct bytes){buf_data(&line), line.len}, mcp.call_ms);
	buf_fini(&line);
	json_free(j);
	return 0;
}

static int
on_cancel(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)ch;
	(void)msg;
	server_cancel(mcp.server, id);
	return 0;
}

static const struct chan_handler from_gate[] = {{MSG_MBEGIN, on_begin},
    {MSG_MCALL, on_call}, {MSG_MCANCEL, on_cancel}, {0, NULL}};

static const struct proc_peer peers[] = {
    {ROLE_GATE, from_gate, false}, {ROLE_COUNT, NULL, false}};

static int
set_time(uint32_t *ms, const char *value)
{
	const char *why;

	*ms = (uint32_t)strtonum(value, 1, TIME_MAX, &why);
	return why == NULL ? 0 : ERR_FORMAT;
}

static int
mcp_conf(void *arg, const struct msg_conf *m)
{
	char value[512];

	(void)arg;
	if (bytes_copy(value, sizeof(value), m->value) != 0)
		return ERR_FORMAT;
	if (bytes_is(m->key, "mcp.name")) {
		free(mcp.name);
		mcp.name = xstrdup(value);
	} else if (bytes_is(m->key, "mcp.startup_ms"))
		return set_time(&mcp.startup_ms, value);
	else if (bytes_is(m->key, "mcp.call_ms"))
		return set_time(&mcp.call_ms, value);
	else if (bytes_is(m->key, "mcp.only"))
		offers_named(&mcp.offers, true, value);
	else if (bytes_is(m->key, "mcp.without"))
		offers_named(&mcp.offers, false, value);
	return 0;
}

static int
mcp_start(void *arg)
{
	int in = FD_EXTRA, out = FD_EXTRA + 1;

	(void)arg;
	if (mcp.name == NULL || fd_nonblock(in, true) != 0 ||
	    fd_nonblock(out, true) != 0)
		return ERR_STATE;
	mcp.offers.server = mcp.name;
	mcp.server =
	    server_new(mcp.proc.loop, in, out, &mcp.offers, &server_ops, NULL);
	return 0;
}

static const struct proc_ops ops = {
    .conf = mcp_conf, .start = mcp_start, .peers = peers};

int
main(void)
{
	int code;

	mcp.startup_ms = STARTUP_MS;
	mcp.call_ms = CALL_MS;
	proc_init(&mcp.proc, ROLE_MCP, &ops, &mcp);
	confine_role_or_die("mcp", NULL);
	code = proc_run(&mcp.proc);
	server_free(mcp.server);
	offers_fini(&mcp.offers);
	free(mcp.name);
	return code;
}
