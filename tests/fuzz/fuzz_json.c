/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: JSON that is read can be written and read again, the same. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/json.h"

#include "fuzz.h"

#define FUZZ_JSON_MAX (1u << 20)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf one, two;
	struct json *j, *k;
	int err;

	j = json_parse(data, size, FUZZ_JSON_MAX, &err);
	if (j == NULL)
		return 0;
	buf_init(&one, 8 * FUZZ_JSON_MAX);
	buf_init(&two, 8 * FUZZ_JSON_MAX);
	if (json_write(&one, j) != 0)
		fuzz_abort();
	k = json_parse(buf_data(&one), one.len, 8 * FUZZ_JSON_MAX, &err);
	if (k == NULL || json_write(&two, k) != 0 || one.len != two.len ||
	    memcmp(buf_data(&one), buf_data(&two), one.len) != 0)
		fuzz_abort();
	json_free(k);
	json_free(j);
	/* What nobody reads is left out of a text that stays one. */
	k = json_parse_buf(&one, "a", 8 * FUZZ_JSON_MAX, &err);
	if (k == NULL)
		fuzz_abort();
	json_free(k);
	buf_fini(&one);
	buf_fini(&two);
	return 0;
}
