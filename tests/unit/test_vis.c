/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: what vis shows and what it hides. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "base/vis.h"

#include "tests/helper/unvis.h"

struct vis_case {
	const char *in, *out;
	unsigned flags;
};

static const struct vis_case cases[] = {
    {"plain text", "plain text", 0},
    {"a\nb\tc", "a\\nb\\tc", 0},
    {"a\nb\tc", "a\nb\tc", VIS_NL | VIS_TAB},
    {"\x1b[31m", "\\e[31m", VIS_NL},
    {"\x1b]52;c;x\x07", "\\e]52;c;x\\x07", 0},
    {"\r\x7f\x08", "\\r\\x7f\\x08", VIS_NL},
    {"\xC2\x9B"
     "31m",
	"\\u{9b}31m", 0},             /* C1 CSI */
    {"\xE2\x80\xAE", "\\u{202e}", 0}, /* right-to-left override */
    {"\xE2\x81\xA6", "\\u{2066}", 0}, /* isolate */
    {"a\xE2\x80\x8B"
     "b",
	"a\\u{200b}b", 0}, /* zero-width space */
    {"\xEF\xBB\xBF", "\\u{feff}", 0},
    {"\xF3\xA0\x81\x81", "\\u{e0041}", 0}, /* tag character */
    {"\xE3\x85\xA4", "\\u{3164}", 0},      /* Hangul filler */
    {"\xE2\x80\xA8", "\\u{2028}", 0},      /* line separator */
    {"\xEE\x80\x80", "\\u{e000}", 0},      /* private use */
    {"\xC3\xA9\xE4\xB8\xAD", "\xC3\xA9\xE4\xB8\xAD", 0},
    {"\xC3", "\\xc3", 0},
    {"\xED\xA0\x80", "\\xed\\xa0\\x80", 0},
    {"a\\b", "a\\b", 0},
    {"a\\b", "a\\\\b", VIS_STRICT},
    {"\xC2\xA0", "\xC2\xA0", 0},
    {"\xC2\xA0", "\\u{a0}", VIS_STRICT}, /* a blank that is none */
    {"\xCC\x81"
     "a",
	"\\u{301}a", VIS_STRICT},
    /* A joiner only between pictographs, and never where it is approved. */
    {"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
	"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", 0},
    {"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
	"\xF0\x9F\x91\xA8\\u{200d}\xF0\x9F\x91\xA9", VIS_STRICT},
    {"a\xE2\x80\x8D"
     "b",
	"a\\u{200d}b", 0},
};

static void
vis_shows_each_case(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		assert_int_equal(vis_add(&b, cases[i].in, strlen(cases[i].in),
				     cases[i].flags),
		    0);
		assert_string_equal(buf_cstr(&b), cases[i].out);
	}
	buf_fini(&b);
}

/* Every code point alone: strict text decodes back to it. */
static void
vis_strict_is_reversible(void **state)
{
	uint8_t in[UTF8_MAX + 2];
	struct buf out, back;
	uint32_t cp;
	size_t n;

	(void)state;
	buf_init(&out, 1 << 16);
	buf_init(&back, 1 << 16);
	for (cp = 0; cp <= 0x10FFFF; cp++) {
		in[0] = 'a';
		n = 1 + utf8_put(in + 1, cp);
		in[n++] = '\\';
		buf_clear(&out);
		buf_clear(&back);
		assert_int_equal(vis_add(&out, in, n, VIS_STRICT), 0);
		assert_int_equal(unvis(&back, buf_cstr(&out), out.len), 0);
		assert_int_equal(back.len, n);
		assert_memory_equal(buf_data(&back), in, n);
	}
	buf_fini(&out);
	buf_fini(&back);
}

static void
vis_decode_refuses_what_vis_never_writes(void **state)
{
	static const char *const bad[] = {"\\", "\\q", "\\x", "\\x1", "\\xg0",
	    "\\u", "\\u{", "\\u{}", "\\u{12", "\\u{1234567}", "\\X41"};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(unvis(&b, bad[i], strlen(bad[i])), ERR_FORMAT);
	buf_fini(&b);
}

static void
vis_str_cuts_between_code_points(void **state)
{
	char dst[6];

	(void)state;
	assert_true(vis_str(dst, sizeof(dst), "abcde"));
	assert_string_equal(dst, "abcde");
	assert_false(vis_str(dst, sizeof(dst), "abcd\xC3\xA9"));
	assert_string_equal(dst, "abcd");
}

static void
vis_flags_look_alikes(void **state)
{
	(void)state;
	assert_true(vis_mixed_script("p\xD0\xB0ypal", 7));
	assert_false(vis_mixed_script("paypal", 6));
	assert_false(vis_mixed_script("\xD0\xBF\xD0\xB0", 4));
	assert_true(vis_mixed_script("a\xCE\xBF", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vis_shows_each_case),
	    cmocka_unit_test(vis_strict_is_reversible),
	    cmocka_unit_test(vis_decode_refuses_what_vis_never_writes),
	    cmocka_unit_test(vis_str_cuts_between_code_points),
	    cmocka_unit_test(vis_flags_look_alikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
