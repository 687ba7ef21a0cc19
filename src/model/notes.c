/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: lines for the transcript.  Those of an answer wait until it is
 * whole; a long one waits as the memfd that it travels as, so that its text
 * is in our memory only once, in the conversation.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "model/model.h"

#define NOTE_INLINE BUF_BULK /* a longer NOTE goes as a memfd */
#define NOTES_MAX   65536    /* lines of one answer */

struct note {
	struct buf line; /* empty where there is */
	int whole;       /* owned */
};

static int
note_take(struct note *n, struct buf *line)
{
	int r;

	memset(n, 0, sizeof(*n));
	r = buf_bulk(line, &n->whole);
	if (r != 0)
		return r;
	n->line = *line;
	line->mem = NULL;
	buf_fini(line);
	if (n->whole != -1 || n->line.len <= NOTE_INLINE)
		return 0;
	n->whole = fd_memfd("note", buf_data(&n->line), n->line.len);
	buf_fini(&n->line);
	return n->whole < 0 ? ERR_IO : 0;
}

static void
note_send(struct model *m, struct note *n, bool sync)
{
	struct msg_note msg = {.sync = sync,
	    .line = {buf_data(&n->line), n->line.len},
	    .whole = n->whole};

	if (m->proc.peers[ROLE_AUDIT] != NULL)
		(void)chan_send(m->proc.peers[ROLE_AUDIT], 0, MSG_NOTE, &msg);
}

static void
note_free(struct note *n)
{
	buf_fini(&n->line);
	fd_close(&n->whole);
}

int
notes_add(struct model *m, struct buf *line, bool sync)
{
	struct note n;
	int r = buf_err(line);

	if (r != 0)
		return r;
	r = note_take(&n, line);
	if (r == 0)
		note_send(m, &n, sync);
	note_free(&n);
	return r;
}

int
notes_hold(struct model *m, struct buf *line)
{
	struct notes *all = &m->notes;
	int r = buf_err(line);

	if (r != 0)
		return r;
	if (all->n == NOTES_MAX)
		return ERR_SPACE;
	if (all->n == all->size) {
		all->size = all->size == 0 ? 16 : 2 * all->size;
		all->v = xreallocarray(all->v, all->size, sizeof(*all->v));
	}
	r = note_take(&all->v[all->n], line);
	if (r == 0)
		all->n++;
	return r;
}

void
notes_release(struct model *m)
{
	size_t i;

	for (i = 0; i < m->notes.n; i++)
		note_send(m, &m->notes.v[i], false);
	notes_drop(m);
}

void
notes_drop(struct model *m)
{
	size_t i;

	for (i = 0; i < m->notes.n; i++)
		note_free(&m->notes.v[i]);
	m->notes.n = 0;
}
