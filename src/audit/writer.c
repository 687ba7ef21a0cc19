/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the log as it grows.
 *
 * One record is one write(2), and nobody is told before an fdatasync(2) that
 * came after it.  Nothing that was written is ever written over, a torn line
 * included: the log says what happened to it.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/jsonchk.h"
#include "audit/writer.h"

#define OUT_MAX    (RECORD_LINE_MAX + 1) /* a line behind a newline */
#define TAIL_CHUNK 65536                 /* bytes that the tail is read by */
#define SMALL_MAX  1024                  /* bytes of data that is our own */

int
writer_init(
    struct writer *w, int fd, int reserve, const char *log, const char *boot)
{
	memset(w, 0, sizeof(*w));
	w->fd = fd;
	w->reserve = reserve;
	buf_init(&w->out, OUT_MAX);
	if (strlcpy(w->log, log, sizeof(w->log)) >= sizeof(w->log) ||
	    strlcpy(w->boot, boot, sizeof(w->boot)) >= sizeof(w->boot))
		return ERR_SPACE;
	return head_keys_init(&w->keys);
}

void
writer_fini(struct writer *w)
{
	head_keys_wipe(&w->keys);
	fd_close(&w->reserve);
	buf_fini(&w->out);
}

static int
writer_fail(struct writer *w)
{
	w->why = errno;
	w->err = ERR_IO;
	return w->err;
}

/* The envelope of the next record. */
static void
writer_next(const struct writer *w, struct record *r, enum audit_type type)
{
	char time[CLOCK_RFC3339_SIZE];

	memset(r, 0, sizeof(*r));
	clock_rfc3339(time, sizeof(time), clock_wall_ns());
	r->seq = w->at.seq;
	r->mono = clock_mono_ns();
	r->type = type;
	(void)strlcpy(r->time, time, sizeof(r->time));
	(void)strlcpy(r->log, w->log, sizeof(r->log));
	(void)strlcpy(r->boot, w->boot, sizeof(r->boot));
	memcpy(r->prev, w->at.hash, sizeof(r->prev));
}

/* Behind a record that is in the file. */
static void
writer_moved(struct writer *w, const struct record *r)
{
	memcpy(w->at.hash, r->hash, sizeof(w->at.hash));
	w->at.seq++;
	if (r->type == AUDIT_HEAD)
		head_keys_advance(&w->keys);
	w->unsealed = r->type == AUDIT_HEAD ? 0 : w->unsealed + 1;
}

/* One write of what was printed.  *wrote is what reached the file. */
static int
writer_put(struct writer *w, size_t *wrote)
{
	ssize_t n;

	*wrote = 0;
	do
		n = write(w->fd, buf_data(&w->out), w->out.len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return writer_fail(w);
	*wrote = (size_t)n;
	w->size += (size_t)n;
	if (*wrote < w->out.len) {
		errno = ENOSPC; /* a file system cuts for no other reason */
		return writer_fail(w);
	}
	return 0;
}

static void
recovered_data(char data[SMALL_MAX], uint64_t at, const uint8_t *cut,
    size_t len, const char *why)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];

	(void)SHA256Data(cut, len, hex);
	(void)snprintf(data, SMALL_MAX,
	    "{\"at\":%" PRIu64 ",\"bytes\":%zu,\"sha256\":\"%s\","
	    "\"why\":\"%s\"}",
	    at, len, hex, why);
}

static void writer_last_words(struct writer *w, size_t wrote, size_t cut);

/* Writes what was printed for r behind the last record, or ends the log. */
static int
writer_flush(struct writer *w, const struct record *r)
{
	size_t wrote = 0, cut;
	int e = buf_err(&w->out);

	if (e == 0)
		e = writer_put(w, &wrote);
	cut = wrote;
	/* What lacks its newline alone is a record. */
	if (wrote > 0 && wrote + 1 >= w->out.len) {
		writer_moved(w, r);
		cut = 0;
	}
	w->err = e;
	if (e == ERR_IO && w->reserve != -1 &&
	    (w->why == ENOSPC || w->why == EDQUOT))
		writer_last_words(w, wrote, cut);
	buf_clear(&w->out);
	return e;
}

static int
writer_record(
    struct writer *w, struct record *r, enum audit_type type, struct bytes data)
{
	int e;

	writer_next(w, r, type);
	r->data = data;
	e = record_print(&w->out, r);
	return e != 0 ? (w->err = e) : writer_flush(w, r);
}

static int
writer_head(struct writer *w, enum head_why why)
{
	struct record r;
	int e;

	writer_next(w, &r, AUDIT_HEAD);
	e = head_print(&w->out, &r, why, &w->keys);
	return e != 0 ? (w->err = e) : writer_flush(w, &r);
}

/*
 * The disk is full: the reserve is given back to it, and the record that says
 * so takes its place.  It is the last one.  Of the line that was to be written
 * some may be there, of which cut bytes are no record.
 */
static void
writer_last_words(struct writer *w, size_t wrote, size_t cut)
{
	int err = w->err, why = w->why;
	char data[SMALL_MAX];
	struct record r;

	fd_close(&w->reserve);
	recovered_data(
	    data, w->size - cut, buf_data(&w->out), cut, strerror(why));
	buf_clear(&w->out);
	if (wrote > 0)
		(void)buf_addc(&w->out, '\n');
	w->err = 0;
	if (writer_record(w, &r, AUDIT_RECOVERED, bytes_of(data)) == 0 &&
	    writer_head(w, HEAD_LOST) == 0)
		(void)writer_sync(w);
	w->err = err;
	w->why = why;
}

int
writer_sync(struct writer *w)
{
	if (w->err != 0 || w->at.seq == w->done.seq)
		return w->err;
	if (fdatasync(w->fd) == -1)
		return writer_fail(w);
	w->done = w->at;
	return 0;
}

int
writer_add(
    struct writer *w, enum audit_type type, struct bytes data, struct record *r)
{
	int e = w->err;

	if (e == 0 &&
	    (data.len > RECORD_DATA_MAX || !jsonchk_object(data.p, data.len)))
		return ERR_FORMAT; /* the sender's fault, not the log's */
	if (e == 0 && writer_due(w))
		e = writer_head(w, HEAD_COUNT);
	if (e == 0)
		e = writer_record(w, r, type, data);
	if (e == 0 && type == AUDIT_APPROVAL)
		e = writer_head(w, HEAD_APPROVAL);
	return e;
}

bool
writer_due(const struct writer *w)
{
	return w->unsealed >= WRITER_HEAD_RECORDS;
}

int
writer_seal(struct writer *w, enum head_why why)
{
	if (w->err != 0 || w->unsealed == 0)
		return w->err;
	return writer_head(w, why);
}

int
writer_open(struct writer *w, struct bytes data)
{
	char key[STR_HEX_SIZE(HEAD_KEY_LEN)];
	struct buf with;
	struct record r;
	int e;

	if (w->err != 0)
		return w->err;
	if (!jsonchk_object(data.p, data.len))
		return ERR_FORMAT;
	buf_init(&with, RECORD_DATA_MAX);
	str_hex(key, w->keys.key, sizeof(w->keys.key));
	(void)buf_addf(
	    &with, "{\"key\":\"%s\"%s", key, data.len > 2 ? "," : "");
	e = buf_add(&with, data.p + 1, data.len - 1);
	if (e == 0)
		e = writer_record(w, &r, AUDIT_OPEN,
		    (struct bytes){buf_data(&with), with.len});
	buf_fini(&with);
	return e != 0 ? (w->err = e) : writer_sync(w);
}

int
writer_close(struct writer *w, const char *why)
{
	char data[SMALL_MAX];
	struct record r;
	int e = w->err;

	(void)snprintf(data, sizeof(data), "{\"why\":\"%s\"}", why);
	if (e == 0)
		e = writer_record(w, &r, AUDIT_CLOSE, bytes_of(data));
	if (e == 0)
		e = writer_head(w, HEAD_CLOSE);
	return e == 0 ? writer_sync(w) : e;
}

/* Resuming. */

/*
 * Reads backwards until tail holds the last complete line and what is behind
 * it.  *line is where the line begins in tail; *end where it ends (its
 * newline), or 0 if there is no complete line.
 */
static int
tail_read(struct writer *w, int in, struct buf *tail, size_t *line, size_t *end)
{
	uint64_t have = 0, want, size = w->size;
	const uint8_t *nl, *p;
	uint8_t *to;
	ssize_t n;

	*line = *end = 0;
	for (want = TAIL_CHUNK;; want *= 2) {
		if (want > size)
			want = size;
		if (want > 2 * (uint64_t)RECORD_LINE_MAX)
			return ERR_FORMAT;
		buf_clear(tail);
		for (have = 0; have < want; have += (uint64_t)n) {
			to = buf_reserve(tail, want - have);
			if (to == NULL)
				return buf_err(tail);
			n = pread(
			    in, to, want - have, (off_t)(size - want + have));
			if (n <= 0)
				return writer_fail(w);
			buf_commit(tail, (size_t)n);
		}
		p = buf_data(tail);
		nl = memrchr(p, '\n', tail->len);
		if (nl != NULL) {
			*end = (size_t)(nl - p);
			nl = memrchr(p, '\n', *end);
			if (nl != NULL || want == size) {
				*line = nl == NULL ? 0 : (size_t)(nl - p) + 1;
				return 0;
			}
		} else if (want == size)
			return 0;
	}
}

/* The last record of the run before; whether that run closed. */
static int
tail_check(struct writer *w, struct bytes line, bool *closed)
{
	uint8_t hash[RECORD_HASH_LEN];
	struct record r;
	struct head h;

	if (record_parse(&r, line.p, line.len) != 0 ||
	    record_hash(hash, line.p, line.len) != 0 ||
	    memcmp(hash, r.hash, sizeof(hash)) != 0 ||
	    strcmp(r.log, w->log) != 0 || r.seq == UINT64_MAX)
		return ERR_FORMAT;
	*closed = r.type == AUDIT_HEAD && head_parse(&h, r.data) == 0 &&
		  h.why == HEAD_CLOSE;
	w->at.seq = r.seq + 1;
	memcpy(w->at.hash, r.hash, sizeof(w->at.hash));
	w->done = w->at;
	return 0;
}

/* Names what was cut, and the run that did not close. */
static int
writer_recover(struct writer *w, struct bytes cut, bool newline)
{
	char data[SMALL_MAX];
	struct record r;

	recovered_data(data, w->size - cut.len, cut.p, cut.len,
	    cut.len > 0 ? "torn" : "not closed");
	if (newline)
		(void)buf_addc(&w->out, '\n');
	return writer_record(w, &r, AUDIT_RECOVERED, bytes_of(data));
}

/* Whether what was cut lost nothing but its newline: it is a record then, the
 * one that follows, and stays one. */
static bool
tail_whole(struct writer *w, struct bytes cut)
{
	struct writer_mark before = w->done;
	struct record r;
	bool closed;

	if (record_parse(&r, cut.p, cut.len) != 0 || r.seq != w->done.seq ||
	    memcmp(r.prev, w->done.hash, sizeof(r.prev)) != 0 ||
	    tail_check(w, cut, &closed) != 0) {
		w->at = w->done = before;
		return false;
	}
	return true;
}

int
writer_resume(struct writer *w, int in)
{
	bool closed = true, newline;
	size_t line = 0, end = 0;
	struct bytes cut;
	struct buf tail;
	off_t size;
	int e = 0;

	size = lseek(in, 0, SEEK_END); /* fstat is not among our calls */
	if (size == -1)
		return writer_fail(w);
	w->size = (uint64_t)size;
	buf_init(&tail, 2 * (size_t)RECORD_LINE_MAX);
	if (w->size > 0)
		e = tail_read(w, in, &tail, &line, &end);
	cut = (struct bytes){buf_data(&tail), tail.len};
	if (e == 0 && end > 0) {
		e = tail_check(
		    w, (struct bytes){cut.p + line, end - line}, &closed);
		cut.p += end + 1;
		cut.len -= end + 1;
	}
	newline = cut.len > 0;
	if (e == 0 && newline && tail_whole(w, cut))
		cut = (struct bytes){cut.p + cut.len, 0};
	if (e == 0 && (newline || !closed))
		e = writer_recover(w, cut, newline);
	buf_fini(&tail);
	return e;
}
