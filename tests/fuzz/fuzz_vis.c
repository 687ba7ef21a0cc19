/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: vis lets nothing through that a terminal obeys, and in its
 * strict form decodes back to what went in. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vis.h"

#include "tests/helper/unvis.h"

#include "fuzz.h"

#define FUZZ_VIS_CAP (64u << 20)

static void
check_printable(const struct buf *b)
{
	const uint8_t *p = buf_data(b);
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < b->len; i += n) {
		n = utf8_decode(p + i, b->len - i, &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7F && cp < 0xA0) ||
		    (cp >= 0x202A && cp <= 0x202E) ||
		    (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200B ||
		    cp == 0xFEFF || (cp >= 0xE0000 && cp <= 0xE0FFF))
			fuzz_abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out, back;

	buf_init(&out, FUZZ_VIS_CAP);
	buf_init(&back, FUZZ_VIS_CAP);
	if (vis_add(&out, data, size, 0) != 0)
		fuzz_abort();
	check_printable(&out);
	buf_clear(&out);
	if (vis_add(&out, data, size, VIS_STRICT) != 0)
		fuzz_abort();
	check_printable(&out);
	if (unvis(&back, (const char *)buf_data(&out), out.len) != 0 ||
	    back.len != size || memcmp(buf_data(&back), data, size) != 0)
		fuzz_abort();
	/* Anything at all as escaped text: no crash, no overrun. */
	buf_clear(&back);
	(void)unvis(&back, (const char *)data, size);
	(void)vis_mixed_script(data, size);
	buf_fini(&out);
	buf_fini(&back);
	return 0;
}
