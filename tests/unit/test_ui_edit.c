/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the editor of the prompt. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

#include "ui/composer.h"
#include "ui/drop.h"
#include "ui/fuzzy.h"

/* The prompt with | at the cursor. */
static const char *
state_of(const struct composer *c)
{
	static char s[512];

	(void)memcpy(s, c->s, c->cur);
	s[c->cur] = '|';
	(void)memcpy(s + c->cur + 1, c->s + c->cur, c->len - c->cur + 1);
	return s;
}

static void
test_actions(void **state)
{
	static const struct {
		enum action action;
		const char *after;
	} steps[] = {
	    {ACT_WORD_LEFT, "one two |three"},
	    {ACT_KILL_LINE, "one two |"},
	    {ACT_LINE_START, "|one two "},
	    {ACT_YANK, "three|one two "},
	    {ACT_UNDO, "|one two "},
	    {ACT_WORD_RIGHT, "one| two "},
	    {ACT_DELETE, "one|two "},
	    {ACT_DELETE_BACK, "on|two "},
	    {ACT_LINE_END, "ontwo |"},
	    {ACT_DELETE_WORD, "|"},
	    {ACT_UNDO, "ontwo |"},
	    {ACT_UNDO, "one|two "},
	    {ACT_NEWLINE, "one\n|two "},
	    {ACT_LEFT, "one|\ntwo "},
	    {ACT_KILL_LINE, "one|two "},
	    {ACT_KILL_START, "|two "},
	    {ACT_DELETE_NEXT_WORD, "| "},
	};
	struct composer c;
	size_t i;

	(void)state;
	composer_init(&c);
	composer_insert(&c, "one two three", 13);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		composer_edit(&c, steps[i].action);
		assert_string_equal(state_of(&c), steps[i].after);
	}
	composer_fini(&c);
}

static void
test_graphemes(void **state)
{
	struct composer c;

	(void)state;
	composer_init(&c);
	composer_insert(&c, "ae\xCC\x81", 4);
	composer_edit(&c, ACT_DELETE_BACK);
	assert_string_equal(state_of(&c), "a|");
	composer_insert(&c, "\xE4\xB8\xAD", 3);
	composer_edit(&c, ACT_LEFT);
	assert_string_equal(state_of(&c), "a|\xE4\xB8\xAD");
	composer_fini(&c);
}

static void
test_paste(void **state)
{
	char big[3000];
	struct composer c;
	size_t len;
	char *s;

	(void)state;
	composer_init(&c);
	memset(big, 'x', sizeof(big));
	composer_insert(&c, "see ", 4);
	composer_paste(&c, (struct bytes){(uint8_t *)big, sizeof(big)});
	assert_string_equal(state_of(&c), "see [Pasted text 1: 1 line]|");
	composer_paste(&c, bytes_of(" short"));
	s = composer_take(&c, &len);
	assert_int_equal(len, 4 + sizeof(big) + 6);
	assert_memory_equal(s + 4, big, sizeof(big));
	free(s);
	assert_int_equal(c.len, 0);
	composer_paste(&c, (struct bytes){(const uint8_t *)"a\0\xFF", 3});
	assert_string_equal(state_of(&c), "a\xEF\xBF\xBD\xEF\xBF\xBD|");
	composer_fini(&c);
}

static void
test_show(void **state)
{
	struct composer c;
	struct lines l = {0};
	size_t row, col;

	(void)state;
	composer_init(&c);
	composer_insert(&c, "abcdef\ngh", 9);
	composer_show(&c, 4, 10, &l, &row, &col);
	assert_int_equal(l.n, 3);
	assert_int_equal(row, 2);
	assert_int_equal(col, 2);
	assert_true(composer_vertical(&c, false));
	assert_false(composer_vertical(&c, false));
	assert_string_equal(state_of(&c), "ab|cdef\ngh");
	/* No more rows than asked for, and the cursor among them. */
	composer_edit(&c, ACT_LINE_END);
	lines_clear(&l);
	composer_show(&c, 4, 1, &l, &row, &col);
	assert_int_equal(l.n, 1);
	assert_int_equal(row, 0);
	assert_int_equal(col, 2);
	/* Behind a full row the cursor has a row of its own. */
	composer_set(&c, "abcd", 4);
	lines_clear(&l);
	composer_show(&c, 4, 10, &l, &row, &col);
	assert_int_equal(l.n, 2);
	assert_int_equal(row, 1);
	assert_int_equal(col, 0);
	lines_fini(&l);
	composer_fini(&c);
}

static void
test_fuzzy(void **state)
{
	static const char *const names[] = {"src/ui/screen.c",
	    "src/ui/tui_keys.c", "doc/keys/index.md", "src/ui/key.c",
	    "README.md", "tests/unit/test_ui_key.c"};
	static const struct {
		const char *typed;
		size_t n;
		const char *first;
	} cases[] = {{"key.c", 3, "src/ui/key.c"}, {"KEYS", 2, NULL},
	    {"uikey", 3, NULL}, {"readme", 1, "README.md"}, {"zz", 0, NULL},
	    {"", 3, "src/ui/screen.c"}};
	struct bytes v[6];
	size_t i, n, best[3];

	(void)state;
	for (i = 0; i < 6; i++)
		v[i] = bytes_of(names[i]);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = fuzzy_best(bytes_of(cases[i].typed), v, 6, best, 3);
		assert_int_equal(n, cases[i].n);
		if (cases[i].first != NULL)
			assert_string_equal(names[best[0]], cases[i].first);
	}
	assert_true(fuzzy_score(bytes_of("ba"), bytes_of("ab")) < 0);
}

/* As terminals put in the names of files that are dropped on them. */
static void
test_drop(void **state)
{
	static const struct {
		const char *text, *paths; /* those with | behind each */
	} rows[] = {
	    {"/a/b.png", "/a/b.png|"},
	    {"  '/a b/c.png' ", "/a b/c.png|"},
	    {"/a\\ b/\\(1\\).png\r\n", "/a b/(1).png|"},
	    {"'/it'\\''s.png' \"/x y.png\"", "/it's.png|/x y.png|"},
	    {"\"/a\\\"b.png\" '/c\\d.png'", "/a\"b.png|/c\\d.png|"},
	    {"file:///a%20b/%e4%bd%a0.png\nfile://host/c%zz%4",
		"/a b/\xe4\xbd\xa0.png|/c%zz%4|"},
	    {"file:///a%00b.png", ""},
	    {"'/never closed.png", ""},
	    {" \n", ""},
	    {"", ""},
	};
	struct buf path, all;
	struct bytes text;
	size_t i;

	(void)state;
	buf_init(&path, 100);
	buf_init(&all, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = bytes_of(rows[i].text);
		buf_clear(&all);
		while (drop_next(&text, &path))
			(void)buf_addf(&all, "%s|", buf_cstr(&path));
		assert_string_equal(buf_cstr(&all), rows[i].paths);
	}
	buf_fini(&path);
	buf_fini(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_actions),
	    cmocka_unit_test(test_graphemes),
	    cmocka_unit_test(test_paste),
	    cmocka_unit_test(test_show),
	    cmocka_unit_test(test_fuzzy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
