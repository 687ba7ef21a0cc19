/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: lines of a patch that are not what they seem, and which. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/mislead.h"

#define CYR_A  "\xD0\xB0" /* a letter of Cyrillic that looks like Latin a */
#define MATH_A "\xF0\x9D\x96\xBA"

static void
test_lines(void **state)
{
	static const struct {
		const char *line, *word; /* NULL: it is what it seems */
	} cases[] = {
	    {"+if (admin == 1)", NULL},
	    {"+if (" CYR_A "dmin == 1)", CYR_A "dmin"},
	    {"+if (x_" CYR_A " == 1)", "x_" CYR_A},
	    {"+if (" CYR_A " == b)", CYR_A}, /* a whole word of them */
	    {"+" CYR_A " = 1", NULL},        /* nothing beside it to be taken */
	    /* Honest words of another alphabet. */
	    {"+// \xD0\xBE\xD0\xBD\xD0\xB0 says: a", NULL},
	    {"+caf\xC3\xA9 na\xC3\xAFve", NULL},
	    {"+t = 5 \xCE\xBCs; \xCE\x94x", NULL}, /* signs */
	    {"+v = 5 \xCE\xBDs", "\xCE\xBDs"},     /* nu, as v */
	    {"+\xE4\xB8\xAD\xE6\x96\x87 is", NULL},
	    {"+" MATH_A "dmin", MATH_A "dmin"},
	    {"+\xFF\xFE a", NULL},
	};
	struct bytes word;
	size_t i;
	bool is;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is = mislead_line(bytes_of(cases[i].line), &word);
		if (is != (cases[i].word != NULL))
			fail_msg("case %zu", i);
		if (is)
			assert_true(bytes_is(word, cases[i].word));
	}
}

static void
test_marks(void **state)
{
	static const struct {
		const char *line;
		bool plain;
	} cases[] = {
	    {"+plain", true}, {"+caf\xC3\xA9", true}, {"+" CYR_A "dmin", false},
	    {"+a\xC2\xA0= 1", false}, /* a blank that is none */
	    {"+a\xE2\x80\x8B= 1", false},
	    {"+a\xE3\x80\x80", true}, /* as wide as it looks */
	};
	struct text t = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_clear(&t);
		if (mislead_show(&t, bytes_of(cases[i].line)) != cases[i].plain)
			fail_msg("case %zu", i);
	}
	text_clear(&t);
	(void)mislead_show(&t, bytes_of("+" CYR_A "dmin"));
	assert_int_equal(t.c[1].style, ST_WARN | STYLE_REVERSE);
	assert_int_not_equal(t.c[2].style, ST_WARN | STYLE_REVERSE);
	text_fini(&t);
}

static char patch_text[8192];

static void
add(const char *line)
{
	(void)strlcat(patch_text, line, sizeof(patch_text));
	(void)strlcat(patch_text, "\n", sizeof(patch_text));
}

static void
test_files(void **state)
{
	struct mislead_file files[MISLEAD_FILES];
	size_t i;

	(void)state;
	patch_text[0] = '\0';
	add("*** Begin Patch");
	add("*** Update File: a.c");
	add("+fine\r");
	add("*** Add File: b.c");
	for (i = 0; i < 7; i++)
		add("+\xE2\x80\xAE" CYR_A "dmin");
	add("*** Update File: n" CYR_A "me");
	add("+fine");
	add("*** End Patch");
	assert_int_equal(mislead_files(bytes_of(patch_text), files), 2);
	assert_true(bytes_is(files[0].name, "b.c"));
	assert_int_equal(files[0].n, 7);
	assert_int_equal(files[0].lines[0], 5);
	assert_int_equal(files[0].lines[MISLEAD_LINES - 1], 9);
	assert_true(bytes_is(files[1].name, "n" CYR_A "me"));
	assert_int_equal(files[1].n, 1);
	assert_int_equal(files[1].lines[0], 12); /* its own name */
	assert_true(bytes_is(files[1].word, "n" CYR_A "me"));
	for (i = 0; i < MISLEAD_FILES; i++) {
		add("*** Add File: c");
		add("+" CYR_A "b");
	}
	assert_int_equal(
	    mislead_files(bytes_of(patch_text), files), 2 + MISLEAD_FILES);
}

/* The question says which, and how many more. */
static void
test_question(void **state)
{
	struct bytes writes[] = {bytes_of("/w/b.c")};
	struct msg_ask m = {.what = ASK_PATCH,
	    .cwd = bytes_of("/w"),
	    .writes = {1, writes},
	    .patch = -1};
	uint8_t hash[ASK_HASH];
	struct ask_text *a;
	struct buf shown;

	(void)state;
	buf_init(&shown, ASK_SHOWN_MAX);
	patch_text[0] = '\0';
	add("*** Begin Patch\n*** Add File: b.c\n+fine");
	add("+" CYR_A "dmin\n+" CYR_A "dmin\n+" CYR_A "dmin\n+" CYR_A "dmin");
	add("+" CYR_A "dmin\n+" CYR_A "dmin\n+" CYR_A "dmin");
	add("*** End Patch");
	a = ask_text_new(&m, bytes_of(patch_text), false);
	ask_text_shown(a, &shown, hash);
	assert_non_null(strstr(buf_cstr(&shown),
	    "b.c: what misleads the eye is in lines 4, 5, 6, 7, 8 and 2 more "
	    "of the patch; the first such word is \\u{430}dmin\n"));
	assert_null(strstr(buf_cstr(&shown), "alphabets are mixed"));
	ask_text_free(a);
	buf_fini(&shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
