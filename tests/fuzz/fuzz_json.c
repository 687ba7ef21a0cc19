/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: our reader takes what jansson takes and finds the same in it,
 * and what it has read can be written and read again.
 */

#include "config.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

#include "fuzz.h"

#define FUZZ_JSON_MAX (1u << 20)

static json_t *
peer_load(const uint8_t *p, size_t len, json_error_t *why)
{
	return json_loadb((const char *)p, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, why);
}

/* jansson takes no number that it cannot hold, and skips NULs between tokens;
 * we have other limits of depth and length. */
static void
compare(const uint8_t *data, size_t size, const struct json *j, int err)
{
	json_error_t why;
	json_t *peer, *same;
	struct buf b;

	if (memchr(data, '\0', size) != NULL)
		return;
	peer = peer_load(data, size, &why);
	if (j == NULL && peer != NULL && err == ERR_FORMAT)
		fuzz_abort();
	if (j != NULL && peer == NULL &&
	    json_error_code(&why) != json_error_numeric_overflow)
		fuzz_abort();
	if (j != NULL && peer != NULL) {
		buf_init(&b, 8 * FUZZ_JSON_MAX);
		if (json_write(&b, j) != 0)
			fuzz_abort();
		same = peer_load(buf_data(&b), b.len, &why);
		if (!json_equal(peer, same))
			fuzz_abort();
		json_decref(same);
		buf_fini(&b);
	}
	json_decref(peer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf one, two;
	struct json *j, *k;
	int err;

	j = json_parse(data, size, FUZZ_JSON_MAX, &err);
	compare(data, size, j, err);
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
	buf_fini(&one);
	buf_fini(&two);
	return 0;
}
