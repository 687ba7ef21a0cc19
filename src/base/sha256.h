/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK 64 /* bytes */

/*
 * SHA-256 of much data: by the processor's own instructions where it has
 * them, ten times as fast, else by libmd.
 */
struct sha256 {
	bool fast;
	SHA2_CTX slow; /* unless fast; else the rest is used */
	uint32_t state[8];
	uint64_t len;               /* bytes so far */
	uint8_t part[SHA256_BLOCK]; /* what is no whole block yet */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t len);
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_DIGEST_LENGTH]);
/* For tests: libmd, whatever the processor has. */
void sha256_init_slow(struct sha256 *s);

#endif /* BASE_SHA256_H */
