/* SPDX-License-Identifier: Apache-2.0 */

/* cordon audit show, tail, list and stats. */

#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "report/entry.h"
#include "report/lines.h"
#include "report/store.h"

#define TAIL_MS    200        /* between two looks at a growing log */
#define LIST_LAST  20         /* sessions that list shows unless told */
#define OWN_CALLS  0x80000000 /* the first number of gate's own calls */
#define MAIN_CALLS 0xf0000000 /* and of those that main starts */

/* A number of the model's, or of calls of gate's and main's own, which have no
 * other. */
static void
put_call(int64_t call)
{
	if (call >= MAIN_CALLS)
		put("main %" PRId64 "  ", call - MAIN_CALLS + 1);
	else if (call >= OWN_CALLS)
		put("own %" PRId64 "  ", call - OWN_CALLS + 1);
	else
		put("%" PRId64 "  ", call);
}

static void
put_entry(const struct entry *e)
{
	const struct json *call;
	struct buf words;

	if (e->damaged) {
		put("%-26s  (this line is no record)\n", "");
		return;
	}
	buf_init(&words, ENTRY_WORDS_MAX);
	entry_words(&words, e);
	call = json_member(e->data, "call");
	put("%6" PRIu64 "  %.10s %.12s  %-9s  ", e->r.seq, e->r.time,
	    e->r.time + 11, record_word(e->r.type));
	if (call != NULL)
		put_call(json_number(call));
	put_vis(buf_data(&words), words.len, 0);
	put("\n");
	buf_fini(&words);
}

static int
show_one(void *arg, const struct entry *e)
{
	const struct args *a = arg;

	if (a->json) {
		put_raw(e->line.p, e->line.len);
		put("\n");
	} else
		put_entry(e);
	return 0;
}

int
report_show(const struct args *a)
{
	struct args copy = *a;

	return entry_of_log(a, args_session(a), show_one, &copy);
}

static int
keep_head(void *arg, const struct entry *e)
{
	struct entry *head = arg;

	if (!e->damaged && e->r.type == AUDIT_HEAD)
		*head = *e;
	return 0;
}

int
report_head(const struct args *a)
{
	struct entry head = {.damaged = true};
	int r = entry_of_log(a, args_session(a), keep_head, &head);

	if (r != EX_OK)
		return r;
	if (head.damaged) {
		log_error("there is no head in this log; one is written when "
			  "the session ends");
		return EX_DATAERR;
	}
	put("%s record %" PRIu64 " %s\n", head.r.log, head.r.seq, head.hash);
	return EX_OK;
}

int
report_tail(const struct args *a)
{
	const struct timespec wait = {0, TAIL_MS * 1000000L};
	struct args copy = *a;
	struct store_entry se;
	struct lines l;
	int fd, r;

	r = entry_open(a, args_session(a), &se, &fd);
	if (r != EX_OK)
		return r;
	lines_init(&l, fd, RECORD_LINE_MAX);
	while ((r = entry_lines(a, &l, show_one, &copy)) == 0 && a->follow &&
	       report_flush() == EX_OK)
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
	lines_fini(&l);
	(void)close(fd);
	if (r < 0)
		log_error("%s: %s", se.path, err_str(r));
	return r < 0 ? EX_IOERR : EX_OK;
}

/* What a log comes to. */
struct counts {
	uint64_t types[AUDIT_TYPES];
	uint64_t calls; /* of the model, or one that a person ran themselves */
	uint64_t allowed, asked, forbidden, approved, failed, bytes, damaged;
	uint64_t wall_us;
	char first[RECORD_TIME_SIZE], last[RECORD_TIME_SIZE];
	char cwd[256];
	bool closed;
	bool torn; /* the last line is no record */
	struct program {
		char name[64];
		uint64_t n;
	} programs[64];
	size_t nprograms;
	uint64_t others; /* runs of programs for which there was no room */
};

static void
count_program(struct counts *c, const struct json *data)
{
	struct bytes name = json_text(json_item(json_member(data, "argv"), 0));
	char word[64];
	const char *base;
	size_t i;

	if (name.len == 0 ||
	    !vis_bytes(word, sizeof(word), name.p, name.len, 0))
		return;
	base = strrchr(word, '/');
	base = base == NULL ? word : base + 1;
	for (i = 0; i < c->nprograms; i++)
		if (strcmp(c->programs[i].name, base) == 0)
			break;
	if (i == sizeof(c->programs) / sizeof(c->programs[0])) {
		c->others++;
		return;
	}
	if (i == c->nprograms)
		(void)strlcpy(c->programs[c->nprograms++].name, base,
		    sizeof(c->programs[0].name));
	c->programs[i].n++;
}

static int
count_entry(void *arg, const struct entry *e)
{
	struct counts *c = arg;
	const struct json *d = e->data;
	struct bytes cwd;

	if (e->damaged) {
		c->damaged++;
		c->torn = true;
		return 0;
	}
	/* What a crash has cut off is accounted for by the record behind. */
	if (c->torn && e->r.type == AUDIT_RECOVERED)
		c->damaged--;
	c->torn = false;
	if (c->first[0] == '\0')
		(void)strlcpy(c->first, e->r.time, sizeof(c->first));
	(void)strlcpy(c->last, e->r.time, sizeof(c->last));
	c->types[e->r.type]++;
	/* Of what `cordon sandbox` runs nobody asked but the person. */
	c->calls +=
	    e->r.type == AUDIT_CALL ||
	    (e->r.type == AUDIT_INTENT && json_is(d, "tool", "sandbox"));
	c->closed = e->r.type == AUDIT_HEAD && json_is(d, "why", "close");
	if (e->r.type == AUDIT_DECISION) {
		c->allowed += json_is(d, "verdict", "allow");
		c->asked += json_is(d, "verdict", "ask");
		c->forbidden += json_is(d, "verdict", "forbid");
	} else if (e->r.type == AUDIT_APPROVAL)
		c->approved += json_is(d, "answer", "once") ||
			       json_is(d, "answer", "session");
	else if (e->r.type == AUDIT_INTENT)
		count_program(c, d);
	else if (e->r.type == AUDIT_RESULT) {
		c->bytes += (uint64_t)json_number(json_member(d, "bytes"));
		c->wall_us += (uint64_t)json_number(json_member(d, "wall_us"));
		c->failed += json_number(json_member(d, "status")) != 0;
	} else if (e->r.type == AUDIT_OPEN) {
		cwd = json_text(json_member(d, "cwd"));
		(void)vis_bytes(c->cwd, sizeof(c->cwd), cwd.p, cwd.len, 0);
	}
	return 0;
}

static int
by_count(const void *x, const void *y)
{
	const struct program *a = x, *b = y;

	return a->n < b->n ? 1 : a->n > b->n ? -1 : strcmp(a->name, b->name);
}

int
report_stats(const struct args *a)
{
	struct counts *c = xcalloc(1, sizeof(*c));
	size_t i;
	int r = entry_of_log(a, args_session(a), count_entry, c);

	if (r == EX_OK) {
		put("calls          %" PRIu64 "\n", c->calls);
		put("allowed        %" PRIu64 "\n", c->allowed);
		put("asked          %" PRIu64 ", approved %" PRIu64
		    ", %.2f a call\n",
		    c->asked, c->approved,
		    c->calls == 0 ? 0.0 : (double)c->asked / (double)c->calls);
		put("forbidden      %" PRIu64 "\n", c->forbidden);
		put("refusals       %" PRIu64 "\n", c->types[AUDIT_REFUSAL]);
		put("violations     %" PRIu64 "\n", c->types[AUDIT_VIOLATION]);
		put("commands run   %" PRIu64 ", failed %" PRIu64
		    ", unknown %" PRIu64 "\n",
		    c->types[AUDIT_INTENT], c->failed,
		    c->types[AUDIT_INTENT] > c->types[AUDIT_RESULT]
			? c->types[AUDIT_INTENT] - c->types[AUDIT_RESULT]
			: 0);
		put("time in them   %.3f s\n", (double)c->wall_us / 1e6);
		put("output         %" PRIu64 " bytes\n", c->bytes);
		qsort(c->programs, c->nprograms, sizeof(c->programs[0]),
		    by_count);
		for (i = 0; i < c->nprograms; i++)
			put("%s%-14s %" PRIu64 "\n",
			    i == 0 ? "programs\n  " : "  ", c->programs[i].name,
			    c->programs[i].n);
		if (c->others > 0)
			put("  (others)       %" PRIu64 "\n", c->others);
	}
	free(c);
	return r;
}

struct listing {
	const struct args *a;
	uint64_t n, limit;
};

/* How a log ended, as far as can be told without verifying it; r is what
 * reading it came to. */
static const char *
list_state(const struct counts *c, int r)
{
	if (r == ERR_IO)
		return "UNREADABLE";
	if (r != 0 || c->damaged > 0 || c->types[AUDIT_OPEN] == 0)
		return "DAMAGED";
	return c->closed ? "closed" : "open";
}

static int
list_one(void *arg, const struct store_entry *e)
{
	struct listing *l = arg;
	struct args every = {.state = l->a->state};
	char since[RECORD_TIME_SIZE];
	struct counts *c;
	int fd, r;

	if (l->n >= l->limit)
		return 1;
	fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	c = xcalloc(1, sizeof(*c));
	r = fd == -1 ? ERR_IO : entry_each(&every, fd, count_entry, c);
	fd_close(&fd);
	if (entry_since(since, l->a) && *c->last != '\0' &&
	    strcmp(c->last, since) < 0) {
		free(c);
		return 0;
	}
	l->n++;
	put("%s  %16.16s  %4" PRIu64 " calls  %3" PRIu64 " refused  %3" PRIu64
	    " asked  %-10s %s\n",
	    e->id, c->first, c->calls, c->types[AUDIT_REFUSAL], c->asked,
	    list_state(c, r), c->cwd);
	free(c);
	return 0;
}

int
report_list(const struct args *a)
{
	struct listing l = {a, 0, a->limit > 0 ? a->limit : LIST_LAST};
	int r = entry_check(a);

	if (r == EX_OK && store_each(a->state, STORE_AUDIT, list_one, &l) < 0)
		r = EX_IOERR;
	return r;
}
