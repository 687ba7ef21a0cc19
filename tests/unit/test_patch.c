/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the patch format, and finding the places of its changes. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/xmem.h"

#include "patch/patch.h"

#define BEGIN "*** Begin Patch\n"
#define END   "*** End Patch\n"

static void
reads_every_kind(void **state)
{
	static const char text[] = BEGIN "*** Add File: a/b.txt\n"
					 "+one\n"
					 "+\n"
					 "*** Delete File: gone\n"
					 "*** Update File: old.c\n"
					 "*** Move to: new.c\n"
					 "@@ class A\n"
					 "@@ def f\n"
					 " kept\n"
					 "-removed\n"
					 "+added\n"
					 "@@\n"
					 "-x\n"
					 "*** End of File\n" END;
	struct patch p;
	const struct patch_file *f;

	(void)state;
	assert_int_equal(patch_parse(&p, bytes_of(text)), 0);
	assert_int_equal(p.nfiles, 3);
	f = &p.files[0];
	assert_int_equal(f->kind, PATCH_ADD);
	assert_true(bytes_is(f->path, "a/b.txt"));
	assert_int_equal(f->nadded, 2);
	assert_true(bytes_is(f->added[0], "one"));
	assert_int_equal(f->added[1].len, 0);
	assert_int_equal(p.files[1].kind, PATCH_DELETE);
	f = &p.files[2];
	assert_int_equal(f->kind, PATCH_UPDATE);
	assert_true(bytes_is(f->move_to, "new.c"));
	assert_int_equal(f->nchanges, 2);
	assert_int_equal(f->changes[0].nscopes, 2);
	assert_true(bytes_is(f->changes[0].scopes[1], "def f"));
	assert_int_equal(f->changes[0].nlines, 3);
	assert_false(f->changes[0].at_end);
	assert_true(f->changes[1].at_end);
	patch_fini(&p);
}

static void
refuses_what_is_no_patch(void **state)
{
	static const struct {
		const char *text, *why;
	} t[] = {
	    {"", "The first line of the patch must be '*** Begin Patch'"},
	    {"garbage\n",
		"The first line of the patch must be '*** Begin Patch'"},
	    {BEGIN "*** Add File: a\n+x\n",
		"The last line of the patch must be '*** End Patch'"},
	    {BEGIN END, "No files were modified."},
	    {BEGIN "what\n" END, "'what' is not a valid hunk header."},
	    {BEGIN "*** Add File: \n+x\n" END, "line 2: a path is empty"},
	    {BEGIN "*** Update File: a\n" END,
		"Update file hunk for path 'a' is empty"},
	    {BEGIN "*** Update File: a\n@@\n" END,
		"Update hunk does not contain any lines"},
	    {BEGIN "*** Update File: a\n@@\n*** End of File\n" END,
		"Update hunk does not contain any lines"},
	    {BEGIN "*** Update File: a\n@@\n!x\n" END,
		"Unexpected line found in update hunk: '!x'"},
	    {BEGIN "*** Update File: a\n@@\n-x\n!y\n" END,
		"Expected update hunk to start with a @@ context marker"},
	    {BEGIN "*** Update File: a\n*** Move to: \n-x\n" END,
		"Move to an empty path"},
	    {BEGIN "*** Add File: a\nx\n" END,
		"'x' is not a valid hunk header."},
	};
	struct patch p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(
		    patch_parse(&p, bytes_of(t[i].text)), ERR_FORMAT);
		if (strncmp(p.why, t[i].why, strlen(t[i].why)) != 0)
			fail_msg("%zu: %s", i, p.why);
		patch_fini(&p);
	}
}

/* Each is the same with the others or without. */
static void
leaves_files_out(void **state)
{
	static const char a[] = "*** Add File: a\r\n+one\r\n",
			  u[] = " *** Update File: u \n*** Move to: v\n"
				"@@\n-x\n+y\n\n\n",
			  d[] = "*** Delete File: d\n";
	static const bool no_u[] = {false, true, false},
			  no_ad[] = {true, false, true};
	char *text = xasprintf("\n" BEGIN "\n%s%s\n%s" END, a, u, d);
	char *kept_ad = xasprintf(BEGIN "%s%s" END, a, d);
	char *kept_u = xasprintf(BEGIN "%s" END, u);
	struct patch p, q;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(patch_parse(&p, bytes_of(text)), 0);
	patch_without(&p, no_u, &b);
	assert_string_equal(buf_cstr(&b), kept_ad);
	buf_clear(&b);
	patch_without(&p, no_ad, &b);
	assert_memory_equal(buf_data(&b), kept_u, strlen(kept_u) - strlen(END));
	assert_int_equal(
	    patch_parse(&q, (struct bytes){buf_data(&b), b.len}), 0);
	assert_int_equal(q.nfiles, 1);
	assert_true(bytes_is(q.files[0].move_to, "v"));
	assert_int_equal(
	    q.files[0].changes[0].nlines, p.files[1].changes[0].nlines);
	patch_fini(&p);
	patch_fini(&q);
	buf_fini(&b);
	free(text);
	free(kept_ad);
	free(kept_u);
}

/* NULs in a path would name another file to the kernel than to a person. */
static void
refuses_nul_in_a_path(void **state)
{
	static const char text[] = BEGIN "*** Add File: a\0b\n+x\n" END;
	struct bytes b = {(const uint8_t *)text, sizeof(text) - 1};
	struct patch p;

	(void)state;
	assert_int_equal(patch_parse(&p, b), ERR_FORMAT);
	patch_fini(&p);
}

static void
tolerates_blanks_and_heredocs_around(void **state)
{
	static const char *const texts[] = {
	    "\n  " BEGIN "  *** Delete File: a  \n*** End Patch  \n\n",
	    "<<'EOF'\n" BEGIN "*** Delete File: a\n" END "EOF",
	    "*** Begin Patch\r\n*** Delete File: a\r\n*** End Patch\r\n",
	};
	struct patch p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(patch_parse(&p, bytes_of(texts[i])), 0);
		assert_int_equal(p.nfiles, 1);
		assert_true(bytes_is(p.files[0].path, "a"));
		patch_fini(&p);
	}
}

static void
finds_itself_in_a_command(void **state)
{
	static const struct {
		const char *cmd, *text;
	} t[] = {
	    {"apply_patch <<'EOF'\nX\nEOF", "X\n"},
	    {"  apply_patch <<\"PATCH\"\nX\nPATCH\n", "X\n"},
	    {"applypatch 'X\nY'", "X\nY"},
	    {"apply_patch <<EOF\nX\nEOF", NULL}, /* would be expanded */
	    {"apply_patch <<'EOF'\nX\nEOF\nrm -r x", NULL},
	    {"apply_patch <<'EOF'\nX\nEOF\ntrue\nEOF", NULL},
	    {"apply_patch <<'EOF' && rm x\nX\nEOF", NULL},
	    {"apply_patch 'X' 'Y'", NULL},
	    {"apply_patch \"X\"", NULL},
	    {"apply_patchy <<'EOF'\nX\nEOF", NULL},
	    {"echo apply_patch <<'EOF'\nX\nEOF", NULL},
	    {"apply_patch", NULL},
	    {"", NULL},
	};
	struct bytes text;
	bool r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		r = patch_in_command(bytes_of(t[i].cmd), &text);
		if (r != (t[i].text != NULL))
			fail_msg("%s", t[i].cmd);
		if (r)
			assert_true(bytes_is(text, t[i].text));
	}
}

/* One update of file f: hunks behind its header, content before and after. */
struct update {
	const char *what, *hunks, *old, *want; /* want NULL: refused */
	const char *note; /* must be in the notes; NULL: no note */
};

static const struct update updates[] = {
    {"replaces a line", "@@\n a\n-b\n+B\n c\n", "a\nb\nc\n", "a\nB\nc\n", NULL},
    {"needs no @@ first", " a\n-b\n+B\n", "a\nb\n", "a\nB\n", NULL},
    {"appends without context", "@@\n+z\n", "a\nb\n", "a\nb\nz\n", NULL},
    {"inserts behind a scope", "@@ a\n+z\n", "a\nb\n", "a\nz\nb\n", NULL},
    {"adds the last newline", "@@\n-b\n+B\n", "a\nb", "a\nB\n", NULL},
    {"deletes everything", "@@\n-a\n-b\n", "a\nb\n", "", NULL},
    {"two in order", "@@\n-a\n+A\n@@\n-c\n+C\n", "a\nb\nc\n", "A\nb\nC\n",
	NULL},
    {"not out of order", "@@\n-c\n+C\n@@\n-a\n+A\n", "a\nb\nc\n", NULL, NULL},
    {"narrows by scope", "@@ def g\n-  x\n+  y\n", "def f\n  x\ndef g\n  x\n",
	"def f\n  x\ndef g\n  y\n", NULL},
    {"scopes nest", "@@ class B\n@@ def f\n-  x\n+  y\n",
	"class A\ndef f\n  x\nclass B\ndef f\n  x\n",
	"class A\ndef f\n  x\nclass B\ndef f\n  y\n", NULL},
    {"a scope that is not there", "@@ nope\n-a\n+b\n", "a\n", NULL, NULL},
    {"at the end", "@@\n-a\n+b\n*** End of File\n", "a\nx\na\n", "a\nx\nb\n",
	NULL},
    {"at the end only", "@@\n-a\n+b\n*** End of File\n", "a\nx\n", NULL, NULL},
    {"keeps CR LF", "@@\n a\n-b\n+B\n", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n",
	NULL},
    {"keeps what it does not touch", "@@\n a\n-b\n+B\n", "a \t\nb\nc  \n",
	"a \t\nB\nc  \n", "trailing blanks differ"},
    {"tolerates indentation", "@@\n-b\n+B\n", "a\n\t b\n", "a\nB\n",
	"blanks differ"},
    {"tolerates punctuation", "@@\n-it's - \"x\"\n+y\n",
	"it\xe2\x80\x99s \xe2\x80\x94 \xe2\x80\x9cx\xe2\x80\x9d\n", "y\n",
	"punctuation differs"},
    {"prefers the exact place", "@@\n-b\n+B\n", " b\nb\n", " b\nB\n", NULL},
    {"says where it was ambiguous", "@@\n-b\n+B\n", "b\nx\nb\n", "B\nx\nb\n",
	"line 1 stand at line 3 too"},
    {"an empty line without its blank", "@@\n a\n\n-b\n+B\n", "a\n\nb\n",
	"a\n\nB\n", NULL},
    {"spacing between hunks", "@@\n-a\n+A\n\n@@\n-b\n+B\n", "a\nb\n", "A\nB\n",
	NULL},
    {"not found", "@@\n-nope\n+B\n", "a\n", NULL, NULL},
    {"longer than the file", "@@\n-a\n-b\n-c\n", "a\n", NULL, NULL},
    {"an empty file", "@@\n-a\n+b\n", "", NULL, NULL},
    {"into an empty file", "@@\n+b\n", "", "b\n", NULL},
    {"bytes that are not UTF-8", "@@\n-\xff\xfe\n+x\n", "\xff\xfe\n", "x\n",
	NULL},
    {"stray bytes are not alike", "@@\n-\xff\n+x\n", "\xfe\n", NULL, NULL},
};

static void
run_update(const struct update *u)
{
	char *text = xasprintf(BEGIN "*** Update File: f\n%s" END, u->hunks);
	struct buf content, notes, why;
	struct patch p;
	int r;

	buf_init(&content, 4096);
	buf_init(&notes, 4096);
	buf_init(&why, 4096);
	assert_int_equal(patch_parse(&p, bytes_of(text)), 0);
	r = patch_update(&p.files[0], bytes_of(u->old), &content, &notes, &why);
	if ((r == 0) != (u->want != NULL))
		fail_msg("%s: %s", u->what, err_str(r));
	if (r == 0 && (content.len != strlen(u->want) ||
			  memcmp(buf_data(&content), u->want, content.len)))
		fail_msg("%s: got %s", u->what, buf_cstr(&content));
	if (r != 0)
		assert_non_null(strstr(buf_cstr(&why), "in f:"));
	if (u->note == NULL && notes.len > 0)
		fail_msg("%s: %s", u->what, buf_cstr(&notes));
	if (u->note != NULL &&
	    (notes.len == 0 || strstr(buf_cstr(&notes), u->note) == NULL))
		fail_msg("%s: no such note", u->what);
	patch_fini(&p);
	buf_fini(&content);
	buf_fini(&notes);
	buf_fini(&why);
	free(text);
}

static void
updates_files(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(updates) / sizeof(updates[0]); i++)
		run_update(&updates[i]);
}

static void
content_has_a_cap(void **state)
{
	static const char text[] = BEGIN "*** Add File: a\n+0123456789\n" END;
	struct patch p;
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_int_equal(patch_parse(&p, bytes_of(text)), 0);
	assert_int_equal(patch_added(&p.files[0], &b), ERR_SPACE);
	patch_fini(&p);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_kind),
	    cmocka_unit_test(refuses_what_is_no_patch),
	    cmocka_unit_test(refuses_nul_in_a_path),
	    cmocka_unit_test(leaves_files_out),
	    cmocka_unit_test(tolerates_blanks_and_heredocs_around),
	    cmocka_unit_test(finds_itself_in_a_command),
	    cmocka_unit_test(updates_files),
	    cmocka_unit_test(content_has_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
