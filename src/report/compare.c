/* SPDX-License-Identifier: Apache-2.0 */

/* cordon audit diff: the actions of two sessions. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/xmem.h"
#include "report/entry.h"
#include "report/report.h"

#define ACTIONS_MAX 4096 /* of one session */
#define ACTION_MAX  4096 /* bytes of one */

#define EXIT_DIFFERENT 1

/* What was asked, decided and how it ended; times and numbers left out. */
struct action {
	int64_t call;
	struct buf text;
};

struct actions {
	struct action *v; /* owned */
	size_t n;
};

static struct action *
action_of(struct actions *as, int64_t call)
{
	size_t i;

	for (i = as->n; i > 0; i--)
		if (as->v[i - 1].call == call)
			return &as->v[i - 1];
	return NULL;
}

static void
add_end(struct action *a, const struct json *d)
{
	int code = entry_exit_code(d);

	if (code >= 0)
		(void)buf_addf(&a->text, ", status %d", code);
	else
		(void)buf_addf(&a->text, ", %s", json_str(d, "how"));
}

static int
add_action(void *arg, const struct entry *e)
{
	struct actions *as = arg;
	const struct json *call = json_member(e->data, "call");
	struct action *a;

	if (e->damaged || call == NULL)
		return 0;
	a = action_of(as, json_number(call));
	if (e->r.type == AUDIT_CALL && as->n < ACTIONS_MAX) {
		a = &as->v[as->n++];
		a->call = json_number(call);
		buf_init(&a->text, ACTION_MAX);
		entry_words(&a->text, e);
	} else if (a != NULL && e->r.type == AUDIT_DECISION)
		(void)buf_addf(
		    &a->text, " -> %s", json_str(e->data, "verdict"));
	else if (a != NULL && e->r.type == AUDIT_APPROVAL)
		(void)buf_addf(
		    &a->text, ", answered %s", json_str(e->data, "answer"));
	else if (a != NULL && e->r.type == AUDIT_REFUSAL)
		(void)buf_adds(&a->text, ", refused");
	else if (a != NULL && e->r.type == AUDIT_RESULT)
		add_end(a, e->data);
	return 0;
}

static bool
same(const struct action *a, const struct action *b)
{
	return a->text.len == b->text.len &&
	       memcmp(buf_data(&a->text), buf_data(&b->text), a->text.len) == 0;
}

static void
put_action(char sign, const struct action *a)
{
	put("%c ", sign);
	put_vis(buf_data(&a->text), a->text.len, 0);
	put("\n");
}

/*
 * The longest common subsequence, by table: length[i][j] is that of what
 * stands behind the first i and j actions.
 */
static bool
put_difference(const struct actions *a, const struct actions *b)
{
	size_t width = b->n + 1, i, j;
	uint16_t *length = xcalloc((a->n + 1) * width, sizeof(*length));
	bool differ = false;

	for (i = a->n; i-- > 0;)
		for (j = b->n; j-- > 0;) {
			uint16_t down = length[(i + 1) * width + j];
			uint16_t right = length[i * width + j + 1];

			length[i * width + j] =
			    same(&a->v[i], &b->v[j])
				? (uint16_t)(length[(i + 1) * width + j + 1] +
					     1)
			    : down > right ? down
					   : right;
		}
	for (i = j = 0; i < a->n || j < b->n;) {
		if (i < a->n && j < b->n && same(&a->v[i], &b->v[j])) {
			put_action(' ', &a->v[i++]);
			j++;
			continue;
		}
		differ = true;
		if (j == b->n || (i < a->n && length[(i + 1) * width + j] >=
						  length[i * width + j + 1]))
			put_action('-', &a->v[i++]);
		else
			put_action('+', &b->v[j++]);
	}
	free(length);
	return differ;
}

int
report_diff(const struct args *a)
{
	struct actions as[2];
	size_t i, j;
	int r = EX_OK;

	for (i = 0; i < 2; i++) {
		as[i].v = xcalloc(ACTIONS_MAX, sizeof(as[i].v[0]));
		as[i].n = 0;
		if (r == EX_OK)
			r = entry_of_log(
			    a, a->operands.v[i], add_action, &as[i]);
	}
	if (r == EX_OK && put_difference(&as[0], &as[1]))
		r = EXIT_DIFFERENT;
	for (i = 0; i < 2; i++) {
		for (j = 0; j < as[i].n; j++)
			buf_fini(&as[i].v[j].text);
		free(as[i].v);
	}
	return r;
}
