/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: globs and ignore files of the search tool. */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fdio.h"

#include "tool/ignore.h"

static void
globs(void **state)
{
	static const struct {
		const char *glob, *s;
		bool want;
	} t[] = {
	    {"a", "a", true},
	    {"a", "b", false},
	    {"*.o", "x.o", true},
	    {"*.o", ".o", true},
	    {"*.o", "d/x.o", false},
	    {"a*c*e", "abcde", true},
	    {"a*c*e", "abcdef", false},
	    {"?", "/", false},
	    {"a?c", "abc", true},
	    {"[a-c]x", "bx", true},
	    {"[!a-c]x", "bx", false},
	    {"[!a-c]x", "dx", true},
	    {"[]]", "]", true},
	    {"[a", "[a", true},
	    {"\\*", "*", true},
	    {"\\*", "x", false},
	    {"**/x", "x", true},
	    {"**/x", "a/b/x", true},
	    {"**/x", "a/bx", true}, /* "**" without its slash is wide */
	    {"a/**", "a/b/c", true},
	    {"a/**/z", "a/z", true},
	    {"a/**/z", "a/b/c/z", true},
	    {"a/**/z", "a/b/c/y", false},
	    {"**", "anything/at/all", true},
	    {"*", "a/b", false},
	    {"", "", true},
	    {"", "a", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (ignore_glob(t[i].glob, t[i].s) != t[i].want)
			fail_msg("%s against %s", t[i].glob, t[i].s);
}

/* A pattern that makes backtracking matchers take for ever. */
static void
globs_stay_fast(void **state)
{
	char s[4001], glob[401];
	clock_t begin = clock(); /* of this process alone */
	size_t i;

	(void)state;
	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	for (i = 0; i + 2 < sizeof(glob); i += 2)
		memcpy(glob + i, "a*", 2);
	memcpy(glob + i - 1, "b", 2);
	assert_false(ignore_glob(glob, s));
	assert_true(clock() - begin < CLOCKS_PER_SEC);
}

static void
put(int dir, const char *name, const char *text)
{
	assert_int_equal(
	    fd_replace_file(dir, name, text, strlen(text), 0600), 0);
}

static void
rules_of_directories_stack(void **state)
{
	char top[] = "/tmp/test-ignore-XXXXXX", path[64];
	struct ignore up, sub;
	int a, b;

	(void)state;
	assert_non_null(mkdtemp(top));
	(void)snprintf(path, sizeof(path), "%s/sub", top);
	assert_int_equal(mkdir(path, 0700), 0);
	a = open(top, O_RDONLY | O_DIRECTORY);
	b = open(path, O_RDONLY | O_DIRECTORY);
	put(a, ".gitignore", "# comment\n*.o\nbuild/\n/only-top\nx/y\n\n");
	put(b, ".gitignore", "!keep.o\r\n");
	ignore_load(&up, a, 0, NULL);
	ignore_load(&sub, b, 4, &up);

	assert_true(ignore_match(&up, "a.o", "a.o", false));
	assert_false(ignore_match(&up, "a.c", "a.c", false));
	assert_true(ignore_match(&up, "build", "build", true));
	assert_false(ignore_match(&up, "build", "build", false));
	assert_true(ignore_match(&up, "only-top", "only-top", false));
	assert_true(ignore_match(&up, "x/y", "y", false));
	assert_true(ignore_match(&sub, "sub/a.o", "a.o", false));
	assert_false(ignore_match(&sub, "sub/keep.o", "keep.o", false));
	assert_false(ignore_match(&sub, "sub/only-top", "only-top", false));

	ignore_fini(&sub);
	ignore_fini(&up);
	(void)unlinkat(a, ".gitignore", 0);
	(void)unlinkat(b, ".gitignore", 0);
	(void)close(a);
	(void)close(b);
	(void)rmdir(path);
	(void)rmdir(top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(globs),
	    cmocka_unit_test(globs_stay_fast),
	    cmocka_unit_test(rules_of_directories_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
