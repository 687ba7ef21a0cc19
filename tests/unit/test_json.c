/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: JSON reading and its limits. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

static int
refused(const char *text)
{
	struct json *j;
	int err;

	j = json_parse(text, strlen(text), 1 << 20, &err);
	json_free(j);
	return j == NULL ? err : 0;
}

static void
what_is_no_json_is_refused(void **state)
{
	(void)state;
	assert_int_equal(refused("{}"), 0);
	assert_int_equal(refused(""), ERR_FORMAT);
	assert_int_equal(refused("{} x"), ERR_FORMAT);
	assert_int_equal(refused("{\"a\":1,\"a\":2}"), ERR_FORMAT);
	assert_int_equal(refused("[\"\xFF\"]"), ERR_FORMAT);
	assert_int_equal(refused("[\"\\u0000\"]"), ERR_FORMAT);
	assert_int_equal(refused("[1,]"), ERR_FORMAT);
	assert_int_equal(refused("[NaN]"), ERR_FORMAT);
}

static void
limits_hold(void **state)
{
	char deep[2 * 65 + 1];
	int err;

	(void)state;
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	deep[130] = '\0';
	assert_int_equal(refused(deep), ERR_DEPTH);
	deep[129] = '\0';
	assert_int_equal(refused(deep + 1), 0);
	/* Brackets in a string are no nesting. */
	assert_int_equal(
	    refused("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		    "[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[\"]"),
	    0);
	assert_null(json_parse("[1,2]", 5, 4, &err));
	assert_int_equal(err, ERR_LENGTH);
}

static int
count(void *arg, const char *key, const struct json *value)
{
	int *n = arg;

	(void)value;
	(*n)++;
	return strcmp(key, "stop") == 0;
}

static void
values_are_found(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"n\":-7,\"b\":true,"
				   "\"a\":[1,2.5],\"z\":null,\"stop\":1,"
				   "\"more\":{}}";
	struct json *j;
	struct buf b;
	int err, n = 0;

	(void)state;
	j = json_parse(text, strlen(text), 1000, &err);
	assert_non_null(j);
	assert_string_equal(json_str(j, "s"), "x");
	assert_string_equal(json_str(j, "missing"), "");
	assert_string_equal(json_str(j, "n"), "");
	assert_true(json_is(j, "s", "x"));
	assert_int_equal(json_number(json_member(j, "n")), -7);
	assert_true(json_bool(json_member(j, "b")));
	assert_false(json_bool(json_member(j, "n")));
	assert_int_equal(json_length(json_member(j, "a")), 2);
	assert_int_equal(json_number(json_item(json_member(j, "a"), 1)), 2);
	assert_null(json_item(json_member(j, "a"), 2));
	assert_int_equal(json_kind(json_member(j, "z")), JSON_T_NULL);
	assert_int_equal(json_kind(NULL), JSON_T_NULL);
	assert_int_equal(json_each(j, count, &n), 1);
	assert_int_equal(n, 6);
	buf_init(&b, 1000);
	assert_int_equal(json_write(&b, j), 0);
	assert_string_equal(buf_cstr(&b), text);
	buf_fini(&b);
	buf_init(&b, 10);
	assert_int_equal(json_write(&b, j), ERR_SPACE);
	buf_fini(&b);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_json_is_refused),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(values_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
