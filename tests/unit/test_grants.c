/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: what a person has granted holds for exactly that, as long as was
 * said, and no longer.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "policy/decide.h"
#include "policy/grants.h"

static const uint8_t this[32] = {1}, that[32] = {2};

static int
setup(void **state)
{
	static struct grants gs;

	gs = (struct grants){.last = 0};
	*state = &gs;
	return 0;
}

static int
teardown(void **state)
{
	grants_fini(*state);
	return 0;
}

static struct bytes
words_of(const char *words, size_t len)
{
	return (struct bytes){(const uint8_t *)words, len};
}

/* With the last NUL. */
#define WORDS(s) words_of(s, sizeof(s))

static void
one_is_for_exactly_what_was_shown(void **state)
{
	struct grants *gs = *state;

	assert_false(grants_have(gs, this, 0));
	assert_int_equal(grants_add(gs, this, 0, bytes_of("make"), 100), 1);
	assert_true(grants_have(gs, this, 0));
	assert_true(grants_have(gs, this, 7)); /* of the session: of any call */
	assert_false(grants_have(gs, that, 0));
	assert_int_equal(grants_cover(gs, this, WORDS("make")), 0);
	assert_string_equal(grants_find(gs, 1)->text, "make");
}

static void
one_of_a_call_ends_with_it_and_is_not_listed(void **state)
{
	struct grants *gs = *state;

	(void)grants_add(gs, this, 7, bytes_of("a.org:443"), 0);
	assert_true(grants_have(gs, this, 7));
	assert_false(grants_have(gs, this, 8));
	assert_false(grants_have(gs, this, 0));
	assert_null(grants_find(gs, 1));
	assert_null(grants_next(gs, NULL));
	assert_null(grants_expired(gs, UINT64_MAX));
	grants_forget(gs, 8);
	assert_true(grants_have(gs, this, 7));
	grants_forget(gs, 7);
	assert_false(grants_have(gs, this, 7));
}

static void
one_by_words_is_for_all_that_begins_so(void **state)
{
	struct grants *gs = *state;
	uint32_t n = grants_add(gs, this, 0, bytes_of("npm run ..."), 100);

	grants_widen(
	    gs, n, GRANT_FOR_WORDS, that, WORDS("npm\0run"), WORDS("make"));
	assert_true(grants_have(gs, this, 0)); /* it does not cover that */
	grants_widen(
	    gs, n, GRANT_FOR_WORDS, that, WORDS("npm\0run"), WORDS("npm\0run"));
	assert_int_equal(grants_cover(gs, that, WORDS("npm\0run")), n);
	assert_int_equal(grants_cover(gs, that, WORDS("npm\0run\0a")), n);
	assert_int_equal(grants_cover(gs, that, WORDS("npm\0runs")), 0);
	assert_int_equal(grants_cover(gs, that, WORDS("npm\0install")), 0);
	assert_int_equal(grants_cover(gs, that, WORDS("npm")), 0);
	assert_int_equal(grants_cover(gs, this, WORDS("npm\0run")), 0);
	/* What it is bound to now is no question's hash. */
	assert_false(grants_have(gs, that, 0));
	grants_widen(gs, 0, GRANT_FOR_WORDS, this, WORDS("rm"), WORDS("rm"));
	assert_int_equal(grants_cover(gs, this, WORDS("rm")), 0);
}

static void
one_may_be_for_hosts_and_files(void **state)
{
	static const struct {
		enum grant_for kind;
		const char *names, *asked; /* joined by commas */
		bool covered;
	} cases[] = {
	    {GRANT_FOR_HOSTS, "*.a.test:443", "x.a.test:443", true},
	    {GRANT_FOR_HOSTS, "*.a.test:443", "y.x.A.test:443", true},
	    {GRANT_FOR_HOSTS, "*.a.test:443", "a.test:443", false},
	    {GRANT_FOR_HOSTS, "*.a.test:443", "x.a.test:80", false},
	    {GRANT_FOR_HOSTS, "*.a.test:443", "xa.test:443", false},
	    {GRANT_FOR_HOSTS, "*.a.test:443", "x.a.test.b:443", false},
	    {GRANT_FOR_PATHS, "/p/a/", "/p/a/b,/p/a/c/d", true},
	    {GRANT_FOR_PATHS, "/p/a/", "/p/a/b,/p/b", false},
	    {GRANT_FOR_PATHS, "/p/a/", "/p/ab", false},
	    {GRANT_FOR_PATHS, "/p/a/", "/p/a", false},
	    {GRANT_FOR_PATHS, "/p/a,/p/b", "/p/b", true},
	    {GRANT_FOR_PATHS, "/p/a,/p/b", "/p/b,/p/a", true},
	    {GRANT_FOR_PATHS, "/p/a,/p/b", "/p/a/x", false},
	};
	struct bytes l[2];
	char mem[2][64], *p;
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct grants gs = {.last = 0};
		uint32_t n = grants_add(&gs, this, 0, bytes_of("it"), 100);

		(void)state;
		(void)strlcpy(mem[0], cases[i].names, sizeof(mem[0]));
		(void)strlcpy(mem[1], cases[i].asked, sizeof(mem[1]));
		for (k = 0; k < 2; k++) {
			l[k] = words_of(mem[k], strlen(mem[k]) + 1);
			for (p = mem[k]; (p = strchr(p, ',')) != NULL;)
				*p = '\0';
		}
		grants_widen(&gs, n, cases[i].kind, that, l[0], l[1]);
		assert_int_equal(
		    grants_cover(&gs, that, l[1]), cases[i].covered ? n : 0);
		assert_int_equal(grants_have(&gs, this, 0), !cases[i].covered);
		grants_fini(&gs);
	}
}

static void
they_expire_and_are_revoked(void **state)
{
	struct grants *gs = *state;

	(void)grants_add(gs, this, 0, bytes_of("a"), 100);
	(void)grants_add(gs, that, 0, bytes_of("b"), 200);
	assert_null(grants_expired(gs, 99));
	assert_int_equal(grants_expired(gs, 100)->number, 1);
	grants_remove(gs, 0);
	grants_remove(gs, 3);
	grants_remove(gs, 1);
	assert_false(grants_have(gs, this, 0));
	assert_true(grants_have(gs, that, 0));
	/* A number is never given again: who revokes means what was listed. */
	assert_int_equal(grants_add(gs, this, 0, bytes_of("c"), 300), 3);
	assert_string_equal(grants_find(gs, 3)->text, "c");
}

static void
they_are_listed_and_bounded(void **state)
{
	struct grants *gs = *state;
	const struct grant *g = NULL;
	uint8_t hash[32] = {9};
	uint32_t i, seen = 0;

	for (i = 0; i < GRANTS_MAX; i++) {
		hash[1] = (uint8_t)i;
		assert_int_equal(
		    grants_add(gs, hash, i % 2, bytes_of("x"), 1), i + 1);
	}
	hash[1]++;
	assert_int_equal(grants_add(gs, hash, 0, bytes_of("x"), 1), 0);
	assert_false(grants_have(gs, hash, 0));
	while ((g = grants_next(gs, g)) != NULL)
		assert_int_equal(g->number, 2 * seen++ + 1);
	assert_int_equal(seen, GRANTS_MAX / 2);
}

struct line {
	const char *line;
	const char *words; /* NULL: not one plain command */
	size_t len;
};

static const struct line lines[] = {
    {"npm run 'a b'", "npm\0run\0a b", sizeof("npm\0run\0a b")},
    {"npm run *", NULL, 0},
    {"npm run ~/x", NULL, 0},
    {"npm run $X", NULL, 0},
    {"npm run > x", NULL, 0},
    {"npm run && npm test", NULL, 0},
    {"npm run &", NULL, 0},
    {"! npm run", NULL, 0},
    {"(npm run)", NULL, 0},
    {"A=b npm run", NULL, 0},
    {"", NULL, 0},
};

static void
only_a_plain_command_has_words(void **state)
{
	struct request rq = {.home = "/h", .workspace = "/w", .cwd = "/w"};
	struct buf words;
	size_t i;

	(void)state;
	buf_init(&words, 1000);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		rq.line = lines[i].line;
		if (grant_words(&rq, &words) != (lines[i].words != NULL))
			fail_msg("%s", lines[i].line);
		if (lines[i].words == NULL)
			continue;
		assert_int_equal(words.len, lines[i].len);
		assert_memory_equal(
		    buf_data(&words), lines[i].words, lines[i].len);
	}
	buf_fini(&words);
}

static void
words_are_bound_to_folder_rule_terminal_and_rights(void **state)
{
	struct request here = {.cwd = "/w"}, there = {.cwd = "/v"};
	struct bytes none = {NULL, 0};
	uint8_t hash[6][32];
	size_t i, j;

	(void)state;
	grant_bind(&here, GRANT_FOR_WORDS, "rule", none, false, hash[0]);
	grant_bind(&there, GRANT_FOR_WORDS, "rule", none, false, hash[1]);
	grant_bind(&here, GRANT_FOR_WORDS, "", none, false, hash[2]);
	grant_bind(&here, GRANT_FOR_WORDS, "rule", none, true, hash[3]);
	grant_bind(
	    &here, GRANT_FOR_WORDS, "rule", bytes_of("net"), false, hash[4]);
	grant_bind(&here, GRANT_FOR_WORDS, "rule", none, false, hash[5]);
	for (i = 0; i < 5; i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(
			    hash[i], hash[j], sizeof(hash[i]));
	assert_memory_equal(hash[5], hash[0], sizeof(hash[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_is_for_exactly_what_was_shown, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		one_of_a_call_ends_with_it_and_is_not_listed, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		one_by_words_is_for_all_that_begins_so, setup, teardown),
	    cmocka_unit_test(one_may_be_for_hosts_and_files),
	    cmocka_unit_test_setup_teardown(
		they_expire_and_are_revoked, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		they_are_listed_and_bounded, setup, teardown),
	    cmocka_unit_test(only_a_plain_command_has_words),
	    cmocka_unit_test(
		words_are_bound_to_folder_rule_terminal_and_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
