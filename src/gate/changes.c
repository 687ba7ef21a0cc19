/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: which files the commands of a session made, changed or removed.
 *
 * Before the first command that may write, the tree is listed, and that
 * command waits for it; asked by the front, the tree is compared with the
 * list.  Both are calls of our own, carried out by the tool "changed".  The
 * records of the second and of patches say what each file holds then.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define FILES_MAX 2000                /* named to the front */
#define FILES_LEN 56000               /* bytes of their names */
#define LIST_MAX  (16u * 1024 * 1024) /* bytes of the list */

/* The call, without what it is to do. */
static struct call *
changes_call(struct gate *g)
{
	struct call *c = call_own(g, TOOL_CHANGED);

	if (c != NULL)
		request_tree(g, c);
	return c;
}

bool
changes_pending(struct gate *g, const struct call *c)
{
	bool command = c->tool == TOOL_EXEC || c->tool == TOOL_ARGV ||
		       c->tool == TOOL_USER || mcp_writes(c);
	struct call *list;

	if (!command || c->decision.narrow || g->listed == TREE_LISTED)
		return false;
	if (g->listed == TREE_LISTING)
		return true;
	list = changes_call(g);
	g->listed = list == NULL ? TREE_LISTED : TREE_LISTING;
	if (list == NULL)
		return false;
	list->listing = true;
	list->output.head.cap = LIST_MAX;
	call_go(g, list);
	return true;
}

int
changes_on_ask(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct call *c = changes_call(g);

	(void)ch;
	(void)msg;
	if (c == NULL)
		return gate_send(g, ROLE_UI, id, MSG_CHANGED,
		    &(struct msg_changed){.cut = true});
	c->asked = id;
	subject_args(&c->subject, "-b");
	request_number(c, "-s", g->began);
	if (g->tree != -1)
		c->input_fd = fcntl(g->tree, F_DUPFD_CLOEXEC, FD_EXTRA);
	call_go(g, c);
	return 0;
}

/* "HASH A path" and a NUL, of each file. */
static void
read_look(struct call *c)
{
	struct bytes rest = {buf_data(&c->output.head), c->output.head.len};
	struct buf hashes;
	const uint8_t *nul;
	size_t n;

	buf_init(&hashes, c->output.head.cap);
	while (rest.len > 0 && (nul = memchr(rest.p, '\0', rest.len)) != NULL) {
		n = (size_t)(nul - rest.p);
		if (n <= CALL_HASH_LEN + 3)
			break;
		(void)buf_add(&hashes, rest.p, CALL_HASH_LEN);
		call_change(
		    c, xstrdup((const char *)rest.p + CALL_HASH_LEN + 1));
		rest.p += n + 1;
		rest.len -= n + 1;
	}
	if (hashes.len > 0)
		c->hashes = xstrdup(buf_cstr(&hashes));
	buf_fini(&hashes);
}

/* Behind the answer, a NUL and the hashes of the files that were named. */
static void
read_patch(struct call *c)
{
	struct buf *b = &c->output.head;
	size_t len = CALL_HASH_LEN * c->nchanges;
	const char *p;

	if (c->output.tail_len > 0 || b->len <= len)
		return;
	p = (const char *)buf_data(b) + b->len - len - 1;
	if (*p != '\0')
		return;
	c->hashes = xstrndup(p + 1, len);
	b->len -= len + 1;
}

void
changes_read(struct call *c)
{
	if (c->tool == TOOL_PATCH)
		read_patch(c);
	else if (c->tool == TOOL_CHANGED && !c->listing)
		read_look(c);
	if (c->hashes != NULL && strspn(c->hashes, "0123456789abcdef-") !=
				     CALL_HASH_LEN * c->nchanges) {
		free(c->hashes);
		c->hashes = NULL;
	}
}

static void
send_changed(struct gate *g, const struct call *c)
{
	struct bytes files[FILES_MAX];
	struct msg_changed m = {.files = {.v = files}};
	size_t i, len = 0;

	for (i = 0; i < c->nchanges; i++) {
		len += strlen(c->changes[i]) + 4;
		m.cut = i == FILES_MAX || len > FILES_LEN;
		if (m.cut)
			break;
		files[m.files.n++] = bytes_of(c->changes[i]);
	}
	(void)gate_send(g, ROLE_UI, c->asked, MSG_CHANGED, &m);
}

void
changes_done(struct gate *g, struct call *c, const struct buf *text)
{
	if (!c->listing) {
		send_changed(g, c);
		return;
	}
	g->listed = TREE_LISTED;
	if (text->len > 0)
		g->tree = fd_memfd("tree", buf_data(text), text->len);
}
