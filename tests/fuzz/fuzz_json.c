/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: JSON that is read can be written and read again, the same, and
 * it is the same wherever its strings are. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/json.h"
#include "json/skim.h"

#include "fuzz.h"

#define FUZZ_JSON_MAX (1u << 20)

/* The document as compact JSON; empty if there is none. */
static void
fuzz_write(struct buf *out, struct json *j)
{
	buf_init(out, 8 * FUZZ_JSON_MAX);
	if (j != NULL && json_write(out, j) != 0)
		fuzz_abort();
	json_free(j);
}

static void
fuzz_same(const struct buf *one, const struct buf *two)
{
	if (one->len != two->len ||
	    memcmp(buf_data(one), buf_data(two), one->len) != 0)
		fuzz_abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text, one, two;
	struct json_skim skim;
	int err, err2;

	buf_init(&text, 8 * FUZZ_JSON_MAX);
	(void)buf_add(&text, data, size);
	fuzz_write(&one, json_parse(data, size, FUZZ_JSON_MAX, &err));
	fuzz_write(&two, json_parse_buf(&text, 0, FUZZ_JSON_MAX, &err2));
	fuzz_same(&one, &two);
	if (one.len > 0) {
		buf_fini(&two);
		fuzz_write(&two, json_parse(buf_data(&one), one.len,
				     8 * FUZZ_JSON_MAX, &err));
		fuzz_same(&one, &two);
		/* What is left out leaves a text that is one. */
		buf_clear(&text);
		json_skim_init(&skim, "a");
		(void)json_skim(&skim, &text, buf_data(&one), one.len);
		buf_fini(&two);
		fuzz_write(&two, json_parse(buf_data(&text), text.len,
				     8 * FUZZ_JSON_MAX, &err));
		if (two.len == 0)
			fuzz_abort();
	}
	buf_fini(&text);
	buf_fini(&one);
	buf_fini(&two);
	return 0;
}
