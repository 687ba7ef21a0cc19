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

/* --since as a time that compares with those of records: a time as they are
 * written, or the first part of one, or how long ago ("2h", "30m"). */
static int
since_time(char dst[RECORD_TIME_SIZE], const char *word)
{
	static const char first[] = "0000-01-01T00:00:00.000000Z";
	char now[CLOCK_RFC3339_SIZE];
	uint64_t ms, wall = clock_wall_ns();
	size_t n = strlen(word);
	struct tm tm;

	if (n < sizeof(first) && n > strlen("2026") && word[4] == '-' &&
	    (strchr("-T:.Z", first[n]) != NULL ||
		n > strlen("2026-01-01T00:00:00"))) {
		(void)snprintf(dst, RECORD_TIME_SIZE, "%s%s", word, first + n);
		return strptime(dst, "%Y-%m-%dT%H:%M:%S.", &tm) == NULL
			   ? ERR_FORMAT
			   : 0;
	}
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
			  " 2026-11-28T07:00, or a span such as 90m, not '%s'",
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
entry_open(
    const struct args *a, const char *word, struct store_entry *se, int *fd)
{
	int r = entry_check(a);

	if (r != EX_OK)
		return r;
	*fd = store_open_say(a->state, STORE_AUDIT, word, se);
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
	entry_items(out, d, ": ", "argv");
}

static void
say_call(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	if (json_member(d, "line") != NULL)
		add_member(out, d, ": ", "line");
	else
		entry_items(out, d, ": ", "argv");
	entry_items(out, d, "; reads ", "reads");
	entry_items(out, d, "; writes ", "writes");
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
	entry_items(out, d, ", but not ", "refused");
	add_member(out, d, ": ", "message");
}

static void
say_intent(struct buf *out, const struct json *d)
{
	add_member(out, d, "", "tool");
	entry_items(out, d, ": ", "argv");
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
	int code = entry_exit_code(d);

	if (code < 0)
		add_member(out, d, "", "how");
	else if (code <= 128)
		(void)buf_addf(out, "exit %d", code);
	else
		(void)buf_addf(out, "signal %d", code - 128);
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
