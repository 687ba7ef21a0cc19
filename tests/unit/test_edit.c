/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: one key of a TOML text, changed in place. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "conf/edit.h"

#define OUT_MAX 4096

static void
edits(const char *text, const char *name, const char *literal, const char *want)
{
	struct key_path path;
	struct buf out;

	buf_init(&out, OUT_MAX);
	assert_int_equal(key_split(&path, name), 0);
	assert_int_equal(edit_key(&out, bytes_of(text), &path, literal), 0);
	assert_string_equal(out.len == 0 ? "" : buf_cstr(&out), want);
	buf_fini(&out);
}

static void
edit_fails(const char *text, const char *name, const char *literal, int err)
{
	struct key_path path;
	struct buf out;

	buf_init(&out, OUT_MAX);
	assert_int_equal(key_split(&path, name), 0);
	assert_int_equal(edit_key(&out, bytes_of(text), &path, literal), err);
	buf_fini(&out);
}

static void
a_value_is_replaced_where_it_stands(void **state)
{
	(void)state;
	edits("a = 1\nb = 2 # two\nc = 3\n", "b", "9",
	    "a = 1\nb = 9 # two\nc = 3\n");
	edits("[t]\r\na = 1\r\n", "t.a", "2", "[t]\r\na = 2\r\n");
	edits("a = 1", "a", "2", "a = 2");
	edits("x.y.z = 1\n", "x.y.z", "2", "x.y.z = 2\n");
	edits("[x]\ny . \"z\" = 1\n", "x.y.z", "2", "[x]\ny . \"z\" = 2\n");
	edits("a = [\n 1, # ]\n \"]\",\n]\nb = 2\n", "a", "[]",
	    "a = []\nb = 2\n");
	edits("a = \"\"\"x\n[t]\nb = 1\n\"\"\"\"\"\nb = 2\n", "b", "3",
	    "a = \"\"\"x\n[t]\nb = 1\n\"\"\"\"\"\nb = 3\n");
	edits(
	    "a = '\\'\nb = \"\\\"#\" # c\n", "b", "3", "a = '\\'\nb = 3 # c\n");
	edits("a = {b = 1, c = \"}\"}\n", "a", "1", "a = 1\n");
}

static void
a_new_key_goes_to_its_table(void **state)
{
	(void)state;
	edits("", "a", "1", "a = 1\n");
	edits("# mine", "a", "1", "# mine\na = 1\n");
	edits("", "t.a", "1", "[t]\na = 1\n");
	edits("b = 2\n", "t.u.a", "1", "b = 2\n\n[t.u]\na = 1\n");
	edits(
	    "b = 2\n\n[t]\nc = 3\n", "a", "1", "b = 2\na = 1\n\n[t]\nc = 3\n");
	edits("[t]\n\n[u]\nc = 3\n", "t.a", "1", "[t]\na = 1\n\n[u]\nc = 3\n");
	edits("[t]\nb = 2\n\n[u]\n", "t.a", "1", "[t]\nb = 2\na = 1\n\n[u]\n");
	edits("t.b = 2\n[u]\n", "t.a", "1", "t.b = 2\nt.a = 1\n[u]\n");
	edits("[x]\ny.b = 2\n", "x.y.a", "1", "[x]\ny.b = 2\ny.a = 1\n");
	edits("[x.y]\nb = 2\n", "x.\"ac.me\".a", "1",
	    "[x.y]\nb = 2\n\n[x.\"ac.me\"]\na = 1\n");
	/* A table that only has tables below it may still get its header. */
	edits("[x.y]\nb = 2\n", "x.a", "1", "[x.y]\nb = 2\n\n[x]\na = 1\n");
}

static void
a_key_is_taken_out_with_its_line(void **state)
{
	(void)state;
	edits("a = 1\nb = 2 # two\nc = 3\n", "b", NULL, "a = 1\nc = 3\n");
	edits("a = [\n1,\n]\n", "a", NULL, "");
	edit_fails("a = 1\n", "b", NULL, ERR_NOENT);
	edit_fails("[[t]]\na = 1\n", "t.b.a", NULL, ERR_NOENT);
}

static void
what_cannot_be_edited_is_refused(void **state)
{
	(void)state;
	edit_fails("t = {a = 1}\n", "t.a", "2", ERR_CONFLICT);
	edit_fails("[[t]]\na = 1\n", "t.a", "2", ERR_CONFLICT);
	edit_fails("a = \"x\nb = 1\n", "b", "2", ERR_FORMAT);
	edit_fails("a = [1\n", "b", "2", ERR_FORMAT);
	edit_fails("a\n", "b", "2", ERR_FORMAT);
	edit_fails("a =\n", "b", "2", ERR_FORMAT);
	edit_fails("[t\n", "b", "2", ERR_FORMAT);
	edit_fails("= 1\n", "b", "2", ERR_FORMAT);
	edit_fails("a.b.c.d.e.f.g.h.i = 1\n", "b", "2", ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_value_is_replaced_where_it_stands),
	    cmocka_unit_test(a_new_key_goes_to_its_table),
	    cmocka_unit_test(a_key_is_taken_out_with_its_line),
	    cmocka_unit_test(what_cannot_be_edited_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
