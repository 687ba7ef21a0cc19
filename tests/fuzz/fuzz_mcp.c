/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: what an MCP server says.  Whatever it is, every tool has a name
 * that a provider takes and no other has, and an answer of ours is one line.
 */

#include "config.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "json/json.h"

#include "mcp/offer.h"
#include "mcp/rpc.h"

#include "fuzz.h"

static void
check_offers(const struct offers *o)
{
	size_t i, j;
	const char *p;

	for (i = 0; i < o->n; i++) {
		if (strncmp(o->v[i].name, "mcp__s__", 8) != 0 ||
		    o->v[i].description.len > 8192 ||
		    o->v[i].schema.len > OFFER_SCHEMA_MAX)
			fuzz_abort();
		for (p = o->v[i].name; *p != '\0'; p++)
			if (!isalnum((unsigned char)*p) && *p != '_' &&
			    *p != '-')
				fuzz_abort();
		for (j = 0; j < i; j++)
			if (strcmp(o->v[i].name, o->v[j].name) == 0)
				fuzz_abort();
	}
	if (o->n > OFFER_TOOLS_MAX || o->bytes > OFFER_ALL_MAX)
		fuzz_abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = {data, size}, line;
	struct offers o = {.server = "s"};
	struct buf out;
	struct rpc r;

	buf_init(&out, 1u << 20);
	while (bytes_line(&rest, &line)) {
		rpc_read(&r, line);
		buf_clear(&out);
		if (r.kind == RPC_REQUEST) {
			(void)rpc_answer(&out, &r, size % 2 == 0);
			if (buf_err(&out) == 0 &&
			    memchr(buf_data(&out), '\n', out.len) !=
				buf_data(&out) + out.len - 1)
				fuzz_abort();
		} else if (r.kind == RPC_ANSWER) {
			(void)offers_add(&o, r.result);
			(void)offer_result(&out, r.result);
		}
		rpc_fini(&r);
	}
	check_offers(&o);
	offers_fini(&o);
	buf_fini(&out);
	return 0;
}
