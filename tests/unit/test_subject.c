/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the paths that policy is asked about. */

#include "config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gate/judge.h"

static void
paths_are_made_plain(void **state)
{
	static const struct {
		const char *dir, *path, *want;
	} t[] = {
	    {"/w", "a", "/w/a"},
	    {"/w", ".", "/w"},
	    {"/w/x", "../a", "/w/a"},
	    {"/w", "../../../etc/passwd", "/etc/passwd"},
	    {"/w", "/etc/./x//y/", "/etc/x/y"},
	    {"/w", "/", "/"},
	    {"/", "a", "/a"},
	    {"/w", "a/b/../c", "/w/a/c"},
	    {"/w", "...", "/w/..."},
	    {"/w", "..a/.b", "/w/..a/.b"},
	    {"/w", "", NULL},
	};
	size_t i;
	char *s;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = subject_path(t[i].dir, bytes_of(t[i].path));
		if (t[i].want == NULL)
			assert_null(s);
		else
			assert_string_equal(s, t[i].want);
		free(s);
	}
}

static void
paths_have_bounds(void **state)
{
	static uint8_t deep[PATH_MAX + 10];
	struct bytes nul = {(const uint8_t *)"a\0b", 3};

	(void)state;
	memset(deep, 'a', sizeof(deep));
	assert_null(subject_path("/w", nul));
	assert_null(subject_path("/w", (struct bytes){deep, sizeof(deep)}));
}

static void
lists_end_with_null(void **state)
{
	struct subject s = {0};
	char word[16];
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		(void)snprintf(word, sizeof(word), "%zu", i);
		subject_args(&s, word);
		assert_int_equal(s.argc, i + 1);
		assert_null(s.argv[s.argc]);
	}
	for (i = 0; i < 100; i++) {
		(void)snprintf(word, sizeof(word), "%zu", i);
		assert_string_equal(s.argv[i], word);
	}
	subject_fini(&s);
	assert_null(s.argv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_made_plain),
	    cmocka_unit_test(paths_have_bounds),
	    cmocka_unit_test(lists_end_with_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
