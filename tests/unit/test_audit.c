/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the record, its payload, heads, redaction, and the writer with
 * torn logs. */

#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "base/jsonchk.h"
#include "audit/notes.h"
#include "audit/redact.h"
#include "audit/writer.h"

#define LOG_ID  "01936f2a-5b1c-7000-8000-00000000abcd"
#define BOOT_ID "5f0c1de2-1111-4222-8333-444455556666"

static bool
object(const char *s)
{
	return jsonchk_object((const uint8_t *)s, strlen(s));
}

static void
test_object(void **state)
{
	static const char *const good[] = {"{}", "{\"a\":1}",
	    "{\"a\":[1,-2.5e+3,true,false,null,\"x\\n\\u00e9\"]}",
	    "{ \"a\" : { \"b\" : [ ] } }", "{\"a\":[{},[[]],{\"b\":{}}]}",
	    "{\"\xC3\xA9\":\"\xE2\x82\xAC\"}", "{\"a\":0,\"b\":0.0}"};
	static const char *const bad[] = {"", "[]", "1", "{", "}", "{}{}",
	    "{} ", " {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
	    "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}",
	    "{\"a\":tru}", "{\"a\":\"\n\"}", "{\"a\":1\n}", "{\"a\":\"\\x\"}",
	    "{\"a\":\"\\u12g4\"}", "{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":1]",
	    "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":\"\xff\"}", "{\"a\":\"",
	    "{\"a\":1}},\"prev\":\"x\"", "{\"a\":\"\x01\"}", "{\"a\":+1}",
	    "{\"a\":\t1}"};
	char deep[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!object(good[i]))
			fail_msg("refused: %s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (object(bad[i]))
			fail_msg("taken: %s", bad[i]);
	for (i = 30; i < 34; i++) { /* and the object around */
		(void)snprintf(deep, sizeof(deep), "{\"a\":%.*s%.*s}", (int)i,
		    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", (int)i,
		    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
		assert_int_equal(object(deep), i + 1 <= JSONCHK_DEPTH);
	}
	assert_false(jsonchk_object((const uint8_t *)"{\"a\":\"\0\"}", 9));
}

static void
sample(struct record *r)
{
	memset(r, 0, sizeof(*r));
	r->seq = 7;
	(void)strlcpy(r->log, LOG_ID, sizeof(r->log));
	(void)strlcpy(r->boot, BOOT_ID, sizeof(r->boot));
	(void)strlcpy(r->time, "2026-11-28T07:00:00.000001Z", sizeof(r->time));
	r->mono = 123456789;
	r->type = AUDIT_INTENT;
	r->data = bytes_of("{\"argv\":[\"ls\"]}");
}

static void
test_record(void **state)
{
	static const char wanted[] =
	    "{\"v\":1,\"seq\":7,\"log\":\"" LOG_ID "\",\"time\":"
	    "\"2026-11-28T07:00:00.000001Z\",\"mono\":123456789,\"boot\":"
	    "\"" BOOT_ID "\",\"type\":\"intent\",\"data\":{\"argv\":"
	    "[\"ls\"]},\"prev\":\"";
	uint8_t hash[RECORD_HASH_LEN];
	struct record r, again;
	struct buf out;
	uint8_t *line;
	size_t i, len, taken = 0;

	(void)state;
	sample(&r);
	buf_init(&out, 4096);
	assert_int_equal(record_print(&out, &r), 0);
	len = out.len - 1;
	assert_int_equal(buf_data(&out)[len], '\n');
	assert_memory_equal(buf_data(&out), wanted, sizeof(wanted) - 1);
	assert_int_equal(record_parse(&again, buf_data(&out), len), 0);
	assert_int_equal(again.seq, 7);
	assert_int_equal(again.type, AUDIT_INTENT);
	assert_true(bytes_eq(again.data, r.data));
	assert_int_equal(record_hash(hash, buf_data(&out), len), 0);
	assert_memory_equal(hash, again.hash, sizeof(hash));
	/* No single bit can change and the line still bear its hash. */
	line = malloc(len);
	for (i = 0; i < 8 * len; i++) {
		memcpy(line, buf_data(&out), len);
		line[i / 8] ^= (uint8_t)(1u << (i % 8));
		if (record_parse(&again, line, len) == 0 &&
		    record_hash(hash, line, len) == 0 &&
		    memcmp(hash, again.hash, sizeof(hash)) == 0)
			taken++;
	}
	assert_int_equal(taken, 0);
	for (i = 0; i < len; i++)
		assert_int_not_equal(
		    record_parse(&again, buf_data(&out), i), 0);
	free(line);
	buf_fini(&out);
}

static void
test_head(void **state)
{
	struct head_keys keys, before;
	struct record r, again;
	struct buf out;
	struct head h;

	(void)state;
	assert_int_equal(head_keys_init(&keys), 0);
	before = keys;
	sample(&r);
	buf_init(&out, 4096);
	assert_int_equal(head_print(&out, &r, HEAD_CLOSE, &keys), 0);
	assert_int_equal(record_parse(&again, buf_data(&out), out.len - 1), 0);
	assert_int_equal(head_parse(&h, again.data), 0);
	assert_int_equal(h.seq, 6);
	assert_int_equal(h.why, HEAD_CLOSE);
	assert_memory_equal(h.key, before.key, sizeof(h.key));
	assert_int_equal(head_check(&h, &again), 0);
	again.mono++;
	assert_int_equal(head_check(&h, &again), ERR_PERM);
	again.mono--;
	h.hash[3] ^= 1;
	assert_int_equal(head_check(&h, &again), ERR_PERM);
	/* The next seed is not the old one, and it is the announced one. */
	head_keys_advance(&keys);
	assert_memory_not_equal(keys.seed, before.seed, sizeof(keys.seed));
	assert_memory_equal(keys.key, h.next, sizeof(h.next));
	assert_int_equal(
	    head_parse(&h, bytes_of("{\"seq\":06,\"count\":7}")), ERR_FORMAT);
	buf_fini(&out);
}

static void
redacts(const char *in, const char *wanted)
{
	struct buf out;
	int n;

	buf_init(&out, 65536);
	n = redact(&out, bytes_of(in));
	assert_true(n >= 0);
	assert_string_equal(buf_cstr(&out), wanted);
	assert_int_equal(n > 0, strcmp(in, wanted) != 0);
	buf_fini(&out);
}

#define A20 "abcdefghijABCDEFGHIJ"
#define H32 "0123456789abcdef0123456789abcdef"
#define U20 "ABCDEFGHIJKLMNOPQRST"

/* One of each form that is known. */
static const char *const keys[] = {"sk-ant-api03-" A20, "sk-proj-" A20,
    "sk-or-v1-" H32, "sk-" A20, "gsk_" A20 A20, "xai-" A20 A20 A20,
    "pplx-" A20 A20, "r8_" A20 A20, "hf_" A20 A20, "sk_live_" A20,
    "rk_live_" A20, "sk_test_" A20, "rk_test_" A20, "whsec_" A20 A20,
    "ghp_" A20 A20, "gho_" A20 A20, "ghu_" A20 A20, "ghs_" A20 A20,
    "ghr_" A20 A20, "github_pat_" A20 "_" A20, "glpat-" A20, "gldt-" A20,
    "glrt-" A20, "glptt-" A20, "glcbt-" A20, "ATBB" A20 A20,
    "ATATT3" A20 A20 A20, "xoxb-1-" A20, "xoxp-1-" A20, "xoxa-2-" A20,
    "xoxs-1-" A20, "xoxe-1-" A20, "xapp-1-" A20,
    "hooks.slack.com/services/T0/B0/" A20 A20, "AKIA" U20, "ASIA" U20,
    "aws_secret_access_key=" A20 "/" A20, "AWS_SECRET_ACCESS_KEY=" A20 "+" A20,
    "AccountKey=" A20 A20 "==", "SharedAccessKey=" A20 A20 "=", "AIza" A20 A20,
    "ya29." A20, "GOCSPX-" A20, "npm_" A20 A20, "_authToken=" A20 A20,
    "pypi-" A20 A20, "rubygems_" H32 H32, "cio" A20 A20, "dckr_pat_" A20,
    "dop_v1_" H32 H32, "doo_v1_" H32 H32, "fm2_" A20 A20, "dapi" H32,
    "hvs." A20 A20, "pul-" H32 H32, "SG." A20 "." A20 A20, "key-" H32, "SK" H32,
    "shpat_" H32, "lin_api_" A20 A20, "ntn_" A20 A20, "figd_" A20 A20,
    "glsa_" A20 A20, "NRAK-" A20 A20, "sntrys_" A20 A20, "sk-svcacct-" A20,
    "sk-admin-" A20, "csk-" A20 A20, "nvapi-" A20 A20, "lsv2_pt_" A20 A20,
    "sk_prod_" A20, "rk_prod_" A20, "sq0atp-" A20, "sq0csp-" A20,
    "EAAA" A20 A20 A20, "api_org_" A20 A20, "glffct-" A20, "glft-" A20,
    "glimt-" A20, "glagent-" A20, "gloas-" A20, "glsoat-" A20, "GR1348941" A20,
    "_gitlab_session=" H32, "xoxr-1-" A20, "xoxo-1-" A20,
    "hooks.slack.com/workflows/" A20 A20, "hooks.slack.com/triggers/" A20 A20,
    "webhook.office.com/webhookb2/" A20 "@" A20 "/x/" A20, "ABIA" U20,
    "ACCA" U20, "ABSK" A20 A20 A20 A20 A20, "bedrock-api-key-" A20,
    "aws_session_token=" A20 A20 A20 A20 A20,
    "AWS_SESSION_TOKEN=" A20 A20 A20 A20 A20, "LTAI" A20,
    "CLOJARS_" A20 A20 A20, "AKCp" A20 A20 A20 A20, "cmVmd" A20 A20 A20,
    "dckr_oat_" A20, "sha256~" A20 A20 A20, "API-" U20 U20, "dor_v1_" H32 H32,
    "v1.0-" H32 "-" H32 H32 H32, "HRKU-AA" A20 A20, "nfp_" A20 A20,
    "pscale_tkn_" A20 A20, "pscale_oauth_" A20 A20, "pscale_pw_" A20 A20,
    "tskey-auth-" A20, "dp.pt." A20 A20, "dp.st.dev." A20 A20,
    "dt0c01." U20 "." A20 A20 A20 A20, "fo1_" A20 A20 A20, "fm1r_" A20 A20,
    "fm1a_" A20 A20, "hvb." A20 A20 A20 A20 A20, "xkeysib-" H32 H32,
    "shpca_" H32, "shppa_" H32, "shpss_" H32, "shippo_live_" H32 H32,
    "shippo_test_" H32 H32, "EZAK" A20 A20 A20, "EZTK" A20 A20 A20,
    "FLWSECK_TEST-" A20, "EAAC" A20 A20 A20 A20 A20, "EAAM" A20 A20 A20 A20 A20,
    "lin_oauth_" A20 A20, "ops_" A20 A20 A20 A20 A20, "p8e-" A20 A20,
    "pat" A20 "." A20 A20 A20, "pat." A20 "." A20 "." A20 A20,
    "sat." A20 "." A20 "." A20 A20, "secret_" A20 A20 A20, "glc_" A20 A20,
    "eyJrIjoi" A20 A20 A20, "sntryu_" H32 H32, "sgp_" A20 A20, "pnu_" A20 A20,
    "rdme_" A20 A20 A20 A20, "ico-" H32, "tk-us-" A20 A20 A20,
    "duffel_live_" A20 A20 A20, "duffel_test_" A20 A20 A20,
    "fio-u-" A20 A20 A20 A20, "sm_aat_" A20, "sm_pat_" A20, "sm_sat_" A20,
    "PMAK-" A20 "-" A20 A20, "sbp_" H32 H32, "AGE-SECRET-KEY-1" U20 U20 U20,
    "Bearer " A20, "eyJ" A20 "." A20 "." A20};

/* Nothing of a key is left, wherever it stands; and the rest is as it was. */
static void
test_redact_keys(void **state)
{
	static const char *const around[][2] = {{"{\"a\":\"", "\"}"},
	    {"{\"a\":\"x=", " y\"}"}, {"{\"a\":\"\\n", "\\n\"}"},
	    {"{\"a\":\"{\\\"b\\\":\\\"\\\\n", "\\\\n\\\"}\"}"},
	    {"{\"a\":\"\\u001b[1m", "\\u001b[0m\"}"}};
	char in[1024], text[1024];
	struct buf out;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		for (j = 0; j < sizeof(around) / sizeof(around[0]); j++) {
			(void)snprintf(in, sizeof(in), "%s%s%s", around[j][0],
			    keys[i], around[j][1]);
			buf_init(&out, 4096);
			assert_int_equal(redact(&out, bytes_of(in)), 1);
			(void)strlcpy(text, buf_cstr(&out), sizeof(text));
			buf_fini(&out);
			(void)snprintf(
			    in, sizeof(in), "%s[redacted: ", around[j][0]);
			assert_memory_equal(text, in, strlen(in));
			assert_string_equal(
			    strrchr(text, ']') + 1, around[j][1]);
			assert_null(strstr(text, "EFGHIJ"));
			assert_null(strstr(text, "89abcdef"));
		}
}

static void
test_redact(void **state)
{
	(void)state;
	redacts("{\"a\":\"sk-abcdefghijklmnopqrstuvwx\"}",
	    "{\"a\":\"[redacted: API key]\"}");
	redacts("{\"a\":\"x=sk-proj-abc_defghijklmnopqrstuvwx-1.\"}",
	    "{\"a\":\"x=[redacted: OpenAI key].\"}");
	redacts("{\"a\":\"\\nghp_abcdefghijklmnopqrstuvwxyz0123456789\\n\"}",
	    "{\"a\":\"\\n[redacted: GitHub token]\\n\"}");
	redacts("{\"a\":\"AKIAIOSFODNN7EXAMPLE\"}",
	    "{\"a\":\"[redacted: AWS key id]\"}");
	redacts("{\"a\":\"-----BEGIN RSA PRIVATE KEY-----\\nMII\\n-----END "
		"RSA PRIVATE KEY-----\\nb\"}",
	    "{\"a\":\"[redacted: private key]\\nb\"}");
	redacts("{\"a\":\"-----BEGIN PRIVATE KEY-----\\nMII\",\"b\":\"c\"}",
	    "{\"a\":\"[redacted: private key]\",\"b\":\"c\"}");
	redacts("{\"a\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xxx."
		"abcdefghijkl\"}",
	    "{\"a\":\"[redacted: JSON Web Token]\"}");
	/* In JSON within JSON; in the colours of a terminal; in an address. */
	redacts("{\"a\":\"{\\\"cmd\\\":\\\"cat\\\\nsk-"
		"abcdefghijklmnopqrstuvwx\\\"}\"}",
	    "{\"a\":\"{\\\"cmd\\\":\\\"cat\\\\n[redacted: API key]\\\"}\"}");
	redacts(
	    "{\"a\":\"\\u001b[01;31msk-abcdefghijklmnopqrstuvwx\\u001b[m\"}",
	    "{\"a\":\"\\u001b[01;31m[redacted: API key]\\u001b[m\"}");
	redacts("{\"a\":\"postgres://me:s3cret@db/x http://h:80/@\"}",
	    "{\"a\":\"postgres://me:[redacted: password]@db/x "
	    "http://h:80/@\"}");
	/* Words that look like the beginning of one. */
	redacts("{\"task-list\":\"sk-short ask-abcdefghijklmnopqrstuvwxyz\"}",
	    "{\"task-list\":\"sk-short ask-abcdefghijklmnopqrstuvwxyz\"}");
	redacts("{\"a\":\"-----BEGIN CERTIFICATE-----\\nMII\"}",
	    "{\"a\":\"-----BEGIN CERTIFICATE-----\\nMII\"}");
}

/* The writer, on a memfd. */

static int
log_fd(const char *content, size_t len)
{
	int fd = memfd_create("log", 0);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, content, len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

static char *
log_text(int fd, size_t *len)
{
	struct stat st;
	char *text;

	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	text = malloc(*len + 1);
	assert_int_equal(pread(fd, text, *len, 0), (ssize_t)*len);
	text[*len] = '\0';
	return text;
}

/* A log of n records behind its open record, heads not counted. */
static char *
log_make(size_t n, bool closed, size_t *len)
{
	struct writer w;
	struct record r;
	char data[64], *text;
	size_t i;
	int fd = log_fd("", 0);

	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_open(&w, bytes_of("{\"version\":\"0\"}")), 0);
	for (i = 0; i < n; i++) {
		(void)snprintf(data, sizeof(data), "{\"call\":%zu}", i);
		assert_int_equal(
		    writer_add(&w, i % 3 == 0 ? AUDIT_CALL : AUDIT_INTENT,
			bytes_of(data), &r),
		    0);
	}
	if (closed)
		assert_int_equal(writer_close(&w, "end"), 0);
	writer_fini(&w);
	text = log_text(fd, len);
	(void)close(fd);
	return text;
}

/* Each line, the chain, and how many lines are no records. */
static size_t
log_walk(const char *text, size_t len, size_t *torn)
{
	uint8_t prev[RECORD_HASH_LEN] = {0}, hash[RECORD_HASH_LEN];
	const char *p = text, *nl;
	struct record r;
	size_t n = 0;

	*torn = 0;
	while (p < text + len) {
		nl = memchr(p, '\n', len - (size_t)(p - text));
		assert_non_null(nl);
		if (record_parse(&r, (const uint8_t *)p, (size_t)(nl - p)) !=
		    0) {
			(*torn)++;
			p = nl + 1;
			continue;
		}
		assert_int_equal(
		    record_hash(hash, (const uint8_t *)p, (size_t)(nl - p)), 0);
		assert_memory_equal(hash, r.hash, sizeof(hash));
		assert_int_equal(r.seq, n);
		assert_memory_equal(prev, r.prev, sizeof(prev));
		memcpy(prev, r.hash, sizeof(prev));
		n++;
		p = nl + 1;
	}
	return n;
}

static void
test_writer(void **state)
{
	size_t len, torn, n;
	char *text;

	(void)state;
	text = log_make(200, true, &len);
	n = log_walk(text, len, &torn);
	/* open, 200, a head each 64, close and its head */
	assert_int_equal(n, 1 + 200 + 201 / 64 + 2);
	assert_int_equal(torn, 0);
	assert_non_null(strstr(text, "\"why\":\"count\""));
	assert_non_null(strstr(text, "\"type\":\"close\""));
	free(text);
}

static void
test_refused_data(void **state)
{
	struct writer w;
	struct record r;
	size_t len, torn;
	char *text;
	int fd = log_fd("", 0);

	(void)state;
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_open(&w, bytes_of("{}")), 0);
	assert_int_equal(writer_add(&w, AUDIT_CALL,
			     bytes_of("{}},\"prev\":\"0\"}\n{\"v\":1"), &r),
	    ERR_FORMAT);
	assert_int_equal(w.err, 0);
	assert_int_equal(writer_add(&w, AUDIT_APPROVAL, bytes_of("{}"), &r), 0);
	writer_fini(&w);
	text = log_text(fd, &len);
	assert_int_equal(log_walk(text, len, &torn), 3); /* with its head */
	assert_non_null(strstr(text, "\"why\":\"approval\""));
	free(text);
	(void)close(fd);
}

#define SEEN 2048 /* bytes before a cut that are looked at again */

static uint64_t
cpu_ns(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The record that a line holds which begins at p, and what is behind it. */
static const char *
line_record(struct record *r, const char *p)
{
	const char *nl = strchr(p, '\n');

	assert_non_null(nl);
	assert_int_equal(
	    record_parse(r, (const uint8_t *)p, (size_t)(nl - p)), 0);
	return nl + 1;
}

static size_t
line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* What the log has behind the cut: recovered, which names what begins at
 * offset at, and a call.  last was the last of lines records. */
static void
check_recovered(const char *behind, const char *text, size_t cut, size_t at,
    struct record last, size_t lines)
{
	struct record r;
	char want[64];

	if (cut > 0) {
		if (text[cut - 1] != '\n')
			assert_int_equal(*behind++, '\n');
		behind = line_record(&r, behind);
		assert_int_equal(r.type, AUDIT_RECOVERED);
		assert_int_equal(r.seq, lines++);
		assert_memory_equal(r.prev, last.hash, sizeof(r.prev));
		(void)snprintf(want, sizeof(want), "{\"at\":%zu,\"bytes\":%zu,",
		    at, cut - at);
		assert_memory_equal(r.data.p, want, strlen(want));
		last = r;
	}
	assert_int_equal(*line_record(&r, behind), '\0');
	assert_int_equal(r.type, AUDIT_CALL);
	assert_int_equal(r.seq, lines);
	assert_memory_equal(r.prev, last.hash, sizeof(r.prev));
}

/* The writer's file holds the text, of which the first cut bytes are left, with
 * so many newlines among them. */
static void
resume_cut(
    const struct writer *fresh, const char *text, size_t cut, size_t lines)
{
	int fd = fresh->fd;
	size_t from = cut > SEEN ? cut - SEEN : 0, at = line_start(text, cut);
	struct record last = {.seq = 0}, r;
	char after[SEEN + 2048];
	struct writer w = *fresh; /* a key takes longer than all of this */
	uint64_t start;
	ssize_t n;

	if (text[cut] == '\n') { /* but for its newline it is there */
		(void)line_record(&last, text + at);
		lines++;
		at = cut;
	} else if (lines > 0)
		(void)line_record(&last, text + line_start(text, at - 1));
	assert_int_equal(ftruncate(fd, (off_t)cut), 0);
	start = cpu_ns();
	assert_int_equal(writer_resume(&w, fd), 0);
	assert_true(cpu_ns() - start < 100000000);
	assert_int_equal(writer_add(&w, AUDIT_CALL, bytes_of("{}"), &r), 0);
	buf_fini(&w.out);
	n = pread(fd, after, sizeof(after) - 1, (off_t)from);
	assert_true(n > 0 && (size_t)n < sizeof(after) - 1);
	after[n] = '\0';
	assert_memory_equal(after, text + from, cut - from);
	check_recovered(after + (cut - from), text, cut, at, last, lines);
}

/* At every byte, from the end on: what a resumption did to a byte before the
 * cut is seen when the cut comes there. */
static void
test_truncated(void **state)
{
	struct writer fresh;
	size_t cut, lines = 0;
	char *text, *p;
	int fd;

	(void)state;
	text = log_make(1000, false, &cut);
	fd = log_fd(text, cut);
	assert_int_equal(writer_init(&fresh, fd, -1, LOG_ID, BOOT_ID), 0);
	for (p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	while (cut-- > 0) {
		lines -= text[cut] == '\n';
		resume_cut(&fresh, text, cut, lines);
	}
	writer_fini(&fresh);
	(void)close(fd);
	free(text);
}

static void
test_closed(void **state)
{
	struct writer w;
	size_t len, torn;
	char *text, *after;
	int fd;

	(void)state;
	text = log_make(5, true, &len);
	fd = log_fd(text, len);
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_resume(&w, fd), 0);
	assert_int_equal(writer_open(&w, bytes_of("{\"resumed\":true}")), 0);
	writer_fini(&w);
	after = log_text(fd, &len);
	assert_null(strstr(after, "recovered"));
	assert_int_equal(log_walk(after, len, &torn), 1 + 5 + 2 + 1);
	free(after);
	(void)close(fd);
	/* What is damaged, or another session's, is not gone on with. */
	text[20] ^= 1;
	fd = log_fd(text, (size_t)(strchr(text, '\n') + 1 - text));
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_resume(&w, fd), ERR_FORMAT);
	writer_fini(&w);
	(void)close(fd);
	free(text);
	text = log_make(5, true, &len);
	fd = log_fd(text, len);
	assert_int_equal(writer_init(&w, fd, -1,
			     "01936f2a-5b1c-7000-8000-000000000000", BOOT_ID),
	    0);
	assert_int_equal(writer_resume(&w, fd), ERR_FORMAT);
	writer_fini(&w);
	(void)close(fd);
	free(text);
}

/* A full disk, played by the limit on a file's size: EFBIG is final. */
static void
test_full(void **state)
{
	char path[] = "/tmp/cordon-audit-XXXXXX";
	struct rlimit old, small = {3000, 0};
	struct writer w;
	struct record r;
	size_t len, torn;
	char *text;
	int fd = mkstemp(path), e = 0, i;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_open(&w, bytes_of("{}")), 0);
	for (i = 0; i < 20 && e == 0; i++)
		e = writer_add(&w, AUDIT_CALL, bytes_of("{}"), &r);
	assert_int_equal(e, ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	/* Room is there again, but the log stays ended. */
	assert_int_equal(
	    writer_add(&w, AUDIT_CALL, bytes_of("{}"), &r), ERR_IO);
	assert_int_equal(writer_close(&w, "end"), ERR_IO);
	writer_fini(&w);
	text = log_text(fd, &len);
	assert_int_equal(len, 3000);
	free(text);
	/* And the next run names the cut. */
	assert_int_equal(writer_init(&w, fd, -1, LOG_ID, BOOT_ID), 0);
	assert_int_equal(writer_resume(&w, fd), 0);
	writer_fini(&w);
	text = log_text(fd, &len);
	(void)log_walk(text, len, &torn);
	assert_int_equal(torn, 1);
	free(text);
	(void)close(fd);
	(void)unlink(path);
}

static const struct bytes none;

static void
test_notes(void **state)
{
	struct notes n;
	size_t len;
	char *text;
	int fd = log_fd("{\"a\":1}\n{\"b\":", 13);

	(void)state;
	assert_int_equal(notes_init(&n, fd, fd), 0);
	assert_int_equal(notes_add(&n, bytes_of("{\"c\":3}"), &none, true), 0);
	assert_int_equal(
	    notes_add(&n, bytes_of("[1]"), &none, false), ERR_FORMAT);
	assert_int_equal(
	    notes_add(&n, bytes_of("{}\n{\"x\":1}"), &none, false), ERR_FORMAT);
	text = log_text(fd, &len);
	assert_string_equal(text, "{\"a\":1}\n{\"b\":\n{\"c\":3}\n");
	free(text);
	(void)close(fd);
}

/* A line of some MiB, in which characters lie across the ends of pieces; one
 * byte of it may be spoilt. */
static int
long_note(struct notes *n, size_t spoilt)
{
	const size_t len = 5u << 20;
	struct bytes map;
	uint8_t *line = xmalloc(len);
	size_t i;
	int fd, r;

	memcpy(line, "{\"t\":\"", 6);
	for (i = 6; i + 3 <= len - 2; i += 3)
		memcpy(line + i, "\xE2\x82\xAC", 3);
	memset(line + i, 'x', len - 2 - i);
	memcpy(line + len - 2, "\"}", 2);
	if (spoilt > 0)
		line[spoilt] = 'x';
	fd = fd_memfd("line", line, len);
	assert_int_equal(fd_map_memfd(fd, len, &map), 0);
	r = notes_add(n, map, &map, false);
	if (r == 0) { /* it has been left, and is there all the same */
		size_t got;
		char *text = log_text(n->fd, &got);

		assert_int_equal(got, len + 1);
		assert_memory_equal(text, line, len);
		assert_memory_equal(map.p, line, len);
		free(text);
	}
	fd_unmap(&map);
	(void)close(fd);
	free(line);
	return r;
}

static void
test_long_notes(void **state)
{
	struct notes n;
	int fd = log_fd("", 0);

	(void)state;
	assert_int_equal(notes_init(&n, fd, fd), 0);
	assert_int_equal(long_note(&n, (1u << 20) + 4), ERR_FORMAT);
	assert_int_equal(long_note(&n, (5u << 20) - 1), ERR_FORMAT);
	assert_int_equal(long_note(&n, 0), 0);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_object),
	    cmocka_unit_test(test_record),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_redact),
	    cmocka_unit_test(test_redact_keys),
	    cmocka_unit_test(test_writer),
	    cmocka_unit_test(test_refused_data),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_closed),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_notes),
	    cmocka_unit_test(test_long_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
