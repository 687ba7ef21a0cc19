/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: calls of our own.  What the workspace says of itself, which files
 * could be mentioned and what the files of a command hold is looked at as
 * anything is: by a tool in the cell, on record.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define DIGEST_WORDS 1024                /* as many as SPAWN takes */
#define DIGEST_LEN   65                  /* with its newline */
#define NAMES_MAX    (16u * 1024 * 1024) /* bytes of paths */

/* What the model is told before the first turn. */

void
own_context(struct gate *g)
{
	struct call *c = call_own(g, TOOL_CONTEXT);

	request_tree(g, c);
	call_go(g, c);
}

/* The words of a command line, wherever the shell would see one. */
static void
add_words(struct call *d, const char *line)
{
	static const char ends[] = " \t\n;|&<>()'\"`$={}";
	size_t n;

	for (; *line != '\0'; line += n) {
		line += strspn(line, ends);
		n = strcspn(line, ends);
		if (n > 0)
			subject_arg(&d->subject,
			    (struct bytes){(const uint8_t *)line, n});
	}
}

void
own_digest(struct gate *g, struct call *c)
{
	struct call *d = call_own(g, TOOL_DIGEST);
	size_t i;

	c->digest[0] = '\0';
	if (d == NULL) {
		(void)call_event(g, c, EV_DIGEST);
		return;
	}
	d->target = c;
	d->input_fd = links_paths(c);
	if (d->input_fd < 0) {
		d->input_fd = -1;
		call_free(g, d);
		(void)call_event(g, c, EV_DIGEST);
		return;
	}
	free(d->subject.cwd); /* where its words mean what they say */
	d->subject.cwd = xstrdup(c->subject.cwd);
	request_tool(g, d, "digest");
	if (c->subject.line != NULL)
		add_words(d, c->subject.line);
	else
		for (i = 0; !c->subject.file_tool && i < c->subject.argc; i++)
			subject_args(&d->subject, c->subject.argv[i]);
	if (d->subject.argc > DIGEST_WORDS) { /* it cannot be bound to all */
		call_free(g, d);
		(void)call_event(g, c, EV_DIGEST);
		return;
	}
	call_go(g, d);
}

/* Its answer: 64 hexadecimal digits and the links, or nothing that counts. */
void
own_digest_done(struct gate *g, struct call *d, const struct buf *text)
{
	struct call *c = d->target;

	d->target = NULL;
	if (c == NULL)
		return;
	if (text->len >= DIGEST_LEN &&
	    links_take(c, (struct bytes){buf_data(text) + DIGEST_LEN,
			      text->len - DIGEST_LEN}) == 0)
		(void)snprintf(c->digest, sizeof(c->digest), "%.64s",
		    (const char *)buf_data(text));
	(void)call_event(g, c, EV_DIGEST);
}

const char *const own_tools[OWN_TOOLS] = {"exec_command", "write_stdin",
    "apply_patch", "read_file", "list_dir", "grep", "view_image", "update_plan",
    "request_user_input"};

/* The last one is for a person. */
size_t
own_ntools(const struct gate *g)
{
	return OWN_TOOLS - (g->headless ? 1 : 0);
}

void
own_context_send(struct gate *g)
{
	struct bytes tools[OWN_TOOLS];
	struct bytes roots[JUDGE_ROOTS_MAX];
	struct msg_context m = {
	    .shell = bytes_of(g->shell),
	    .approval = bytes_of(approve_word(g)),
	    .documents = -1,
	};
	size_t i;

	if (!g->documented || g->introduced || !mcp_settled(g))
		return;
	g->introduced = true;
	for (i = 0; i < OWN_TOOLS; i++)
		tools[i] = bytes_of(own_tools[i]);
	m.tools.v = tools;
	m.tools.n = (uint32_t)own_ntools(g);
	judge_context(&g->judge, roots, &m);
	if (g->documents.len > 0)
		m.documents = fd_memfd(
		    "context", buf_data(&g->documents), g->documents.len);
	(void)gate_send(g, ROLE_MODEL, 0, MSG_CONTEXT, &m);
	fd_close(&m.documents);
	buf_fini(&g->documents);
}

void
own_context_done(struct gate *g, const struct buf *documents)
{
	(void)buf_add(&g->documents, buf_data(documents), documents->len);
	g->documented = true;
	own_context_send(g);
}

/* What the person could mention. */
int
own_on_files(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct call *c = call_own(g, TOOL_FILES);
	struct msg_names none = {.list = -1};

	(void)ch;
	(void)msg;
	if (c == NULL)
		return gate_send(g, ROLE_UI, id, MSG_NAMES, &none);
	request_tree(g, c);
	c->output.head.cap = NAMES_MAX;
	call_go(g, c);
	return 0;
}

void
own_files_done(struct gate *g, const struct buf *names)
{
	struct msg_names m = {.list = -1};

	if (names->len > 0)
		m.list = fd_memfd("names", buf_data(names), names->len);
	(void)gate_send(g, ROLE_UI, 0, MSG_NAMES, &m);
	fd_close(&m.list);
}
