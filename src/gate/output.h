/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_OUTPUT_H
#define GATE_OUTPUT_H

#include <nettle/sha2.h>
#include <sha2.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define OUTPUT_HEAD_MAX (4u * 1024 * 1024) /* bytes kept of the start */
#define OUTPUT_TAIL_MAX (4u * 1024 * 1024) /* bytes kept of the end */
/* Bytes of one command after which it is stopped: it would go on for ever. */
#define OUTPUT_TOTAL_MAX   (256ull * 1024 * 1024)
#define OUTPUT_TOKENS      10000u /* given to the model unless it says */
#define OUTPUT_TOKENS_MAX  (1024u * 1024)
#define OUTPUT_TOKEN_BYTES 4u /* about, of English and of code */

/*
 * What a command prints, from its start or since the last look at it: the
 * head and the tail are kept and the middle is counted, so memory is bounded
 * whatever comes.
 */
struct output {
	struct buf head;
	uint8_t *tail;    /* owned: a ring */
	size_t tail_size; /* of the ring; grows to OUTPUT_TAIL_MAX */
	size_t tail_at;   /* where its oldest byte is */
	size_t tail_len;
	uint64_t bytes, lines;  /* since the last look */
	uint64_t total;         /* bytes since the start */
	struct sha256_ctx hash; /* of all of it */
};

void output_init(struct output *o);
void output_fini(struct output *o);
void output_add(struct output *o, const void *p, size_t len);
/* Forgets what was looked at. */
void output_clear(struct output *o);
/* Hexadecimal SHA-256 of everything that was added; once, at the end. */
void output_hash(struct output *o, char hex[SHA256_DIGEST_STRING_LENGTH]);

/*
 * Adds the output as the model gets it: as it is if it is within tokens;
 * else its total, the first and the last half of what is allowed, and how
 * much is missing between them.  Bad UTF-8 becomes U+FFFD.
 */
void output_format(const struct output *o, uint64_t tokens, struct buf *to);
/* All that is kept, head and tail, unformatted. */
void output_kept(const struct output *o, struct buf *to);
uint64_t output_tokens(uint64_t bytes);

#endif /* GATE_OUTPUT_H */
