/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: SHA-256 (FIPS 180-4) with the SHA instructions of x86.
 *
 * They keep the eight words of the state in two registers, ABEF and CDGH, and
 * do two rounds each.  Only the inner loop is ours; without them all of it is
 * libmd's.
 */

#include "config.h"

#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "base/sha256.h"

#ifdef __x86_64__

#define LEAF_FEATURES 7
#define BIT_SHA       (1u << 29) /* of EBX */
#define ROUNDS        64
#define ROUNDS_STEP   4 /* for which one register has the words */

static const uint32_t constants[ROUNDS] = {0x428a2f98, 0x71374491, 0xb5c0fbcf,
    0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
    0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
    0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
    0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
    0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

static bool
has_instructions(void)
{
	unsigned a, b, c, d;

	if (!__builtin_cpu_supports("sse4.1") ||
	    !__builtin_cpu_supports("ssse3") ||
	    __get_cpuid_count(LEAF_FEATURES, 0, &a, &b, &c, &d) == 0)
		return false;
	return (b & BIT_SHA) != 0;
}

__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i abef, cdgh, abef_was, cdgh_was, w[4], k, lo, hi;
	unsigned i;

	lo = _mm_loadu_si128((const void *)&state[0]); /* ABCD, from below */
	hi = _mm_loadu_si128((const void *)&state[4]); /* EFGH */
	lo = _mm_shuffle_epi32(lo, 0xb1);
	hi = _mm_shuffle_epi32(hi, 0x1b);
	abef = _mm_alignr_epi8(lo, hi, 8);
	cdgh = _mm_blend_epi16(hi, lo, 0xf0);
	for (; n > 0; n--, p += SHA256_BLOCK) {
		abef_was = abef;
		cdgh_was = cdgh;
#pragma GCC unroll 16
		for (i = 0; i < ROUNDS / ROUNDS_STEP; i++) {
			if (i < 4)
				w[i] = _mm_shuffle_epi8(
				    _mm_loadu_si128(
					(const void *)(p + 16 * (size_t)i)),
				    swap);
			else
				w[i % 4] = _mm_sha256msg2_epu32(
				    _mm_add_epi32(_mm_sha256msg1_epu32(
						      w[i % 4], w[(i + 1) % 4]),
					_mm_alignr_epi8(
					    w[(i + 3) % 4], w[(i + 2) % 4], 4)),
				    w[(i + 3) % 4]);
			k = _mm_add_epi32(w[i % 4],
			    _mm_loadu_si128((const void
				    *)&constants[(size_t)ROUNDS_STEP * i]));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
			k = _mm_shuffle_epi32(k, 0x0e);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, k);
		}
		abef = _mm_add_epi32(abef, abef_was);
		cdgh = _mm_add_epi32(cdgh, cdgh_was);
	}
	lo = _mm_shuffle_epi32(abef, 0x1b);
	hi = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((void *)&state[0], _mm_blend_epi16(lo, hi, 0xf0));
	_mm_storeu_si128((void *)&state[4], _mm_alignr_epi8(hi, lo, 8));
}

#else

static bool
has_instructions(void)
{
	return false;
}

static void
blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	(void)state;
	(void)p;
	(void)n;
}

#endif

void
sha256_init_slow(struct sha256 *s)
{
	memset(s, 0, sizeof(*s));
	SHA256Init(&s->slow);
}

void
sha256_init(struct sha256 *s)
{
	static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	    0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	sha256_init_slow(s);
	memcpy(s->state, first, sizeof(s->state));
	s->fast = has_instructions();
}

void
sha256_add(struct sha256 *s, const void *data, size_t len)
{
	size_t have = s->len % SHA256_BLOCK, n;
	const uint8_t *p = data;

	if (!s->fast) {
		SHA256Update(&s->slow, p, len);
		return;
	}
	s->len += len;
	if (have > 0) {
		n = SHA256_BLOCK - have < len ? SHA256_BLOCK - have : len;
		memcpy(s->part + have, p, n);
		if (have + n < SHA256_BLOCK)
			return;
		blocks(s->state, s->part, 1);
		p += n;
		len -= n;
	}
	blocks(s->state, p, len / SHA256_BLOCK);
	if (len % SHA256_BLOCK > 0)
		memcpy(
		    s->part, p + len - len % SHA256_BLOCK, len % SHA256_BLOCK);
}

void
sha256_end(struct sha256 *s, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	static const uint8_t pad[SHA256_BLOCK] = {0x80};
	uint64_t bits = s->len * 8;
	uint8_t tail[sizeof(bits)];
	size_t have = s->len % SHA256_BLOCK, i;

	if (!s->fast) {
		SHA256Final(digest, &s->slow);
		return;
	}
	for (i = 0; i < sizeof(tail); i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, pad,
	    (have < SHA256_BLOCK - sizeof(tail) ? SHA256_BLOCK
						: 2 * SHA256_BLOCK) -
		sizeof(tail) - have);
	sha256_add(s, tail, sizeof(tail));
	for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
		digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}
