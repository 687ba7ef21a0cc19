/* SPDX-License-Identifier: Apache-2.0 */

/* Library: what one run outside the cell is known by. */

#include "config.h"

#include <sha2.h>

#include "proto/permit.h"

/* With its length before it, so that no two lists look alike. */
static void
permit_add(SHA2_CTX *ctx, struct bytes b)
{
	uint8_t len[4] = {(uint8_t)(b.len >> 24), (uint8_t)(b.len >> 16),
	    (uint8_t)(b.len >> 8), (uint8_t)b.len};

	SHA256Update(ctx, len, sizeof(len));
	SHA256Update(ctx, b.p, b.len);
}

void
permit_hash(
    const struct msg_list *argv, struct bytes cwd, uint8_t hash[PERMIT_SIZE])
{
	SHA2_CTX ctx;
	uint32_t i;

	SHA256Init(&ctx);
	permit_add(&ctx, bytes_of("cordon permit 1"));
	permit_add(&ctx, cwd);
	for (i = 0; i < argv->n; i++)
		permit_add(&ctx, argv->v[i]);
	SHA256Final(hash, &ctx);
}
