/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: the answer of an issuer.  A token could stand in a header. */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "login/grant.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grant g;
	size_t i;

	grant_init(&g);
	if (grant_read(&g, (struct bytes){data, size}, 1) == 0) {
		if (g.access.len == 0)
			fuzz_abort();
		for (i = 0; i < g.access.len; i++)
			if (buf_data(&g.access)[i] < 0x21 ||
			    buf_data(&g.access)[i] > 0x7E)
				fuzz_abort();
	}
	grant_fini(&g);
	return 0;
}
