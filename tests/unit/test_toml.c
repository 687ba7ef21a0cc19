/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the places and limits of the TOML reader.  What it accepts is
 * held to the public test-suite by tests/regress/21-toml.sh. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "conf/toml.h"

static struct toml_error err;

static struct toml *
reads(const char *text)
{
	struct toml *t = toml_read((const uint8_t *)text, strlen(text), &err);

	if (t == NULL)
		fail_msg("%u:%u: %s", err.line, err.column, err.text);
	return t;
}

static void
refuses(const char *text, const char *want)
{
	char got[400];

	assert_null(toml_read((const uint8_t *)text, strlen(text), &err));
	(void)snprintf(
	    got, sizeof(got), "%u:%u: %s", err.line, err.column, err.text);
	assert_string_equal(got, want);
}

static void
values_know_their_place(void **state)
{
	struct toml *root = reads("\xEF\xBB\xBF# c\n\n  a = 1\n[t]\n"
				  "\"\xC3\xA4\" . b = [ 1,\n  2 ]\n");
	const struct toml *t;

	(void)state;
	t = toml_get(root, "a");
	assert_int_equal(t->line, 3);
	assert_int_equal(t->column, 3);
	t = toml_get(toml_get(toml_get(root, "t"), "\xC3\xA4"), "b");
	assert_int_equal(t->line, 5);
	assert_int_equal(t->column, 1);
	assert_int_equal(t->child->next->line, 6);
	assert_int_equal(t->child->next->column, 3);
	toml_free(root);
}

static void
mistakes_are_placed(void **state)
{
	(void)state;
	refuses(
	    "a = 1\nb = x\n", "2:5: 'x' is no value; a string needs quotes");
	refuses("\xC3\xA4 = 1", "1:1: a key should stand here");
	refuses("a = \"\xC3\xA4\" b", "1:9: the line should end here");
	refuses("a = 1\na = 2\n", "2:1: a is there already, in line 1");
	refuses("[t]\n[t]\n", "2:2: t is there already, in line 1");
	refuses("a = [1\n2]\n", "2:1: , or ] should stand here");
	refuses("a = [1,\n", "2:1: a value is missing");
	refuses("a = \"x\n", "1:7: a string ends before its line does");
	refuses("a = \"\"\"x\n", "1:5: a string has no end");
	refuses("a = \"\\q\"", "1:6: no such escape; a backslash itself is"
			       " \\\\");
	refuses("a 1", "1:3: = should stand here");
	refuses("a =", "1:4: a value is missing");
	refuses("[a", "1:3: ] should stand here");
	refuses("a = 9223372036854775808", "1:5: an integer beyond 64 bits");
	refuses("a = \"\xff\"", "1:6: this is no UTF-8");
	refuses("a = \"\x01\"", "1:6: a control character; write it as"
				" \\u0001");
	refuses("a = 1\rb = 2", "1:6: the line should end here");
}

/* n times open, then n times close. */
static char *
nested(const char *open, const char *mid, const char *close, size_t n)
{
	struct buf b;
	char *text;
	size_t i;

	buf_init(&b, 1 << 20);
	(void)buf_adds(&b, "a = ");
	for (i = 0; i < n; i++)
		(void)buf_adds(&b, open);
	(void)buf_adds(&b, mid);
	for (i = 0; i < n; i++)
		(void)buf_adds(&b, close);
	assert_int_equal(buf_err(&b), 0);
	text = strdup(buf_cstr(&b));
	buf_fini(&b);
	return text;
}

static void
depth_is_bounded(void **state)
{
	static const char *const kinds[][3] = {
	    {"[", "", "]"}, {"{a=", "1", "}"}, {"{a.b=", "1", "}"}};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		char *deep = nested(kinds[i][0], kinds[i][1], kinds[i][2], 30);

		toml_free(reads(deep));
		free(deep);
		deep = nested(kinds[i][0], kinds[i][1], kinds[i][2], 10000);
		assert_null(
		    toml_read((const uint8_t *)deep, strlen(deep), &err));
		assert_string_equal(err.text, "nested too deep");
		free(deep);
	}
}

static void
count_and_size_are_bounded(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 4 << 20);
	for (i = 0; i < 30000; i++)
		(void)buf_addf(&b, "k%d = 1\n", i);
	assert_null(toml_read(buf_data(&b), b.len, &err));
	assert_string_equal(err.text, "more than 20000 values");
	buf_clear(&b);
	for (i = 0; i < 19000; i++)
		(void)buf_addf(&b, "k%d = 1\n", i);
	toml_free(toml_read(buf_data(&b), b.len, &err));
	assert_string_equal(err.text, "");
	buf_clear(&b);
	for (i = 0; i < (1 << 20) / 16 + 1; i++)
		(void)buf_adds(&b, "# 0123456789abc\n");
	assert_null(toml_read(buf_data(&b), b.len, &err));
	buf_fini(&b);
}

/* Every prefix of a text that uses all of the language: no crash, no leak. */
static void
every_cut_is_survived(void **state)
{
	static const char text[] =
	    "a = 1\n[t.u]\nb.c = \"x\\u00e4\"\nd = '''\ne'''\n"
	    "f = [1979-05-27T07:32:00Z, 0x1F, -1.5e3]\n"
	    "[[t.v]]\ng = {h = true, i.j = []}\n[[t.v]]\n";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		toml_free(toml_read((const uint8_t *)text, i, &err));
	toml_free(reads(text));
}

/* Not once for each value on it: that took ten seconds of a megabyte. */
static void
a_long_line_is_counted_once(void **state)
{
	const size_t n = 18000;
	const struct toml *t;
	struct toml *root;
	struct buf b;
	clock_t begin;
	size_t i;

	(void)state;
	buf_init(&b, TOML_SIZE_MAX);
	assert_int_equal(buf_adds(&b, "a = ["), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(buf_addf(&b, "\"\xC3\xA4%048zu\",", i), 0);
	assert_int_equal(buf_adds(&b, "]\n"), 0);
	begin = clock();
	root = reads(buf_cstr(&b));
	assert_true(clock() - begin < CLOCKS_PER_SEC);
	for (t = toml_get(root, "a")->child, i = 0; t != NULL; t = t->next)
		assert_int_equal(t->column, 6 + 52 * i++);
	assert_int_equal(i, n);
	toml_free(root);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_know_their_place),
	    cmocka_unit_test(mistakes_are_placed),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(count_and_size_are_bounded),
	    cmocka_unit_test(a_long_line_is_counted_once),
	    cmocka_unit_test(every_cut_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
