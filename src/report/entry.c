/* SPDX-License-Identifier: Apache-2.0 */

/* Library: records for readers, and what they say in words. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "report/entry.h"
#include "report/lines.h"
#include "report/store.h"

#define NS_PER_MS 1000000u

/* --since as a time that compares with those of records: a time as they are
 * written, or the first part of one, or how long ago ("2h", "30m"). */
static int
since_time(char dst[RECORD_TIME_SIZE], const char *word)
{
	char now[CLOCK_RFC3339_SIZE];
	uint64_t ms, wall = clock_wall_ns();

	if (strlen(word) >= 4 &&
	    strspn(word, "0123456789-T:.Z") == strlen(word) &&
	    strchr(word, '-') == word + 4)
		return strlcpy(dst, word, RECORD_TIME_SIZE) < RECORD_TIME_SIZE
			   ? 0
			   : ERR_FORMAT;
	if (str_duration(word, &ms) != 0 || ms > wall / NS_PER_MS)
		return ERR_FORMAT;
	clock_rfc3339(now, sizeof(now), wall - ms * NS_PER_MS);
	(void)strlcpy(dst, now, RECORD_TIME_SIZE);
	return 0;
}

int
entry_check(const struct args *a)
{
	char time[RECORD_TIME_SIZE];
	size_t i;

	if (a->since != NULL && since_time(time, a->since) != 0) {
		log_error("--since takes a time such as 2026-11-28 or"
			  " 2026-11-28T07:00, or a span such as 90m, not '%s'",
		    a->since);
		return EX_USAGE;
	}
	for (i = 0; i < a->type.n; i++)
		if (record_type(a->type.v[i]) == AUDIT_TYPES) {
			log_error("--type: there are no records of type '%s'",
			    a->type.v[i]);
			return EX_USAGE;
		}
	return EX_OK;
}

static bool
wanted(const struct args *a, const struct record *r)
{
	char time[RECORD_TIME_SIZE];
	size_t i;

	if (a->since != NULL && since_time(time, a->since) == 0 &&
	    strcmp(r->time, time) < 0)
		return false;
	for (i = 0; i < a->type.n; i++)
		if (record_type(a->type.v[i]) == r->type)
			return true;
	return a->type.n == 0;
}

bool
entry_init(struct entry *e, const struct args *a, struct bytes line)
{
	int err;

	memset(e, 0, sizeof(*e));
	e->line = line;
	e->damaged = record_parse(&e->r, line.p, line.len) != 0;
	if (e->damaged)
		return a->type.n == 0;
	if (!wanted(a, &e->r))
		return false;
	e->data = json_parse(e->r.data.p, e->r.data.len, RECORD_DATA_MAX, &err);
	return true;
}

void
entry_fini(struct entry *e)
{
	json_free(e->data);
	e->data = NULL;
}

int
entry_each(const struct args *a, int fd, entry_fn *fn, void *arg)
{
	const uint8_t *line;
	struct entry e;
	struct lines l;
	size_t len;
	int r, stop = 0;

	lines_init(&l, fd);
	while (stop == 0 && (r = lines_next(&l, &line, &len)) == 1) {
		if (entry_init(&e, a, (struct bytes){line, len}))
			stop = fn(arg, &e);
		entry_fini(&e);
	}
	lines_fini(&l);
	return stop != 0 ? stop : r;
}

int
entry_of_log(const struct args *a, const char *word, entry_fn *fn, void *arg)
{
	struct store_entry se;
	int fd, r;

	r = entry_check(a);
	if (r != EX_OK)
		return r;
	fd = store_open_say(a->state, STORE_AUDIT, word, &se);
	if (fd == -1)
		return EX_NOINPUT;
	r = entry_each(a, fd, fn, arg);
	(void)close(fd);
	if (r < 0) {
		log_error("%s: %s", se.path, err_str(r));
		return EX_IOERR;
	}
	return EX_OK;
}

/* In words. */

/* A text, or bytes that are none. */
static void
add_value(struct buf *out, const struct json *j)
{
	struct bytes t = json_text(j);

	if (json_kind(j) == JSON_T_OBJECT)
		(void)buf_adds(out, "(bytes)");
	else if (json_kind(j) == JSON_T_INT)
		(void)buf_addf(out, "%" PRId64, json_number(j));
	else
		(void)buf_add(out, t.p, t.len);
}

static void
add_member(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	const struct json *j = json_member(data, name);

	if (j == NULL)
		return;
	(void)buf_adds(out, before);
	add_value(out, j);
}

static void
add_items(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	const struct json *j = json_member(data, name);
	size_t i;

	if (json_length(j) == 0)
		return;
	(void)buf_adds(out, before);
	for (i = 0; i < json_length(j); i++) {
		if (i > 0)
			(void)buf_addc(out, ' ');
		add_value(out, json_item(j, i));
	}
}

/* What a result says of files: letters and paths; the hashes are for those
 * who read the records themselves. */
static void
add_changes(struct buf *out, const struct json *data)
{
	const struct json *j = json_member(data, "changes");
	size_t i;

	for (i = 0; i < json_length(j); i++) {
		add_member(
		    out, json_item(j, i), i == 0 ? "; changed " : ", ", "kind");
		add_member(out, json_item(j, i), " ", "path");
	}
}

static void
say_open(struct buf *out, const struct json *d)
{
	add_member(out, d, "cordon ", "version");
	add_member(out, d, " in ", "cwd");
	add_member(out, d, " by ", "user");
	if (json_bool(json_member(d, "resumed")))
		(void)buf_adds(out, ", resumed");
	add_items(out, d, ": ", "argv");
}

static void
say_call(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	if (json_member(d, "line") != NULL)
		add_member(out, d, ": ", "line");
	else
		add_items(out, d, ": ", "argv");
	add_items(out, d, "; reads ", "reads");
	add_items(out, d, "; writes ", "writes");
	add_member(out, d, "; in ", "cwd");
	if (json_bool(json_member(d, "escalate")))
		(void)buf_adds(out, "; asks to run outside the cell");
	add_member(out, d, "; says: ", "words");
}

static void
say_decision(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "verdict");
	add_member(out, d, " by rule ", "rule");
	add_member(out, d, " of ", "file");
	add_member(out, d, ":", "line");
	add_member(out, d, ": ", "why");
	if (!json_is(d, "verdict", "forbid"))
		add_member(out, d, "; rights: ", "rights");
}

static void
say_approval(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "answer");
	add_member(out, d, ", answered on ", "channel");
	add_member(out, d, ", grant ", "grant");
	add_member(out, d, ", scope ", "scope");
	add_member(out, d, ": ", "message");
}

static void
say_intent(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	add_items(out, d, ": ", "argv");
}

static void
say_tool(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	add_member(out, d, " to session ", "session");
	add_member(out, d, ": ", "input");
}

static void
say_result(struct buf *out, const struct json *d)
{
	int64_t status = json_number(json_member(d, "status"));

	if (json_is(d, "how", "exit") && (status & 127) == 0)
		(void)buf_addf(out, "exit %" PRId64, status >> 8 & 255);
	else if (json_is(d, "how", "exit"))
		(void)buf_addf(out, "signal %" PRId64, status & 127);
	else
		add_member(out, d, "", "how");
	(void)buf_addf(out, ", %.3f s, %" PRId64 " bytes",
	    (double)json_number(json_member(d, "wall_us")) / 1e6,
	    json_number(json_member(d, "bytes")));
	add_changes(out, d);
	add_member(out, d, "; denied: ", "denials");
	add_member(out, d, "; error: ", "error");
}

static void
say_refusal(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	add_member(out, d, "", "role");
	add_member(out, d, ": ", "why");
	add_member(out, d, ", rule ", "rule");
	add_member(out, d, ", dropped by ", "by");
}

static void
say_connect(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "host");
	add_member(out, d, ":", "port");
	add_member(out, d, " ", "verdict");
	add_member(out, d, ", for ", "role");
}

static void
say_recovered(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "why");
	add_member(out, d, ": ", "bytes");
	add_member(out, d, " bytes torn at byte ", "at");
}

static void
say_head(struct buf *out, const struct json *d)
{
	add_member(out, d, "signs records 0 to ", "seq");
	add_member(out, d, " (", "why");
	(void)buf_addc(out, ')');
}

static void
say_why(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "why");
	add_member(out, d, "", "reason");
	add_member(out, d, ", from ", "from");
}

void
entry_words(struct buf *out, const struct entry *e)
{
	static void (*const say[AUDIT_TYPES])(
	    struct buf *, const struct json *) = {
	    [AUDIT_OPEN] = say_open,
	    [AUDIT_CALL] = say_call,
	    [AUDIT_DECISION] = say_decision,
	    [AUDIT_APPROVAL] = say_approval,
	    [AUDIT_INTENT] = say_intent,
	    [AUDIT_RESULT] = say_result,
	    [AUDIT_CONNECT] = say_connect,
	    [AUDIT_REFUSAL] = say_refusal,
	    [AUDIT_VIOLATION] = say_refusal,
	    [AUDIT_TOOL] = say_tool,
	    [AUDIT_TOKEN] = say_why,
	    [AUDIT_RECOVERED] = say_recovered,
	    [AUDIT_HEAD] = say_head,
	    [AUDIT_CLOSE] = say_why,
	};

	if (e->damaged)
		(void)buf_adds(out, "(this line is no record)");
	else if (e->data == NULL)
		(void)buf_adds(out, "(the data cannot be read)");
	else
		say[e->r.type](out, e->data);
}
