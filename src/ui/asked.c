/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: a question of the gate, in whatever mode a person reads it.
 *
 * An answer is bound to what was asked and to what was shown, both as hashes.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/widened.h"

int
asked_init(struct asked *q, struct front *f, uint32_t id, struct msg_ask *m,
    struct buf *patch)
{
	struct msg_answer no = {.answer = ANSWER_NO,
	    .hash = m->hash,
	    .message = bytes_of("it cannot be shown, so not approved")};
	int r = 0;

	memset(q, 0, sizeof(*q));
	buf_init(patch, ASK_PATCH_MAX);
	if (m->patch != -1)
		r = fd_read_memfd(m->patch, patch);
	fd_close(&m->patch);
	if (m->what > ASK_TOOL || m->hash.len != ASK_HASH || r != 0) {
		front_send(f, ROLE_GATE, id, MSG_ANSWER, &no);
		return m->what > ASK_TOOL ? ERR_TYPE : 0;
	}
	q->id = id;
	q->what = (enum ask_what)m->what;
	memcpy(q->hash, m->hash.p, ASK_HASH);
	permit_hash(&m->argv, m->cwd, q->permit);
	scope_init(&q->scope, m, ask_title(m));
	buf_init(&q->cell, WIDENED_MAX);
	q->cwd = bytes_dup(m->cwd);
	if (!widened_cell(m, &q->cell))
		buf_clear(&q->cell);
	q->text =
	    ask_text_new(m, (struct bytes){buf_data(patch), patch->len}, false);
	return 1;
}

void
asked_fini(struct asked *q)
{
	ask_text_free(q->text);
	scope_fini(&q->scope);
	buf_fini(&q->cell);
	free(q->cwd);
}

bool
asked_leaves(const struct asked *q)
{
	return q->what == ASK_ESCALATE || q->what == ASK_WRITE;
}

bool
asked_lasts(const struct asked *q)
{
	return !asked_leaves(q) ||
	       (q->what == ASK_WRITE && q->cell.len > 0 && q->scope.to.n == 1);
}

bool
asked_known(struct front *f, uint32_t id, const struct msg_ask *m)
{
	uint8_t hash[PERMIT_SIZE];
	struct msg_permit permit = {.hash = {hash, sizeof(hash)}};
	struct msg_answer yes = {
	    .answer = ANSWER_ONCE, .channel = CHANNEL_PRESET, .hash = m->hash};

	if (m->granted == 0 || !widened_has(m))
		return false;
	permit_hash(&m->argv, m->cwd, hash);
	front_send(f, ROLE_OPEN, id, MSG_PERMIT, &permit);
	front_send(f, ROLE_GATE, id, MSG_ANSWER, &yes);
	return true;
}

void
asked_send(const struct asked *q, struct front *f, enum answer answer,
    const char *say, struct msg_list refused)
{
	struct msg_answer m = {.answer = (uint8_t)answer,
	    .channel = CHANNEL_TTY,
	    .hash = {q->hash, sizeof(q->hash)},
	    .message = bytes_of(say),
	    .refused = refused};
	struct msg_permit permit = {.hash = {q->permit, sizeof(q->permit)}};
	uint8_t hash[ASK_HASH];
	size_t i, len = 0; /* of the names */
	struct buf shown;

	buf_init(&shown, ASK_SHOWN_MAX);
	ask_text_shown(q->text, &shown, hash);
	m.shown = (struct bytes){hash, sizeof(hash)};
	for (i = 0; i < refused.n; i++)
		len += refused.v[i].len;
	if (buf_err(&shown) == 0 && shown.len + len <= ASK_SHOWN_MAX)
		m.text = (struct bytes){buf_data(&shown), shown.len};
	if (answer == ANSWER_SESSION) {
		m.scope = bytes_of(q->scope.text);
		m.words = q->scope.to;
		if (q->what == ASK_WRITE)
			widened_add(&q->cell, q->cwd, q->scope.to.v[0]);
	}
	if (asked_leaves(q) && answer != ANSWER_NO)
		front_send(f, ROLE_OPEN, q->id, MSG_PERMIT, &permit);
	front_send(f, ROLE_GATE, q->id, MSG_ANSWER, &m);
	buf_fini(&shown);
}
