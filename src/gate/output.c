/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: the output of one command, bounded, and as the model reads it. */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "gate/output.h"

#define TAIL_FIRST 65536 /* bytes of the ring's first allocation */

void
output_init(struct output *o)
{
	memset(o, 0, sizeof(*o));
	buf_init(&o->head, OUTPUT_HEAD_MAX);
	sha256_init(&o->hash);
}

void
output_fini(struct output *o)
{
	buf_fini(&o->head);
	free(o->tail);
	o->tail = NULL;
	o->tail_size = o->tail_len = 0;
}

void
output_clear(struct output *o)
{
	buf_clear(&o->head);
	o->tail_at = o->tail_len = 0;
	o->bytes = o->lines = 0;
}

/* Makes the ring larger while it is below its cap; its content moves to the
 * front, so the order stays. */
static void
tail_grow(struct output *o, size_t want)
{
	size_t size = o->tail_size == 0 ? TAIL_FIRST : o->tail_size, first;
	uint8_t *ring;

	while (size < OUTPUT_TAIL_MAX && size < want)
		size *= 2;
	if (size == o->tail_size)
		return;
	ring = xmalloc(size);
	first = o->tail_size - o->tail_at;
	if (first > o->tail_len)
		first = o->tail_len;
	if (o->tail_len > 0) {
		memcpy(ring, o->tail + o->tail_at, first);
		memcpy(ring + first, o->tail, o->tail_len - first);
	}
	free(o->tail);
	o->tail = ring;
	o->tail_size = size;
	o->tail_at = 0;
}

static void
tail_add(struct output *o, const uint8_t *p, size_t len)
{
	size_t at, n;

	if (o->tail_len + len > o->tail_size)
		tail_grow(o, o->tail_len + len);
	if (len > o->tail_size) { /* only its end can stay */
		p += len - o->tail_size;
		len = o->tail_size;
	}
	for (; len > 0; p += n, len -= n) {
		at = (o->tail_at + o->tail_len) % o->tail_size;
		n = o->tail_size - at;
		if (n > len)
			n = len;
		memcpy(o->tail + at, p, n);
		o->tail_len += n;
		if (o->tail_len > o->tail_size) {
			o->tail_at += o->tail_len - o->tail_size;
			o->tail_at %= o->tail_size;
			o->tail_len = o->tail_size;
		}
	}
}

/* Sixteen bytes at once; each sum is of a byte, so of 255 rows at most. */
typedef uint8_t row __attribute__((vector_size(16)));

static uint64_t
count_lines(const uint8_t *p, size_t len)
{
	uint64_t n = 0;
	size_t i, rows;
	row v, sums;

	for (; len >= sizeof(v); len -= rows * sizeof(v)) {
		rows = len / sizeof(v) < 255 ? len / sizeof(v) : 255;
		sums = (row){0};
		for (i = 0; i < rows; i++, p += sizeof(v)) {
			memcpy(&v, p, sizeof(v));
			sums -= (row)(v == '\n');
		}
		for (i = 0; i < sizeof(sums); i++)
			n += sums[i];
	}
	for (; len > 0; p++, len--)
		n += *p == '\n';
	return n;
}

void
output_add(struct output *o, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;

	if (len == 0)
		return;
	sha256_update(&o->hash, len, p);
	o->total += len;
	o->bytes += len;
	o->lines += count_lines(p, len);
	n = OUTPUT_HEAD_MAX - o->head.len;
	if (n > len)
		n = len;
	(void)buf_add(&o->head, p, n);
	if (n < len)
		tail_add(o, p + n, len - n);
}

void
output_hash(struct output *o, char hex[SHA256_DIGEST_STRING_LENGTH])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(&o->hash, sizeof(digest), digest);
	str_hex(hex, digest, sizeof(digest));
}

uint64_t
output_tokens(uint64_t bytes)
{
	return (bytes + OUTPUT_TOKEN_BYTES - 1) / OUTPUT_TOKEN_BYTES;
}

static void
add_text(struct buf *to, const uint8_t *p, size_t len)
{
	size_t run, n;
	uint32_t cp;

	while (len > 0) {
		for (run = 0; run < len; run += n)
			if ((n = utf8_decode(p + run, len - run, &cp)) == 0)
				break;
		(void)buf_add(to, p, run);
		p += run;
		len -= run;
		if (len > 0) {
			(void)buf_adds(to, "\xef\xbf\xbd");
			p++;
			len--;
		}
	}
}

void
output_kept(const struct output *o, struct buf *to)
{
	size_t first = o->tail_size - o->tail_at;

	if (first > o->tail_len)
		first = o->tail_len;
	(void)buf_add(to, buf_data(&o->head), o->head.len);
	if (o->tail_len == 0)
		return;
	(void)buf_add(to, o->tail + o->tail_at, first);
	(void)buf_add(to, o->tail, o->tail_len - first);
}

/* Where the last want bytes of the kept ones begin, not inside a character. */
static size_t
tail_start(const uint8_t *p, size_t len, size_t want)
{
	size_t at = len - want, i;

	for (i = 0; i < UTF8_MAX; i++)
		if (at + i == len || (p[at + i] & 0xc0) != 0x80)
			return at + i;
	return at; /* no characters at all */
}

void
output_format(const struct output *o, uint64_t tokens, struct buf *to)
{
	uint64_t budget = tokens * OUTPUT_TOKEN_BYTES;
	struct buf kept;
	const uint8_t *p;
	size_t half, from;

	buf_init(&kept, OUTPUT_HEAD_MAX + OUTPUT_TAIL_MAX);
	output_kept(o, &kept);
	p = buf_data(&kept);
	if (o->bytes <= budget && o->bytes == kept.len) {
		add_text(to, p, kept.len);
		goto out;
	}
	if (budget > kept.len)
		budget = kept.len;
	half = utf8_complete(p, (size_t)budget / 2);
	from = tail_start(p, kept.len, (size_t)budget / 2);
	(void)buf_addf(to,
	    "Warning: truncated output (original token count: %" PRIu64
	    ")\nTotal output lines: %" PRIu64 "\n\n",
	    output_tokens(o->bytes), o->lines);
	add_text(to, p, half);
	(void)buf_addf(to, "...%" PRIu64 " tokens truncated...",
	    output_tokens(o->bytes) - output_tokens(budget));
	add_text(to, p + from, kept.len - from);
out:
	buf_fini(&kept);
}
