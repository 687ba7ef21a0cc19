/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: the calls in flight, from the first word of one to its last. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

/* As rules on tools and records name them. */
static const char *const tool_names[TOOL_COUNT] = {
    [TOOL_EXEC] = "exec_command",
    [TOOL_ARGV] = "shell",
    [TOOL_STDIN] = "write_stdin",
    [TOOL_PATCH] = "apply_patch",
    [TOOL_READ] = "read_file",
    [TOOL_LIST] = "list_dir",
    [TOOL_GREP] = "grep",
    [TOOL_IMAGE] = "view_image",
    [TOOL_CONTEXT] = "context",
    [TOOL_USER] = "user",
    [TOOL_DIGEST] = "digest",
    [TOOL_CHANGED] = "changed",
    [TOOL_FILES] = "files",
    [TOOL_CONNECT] = "connect",
    [TOOL_SERVER] = "mcp_server",
    [TOOL_MCP] = "mcp",
};

void
call_is(struct call *c, enum tool tool)
{
	c->tool = tool;
	c->subject.tool = tool_names[tool];
}

struct call *
call_new(struct gate *g, enum tool tool, uint32_t id)
{
	struct call *c;
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state == CALL_FREE)
			break;
	if (i == GATE_CALLS_MAX)
		return NULL;
	c = &g->calls[i];
	memset(c, 0, sizeof(*c));
	call_is(c, tool);
	c->id = id;
	c->order = g->arrived++;
	c->in = c->out = c->input_fd = -1;
	c->tokens = OUTPUT_TOKENS;
	buf_init(&c->input, 1u << 20);
	buf_init(&c->denials, 16384);
	granted_init(&c->decision.grant);
	output_init(&c->output);
	c->looked = c->started = clock_mono_ns();
	return c;
}

struct call *
call_own(struct gate *g, enum tool tool)
{
	struct call *c = call_new(g, tool, g->next_own++);

	if (c == NULL)
		return NULL;
	c->own = true;
	c->subject.cwd = xstrdup(g->cwd);
	return c;
}

struct call *
call_next(struct gate *g, struct call *c)
{
	for (c = c == NULL ? g->calls : c + 1; c < g->calls + GATE_CALLS_MAX;
	     c++)
		if (c->state != CALL_FREE)
			return c;
	return NULL;
}

void
call_close(struct gate *g, struct call *c)
{
	if (c->out != -1)
		loop_fd_del(g->proc.loop, c->out);
	if (c->in != -1 && c->in != c->out)
		loop_fd_del(g->proc.loop, c->in);
	if (c->in != c->out)
		fd_close(&c->in);
	c->in = -1;
	fd_close(&c->out);
}

void
call_free(struct gate *g, struct call *c)
{
	struct call *d = NULL;

	if (c->timer > 0)
		loop_timer_del(g->proc.loop, c->timer);
	call_close(g, c);
	fd_close(&c->input_fd);
	while ((d = call_next(g, d)) != NULL) /* its digest is for nobody */
		if (d->target == c)
			d->target = NULL;
	if ((d = widen_second(g, c)) != NULL)
		d->first = NULL;
	call_changes_free(c);
	free(c->hashes);
	free(c->links);
	free(c->paths);
	free(c->left_out);
	free(c->ident);
	free(c->error);
	free(c->refused);
	free(c->chars);
	subject_fini(&c->subject);
	decision_fini(&c->decision);
	buf_fini(&c->input);
	buf_fini(&c->denials);
	output_fini(&c->output);
	c->state = CALL_FREE;
}

void
call_change(struct call *c, char *text)
{
	c->changes =
	    xreallocarray(c->changes, c->nchanges + 1, sizeof(*c->changes));
	c->changes[c->nchanges++] = text;
}

void
call_changes_free(struct call *c)
{
	while (c->nchanges > 0)
		free(c->changes[--c->nchanges]);
	free(c->changes);
	c->changes = NULL;
}

struct call *
call_find(struct gate *g, uint32_t id)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL && c->id != id)
		;
	return c;
}

struct call *
call_session(struct gate *g, uint32_t session)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL &&
	       (session == 0 || c->session != session))
		;
	return c;
}

struct call *
call_waiting(struct gate *g, uint32_t record)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL &&
	       (record == 0 || c->waits != record))
		;
	return c;
}
