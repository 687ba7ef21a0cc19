/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: MCP servers.
 *
 * A server is started as any command is: judged, on record, with a grant of
 * its own, in the cell.  A call of one of its tools is judged and recorded as
 * any call is, and then given to the process that speaks to it.  What a server
 * says of itself decides nothing.
 */

#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define SAYS_MAX    400
#define TIME_MAX    86400000
#define GIVE_UP_MS  2000 /* for cordon-mcp to answer when its time is over */
#define END_MS      200  /* to end of itself when nobody speaks to it */
#define RESULT_MAX  (8u << 20)
#define TOOL_PREFIX "mcp__"

static enum role
server_role(const struct gate *g, const struct mcp_server *s)
{
	return (enum role)(ROLE_MCP + (s - g->servers));
}

/* Start. */

static int
set_text(char **to, struct bytes value)
{
	if (memchr(value.p, '\0', value.len) != NULL)
		return ERR_FORMAT;
	free(*to);
	*to = xstrndup((const char *)value.p, value.len);
	return 0;
}

int
mcp_conf(struct gate *g, const char *key, struct bytes value)
{
	struct mcp_server *s = g->servers + g->nservers;
	const char *why;
	char ms[24];

	if (strcmp(key, "mcp.server") == 0) {
		if (g->nservers == MCP_SERVERS_MAX)
			return ERR_SPACE;
		s->in = FD_EXTRA + 2 * (int)g->nservers++;
		s->out = s->in + 1;
		return set_text(&s->name, value);
	}
	if (g->nservers == 0)
		return ERR_STATE;
	s--;
	if (strcmp(key, "mcp.cwd") == 0)
		return set_text(&s->cwd, value);
	if (strcmp(key, "mcp.arg") == 0)
		return s->argc == MCP_ARGV_MAX
			   ? ERR_SPACE
			   : set_text(&s->argv[s->argc++], value);
	if (strcmp(key, "mcp.env") == 0)
		return s->nenv == MCP_ENV_MAX
			   ? ERR_SPACE
			   : set_text(&s->env[s->nenv++], value);
	if (strcmp(key, "mcp.call_ms") != 0 ||
	    bytes_copy(ms, sizeof(ms), value) != 0)
		return ERR_FORMAT;
	s->call_ms = (uint32_t)strtonum(ms, 1, TIME_MAX, &why);
	return why == NULL ? 0 : ERR_FORMAT;
}

static void
server_fini(struct mcp_server *s)
{
	size_t i;

	for (i = 0; i < s->argc; i++)
		free(s->argv[i]);
	for (i = 0; i < s->nenv; i++) {
		explicit_bzero(s->env[i], strlen(s->env[i]));
		free(s->env[i]);
	}
	for (i = 0; i < s->ntools; i++) {
		free(s->tools[i].name);
		free(s->tools[i].tool);
	}
	fd_close(&s->in);
	fd_close(&s->out);
	free(s->name);
	free(s->cwd);
	free(s->says);
}

void
mcp_fini(struct gate *g)
{
	while (g->nservers > 0)
		server_fini(&g->servers[--g->nservers]);
}

struct mcp_server *
mcp_of(struct gate *g, const struct call *c)
{
	struct mcp_server *s = g->servers;

	while (s < g->servers + g->nservers && s->call != c)
		s++;
	return s == g->servers + g->nservers ? NULL : s;
}

static void
tell(struct gate *g, uint32_t id, const struct mcp_server *s)
{
	struct bytes tools[MCP_TOOLS_MAX];
	struct msg_server m = {.name = bytes_of(s->name),
	    .state = (uint8_t)s->state,
	    .says = bytes_of(s->says == NULL ? "" : s->says),
	    .tools = {(uint32_t)s->ntools, tools}};
	size_t i;

	for (i = 0; i < s->ntools; i++)
		tools[i] = bytes_of(s->tools[i].tool);
	if (m.says.len > SAYS_MAX)
		m.says.len = SAYS_MAX;
	(void)gate_send(g, ROLE_UI, id, MSG_SERVER, &m);
}

static void
set_says(struct mcp_server *s, struct bytes why)
{
	free(s->says);
	s->says = xstrndup((const char *)why.p, why.len);
}

static void
tell_end(struct gate *g, struct mcp_server *s)
{
	if (!s->told && !g->stopping)
		tell(g, 0, s);
	s->told = true;
}

/* It serves no more, if it ever did. */
static void
server_end(struct gate *g, struct mcp_server *s, struct bytes why)
{
	if (s->state == SERVER_ENDED)
		return;
	s->state = SERVER_ENDED;
	set_says(s, why);
	tell_end(g, s);
	if (s->call != NULL)
		(void)call_event(g, s->call, EV_CANCEL);
	own_context_send(g);
}

/* It has hung up.  How its run ends may say more of why than that. */
static void
server_gone(struct gate *g, struct mcp_server *s, struct bytes why)
{
	if (s->state == SERVER_ENDED || s->call == NULL ||
	    s->call->state != CALL_RUNNING) {
		server_end(g, s, why);
		return;
	}
	s->state = SERVER_ENDED;
	set_says(s, why);
	call_wait(g, s->call, END_MS);
	own_context_send(g);
}

int
mcp_start(struct gate *g)
{
	struct mcp_server *s;
	struct call *c;
	size_t i;

	for (i = 0; i < MCP_SERVERS_MAX; i++)
		if ((g->proc.peers[ROLE_MCP + i] != NULL) != (i < g->nservers))
			return ERR_STATE;

	for (s = g->servers; s < g->servers + g->nservers; s++) {
		s->call = c = call_own(g, TOOL_SERVER);
		for (i = 0; i < s->argc; i++)
			subject_args(&c->subject, s->argv[i]);
		if (s->cwd != NULL) {
			free(c->subject.cwd);
			c->subject.cwd = xstrdup(s->cwd);
		}
		c->subject.server = true;
		call_go(g, c);
	}
	return 0;
}

bool
mcp_writes(const struct call *c)
{
	if (c->tool == TOOL_MCP)
		c = c->server->call;
	return c != NULL && c->tool == TOOL_SERVER &&
	       c->decision.said.grant != GRANT_NARROW;
}

bool
mcp_settled(const struct gate *g)
{
	size_t i;

	for (i = 0; i < g->nservers; i++)
		if (g->servers[i].state == SERVER_STARTING)
			return false;
	return true;
}

/* What it writes to its standard error is nobody's: /dev/null has it. */
void
mcp_descriptors(struct gate *g, const struct call *c, struct msg_spawn *m)
{
	const struct mcp_server *s = mcp_of(g, c);

	m->in = s->in;
	m->out = s->out;
	m->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, FD_EXTRA);
	m->stdio = STDIO_PASSED;
}

void
mcp_running(struct gate *g, struct call *c)
{
	struct mcp_server *s = mcp_of(g, c);

	fd_close(&s->in);
	fd_close(&s->out);
	if (gate_send(g, server_role(g, s), 0, MSG_MBEGIN,
		&(struct msg_mbegin){}) != 0)
		server_end(g, s, bytes_of("nothing speaks to it"));
}

void
mcp_over(struct gate *g, struct call *c)
{
	struct mcp_server *s = mcp_of(g, c);
	const char *why = c->state == CALL_REFUSED ? c->decision.why : c->error;

	s->call = NULL;
	fd_close(&s->in);
	fd_close(&s->out);
	if (c->exit.how == EXIT_NOTFOUND)
		why = "its program was not found";
	if (s->state != SERVER_ENDED || c->exit.how == EXIT_NOTFOUND)
		set_says(s, bytes_of(why == NULL ? "it has ended" : why));
	s->state = SERVER_ENDED;
	tell_end(g, s);
	own_context_send(g);
}

void
mcp_lost(struct gate *g, enum role peer)
{
	struct mcp_server *s = &g->servers[peer - ROLE_MCP];
	struct call *c = NULL;

	server_end(g, s, bytes_of("the process that speaks to it has ended"));
	while ((c = call_next(g, c)) != NULL)
		if (c->tool == TOOL_MCP && c->server == s &&
		    c->state == CALL_RUNNING) {
			c->error = xstrdup("the MCP server has ended");
			c->exit.how = EXIT_KILLED;
			(void)call_event(g, c, EV_EXIT);
		}
}

/* What it offers. */

static struct mcp_server *
from_server(struct gate *g, const struct chan *ch)
{
	return &g->servers[chan_peer(ch) - ROLE_MCP];
}

/* Of the server's own, as a model's provider takes it, and not yet there. */
static bool
name_fits(const struct mcp_server *s, struct bytes name)
{
	size_t n = strlen(TOOL_PREFIX), len = strlen(s->name), i;

	if (name.len <= n + len + 2 || memcmp(name.p, TOOL_PREFIX, n) != 0 ||
	    memcmp(name.p + n, s->name, len) != 0 ||
	    memcmp(name.p + n + len, "__", 2) != 0)
		return false;
	for (i = 0; i < name.len; i++)
		if (!isalnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return false;
	for (i = 0; i < s->ntools; i++)
		if (bytes_is(name, s->tools[i].name))
			return false;
	return true;
}

static int
on_tool(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_mtool *m = msg;
	struct gate *g = arg;
	struct mcp_server *s = from_server(g, ch);
	struct msg_offer offer = {m->name, m->description, m->schema};

	(void)id;
	if (s->state == SERVER_ENDED)
		return 0;
	if (s->state != SERVER_STARTING || s->ntools == MCP_TOOLS_MAX ||
	    m->tool.len == 0 || !name_fits(s, m->name))
		return ERR_CONFLICT;
	s->tools[s->ntools++] =
	    (struct mcp_tool){xstrndup((const char *)m->name.p, m->name.len),
		xstrndup((const char *)m->tool.p, m->tool.len)};
	return gate_send(g, ROLE_MODEL, 0, MSG_OFFER, &offer) == 0 ? 0
								   : ERR_SPACE;
}

static int
on_tools(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_mtools *m = msg;
	struct gate *g = arg;
	struct mcp_server *s = from_server(g, ch);

	(void)id;
	if (!m->ready) {
		server_gone(g, s, m->says);
		return 0;
	}
	if (s->state != SERVER_STARTING)
		return s->state == SERVER_ENDED ? 0 : ERR_STATE;
	s->state = SERVER_READY;
	s->says =
	    m->left_out == 0
		? xstrndup((const char *)m->says.p, m->says.len)
		: xasprintf("%.*s; %u tools of it were left out",
		      (int)m->says.len, (const char *)m->says.p, m->left_out);
	own_context_send(g);
	return 0;
}

int
mcp_on_servers(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct msg_server last = {.last = true,
	    .says = bytes_of(
		g->nservers > 0
		    ? ""
		    : "none; [mcp_servers.NAME] in config.toml adds one")};
	size_t i;

	(void)ch;
	(void)msg;
	for (i = 0; i < g->nservers; i++)
		tell(g, id, &g->servers[i]);
	return gate_send(g, ROLE_UI, id, MSG_SERVER, &last);
}

static void
tell_tool(struct gate *g, uint32_t id, const struct mcp_server *s,
    const struct mcp_tool *tool)
{
	struct subject about = {
	    .tool = "mcp", .mcp = xasprintf("%s/%s", s->name, tool->tool)};
	struct decision d = {.verdict = VERDICT_ASK};
	struct msg_tool m;

	judge_decide(&g->judge, &about, &d);
	m = (struct msg_tool){.name = bytes_of(tool->name),
	    .verdict = (uint8_t)d.verdict,
	    .rule = bytes_of(d.rule),
	    .file = bytes_of(d.file),
	    .line = d.line};
	(void)gate_send(g, ROLE_UI, id, MSG_TOOL, &m);
	free(about.mcp);
	decision_fini(&d);
}

void
mcp_tell_tools(struct gate *g, uint32_t id)
{
	const struct mcp_server *s;
	size_t i;

	for (s = g->servers; s < g->servers + g->nservers; s++)
		for (i = 0; s->state == SERVER_READY && i < s->ntools; i++)
			tell_tool(g, id, s, &s->tools[i]);
}

/* Calls. */

int
mcp_on_call(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_call_mcp *m = msg;
	struct gate *g = arg;
	struct mcp_server *s;
	struct call *c;
	size_t i;
	int err;

	(void)ch;
	c = request_new(g, TOOL_MCP, id, m->call, &err);
	if (c == NULL)
		return err;
	for (s = g->servers; s < g->servers + g->nservers; s++)
		for (i = 0; i < s->ntools; i++)
			if (bytes_is(m->name, s->tools[i].name)) {
				c->server = s;
				c->server_tool = s->tools[i].tool;
			}
	if (c->server == NULL)
		return request_bad(g, c, "there is no such tool");
	if (memchr(m->arguments.p, '\0', m->arguments.len) != NULL)
		return request_bad(g, c, "the arguments hold NUL");
	c->subject.cwd = xstrdup(g->cwd);
	c->subject.mcp = xasprintf("%s/%s", c->server->name, c->server_tool);
	subject_args(&c->subject, c->subject.mcp);
	subject_arg(&c->subject, m->arguments);
	c->limit_ms = c->server->call_ms + GIVE_UP_MS;
	call_go(g, c);
	return 0;
}

int
mcp_send(struct gate *g, struct call *c)
{
	struct msg_mcall m = {.tool = bytes_of(c->server_tool),
	    .arguments = bytes_of(c->subject.argv[1])};

	if (c->server->state != SERVER_READY)
		return ERR_EOF;
	return gate_send(g, server_role(g, c->server), c->id, MSG_MCALL, &m);
}

/* The answer to it is waited for, but not for ever. */
void
mcp_cancel(struct gate *g, struct call *c)
{
	(void)gate_send(g, server_role(g, c->server), c->id, MSG_MCANCEL,
	    &(struct msg_mcancel){});
	call_wait(g, c, GIVE_UP_MS);
}

void
mcp_bind(const struct call *c, uint8_t hash[32])
{
	static const char kind[] = "tool of an MCP server";
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)kind, sizeof(kind));
	SHA256Update(
	    &ctx, (const uint8_t *)c->subject.mcp, strlen(c->subject.mcp) + 1);
	SHA256Final(hash, &ctx);
}

/* As the end of a command would say it. */
static void
take_how(struct call *c, enum mcp_how how)
{
	static const enum exit_how hows[] = {
	    [MCP_OK] = EXIT_STATUS,
	    [MCP_FAILED] = EXIT_STATUS,
	    [MCP_TIMEOUT] = EXIT_TIMEOUT,
	    [MCP_CANCELLED] = EXIT_KILLED,
	    [MCP_ENDED] = EXIT_KILLED,
	};

	c->exit.how = (uint8_t)hows[how];
	c->exit.status = how == MCP_FAILED ? 1u << 8 : 0;
	if (how == MCP_ENDED)
		c->error = xstrdup("the MCP server has ended");
}

static int
on_result(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_mresult *m = msg;
	struct gate *g = arg;
	struct call *c = call_find(g, id);
	struct bytes text = m->text;
	struct buf whole;
	int r = 0;

	buf_init(&whole, RESULT_MAX);
	if (m->whole != -1) {
		r = fd_read_memfd(m->whole, &whole);
		text = (struct bytes){buf_data(&whole), whole.len};
	}
	fd_close(&m->whole);
	/* A call that was given up has no state to come to. */
	if (r == 0 && c != NULL && c->tool == TOOL_MCP &&
	    c->server == from_server(g, ch) && c->state == CALL_RUNNING) {
		output_add(&c->output, text.p, text.len);
		cell_show(g, c, text);
		take_how(c, (enum mcp_how)m->how);
		r = call_event(g, c, EV_EXIT);
	}
	buf_fini(&whole);
	return r;
}

const struct chan_handler gate_from_mcp[] = {{MSG_MTOOL, on_tool},
    {MSG_MTOOLS, on_tools}, {MSG_MRESULT, on_result}, {0, NULL}};
