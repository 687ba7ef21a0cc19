/* SPDX-License-Identifier: Apache-2.0 */

/* Library: signed heads with keys that move on. */

#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <sha2.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "audit/head.h"

#define TEXT_MAX 1024 /* bytes of what is signed */

static const char *const why_words[HEAD_WHYS] = {
    [HEAD_APPROVAL] = "approval",
    [HEAD_COUNT] = "count",
    [HEAD_TIME] = "time",
    [HEAD_LOST] = "lost",
    [HEAD_CLOSE] = "close",
};

static const char *
head_word(enum head_why why)
{
	return (unsigned)why < HEAD_WHYS ? why_words[why] : NULL;
}

/* The public half of the present seed. */
static void
keys_public(struct head_keys *k)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	(void)crypto_sign_seed_keypair(k->key, secret, k->seed);
	sodium_memzero(secret, sizeof(secret));
}

int
head_keys_init(struct head_keys *k)
{
	if (sodium_init() == -1)
		return ERR_UNSUPP;
	randombytes_buf(k->seed, sizeof(k->seed));
	keys_public(k);
	return 0;
}

void
head_keys_wipe(struct head_keys *k)
{
	sodium_memzero(k->seed, sizeof(k->seed));
}

/* One way: the seed before cannot be had from the seed after. */
void
head_keys_advance(struct head_keys *k)
{
	static const char label[] = "cordon-audit-seed 1\n";
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)label, sizeof(label) - 1);
	SHA256Update(&ctx, k->seed, sizeof(k->seed));
	SHA256Final(k->seed, &ctx);
	sodium_memzero(&ctx, sizeof(ctx));
	keys_public(k);
}

static size_t
head_text(char text[TEXT_MAX], const struct head *h, const struct record *r)
{
	char hash[STR_HEX_SIZE(RECORD_HASH_LEN)];
	char next[STR_HEX_SIZE(HEAD_KEY_LEN)];
	int n;

	str_hex(hash, h->hash, sizeof(h->hash));
	str_hex(next, h->next, sizeof(h->next));
	n = snprintf(text, TEXT_MAX,
	    "cordon-audit-head 1\nlog %s\nseq %" PRIu64 "\ncount %" PRIu64
	    "\nhash %s\nwhy %s\ntime %s\nmono %" PRIu64 "\nboot %s\n"
	    "next %s\n",
	    r->log, h->seq, h->seq + 1, hash, head_word(h->why), r->time,
	    r->mono, r->boot, next);
	assert(n > 0 && n < TEXT_MAX);
	return (size_t)n;
}

static void
head_data(char data[TEXT_MAX], const struct head *h)
{
	char hash[STR_HEX_SIZE(RECORD_HASH_LEN)];
	char key[STR_HEX_SIZE(HEAD_KEY_LEN)], next[STR_HEX_SIZE(HEAD_KEY_LEN)];
	char sig[STR_HEX_SIZE(HEAD_SIG_LEN)];
	int n;

	str_hex(hash, h->hash, sizeof(h->hash));
	str_hex(key, h->key, sizeof(h->key));
	str_hex(next, h->next, sizeof(h->next));
	str_hex(sig, h->sig, sizeof(h->sig));
	n = snprintf(data, TEXT_MAX,
	    "{\"seq\":%" PRIu64 ",\"count\":%" PRIu64
	    ",\"hash\":\"%s\",\"why\":\"%s\",\"key\":\"%s\",\"next\":\"%s\","
	    "\"sig\":\"%s\"}",
	    h->seq, h->seq + 1, hash, head_word(h->why), key, next, sig);
	assert(n > 0 && n < TEXT_MAX);
}

int
head_print(struct buf *out, struct record *r, enum head_why why,
    const struct head_keys *k)
{
	struct head_keys after = *k;
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	char text[TEXT_MAX], data[TEXT_MAX];
	struct head h = {.seq = r->seq - 1, .why = why};
	size_t n;

	assert(r->seq > 0);
	memcpy(h.hash, r->prev, sizeof(h.hash));
	(void)crypto_sign_seed_keypair(h.key, secret, k->seed);
	head_keys_advance(&after);
	memcpy(h.next, after.key, sizeof(h.next));
	head_keys_wipe(&after);
	n = head_text(text, &h, r);
	(void)crypto_sign_detached(
	    h.sig, NULL, (const uint8_t *)text, n, secret);
	sodium_memzero(secret, sizeof(secret));
	head_data(data, &h);
	r->type = AUDIT_HEAD;
	r->data = bytes_of(data);
	return record_print(out, r);
}

/* Whether the member comes next; its value of exactly n characters. */
static int
take_hex(struct bytes *b, const char *before, uint8_t *dst, size_t len)
{
	char hex[STR_HEX_SIZE(HEAD_SIG_LEN)];
	size_t n = strlen(before);

	assert(2 * len < sizeof(hex));
	if (b->len < n + 2 * len || memcmp(b->p, before, n) != 0)
		return ERR_FORMAT;
	memcpy(hex, b->p + n, 2 * len);
	hex[2 * len] = '\0';
	b->p += n + 2 * len;
	b->len -= n + 2 * len;
	return str_unhex(dst, len, hex);
}

/* The numbers and the word are found by printing what they would be. */
int
head_parse(struct head *h, struct bytes data)
{
	char again[TEXT_MAX];
	struct bytes b = data;
	const uint8_t *p;
	unsigned why;
	uint64_t seq = 0;

	if (data.len >= TEXT_MAX || data.len < sizeof("{\"seq\":"))
		return ERR_FORMAT;
	b.p += sizeof("{\"seq\":") - 1;
	b.len -= sizeof("{\"seq\":") - 1;
	for (; b.len > 0 && *b.p >= '0' && *b.p <= '9'; b.p++, b.len--)
		if (__builtin_mul_overflow(seq, 10u, &seq) ||
		    __builtin_add_overflow(seq, *b.p - '0', &seq))
			return ERR_FORMAT;
	h->seq = seq;
	p = memmem(b.p, b.len, ",\"hash\":\"", 9);
	if (p == NULL)
		return ERR_FORMAT;
	b = (struct bytes){p, b.len - (size_t)(p - b.p)};
	if (take_hex(&b, ",\"hash\":\"", h->hash, sizeof(h->hash)) != 0)
		return ERR_FORMAT;
	for (why = 0; why < HEAD_WHYS; why++)
		if (str_fmt(again, sizeof(again), "\",\"why\":\"%s\"",
			why_words[why]) == 0 &&
		    b.len > strlen(again) &&
		    memcmp(b.p, again, strlen(again)) == 0)
			break;
	if (why == HEAD_WHYS)
		return ERR_FORMAT;
	h->why = (enum head_why)why;
	b.p += strlen(again);
	b.len -= strlen(again);
	if (take_hex(&b, ",\"key\":\"", h->key, sizeof(h->key)) != 0 ||
	    take_hex(&b, "\",\"next\":\"", h->next, sizeof(h->next)) != 0 ||
	    take_hex(&b, "\",\"sig\":\"", h->sig, sizeof(h->sig)) != 0)
		return ERR_FORMAT;
	head_data(again, h);
	return bytes_is(data, again) ? 0 : ERR_FORMAT;
}

int
head_check(const struct head *h, const struct record *r)
{
	char text[TEXT_MAX];
	size_t n = head_text(text, h, r);

	if (crypto_sign_verify_detached(
		h->sig, (const uint8_t *)text, n, h->key) != 0)
		return ERR_PERM;
	return 0;
}
