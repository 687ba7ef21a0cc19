/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: JSON reading and its limits. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/glance.h"
#include "json/json.h"
#include "json/skim.h"

static int
refused_bytes(const void *p, size_t len)
{
	struct json *j;
	int err;

	j = json_parse(p, len, 4 * JSON_VALUES_MAX, &err);
	json_free(j);
	return j == NULL ? err : 0;
}

static int
refused(const char *text)
{
	return refused_bytes(text, strlen(text));
}

static void
what_is_no_json_is_refused(void **state)
{
	int err;

	(void)state;
	assert_int_equal(refused("{}"), 0);
	assert_int_equal(refused(""), ERR_FORMAT);
	assert_int_equal(refused("{} x"), ERR_FORMAT);
	assert_int_equal(refused("{\"a\":1,\"a\":2}"), ERR_FORMAT);
	assert_int_equal(refused("[\"\xFF\"]"), ERR_FORMAT);
	assert_int_equal(refused("[\"\\u0000\"]"), ERR_FORMAT);
	assert_int_equal(refused("[1,]"), ERR_FORMAT);
	assert_int_equal(refused("[NaN]"), ERR_FORMAT);
	assert_int_equal(refused("{\"a\\u0000\":1}"), ERR_FORMAT);
	assert_null(json_parse("[1,\0 2]", 7, 7, &err));
	assert_int_equal(err, ERR_FORMAT);
}

/* A number is what an int64_t or a double holds. */
static void
numbers_are_exact_or_refused(void **state)
{
	static const char text[] = "[9223372036854775807,-9223372036854775808,"
				   "0.1,1e+300,0.30000000000000004]";
	struct json *j;
	struct buf b;
	int err;

	(void)state;
	assert_int_equal(refused("[9223372036854775808]"), ERR_FORMAT);
	assert_int_equal(refused("[-9223372036854775809]"), ERR_FORMAT);
	assert_int_equal(refused("[1e400]"), ERR_FORMAT);
	j = json_parse(text, strlen(text), 1000, &err);
	assert_true(json_number(json_item(j, 0)) == INT64_MAX);
	assert_true(json_number(json_item(j, 1)) == INT64_MIN);
	assert_int_equal(json_number(json_item(j, 3)), 0);
	buf_init(&b, 1000);
	assert_int_equal(json_write(&b, j), 0);
	assert_string_equal(buf_cstr(&b), "[9223372036854775807,"
					  "-9223372036854775808,0.1,1e300,"
					  "0.30000000000000004]");
	buf_fini(&b);
	json_free(j);
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

/* Few bytes make many values, and each takes memory. */
static void
values_are_counted(void **state)
{
	const size_t most = JSON_VALUES_MAX - 1; /* the array is one itself */
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4 * JSON_VALUES_MAX);
	(void)buf_adds(&b, "[0");
	for (i = 1; i < most; i++)
		(void)buf_adds(&b, ",0");
	(void)buf_addc(&b, ']');
	assert_int_equal(refused_bytes(buf_data(&b), b.len), 0);
	b.len--;
	(void)buf_adds(&b, ",0]");
	assert_int_equal(refused_bytes(buf_data(&b), b.len), ERR_SPACE);
	/* What stands in a string is no value. */
	buf_clear(&b);
	(void)buf_adds(&b, "[\"\\\"");
	for (i = 0; i <= most; i++)
		(void)buf_addc(&b, ',');
	(void)buf_adds(&b, "\"]");
	assert_int_equal(refused_bytes(buf_data(&b), b.len), 0);
	buf_fini(&b);
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

/* What is left of a text when nobody reads arrays named "o", in any pieces. */
static void
empty_is(const char *text, const char *want)
{
	size_t cut, len = strlen(text);
	struct json_skim s;
	struct buf b, out;
	struct json *j;
	int err;

	for (cut = 0; cut <= len; cut++) {
		buf_init(&b, 1000);
		buf_init(&out, 1000);
		json_skim_init(&s, "o");
		assert_int_equal(json_skim(&s, &b, text, cut), 0);
		assert_int_equal(json_skim(&s, &b, text + cut, len - cut), 0);
		j = json_parse(buf_data(&b), b.len, 1000, &err);
		if (want == NULL)
			assert_null(j);
		else {
			assert_int_equal(json_write(&out, j), 0);
			assert_string_equal(buf_cstr(&out), want);
		}
		json_free(j);
		buf_fini(&b);
		buf_fini(&out);
	}
}

static void
what_nobody_reads_is_left_out(void **state)
{
	(void)state;
	empty_is(
	    "{\"o\":[1,{\"a\":\"]\\\"]\"},[2]],\"n\":3}", "{\"o\":[],\"n\":3}");
	empty_is("{\"r\":{\"o\" : [1]},\"o\":[],\"n\":3}",
	    "{\"r\":{\"o\":[]},\"o\":[],\"n\":3}");
	/* Only arrays, only members, only that name. */
	empty_is("{\"o\":{\"a\":[1]}}", "{\"o\":{\"a\":[1]}}");
	empty_is("[\"o\",[1]]", "[\"o\",[1]]");
	empty_is("{\"x\":\"o\",\"oo\":[1]}", "{\"x\":\"o\",\"oo\":[1]}");
	empty_is("{\"o\":3,\"x\":[1]}", "{\"o\":3,\"x\":[1]}");
	empty_is("{\"x\":\"\\\"o\\\":[1]\"}", "{\"x\":\"\\\"o\\\":[1]\"}");
	/* What is no JSON becomes none. */
	empty_is("{\"o\":[1", NULL);
	empty_is("{\"o\"", NULL);
	empty_is("{\"o", NULL);
	empty_is("{\"o\":[1]", NULL);
	empty_is("", NULL);
}

/* A text reads the same, and is refused for the same, wherever its strings
 * are; the parts of each are tried alone and inside of a document. */
static void
long_texts_are_read_in_place(void **state)
{
	static const char *const strings[] = {"", "plain", "\\\"\\\\\\/",
	    "\\b\\f\\n\\r\\t", "\\u00e9\\u20AC\\ud83d\\uDE00.",
	    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\x7F", "\\ud83d",
	    "\\ud83dx\\ude00", "\\ude00", "\\u12", "\\u12g4", "\\x", "\\", "\n",
	    "\xFF", "\xC0\x80", "\xED\xA0\x80", "\\u0000", "\\\\u0000",
	    "\\u0001", "\xC3"};
	static const struct {
		const char *before, *between, *after;
	} around[] = {{"\"", NULL, "\""},
	    {"{\"a\":\"", "\",\"b\":[\"", "\",7]}"}, {"{\"", NULL, "\":1}"},
	    {"[\"", NULL, ""}, {"[\"", "\" : \"", "\"]"}};
	struct buf one, two;
	struct json *j, *k;
	char text[200];
	size_t i, n;
	int e, f;

	(void)state;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		for (n = 0; n < sizeof(around) / sizeof(around[0]); n++) {
			(void)snprintf(text, sizeof(text), "%s%s%s%s%s",
			    around[n].before, strings[i],
			    around[n].between == NULL ? "" : around[n].between,
			    around[n].between == NULL ? "" : strings[i],
			    around[n].after);
			buf_init(&one, 1000);
			buf_init(&two, 1000);
			(void)buf_adds(&one, text);
			j = json_parse(text, strlen(text), 1000, &e);
			k = json_parse_buf(&one, 0, 1000, &f);
			assert_int_equal(j == NULL ? e : 0, k == NULL ? f : 0);
			if (j != NULL) {
				(void)json_write(&two, j);
				(void)buf_addc(&two, '\n');
				(void)json_write(&two, k);
				assert_memory_equal(buf_data(&two),
				    buf_data(&two) + two.len / 2 + 1,
				    two.len / 2);
			}
			json_free(j);
			json_free(k);
			buf_fini(&one);
			buf_fini(&two);
		}
}

/* What was found: the letter of each row whose text it is, and the text. */
static int
glanced_a(void *arg, struct bytes text)
{
	(void)buf_adds(arg, "a");
	return buf_add(arg, text.p, text.len);
}

static int
glanced_b(void *arg, struct bytes text)
{
	(void)buf_adds(arg, "b");
	return buf_add(arg, text.p, text.len);
}

static const struct json_glance glances[] = {{"kind", .is = "text"},
    {"v.0.a", .run = glanced_a}, {"v.0.b", .run = glanced_b, .again = true},
    {"end", .run = NULL}, {.path = NULL}};

static const struct {
	const char *text;
	const char *first; /* at a glance; NULL: it is to be read as a whole */
	const char *all;   /* what reading it finds; NULL: it is no JSON */
} glance_cases[] = {{"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}]}", "ax", "ax"},
    {" { \"v\" : [ { \"b\" : \"x\" } , [ ] , 7 ] , \"kind\":\"text\" } ", "bx",
	"bx"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"\\n\\u00e9\\\"\"}],\"n\":0}",
	"a\n\xC3\xA9\"", "a\n\xC3\xA9\""},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"end\":null}", "ax", "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\",\"b\":\"\"}],\"o\":[true]}", "ax",
	"ax"},
    /* Something else, or something more. */
    {"{\"v\":[{\"a\":\"x\"}]}", NULL, "ax"},
    {"{\"kind\":\"\",\"v\":[{\"a\":\"x\"}]}", NULL, "ax"},
    {"{\"kind\":\"t\",\"v\":[{\"a\":\"x\"}]}", NULL, "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\",\"b\":\"x\"}]}", NULL, "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"end\":\"x\"}", NULL, "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"end\":[]}", NULL, "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"end\":1}", NULL, "ax"},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"\"}]}", NULL, ""},
    {"{\"kind\":\"text\",\"v\":[{\"a\":1}]}", NULL, ""},
    {"{\"kind\":\"text\",\"v\":[0,{\"a\":\"x\"}]}", NULL, ""},
    {"{\"kind\":\"text\",\"v.0.a\":\"x\"}", NULL, ""},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"r\":1.5}", NULL, "ax"},
    /* No JSON. */
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"\\u0000\"}]}", "", NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"\xFF\"}]}", "", NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\",\"a\":\"x\"}]}", NULL, NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],\"r\":01}", NULL, NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}],}", NULL, NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}]}}", NULL, NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\"}", NULL, NULL},
    {"{\"kind\":\"text\",\"v\":[{\"a\":\"x\\", NULL, NULL},
    {"{\"kind\":\"text\" \"v\":[{\"a\":\"x\"}]}", NULL, NULL},
    {"[DONE]", NULL, NULL}, {"", NULL, NULL}};

static void
one_text_is_found_at_a_glance(void **state)
{
	struct buf text, told;
	struct json *j;
	const char *want;
	size_t i;
	int e, r;

	(void)state;
	for (i = 0; i < sizeof(glance_cases) / sizeof(glance_cases[0]); i++) {
		buf_init(&text, 1000);
		buf_init(&told, 1000);
		want = glance_cases[i].all;
		(void)buf_adds(&text, glance_cases[i].text);
		j = json_parse(buf_data(&text), text.len, 1000, &e);
		assert_int_equal(j != NULL, want != NULL);
		assert_int_equal(json_glance_all(j, glances, &told), 0);
		assert_string_equal(buf_cstr(&told), want == NULL ? "" : want);
		json_free(j);
		buf_clear(&told);
		want = glance_cases[i].first;
		assert_int_equal(
		    json_glance(&text, glances, &told, &r), want != NULL);
		assert_string_equal(buf_cstr(&told), want == NULL ? "" : want);
		buf_fini(&text);
		buf_fini(&told);
	}
}

/* One that is given stays where it is. */
static void
a_text_is_given(void **state)
{
	static const char doc[] = "{\"a\":[{\"b\":1}]}";
	struct bytes text = bytes_of("x\ny");
	const struct json *at;
	struct json *j;
	struct buf out;
	int e;

	(void)state;
	j = json_parse(doc, sizeof(doc) - 1, 1000, &e);
	at = json_item(json_member(j, "a"), 0);
	json_refer(at, "text", text);
	assert_ptr_equal(json_text(json_member(at, "text")).p, text.p);
	buf_init(&out, 1000);
	assert_int_equal(json_write(&out, j), 0);
	assert_string_equal(
	    buf_cstr(&out), "{\"a\":[{\"b\":1,\"text\":\"x\\ny\"}]}");
	buf_fini(&out);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_json_is_refused),
	    cmocka_unit_test(numbers_are_exact_or_refused),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(values_are_counted),
	    cmocka_unit_test(values_are_found),
	    cmocka_unit_test(what_nobody_reads_is_left_out),
	    cmocka_unit_test(long_texts_are_read_in_place),
	    cmocka_unit_test(one_text_is_found_at_a_glance),
	    cmocka_unit_test(a_text_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
