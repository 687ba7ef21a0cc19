/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon policy grants list: what a person has permitted for the rest of a
 * session and what of it still stands, as its log has it.
 *
 * The log of a session that runs is behind by nothing: gate runs no call before
 * its records are on disk.
 */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/jsonw.h"
#include "base/xmem.h"
#include "report/entry.h"
#include "report/report.h"

#define GRANTS_MAX  4096               /* that stand at one time */
#define CALLS_OWN   (INT64_C(1) << 31) /* from here on they are gate's own */
#define CALLS_ASKED 64                 /* calls that may wait for an answer */

struct given {
	uint64_t number;
	char time[RECORD_TIME_SIZE];
	char *what, *scope; /* owned */
};

/* A call that may be asked about, in words. */
struct asked {
	int64_t call;
	struct buf words;
};

struct standing {
	struct asked calls[CALLS_ASKED]; /* by number, modulo */
	struct given *v;                 /* owned array */
	size_t n;
	bool closed; /* the session is over, and they with it */
};

static void
given_fini(struct given *g)
{
	free(g->what);
	free(g->scope);
}

/* Those of that number; 0: all. */
static void
drop(struct standing *st, uint64_t number)
{
	size_t i, kept = 0;

	for (i = 0; i < st->n; i++)
		if (number == 0 || st->v[i].number == number)
			given_fini(&st->v[i]);
		else
			st->v[kept++] = st->v[i];
	st->n = kept;
}

static struct asked *
asked_about(struct standing *st, const struct entry *e)
{
	int64_t call = json_number(json_member(e->data, "call"));

	return &st->calls[(uint64_t)call % CALLS_ASKED];
}

static void
remember(struct standing *st, const struct entry *e)
{
	struct asked *a = asked_about(st, e);
	int64_t call = json_number(json_member(e->data, "call"));

	if (call >= CALLS_OWN)
		return;
	a->call = call;
	buf_clear(&a->words);
	entry_words(&a->words, e);
}

static void
give(struct standing *st, const struct entry *e, uint64_t number)
{
	const struct asked *a = asked_about(st, e);
	struct given *g;

	if (st->n == GRANTS_MAX)
		return;
	if ((st->n & (st->n + 1)) == 0)
		st->v = xreallocarray(st->v, 2 * st->n + 2, sizeof(*st->v));
	g = &st->v[st->n++];
	g->number = number;
	(void)strlcpy(g->time, e->r.time, sizeof(g->time));
	g->scope = xstrdup(json_str(e->data, "scope"));
	g->what =
	    a->call == json_number(json_member(e->data, "call"))
		? xstrndup((const char *)buf_data(&a->words), a->words.len)
		: xstrdup("");
}

static int
on_entry(void *arg, const struct entry *e)
{
	struct standing *st = arg;
	int64_t number;

	if (e->damaged)
		return 0;
	if (e->r.type == AUDIT_OPEN || e->r.type == AUDIT_CLOSE) {
		drop(st, 0);
		st->closed = e->r.type == AUDIT_CLOSE;
	}
	if (e->r.type == AUDIT_CALL)
		remember(st, e);
	number = json_number(json_member(e->data, "grant"));
	if (e->r.type != AUDIT_APPROVAL || number <= 0)
		return 0;
	if (json_is(e->data, "answer", "session"))
		give(st, e, (uint64_t)number);
	else
		drop(st, (uint64_t)number);
	return 0;
}

static void
show_json(const struct given *g)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, 65536);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_ku64(&w, "grant", g->number);
	jsonw_kstr(&w, "time", g->time);
	jsonw_kstr(&w, "what", g->what);
	jsonw_kstr(&w, "scope", g->scope);
	jsonw_end(&w);
	put_raw(buf_data(&b), b.len);
	put("\n");
	buf_fini(&b);
}

static void
show(const struct given *g)
{
	put("%-4" PRIu64 " %.19s  ", g->number, g->time);
	put_vis(g->what, strlen(g->what), 0);
	put(" (");
	put_vis(g->scope, strlen(g->scope), 0);
	put(")\n");
}

int
report_grants(const struct args *a)
{
	struct standing st = {.v = NULL};
	size_t i;
	int r;

	for (i = 0; i < CALLS_ASKED; i++)
		buf_init(&st.calls[i].words, 65536);
	r = entry_of_log(a, args_session(a), on_entry, &st);
	for (i = 0; r == EX_OK && i < st.n; i++)
		if (a->json)
			show_json(&st.v[i]);
		else
			show(&st.v[i]);
	if (r == EX_OK && st.n == 0 && !a->json)
		put("%s\n", st.closed
				? "the session is over; grants end with it"
				: "no grant stands");
	drop(&st, 0);
	free(st.v);
	for (i = 0; i < CALLS_ASKED; i++)
		buf_fini(&st.calls[i].words);
	return r;
}
