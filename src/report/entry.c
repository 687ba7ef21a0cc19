/* SPDX-License-Identifier: Apache-2.0 */

/* Library: records for readers, and what they say in words. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "report/entry.h"
#include "report/lines.h"
#include "report/store.h"

#define NS_PER_MS 1000000u

/* A time as records have it, or the first part of one, with or without the Z:
 * the rest is that of the first instant which begins so. */
static int
whole_time(char dst[RECORD_TIME_SIZE], const char *word)
{
	static const char first[] = "0000-01-01T00:00:00.000000Z";
	size_t n = strlen(word);
	struct tm tm = {0};
	const char *rest;
	int day;

	if (n > strlen("2026-01-01T00:00") && word[n - 1] == 'Z')
		n--;
	if (n < strlen("2026") || n >= sizeof(first) ||
	    (n < strlen("2026-01-01T00:00:00") &&
		strchr("-T:.Z", first[n]) == NULL))
		return ERR_FORMAT;
	(void)snprintf(
	    dst, RECORD_TIME_SIZE, "%.*s%s", (int)n, word, first + n);
	rest = strptime(dst, "%Y-%m-%dT%H:%M:%S.", &tm);
	if (rest == NULL || strspn(rest, "0123456789") != strlen("000000"))
		return ERR_FORMAT;
	day = tm.tm_mday;
	(void)timegm(&tm); /* which makes of February 30 another day */
	return tm.tm_mday == day ? 0 : ERR_FORMAT;
}

/* --since as a time that compares with those of records: a time, or how long
 * ago ("2h", "30m"). */
static int
since_time(char dst[RECORD_TIME_SIZE], const char *word)
{
	char now[CLOCK_RFC3339_SIZE];
	uint64_t ms, wall = clock_wall_ns();

	if (whole_time(dst, word) == 0)
		return 0;
	if (str_duration(word, &ms) != 0 || ms > wall / NS_PER_MS)
		return ERR_FORMAT;
	clock_rfc3339(now, sizeof(now), wall - ms * NS_PER_MS);
	(void)strlcpy(dst, now, RECORD_TIME_SIZE);
	return 0;
}

bool
entry_since(char time[RECORD_TIME_SIZE], const struct args *a)
{
	return a->since != NULL && since_time(time, a->since) == 0;
}

int
entry_check(const struct args *a)
{
	char time[RECORD_TIME_SIZE];
	size_t i;

	if (a->since != NULL && !entry_since(time, a)) {
		log_error("--since takes a time such as 2026-11-28 or"
			  " 2026-11-28T07:00, in UTC, or a span such as 90m"
			  " or 2d, not '%s'",
		    a->since);
		return EX_USAGE;
	}
	for (i = 0; i < a->type.n; i++)
		if (record_type(a->type.v[i]) == AUDIT_TYPES) {
			log_error("--type: there are no records of type '%s'; "
				  "cordon-audit(5) has them",
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

	if (entry_since(time, a) && strcmp(r->time, time) < 0)
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
	str_hex(e->hash, e->r.hash, sizeof(e->r.hash));
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
entry_lines(const struct args *a, struct lines *l, entry_fn *fn, void *arg)
{
	struct bytes line;
	struct entry e;
	int r, stop = 0;

	while (stop == 0 && (r = lines_next(l, &line.p, &line.len)) == 1) {
		if (entry_init(&e, a, line))
			stop = fn(arg, &e);
		entry_fini(&e);
	}
	return stop != 0 ? stop : r;
}

int
entry_each(const struct args *a, int fd, entry_fn *fn, void *arg)
{
	struct lines l;
	int r;

	lines_init(&l, fd, RECORD_LINE_MAX);
	r = entry_lines(a, &l, fn, arg);
	lines_fini(&l);
	return r;
}

/* Which log a file is says its first record; whether it is that, verify. */
static int
open_given(const struct args *a, struct store_entry *se)
{
	static const char before[] = "\"log\":\"";
	char first[256];
	ssize_t n = pread(a->file, first, sizeof(first), 0);
	const char *id = NULL;

	memset(se, 0, sizeof(*se));
	(void)strlcpy(se->path, args_session(a), sizeof(se->path));
	if (n > 0)
		id = memmem(first, (size_t)n, before, sizeof(before) - 1);
	if (id != NULL &&
	    first + n - id >= (ssize_t)sizeof(before) - 1 + STORE_ID_SIZE - 1)
		memcpy(se->id, id + sizeof(before) - 1, STORE_ID_SIZE - 1);
	return a->file;
}

int
entry_open(
    const struct args *a, const char *word, struct store_entry *se, int *fd)
{
	int r = entry_check(a);

	if (r != EX_OK)
		return r;
	*fd = a->file == -1 ? store_open_say(a->state, STORE_AUDIT, word, se)
			    : open_given(a, se);
	return *fd == -1 ? EX_NOINPUT : EX_OK;
}

int
entry_read(const struct args *a, const struct store_entry *se, int fd,
    entry_fn *fn, void *arg)
{
	int r = entry_each(a, fd, fn, arg);

	(void)close(fd);
	if (r >= 0)
		return EX_OK;
	log_error("%s: %s", se->path, err_str(r));
	return EX_IOERR;
}

int
entry_of_log(const struct args *a, const char *word, entry_fn *fn, void *arg)
{
	struct store_entry se;
	int fd, r = entry_open(a, word, &se, &fd);

	return r != EX_OK ? r : entry_read(a, &se, fd, fn, arg);
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

void
entry_items(struct buf *out, const struct json *data, const char *before,
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

/* Where it is true, what is said then. */
static void
add_flag(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	if (json_bool(json_member(data, name)))
		(void)buf_adds(out, before);
}

/* The command of a call: its last word is in another member. */
static void
add_command(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	if (json_member(data, name) != NULL)
		add_member(out, data, before, name);
	else
		entry_items(out, data, before, "argv");
}

static void
add_unless_forbidden(struct buf *out, const struct json *data,
    const char *before, const char *name)
{
	if (!json_is(data, "verdict", "forbid"))
		add_member(out, data, before, name);
}

int
entry_exit_code(const struct json *data)
{
	int64_t status = json_number(json_member(data, "status"));

	if (!json_is(data, "how", "exit"))
		return -1;
	return (int)((status & 127) == 0 ? status >> 8 & 255
					 : 128 + (status & 127));
}

/* What a result says of files: letters and paths; the hashes are for those
 * who read the records themselves. */
static void
add_changes(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	const struct json *j = json_member(data, name);
	size_t i;

	for (i = 0; i < json_length(j); i++) {
		add_member(
		    out, json_item(j, i), i == 0 ? before : ", ", "kind");
		add_member(out, json_item(j, i), " ", "path");
	}
}

static void
add_end(struct buf *out, const struct json *data, const char *before,
    const char *name)
{
	int code = entry_exit_code(data);

	if (code < 0)
		add_member(out, data, before, name);
	else if (code <= 128)
		(void)buf_addf(out, "%sexit %d", before, code);
	else
		(void)buf_addf(out, "%ssignal %d", before, code - 128);
	(void)buf_addf(out, ", %.3f s",
	    (double)json_number(json_member(data, "wall_us")) / 1e6);
	if (json_member(data, "bytes") != NULL) /* else they went past us */
		(void)buf_addf(out, ", %" PRId64 " bytes",
		    json_number(json_member(data, "bytes")));
}

/* What is said of the members that a record has, in this order. */
static const struct phrase {
	enum audit_type type;
	const char *before, *name;
	void (*add)(struct buf *out, const struct json *data,
	    const char *before, const char *name); /* NULL: add_member */
} phrases[] = {
    {AUDIT_OPEN, "cordon ", "version", NULL},
    {AUDIT_OPEN, " in ", "cwd", NULL},
    {AUDIT_OPEN, " by ", "user", NULL},
    {AUDIT_OPEN, ", resumed", "resumed", add_flag},
    {AUDIT_OPEN, ": ", "argv", entry_items},
    {AUDIT_CALL, "", "tool", NULL},
    {AUDIT_CALL, ": ", "line", add_command},
    {AUDIT_CALL, "; reads ", "reads", entry_items},
    {AUDIT_CALL, "; writes ", "writes", entry_items},
    {AUDIT_CALL, "; in ", "cwd", NULL},
    {AUDIT_CALL, "; asks to run outside the cell", "escalate", add_flag},
    {AUDIT_CALL, "; says: ", "words", NULL},
    {AUDIT_DECISION, "", "verdict", NULL},
    {AUDIT_DECISION, " by rule ", "rule", NULL},
    {AUDIT_DECISION, " of ", "file", NULL},
    {AUDIT_DECISION, ":", "line", NULL},
    {AUDIT_DECISION, ": ", "why", NULL},
    {AUDIT_DECISION, "; rights: ", "rights", add_unless_forbidden},
    {AUDIT_APPROVAL, "", "answer", NULL},
    {AUDIT_APPROVAL, " but for ", "refused", entry_items},
    {AUDIT_APPROVAL, ", answered on ", "channel", NULL},
    {AUDIT_APPROVAL, ", grant ", "grant", NULL},
    {AUDIT_APPROVAL, ", scope ", "scope", NULL},
    {AUDIT_APPROVAL, ": ", "message", NULL},
    {AUDIT_INTENT, "", "tool", NULL},
    {AUDIT_INTENT, ": ", "argv", entry_items},
    {AUDIT_RESULT, "", "how", add_end},
    {AUDIT_RESULT, "; changed ", "changes", add_changes},
    {AUDIT_RESULT, "; denied: ", "denials", NULL},
    {AUDIT_RESULT, "; error: ", "error", NULL},
    {AUDIT_CONNECT, "", "host", NULL},
    {AUDIT_CONNECT, ":", "port", NULL},
    {AUDIT_CONNECT, " ", "verdict", NULL},
    {AUDIT_CONNECT, ", for ", "role", NULL},
    {AUDIT_REFUSAL, "", "tool", NULL},
    {AUDIT_REFUSAL, ": ", "why", NULL},
    {AUDIT_REFUSAL, ", rule ", "rule", NULL},
    {AUDIT_VIOLATION, "", "tool", NULL},
    {AUDIT_VIOLATION, "", "role", NULL},
    {AUDIT_VIOLATION, ": ", "why", NULL},
    {AUDIT_VIOLATION, ", dropped by ", "by", NULL},
    {AUDIT_TOOL, "", "tool", NULL},
    {AUDIT_TOOL, " to session ", "session", NULL},
    {AUDIT_TOOL, ": ", "input", NULL},
    {AUDIT_TOKEN, "", "reason", NULL},
    {AUDIT_TOKEN, ", from ", "from", NULL},
    {AUDIT_RECOVERED, "", "why", NULL},
    {AUDIT_RECOVERED, ": ", "bytes", NULL},
    {AUDIT_RECOVERED, " bytes torn at byte ", "at", NULL},
    {AUDIT_HEAD, "signs records 0 to ", "seq", NULL},
    {AUDIT_HEAD, ": ", "why", NULL},
    {AUDIT_CLOSE, "", "why", NULL},
};

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))

void
entry_words(struct buf *out, const struct entry *e)
{
	const struct phrase *p;

	if (e->damaged)
		(void)buf_adds(out, "(this line is no record)");
	else if (e->data == NULL)
		(void)buf_adds(out, "(the data cannot be read)");
	for (p = phrases; e->data != NULL && p < phrases + PHRASES; p++)
		if (p->type == e->r.type)
			(p->add == NULL ? add_member : p->add)(
			    out, e->data, p->before, p->name);
}
