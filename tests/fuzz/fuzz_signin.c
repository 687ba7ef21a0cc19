/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: the file of a sign-in.  What is read could stand in a header.
 */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "cordon/signin.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct signin s;
	size_t i;

	signin_init(&s);
	if (signin_parse(&s, (struct bytes){data, size}) == 0) {
		if (s.access.len == 0)
			fuzz_abort();
		for (i = 0; i < s.access.len; i++)
			if (buf_data(&s.access)[i] < 0x21 ||
			    buf_data(&s.access)[i] > 0x7E)
				fuzz_abort();
	}
	signin_fini(&s);
	return 0;
}
