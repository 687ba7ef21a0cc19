/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as Markdown, in pieces, gives printable cells. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"

#include "ui/md.h"

#include "fuzz.h"

static void
check_cells(const struct text *t)
{
	uint32_t cp;
	size_t i;

	for (i = 0; t != NULL && i < t->n; i++)
		if (t->c[i].width < 1 || t->c[i].width > 2 ||
		    t->c[i].len > CELL_BYTES ||
		    utf8_decode((const uint8_t *)t->c[i].g, t->c[i].len, &cp) ==
			0 ||
		    cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
			fuzz_abort();
}

static void
check(void *arg, const struct text *t, const struct text *first,
    const struct text *rest)
{
	(void)arg;
	check_cells(t);
	check_cells(first);
	check_cells(rest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size > 0 ? data[0] % 16 + 1u : 1, i;
	struct md m;

	md_init(&m, check, NULL, 40);
	for (i = 0; i < size; i += step) {
		md_feed(&m, data + i, size - i < step ? size - i : step);
		md_peek(&m, check, NULL);
	}
	md_end(&m);
	md_fini(&m);
	return 0;
}
