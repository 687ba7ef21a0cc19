/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the bounded output of a command. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

#include "gate/output.h"

#define SIZE (OUTPUT_HEAD_MAX + 3 * OUTPUT_TAIL_MAX + 12345)

/* Byte i of a stream that nowhere repeats soon. */
static uint8_t
nth(size_t i)
{
	return (uint8_t)('a' + (i * i / 7 + i / 26) % 26);
}

static void
keeps_head_and_tail(void **state)
{
	static const size_t pieces[] = {1, 7, 4096, 65536, 1000003};
	uint8_t *all = malloc(SIZE);
	struct output o;
	struct buf kept;
	size_t p, at, n, i;

	(void)state;
	for (i = 0; i < SIZE; i++)
		all[i] = nth(i);
	for (p = 2; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
		output_init(&o);
		for (at = 0; at < SIZE; at += n) {
			n = pieces[p] < SIZE - at ? pieces[p] : SIZE - at;
			output_add(&o, all + at, n);
		}
		assert_int_equal(o.total, SIZE);
		assert_int_equal(o.tail_size, OUTPUT_TAIL_MAX);
		buf_init(&kept, OUTPUT_HEAD_MAX + OUTPUT_TAIL_MAX);
		output_kept(&o, &kept);
		assert_int_equal(kept.len, OUTPUT_HEAD_MAX + OUTPUT_TAIL_MAX);
		assert_memory_equal(buf_data(&kept), all, OUTPUT_HEAD_MAX);
		assert_memory_equal(buf_data(&kept) + OUTPUT_HEAD_MAX,
		    all + SIZE - OUTPUT_TAIL_MAX, OUTPUT_TAIL_MAX);
		buf_fini(&kept);
		output_fini(&o);
	}
	free(all);
}

/* The ring is exact at every length around its edges, grown or not. */
static void
tail_is_exact(void **state)
{
	static const size_t after[] = {0, 1, 65535, 65536, 65537, 131072,
	    OUTPUT_TAIL_MAX - 1, OUTPUT_TAIL_MAX, OUTPUT_TAIL_MAX + 1};
	uint8_t *all = malloc(SIZE);
	struct output o;
	struct buf kept;
	size_t i, n, want;

	(void)state;
	for (i = 0; i < SIZE; i++)
		all[i] = nth(i);
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		output_init(&o);
		output_add(&o, all, OUTPUT_HEAD_MAX);
		for (n = 0; n < after[i]; n += want) {
			want = after[i] - n < 60001 ? after[i] - n : 60001;
			output_add(&o, all + OUTPUT_HEAD_MAX + n, want);
		}
		want = after[i] < OUTPUT_TAIL_MAX ? after[i] : OUTPUT_TAIL_MAX;
		buf_init(&kept, OUTPUT_HEAD_MAX + OUTPUT_TAIL_MAX);
		output_kept(&o, &kept);
		assert_int_equal(kept.len, OUTPUT_HEAD_MAX + want);
		assert_memory_equal(buf_data(&kept) + OUTPUT_HEAD_MAX,
		    all + OUTPUT_HEAD_MAX + after[i] - want, want);
		buf_fini(&kept);
		output_fini(&o);
	}
	free(all);
}

static const char *
formatted(struct output *o, uint64_t tokens, struct buf *b)
{
	buf_clear(b);
	output_format(o, tokens, b);
	return buf_cstr(b);
}

static void
formats_as_models_know_it(void **state)
{
	struct output o;
	struct buf b;
	char line[16];
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	output_init(&o);
	assert_string_equal(formatted(&o, 10, &b), "");
	output_add(&o, "hi\n", 3);
	assert_string_equal(formatted(&o, 10, &b), "hi\n");
	assert_int_equal(output_tokens(o.bytes), 1);
	output_clear(&o);
	for (i = 0; i < 2000; i++) {
		(void)snprintf(line, sizeof(line), "%d\n", i + 1);
		output_add(&o, line, strlen(line));
	}
	assert_string_equal(formatted(&o, 4, &b),
	    "Warning: truncated output (original token count: 2224)\n"
	    "Total output lines: 2000\n\n"
	    "1\n2\n3\n4\n...2220 tokens truncated...99\n2000\n");
	assert_int_equal(o.total, 3 + 8893);
	output_fini(&o);
	buf_fini(&b);
}

static void
cuts_between_characters(void **state)
{
	struct output o;
	struct buf b;
	unsigned i, tokens;

	(void)state;
	buf_init(&b, 1 << 20);
	output_init(&o);
	for (i = 0; i < 100; i++)
		output_add(&o, "\xe2\x82\xac\xf0\x9f\x98\x80", 7);
	for (tokens = 1; tokens < 180; tokens++) {
		(void)formatted(&o, tokens, &b);
		assert_true(utf8_valid(buf_data(&b), b.len));
		assert_null(strstr(buf_cstr(&b), "\xef\xbf\xbd"));
	}
	output_clear(&o);
	output_add(&o, "a\xff\xfe\0z", 5);
	(void)formatted(&o, 10, &b);
	assert_memory_equal(buf_data(&b), "a\xef\xbf\xbd\xef\xbf\xbd\0z", 9);
	output_fini(&o);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_head_and_tail),
	    cmocka_unit_test(tail_is_exact),
	    cmocka_unit_test(formats_as_models_know_it),
	    cmocka_unit_test(cuts_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
