/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: JSON that is read can be written and read again, the same, and
 * it is the same wherever its strings are; and what is seen of it at a glance
 * is what it says. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/glance.h"
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

static int
fuzz_text(void *arg, struct bytes text)
{
	return buf_add(arg, text.p, text.len);
}

static const struct json_glance rows[] = {{"a", .run = fuzz_text},
    {"b.0.c", .run = fuzz_text}, {"d", .run = NULL}, {.path = NULL}};

/* j is what json_parse made of it; it may refuse what a glance takes, for a
 * name that stands there twice. */
static void
fuzz_glance(const uint8_t *data, size_t size, const struct json *j)
{
	struct buf text, one, two;
	int r;

	buf_init(&text, FUZZ_JSON_MAX);
	buf_init(&one, FUZZ_JSON_MAX);
	buf_init(&two, FUZZ_JSON_MAX);
	(void)buf_add(&text, data, size);
	if (json_glance(&text, rows, &one, &r) && j != NULL) {
		(void)json_glance_all(j, rows, &two);
		fuzz_same(&one, &two);
	}
	buf_fini(&text);
	buf_fini(&one);
	buf_fini(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text, one, two;
	struct json_skim skim;
	struct json *j;
	int err, err2;

	buf_init(&text, 8 * FUZZ_JSON_MAX);
	(void)buf_add(&text, data, size);
	j = json_parse(data, size, FUZZ_JSON_MAX, &err);
	fuzz_glance(data, size, j);
	fuzz_write(&one, j);
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
