/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the record, printed and read.
 *
 * Reading is strict to the byte: a line that could be written in two ways has
 * two hashes, and a verifier that forgives leaves room to change.
 */

#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonchk.h"
#include "audit/record.h"

#define HEX_LEN (2 * RECORD_HASH_LEN)

static const char before_prev[] = ",\"prev\":\"";
static const char before_hash[] = "\",\"hash\":\"";
static const char line_end[] = "\"}";

#define PREV_LEN (sizeof(before_prev) - 1)
#define HASH_LEN (sizeof(before_hash) - 1)
#define END_LEN  (sizeof(line_end) - 1)
/* What stands behind the data, and the part of it that is not hashed. */
#define TAIL_LEN (PREV_LEN + HEX_LEN + HASH_LEN + HEX_LEN + END_LEN)
#define BARE_LEN (HASH_LEN - 1 + HEX_LEN + END_LEN)

static const char *const words[AUDIT_TYPES] = {
    [AUDIT_OPEN] = "open",
    [AUDIT_CALL] = "call",
    [AUDIT_DECISION] = "decision",
    [AUDIT_APPROVAL] = "approval",
    [AUDIT_INTENT] = "intent",
    [AUDIT_RESULT] = "result",
    [AUDIT_CONNECT] = "connect",
    [AUDIT_REFUSAL] = "refusal",
    [AUDIT_VIOLATION] = "violation",
    [AUDIT_TOOL] = "tool",
    [AUDIT_TOKEN] = "token",
    [AUDIT_RECOVERED] = "recovered",
    [AUDIT_HEAD] = "head",
    [AUDIT_CLOSE] = "close",
};

const char *
record_word(enum audit_type type)
{
	return (unsigned)type < AUDIT_TYPES ? words[type] : NULL;
}

enum audit_type
record_type(const char *word)
{
	unsigned t;

	for (t = 0; t < AUDIT_TYPES && strcmp(words[t], word) != 0; t++)
		;
	return (enum audit_type)t;
}

/* By nettle, which uses the processor's instructions for it where there are
 * some: of libmd's a verifier would be several times slower. */
static void
hash_bytes(uint8_t hash[RECORD_HASH_LEN], const uint8_t *p, size_t len)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, p);
	sha256_digest(&ctx, RECORD_HASH_LEN, hash);
}

int
record_print(struct buf *out, struct record *r)
{
	char hex[STR_HEX_SIZE(RECORD_HASH_LEN)];
	size_t from = out->len;

	assert(record_word(r->type) != NULL);
	(void)buf_addf(out,
	    "{\"v\":1,\"seq\":%" PRIu64 ",\"log\":\"%s\",\"time\":\"%s\","
	    "\"mono\":%" PRIu64 ",\"boot\":\"%s\",\"type\":\"%s\",\"data\":",
	    r->seq, r->log, r->time, r->mono, r->boot, record_word(r->type));
	(void)buf_add(out, r->data.p, r->data.len);
	str_hex(hex, r->prev, sizeof(r->prev));
	(void)buf_addf(out, "%s%s\"", before_prev, hex);
	if (buf_err(out) != 0)
		return buf_err(out);
	hash_bytes(r->hash, buf_data(out) + from, out->len - from);
	str_hex(hex, r->hash, sizeof(r->hash));
	return buf_addf(out, "%s%s%s\n", before_hash + 1, hex, line_end);
}

int
record_hash(uint8_t hash[RECORD_HASH_LEN], const uint8_t *line, size_t len)
{
	if (len < BARE_LEN)
		return ERR_FORMAT;
	hash_bytes(hash, line, len - BARE_LEN);
	return 0;
}

/* Reading: the rest of a line, from the front. */

static int
take(struct bytes *b, const char *text)
{
	size_t n = strlen(text);

	if (b->len < n || memcmp(b->p, text, n) != 0)
		return ERR_FORMAT;
	b->p += n;
	b->len -= n;
	return 0;
}

/* Decimal, in the one way that a number is written. */
static int
take_number(struct bytes *b, uint64_t *n)
{
	size_t i;

	*n = 0;
	for (i = 0; i < b->len && b->p[i] >= '0' && b->p[i] <= '9'; i++)
		if (__builtin_mul_overflow(*n, 10u, n) ||
		    __builtin_add_overflow(*n, b->p[i] - '0', n))
			return ERR_RANGE;
	if (i == 0 || (i > 1 && b->p[0] == '0'))
		return ERR_FORMAT;
	b->p += i;
	b->len -= i;
	return 0;
}

/* As many characters as the pattern has: x a hex digit, 9 a digit, any other
 * itself. */
static int
take_shape(struct bytes *b, char *dst, const char *pattern)
{
	size_t i, n = strlen(pattern);

	if (b->len < n)
		return ERR_FORMAT;
	for (i = 0; i < n; i++) {
		uint8_t c = b->p[i];
		bool digit = c >= '0' && c <= '9';

		if (pattern[i] == 'x'   ? !(digit || (c >= 'a' && c <= 'f'))
		    : pattern[i] == '9' ? !digit
					: c != (uint8_t)pattern[i])
			return ERR_FORMAT;
		dst[i] = (char)c;
	}
	dst[n] = '\0';
	b->p += n;
	b->len -= n;
	return 0;
}

static int
take_type(struct bytes *b, enum audit_type *type)
{
	char word[16];
	size_t n;

	for (n = 0; n < b->len && n < sizeof(word) - 1 && b->p[n] != '"'; n++)
		word[n] = (char)b->p[n];
	word[n] = '\0';
	b->p += n;
	b->len -= n;
	*type = record_type(word);
	return *type == AUDIT_TYPES ? ERR_TYPE : 0;
}

static int
take_hash(struct bytes *b, uint8_t hash[RECORD_HASH_LEN])
{
	char hex[STR_HEX_SIZE(RECORD_HASH_LEN)];
	size_t i;

	if (b->len < HEX_LEN)
		return ERR_FORMAT;
	memcpy(hex, b->p, HEX_LEN);
	hex[HEX_LEN] = '\0';
	for (i = 0; i < HEX_LEN; i++)
		if (hex[i] >= 'A' && hex[i] <= 'F')
			return ERR_FORMAT;
	b->p += HEX_LEN;
	b->len -= HEX_LEN;
	return str_unhex(hash, RECORD_HASH_LEN, hex);
}

int
record_parse(struct record *r, const uint8_t *line, size_t len)
{
	static const char uuid[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	static const char date[] = "9999-99-99T99:99:99.999999Z";
	struct bytes b = {line, len};
	struct bytes tail;

	if (len > RECORD_LINE_MAX || take(&b, "{\"v\":1,\"seq\":") != 0 ||
	    take_number(&b, &r->seq) != 0 || take(&b, ",\"log\":\"") != 0 ||
	    take_shape(&b, r->log, uuid) != 0 ||
	    take(&b, "\",\"time\":\"") != 0 ||
	    take_shape(&b, r->time, date) != 0 ||
	    take(&b, "\",\"mono\":") != 0 || take_number(&b, &r->mono) != 0 ||
	    take(&b, ",\"boot\":\"") != 0 ||
	    take_shape(&b, r->boot, uuid) != 0 ||
	    take(&b, "\",\"type\":\"") != 0 || take_type(&b, &r->type) != 0 ||
	    take(&b, "\",\"data\":") != 0 || b.len < TAIL_LEN)
		return ERR_FORMAT;
	r->data = (struct bytes){b.p, b.len - TAIL_LEN};
	tail = (struct bytes){r->data.p + r->data.len, TAIL_LEN};
	if (take(&tail, before_prev) != 0 || take_hash(&tail, r->prev) != 0 ||
	    take(&tail, before_hash) != 0 || take_hash(&tail, r->hash) != 0 ||
	    take(&tail, line_end) != 0)
		return ERR_FORMAT;
	return jsonchk_object(r->data.p, r->data.len) ? 0 : ERR_FORMAT;
}
