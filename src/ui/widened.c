/* SPDX-License-Identifier: Apache-2.0 */

/* Front: folders that may be written for the session. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"

#include "ui/widened.h"

struct widened {
	struct buf cell;
	char *cwd, *folder;
	struct widened *next;
};

static struct widened *all; /* a process has one session */

/* What stands between the words of the cell and those of the command. */
#define BETWEEN 5

static bool
is_between(const struct bytes *v, struct bytes folder, struct bytes cwd)
{
	return bytes_is(v[0], "--write") && bytes_eq(v[1], folder) &&
	       bytes_is(v[2], "-C") && bytes_eq(v[3], cwd) &&
	       bytes_is(v[4], "--");
}

bool
widened_cell(const struct msg_ask *m, struct buf *cell)
{
	const struct bytes *v = m->argv.v;
	size_t i, n = m->argv.n;

	buf_clear(cell);
	if (m->what != ASK_WRITE || m->writes.n != 1)
		return false;
	for (i = 0; i + BETWEEN < n; i++) {
		if (is_between(v + i, m->writes.v[0], m->cwd))
			return buf_err(cell) == 0;
		(void)buf_add(cell, v[i].p, v[i].len);
		(void)buf_addc(cell, '\0');
	}
	return false;
}

void
widened_add(const struct buf *cell, const char *cwd, struct bytes folder)
{
	struct widened *w = xcalloc(1, sizeof(*w));

	buf_init(&w->cell, WIDENED_MAX);
	(void)buf_add(&w->cell, buf_data(cell), cell->len);
	w->cwd = xstrdup(cwd);
	w->folder = bytes_dup(folder);
	w->next = all;
	all = w;
}

bool
widened_has(const struct msg_ask *m)
{
	const struct widened *w;
	struct buf cell;
	bool has = false;

	buf_init(&cell, WIDENED_MAX);
	if (widened_cell(m, &cell))
		for (w = all; w != NULL && !has; w = w->next)
			has =
			    bytes_is(m->cwd, w->cwd) &&
			    bytes_is(m->writes.v[0], w->folder) &&
			    bytes_eq((struct bytes){buf_data(&cell), cell.len},
				(struct bytes){
				    buf_data(&w->cell), w->cell.len});
	buf_fini(&cell);
	return has;
}
