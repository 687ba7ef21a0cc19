/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests of the verifier: whatever is done to a log is found, and the
 * right record named.  The attacks that were published on sealed journals
 * (CVE-2023-31437, -31438, -31439) are among them.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/xmem.h"
#include "audit/writer.h"
#include "report/verify.h"

#define LOG_ID   "01936f2a-5b1c-7000-8000-00000000abcd"
#define OTHER_ID "01936f2a-5b1c-7000-8000-00000000abce"
#define BOOT_ID  "5f0c1de2-1111-4222-8333-444455556666"
#define CALLS    194 /* which with heads, open and close are 200 records */
#define LINES    256

/* A log by its lines, each with its newline. */
struct log {
	char *text; /* owned */
	size_t len;
	size_t at[LINES + 1];
	size_t n;
};

static void
log_index(struct log *l)
{
	size_t i;

	l->n = 0;
	l->at[0] = 0;
	for (i = 0; i < l->len; i++)
		if (l->text[i] == '\n') {
			assert_true(l->n < LINES);
			l->at[++l->n] = i + 1;
		}
}

static void
log_read(struct log *l, int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	l->len = (size_t)st.st_size;
	l->text = xmalloc(l->len + 1);
	assert_int_equal(pread(fd, l->text, l->len, 0), (ssize_t)l->len);
	l->text[l->len] = '\0';
	log_index(l);
}

static int
log_new(struct writer *w, const char *id)
{
	int fd = memfd_create("log", 0);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	assert_int_equal(writer_init(w, fd, -1, id, BOOT_ID), 0);
	assert_int_equal(writer_open(w, bytes_of("{\"version\":\"0\"}")), 0);
	return fd;
}

static void
log_calls(struct writer *w, size_t n)
{
	struct record r;
	char data[64];
	size_t i;

	for (i = 0; i < n; i++) {
		(void)snprintf(data, sizeof(data), "{\"call\":%zu}", i);
		assert_int_equal(
		    writer_add(w, i % 50 == 49 ? AUDIT_APPROVAL : AUDIT_CALL,
			bytes_of(data), &r),
		    0);
	}
}

static void
log_make(struct log *l, const char *id, size_t calls, bool close_it)
{
	struct writer w;
	int fd = log_new(&w, id);

	log_calls(&w, calls);
	if (close_it)
		assert_int_equal(writer_close(&w, "end"), 0);
	writer_fini(&w);
	log_read(l, fd);
	(void)close(fd);
}

static void
log_free(struct log *l)
{
	free(l->text);
}

/* From where v stands. */
static void
check_on(struct verify *v, const char *p, size_t len)
{
	const char *nl, *end = p + len;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			break;
		if (verify_line(v, (const uint8_t *)p, (size_t)(nl - p)) != 0)
			return;
	}
	(void)verify_end(v, (size_t)(end - p));
}

static struct verify
check(const char *p, size_t len)
{
	struct verify v;

	verify_init(&v, NULL, NULL, 0);
	check_on(&v, p, len);
	return v;
}

static void
found(const struct log *l, enum verify_damage d, uint64_t seq)
{
	struct verify v = check(l->text, l->len);

	if (v.damage != d || (d != DAMAGE_NONE && v.bad_seq != seq))
		fail_msg("wanted %s at %llu, got %s at %llu", verify_word(d),
		    (unsigned long long)seq, verify_word(v.damage),
		    (unsigned long long)v.bad_seq);
}

/* A log made of lines of others: pairs of log and line, ended by NULL. */
struct piece {
	const struct log *from;
	size_t first, last; /* lines, both included */
};

static void
log_join(struct log *to, const struct piece *p, size_t n)
{
	size_t i, from, len;

	to->text = NULL;
	to->len = 0;
	for (i = 0; i < n; i++) {
		from = p[i].from->at[p[i].first];
		len = p[i].from->at[p[i].last + 1] - from;
		to->text = xreallocarray(to->text, to->len + len + 1, 1);
		memcpy(to->text + to->len, p[i].from->text + from, len);
		to->len += len;
	}
	to->text[to->len] = '\0';
	log_index(to);
}

static void
joined(const struct piece *p, size_t n, enum verify_damage d, uint64_t seq)
{
	struct log l;

	log_join(&l, p, n);
	found(&l, d, seq);
	log_free(&l);
}
#define JOINED(d, seq, ...)                                                    \
	do {                                                                   \
		const struct piece ps[] = {__VA_ARGS__};                       \
		joined(ps, sizeof(ps) / sizeof(ps[0]), d, seq);                \
	} while (0)

static void
test_whole(void **state)
{
	struct verify v;
	struct log l;

	(void)state;
	log_make(&l, LOG_ID, CALLS, true);
	assert_int_equal(l.n, 200);
	v = check(l.text, l.len);
	assert_int_equal(v.damage, DAMAGE_NONE);
	assert_int_equal(v.next, 200);
	assert_int_equal(v.signed_count, 199);
	assert_int_equal(v.approvals, CALLS / 50);
	assert_true(v.closed);
	log_free(&l);
	log_make(&l, LOG_ID, 3, false);
	v = check(l.text, l.len);
	assert_int_equal(v.damage, DAMAGE_NONE);
	assert_false(v.closed);
	assert_int_equal(v.signed_count, 0);
	log_free(&l);
}

/* Each single bit: found, and the record that it is in named. */
static void
test_every_bit(void **state)
{
	struct verify before, v;
	size_t line, i, end, missed = 0, misnamed = 0;
	struct log l;
	int bit;

	(void)state;
	log_make(&l, LOG_ID, CALLS, true);
	verify_init(&before, NULL, NULL, 0);
	for (line = 0; line < l.n; line++) {
		end = line + 3 < l.n ? l.at[line + 3] : l.len;
		for (i = l.at[line]; i < l.at[line + 1]; i++)
			for (bit = 0; bit < 8; bit++) {
				l.text[i] ^= (char)(1 << bit);
				v = before;
				check_on(
				    &v, l.text + l.at[line], end - l.at[line]);
				missed += v.damage == DAMAGE_NONE;
				misnamed += v.bad_seq != line;
				l.text[i] ^= (char)(1 << bit);
			}
		assert_int_equal(
		    verify_line(&before, (const uint8_t *)l.text + l.at[line],
			l.at[line + 1] - l.at[line] - 1),
		    0);
	}
	assert_int_equal(missed, 0);
	assert_int_equal(misnamed, 0);
	log_free(&l);
}

static void
test_moved(void **state)
{
	struct log l, other;
	size_t i;

	(void)state;
	log_make(&l, LOG_ID, CALLS, true);
	log_make(&other, LOG_ID, CALLS, true);
	for (i = 1; i + 2 < l.n; i++) {
		/* one left out, one twice, two swapped, a strange one */
		JOINED(DAMAGE_SEQ, i, {&l, 0, i - 1}, {&l, i + 1, l.n - 1});
		JOINED(DAMAGE_SEQ, i + 1, {&l, 0, i}, {&l, i, l.n - 1});
		JOINED(DAMAGE_SEQ, i, {&l, 0, i - 1}, {&l, i + 1, i + 1},
		    {&l, i, i}, {&l, i + 2, l.n - 1});
		JOINED(DAMAGE_CHAIN, i, {&l, 0, i - 1}, {&other, i, i},
		    {&l, i, l.n - 1});
		JOINED(DAMAGE_CHAIN, i, {&l, 0, i - 1}, {&other, i, l.n - 1});
	}
	JOINED(DAMAGE_SEQ, 0, {&l, 1, l.n - 1});
	log_free(&other);
	log_make(&other, OTHER_ID, CALLS, true);
	JOINED(DAMAGE_LOG, 100, {&l, 0, 99}, {&other, 100, other.n - 1});
	log_free(&other);
	log_free(&l);
}

static struct verify
anchored(const struct log *l, const struct log *at, size_t line, bool seq)
{
	struct anchor a = {.has_seq = seq, .from = "test"};
	struct verify v;
	struct record r;

	assert_int_equal(
	    record_parse(&r, (const uint8_t *)at->text + at->at[line],
		at->at[line + 1] - at->at[line] - 1),
	    0);
	memcpy(a.hash, r.hash, sizeof(a.hash));
	a.seq = r.seq;
	verify_init(&v, NULL, &a, 1);
	check_on(&v, l->text, l->len);
	return v;
}

/* Truncation: unnoticed at L0 where the run is cut to records alone, found
 * as soon as one head is known. */
static void
test_cut(void **state)
{
	struct verify v;
	struct log l, cut;
	size_t i;

	(void)state;
	log_make(&l, LOG_ID, CALLS, true);
	for (i = 1; i < l.n; i++) {
		struct piece p = {&l, 0, i - 1};

		log_join(&cut, &p, 1);
		v = check(cut.text, cut.len);
		assert_int_equal(v.damage, DAMAGE_NONE);
		assert_false(v.closed); /* which verify says */
		v = anchored(&cut, &l, l.n - 1, false);
		assert_int_equal(v.damage, DAMAGE_ANCHOR);
		assert_int_equal(v.bad_seq, i);
		v = anchored(&cut, &l, i - 1, true);
		assert_int_equal(v.damage, DAMAGE_NONE);
		log_free(&cut);
	}
	log_free(&l);
}

/* A log written anew, with keys of its own, is in order by itself; only a
 * head known elsewhere tells. */
static void
test_anew(void **state)
{
	struct log l, anew;
	struct verify v;

	(void)state;
	log_make(&l, LOG_ID, 20, true);
	log_make(&anew, LOG_ID, 20, true);
	found(&anew, DAMAGE_NONE, 0);
	v = anchored(&anew, &l, 5, true);
	assert_int_equal(v.damage, DAMAGE_ANCHOR);
	assert_int_equal(v.bad_seq, 5);
	log_free(&l);
	log_free(&anew);
}

/* Who takes the process over has the seed of then, and none of before: a
 * past that he writes anew cannot be joined to the heads that were made. */
static void
test_taken_over(void **state)
{
	struct log l, forged;
	struct writer w, thief;
	struct head_keys stolen;
	int fd, forged_fd;

	(void)state;
	fd = log_new(&w, LOG_ID);
	log_calls(&w, 80);
	stolen = w.keys;
	assert_int_equal(writer_close(&w, "end"), 0);
	writer_fini(&w);
	log_read(&l, fd);
	/* His log announces the first key, as the open record has it, and
	 * signs with what he has. */
	forged_fd = memfd_create("log", 0);
	assert_int_equal(write(forged_fd, l.text, l.at[1]), (ssize_t)l.at[1]);
	assert_int_equal(
	    writer_init(&thief, forged_fd, -1, LOG_ID, BOOT_ID), 0);
	thief.at.seq = thief.done.seq = 1;
	{
		struct record r;

		assert_int_equal(
		    record_parse(&r, (const uint8_t *)l.text, l.at[1] - 1), 0);
		memcpy(thief.at.hash, r.hash, sizeof(r.hash));
	}
	thief.keys = stolen;
	log_calls(&thief, 10);
	assert_int_equal(writer_close(&thief, "end"), 0);
	writer_fini(&thief);
	log_read(&forged, forged_fd);
	found(&forged, DAMAGE_KEY, forged.n - 1);
	log_free(&forged);
	log_free(&l);
	(void)close(fd);
	(void)close(forged_fd);
}

/* A log that a crash cut and that went on; then the same cut told wrongly. */
static void
test_recovered(void **state)
{
	struct verify v;
	struct writer w;
	struct log l;
	int fd = memfd_create("log", 0);
	char *said;

	(void)state;
	log_make(&l, LOG_ID, 5, false);
	assert_int_equal(write(fd, l.text, l.len - 10), (ssize_t)l.len - 10);
	log_free(&l);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	log_read(&l, fd);
	found(&l, DAMAGE_TORN, 5);
	log_free(&l);
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_resume(&w, fd), 0);
	assert_int_equal(writer_open(&w, bytes_of("{}")), 0);
	log_calls(&w, 5);
	assert_int_equal(writer_close(&w, "end"), 0);
	writer_fini(&w);
	log_read(&l, fd);
	v = check(l.text, l.len);
	assert_int_equal(v.damage, DAMAGE_NONE);
	assert_int_equal(v.cuts, 1);
	assert_int_equal(v.runs, 2);
	/* The torn line was changed afterwards. */
	l.text[l.at[5] + 30] ^= 1;
	found(&l, DAMAGE_CUT, 5);
	l.text[l.at[5] + 30] ^= 1;
	/* It was taken out; the cut that is named is nowhere. */
	{
		struct piece p[] = {{&l, 0, 4}, {&l, 6, l.n - 1}};
		struct log out;

		log_join(&out, p, 2);
		found(&out, DAMAGE_CUT, 5);
		log_free(&out);
	}
	said = strstr(l.text, "\"why\":\"torn\"");
	assert_non_null(said);
	log_free(&l);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_every_bit),
	    cmocka_unit_test(test_moved),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_anew),
	    cmocka_unit_test(test_taken_over),
	    cmocka_unit_test(test_recovered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
