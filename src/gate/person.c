/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: what the person at the front wants to know before anything is said to
 * the model.  A file is looked at as the model would: by a tool in the cell,
 * on record, and only if that needs no approval.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define LOOK_LINES 40  /* of a file */
#define WHY_MAX    400 /* bytes, as SEEN has it */

static int
seen(struct gate *g, uint32_t id, int data, const char *mime, const char *why)
{
	struct msg_seen m = {
	    .data = data, .mime = bytes_of(mime), .error = bytes_of(why)};

	if (m.error.len > WHY_MAX)
		m.error.len = WHY_MAX;
	return gate_send(g, ROLE_UI, id, MSG_SEEN, &m);
}

int
person_on_look(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_look *m = msg;
	struct gate *g = arg;
	const struct reading file = {
	    .word = "read", .path = m->path, .numbers = {{"-n", LOOK_LINES}}};
	const struct reading image = {.word = "image", .path = m->path};
	struct call *c = call_own(g, m->image ? TOOL_IMAGE : TOOL_READ);

	(void)ch;
	if (c != NULL)
		c->asked = id;
	if (c != NULL && request_reading(g, c, m->image ? &image : &file) == 0)
		return 0;
	if (c != NULL)
		call_free(g, c);
	return seen(g, id, -1, "", "it cannot be looked at now");
}

void
person_look_done(
    struct gate *g, const struct call *c, const char *mime, struct buf *data)
{
	const char *why = c->decision.why;
	int fd = -1;

	if (answer_status(c) == RESULT_OK)
		fd = fd_memfd("seen", buf_data(data), data->len);
	else if (*why == '\0' && buf_cstr(data) != NULL)
		why = buf_cstr(data); /* the tool's words */
	if (*why == '\0')
		why = "it cannot be read";
	(void)seen(g, c->asked, fd, mime, fd == -1 ? why : "");
	fd_close(&fd);
}

int
person_on_tools(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct msg_tool m;
	struct decision d = {.verdict = VERDICT_ALLOW};
	size_t i;

	(void)ch;
	(void)msg;
	for (i = 0; i < own_ntools(g); i++) {
		judge_tool(&g->judge, own_tools[i], &d);
		m = (struct msg_tool){.name = bytes_of(own_tools[i]),
		    .verdict = (uint8_t)d.verdict,
		    .rule = bytes_of(d.rule),
		    .file = bytes_of(d.file),
		    .line = d.line};
		(void)gate_send(g, ROLE_UI, id, MSG_TOOL, &m);
	}
	mcp_tell_tools(g, id);
	m = (struct msg_tool){.last = true};
	return gate_send(g, ROLE_UI, id, MSG_TOOL, &m);
}
