/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: what a browser sends to a sign-in.  A request that is good
 * holds a state and either a code or an error, as printable text.
 */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "login/callback.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callback c;
	const char *p;

	if (callback_parse((const char *)data, size, 1455, &c) != CALLBACK_GOOD)
		return 0;
	if (*c.state == '\0' || (*c.code == '\0') == (*c.error == '\0'))
		fuzz_abort();
	for (p = c.code; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7E)
			fuzz_abort();
	return 0;
}
