/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: rights of a command as data. */

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
#include "sandbox/spec.h"

static void
sample(struct spec *s)
{
	spec_init(s);
	assert_int_equal(spec_adds(s, "/", SPEC_READ | SPEC_EXEC), 0);
	assert_int_equal(
	    spec_adds(s, "/w", SPEC_READ | SPEC_WRITE | SPEC_EXEC), 0);
	assert_int_equal(spec_adds(s, "/home/u/.ssh", SPEC_HIDE), 0);
	assert_int_equal(spec_adds(s, "/w/.git/hooks", SPEC_PROTECT), 0);
	assert_int_equal(spec_adds(s, ".vscode", SPEC_PROTECT), 0);
	s->limits.mem = 1000;
}

static void
paths_must_be_plain(void **state)
{
	static const char *const bad[] = {"", "x", "/a/", "//", "/a//b", "/.",
	    "/a/..", "/a/./b", "/a/../b", "./a"};
	struct spec s;
	size_t i;

	(void)state;
	spec_init(&s);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(spec_adds(&s, bad[i], SPEC_READ), ERR_FORMAT);
	assert_int_equal(spec_adds(&s, "..", SPEC_PROTECT), ERR_FORMAT);
	assert_int_equal(spec_adds(&s, "/a", 64), ERR_FORMAT);
	assert_int_equal(spec_adds(&s, "/..a", SPEC_READ), 0);
	assert_int_equal(
	    spec_add(
		&s, (struct bytes){(const uint8_t *)"/a\0b", 4}, SPEC_READ),
	    ERR_FORMAT);
	spec_fini(&s);
}

static void
the_deepest_row_decides_and_refusals_win(void **state)
{
	struct spec s;

	(void)state;
	sample(&s);
	assert_int_equal(spec_access(&s, "/etc"), SPEC_READ | SPEC_EXEC);
	assert_int_equal(
	    spec_access(&s, "/w/a"), SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	assert_int_equal(spec_access(&s, "/w2"), SPEC_READ | SPEC_EXEC);
	assert_int_equal(spec_access(&s, "/home/u/.ssh/id"), SPEC_HIDE);
	assert_int_equal(spec_access(&s, "/w/.git/hooks/x"),
	    SPEC_READ | SPEC_EXEC | SPEC_PROTECT);
	assert_int_equal(spec_access(&s, "/w/.vscode/settings.json"),
	    SPEC_READ | SPEC_EXEC | SPEC_PROTECT);
	assert_true(spec_access(&s, "/w/sub/.vscode") & SPEC_WRITE);
	spec_fini(&s);
}

static void
within_sees_each_widening(void **state)
{
	struct spec outer, inner;

	(void)state;
	sample(&outer);
	sample(&inner);
	assert_true(spec_within(&inner, &outer));
	/* One file of it is less. */
	spec_fini(&inner);
	spec_init(&inner);
	inner.limits.mem = 10;
	(void)spec_adds(&inner, "/w/a", SPEC_WRITE);
	assert_true(spec_within(&inner, &outer));
	inner.limits.mem = 0;
	assert_false(spec_within(&inner, &outer));
	inner.limits.mem = 1001;
	assert_false(spec_within(&inner, &outer));
	inner.limits.mem = 1;
	inner.net = SPEC_NET_HOST;
	assert_false(spec_within(&inner, &outer));
	inner.net = SPEC_NET_NONE;
	inner.abstract = true;
	assert_false(spec_within(&inner, &outer));
	outer.abstract = true;
	assert_true(spec_within(&inner, &outer));
	inner.abstract = outer.abstract = false;
	(void)spec_adds(&inner, "/etc/x", SPEC_WRITE);
	assert_false(spec_within(&inner, &outer));
	/* A grant above something hidden, without hiding it. */
	spec_fini(&inner);
	spec_init(&inner);
	inner.limits.mem = 1;
	(void)spec_adds(&inner, "/home", SPEC_READ);
	assert_false(spec_within(&inner, &outer));
	(void)spec_adds(&inner, "/home/u/.ssh", SPEC_HIDE);
	assert_true(spec_within(&inner, &outer));
	spec_fini(&inner);
	spec_fini(&outer);
}

/* A copy of which any one row says more, or protects and hides less. */
static void
within_sees_each_row_of_a_copy(void **state)
{
	static const unsigned lost[] = {SPEC_HIDE, SPEC_PROTECT};
	struct spec outer, inner;
	size_t i, j;

	(void)state;
	sample(&outer);
	for (i = 0; i < outer.npaths; i++) {
		spec_copy(&inner, &outer);
		inner.paths[i].access &=
		    ~(unsigned)(SPEC_READ | SPEC_WRITE | SPEC_EXEC);
		assert_true(spec_within(&inner, &outer));
		inner.paths[i].access |= SPEC_WRITE;
		assert_int_equal(spec_within(&inner, &outer),
		    inner.paths[i].path[0] != '/' ||
			(spec_access(&inner, inner.paths[i].path) &
			    SPEC_WRITE) == 0 ||
			(spec_access(&outer, inner.paths[i].path) &
			    SPEC_WRITE) != 0);
		spec_fini(&inner);
		for (j = 0; j < sizeof(lost) / sizeof(lost[0]); j++) {
			if ((outer.paths[i].access & lost[j]) == 0 ||
			    outer.paths[i].path[0] != '/')
				continue;
			spec_copy(&inner, &outer);
			inner.paths[i].access = SPEC_READ | SPEC_WRITE;
			assert_false(spec_within(&inner, &outer));
			spec_fini(&inner);
		}
	}
	spec_fini(&outer);
}

static void
the_encoded_form_is_exact(void **state)
{
	struct spec s, t;
	struct buf b, c;
	size_t i;

	(void)state;
	sample(&s);
	buf_init(&b, 65536);
	buf_init(&c, 65536);
	assert_int_equal(spec_encode(&s, &b), 0);
	assert_int_equal(
	    spec_decode(&t, (struct bytes){buf_data(&b), b.len}), 0);
	assert_int_equal(spec_encode(&t, &c), 0);
	assert_int_equal(b.len, c.len);
	assert_memory_equal(buf_data(&b), buf_data(&c), b.len);
	spec_fini(&t);
	for (i = 0; i < b.len; i++)
		assert_true(
		    spec_decode(&t, (struct bytes){buf_data(&b), i}) < 0);
	(void)buf_addc(&b, 'x');
	assert_true(spec_decode(&t, (struct bytes){buf_data(&b), b.len}) < 0);
	spec_fini(&s);
	buf_fini(&b);
	buf_fini(&c);
}

static void
limits_take_the_smaller(void **state)
{
	struct spec_limits a = {.mem = 10, .procs = 0, .wall_ms = 5};
	struct spec_limits b = {.mem = 0, .procs = 7, .wall_ms = 3};

	(void)state;
	spec_limits_min(&a, &b);
	assert_int_equal(a.mem, 10);
	assert_int_equal(a.procs, 7);
	assert_int_equal(a.wall_ms, 3);
}

/* A tool that changes files has no scratch besides. */
static void
files_have_no_scratch(void **state)
{
	char one[] = "/ws/src/a.c", two[] = "/ws/b";
	char *const files[] = {one, two};
	struct spec ceiling, g;

	(void)state;
	spec_init(&ceiling);
	assert_int_equal(spec_adds(&ceiling, "/", SPEC_READ), 0);
	assert_int_equal(
	    spec_adds(&ceiling, "/home/u", SPEC_READ | SPEC_PRIVATE), 0);
	assert_int_equal(
	    spec_adds(&ceiling, "/tmp", SPEC_READ | SPEC_WRITE), 0);
	assert_int_equal(spec_adds(&ceiling, "/ws", SPEC_READ | SPEC_WRITE), 0);
	assert_int_equal(spec_for_files(&g, &ceiling, files, 1, "/ws"), 0);
	assert_int_equal(spec_access(&g, "/ws/src/x"), SPEC_READ | SPEC_WRITE);
	assert_int_equal(spec_access(&g, "/ws/b"), SPEC_READ);
	assert_int_equal(spec_access(&g, "/tmp/x") & SPEC_WRITE, 0);
	assert_int_equal(spec_access(&g, "/home/u/x") & SPEC_PRIVATE, 0);
	assert_true(spec_within(&g, &ceiling));
	spec_fini(&g);
	assert_int_equal(spec_for_files(&g, &ceiling, files, 2, "/ws"), 0);
	assert_int_equal(spec_access(&g, "/ws/b"), SPEC_READ | SPEC_WRITE);
	spec_fini(&g);
	spec_fini(&ceiling);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_must_be_plain),
	    cmocka_unit_test(the_deepest_row_decides_and_refusals_win),
	    cmocka_unit_test(within_sees_each_widening),
	    cmocka_unit_test(within_sees_each_row_of_a_copy),
	    cmocka_unit_test(the_encoded_form_is_exact),
	    cmocka_unit_test(limits_take_the_smaller),
	    cmocka_unit_test(files_have_no_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
