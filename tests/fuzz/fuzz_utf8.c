/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: decoding, encoding, cutting and grapheme steps agree. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t enc[UTF8_MAX];
	uint32_t cp;
	size_t i, n;
	int w;

	for (i = 0; i < size; i += n == 0 ? 1 : n) {
		n = utf8_decode(data + i, size - i, &cp);
		if (n > size - i)
			fuzz_abort();
		if (n > 0 &&
		    (utf8_put(enc, cp) != n || memcmp(enc, data + i, n) != 0))
			fuzz_abort();
	}
	if (utf8_complete(data, size) > size)
		fuzz_abort();
	for (i = 0; i < size; i += n) {
		n = utf8_grapheme(data + i, size - i, &w);
		if (n == 0 || n > size - i || w < 0 || w > 2)
			fuzz_abort();
	}
	return 0;
}
