/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: text to cells and rows, Markdown, what vis keeps away. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/vis.h"

#include "tests/helper/unvis.h"

#include "ui/link.h"
#include "ui/md.h"
#include "ui/text.h"

#define EXACT_RUNS 20000

static void
read_cells(struct buf *b, const struct cell *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(buf_add(b, c[i].g, c[i].len), 0);
}

static const char *
as_string(const struct text *t)
{
	static struct buf b;

	if (b.cap == 0)
		buf_init(&b, 1 << 20);
	buf_clear(&b);
	read_cells(&b, t->c, t->n);
	return buf_cstr(&b);
}

#define ZWJ "\xE2\x80\x8D"
#define FAMILY                                                                 \
	"\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x91\xA7" ZWJ   \
	"\xF0\x9F\x91\xA6"

static void
test_cells(void **state)
{
	static const struct {
		const char *in, *out;
		size_t width;
	} cases[] = {{"abc", "abc", 3}, {"a\tb", "a       b", 9},
	    {"\xE4\xB8\xAD\xE6\x96\x87", "\xE4\xB8\xAD\xE6\x96\x87", 4},
	    {"e\xCC\x81", "e\xCC\x81", 1}, {"\x1b[2J", "\\e[2J", 5},
	    {"\xCC\x81", "\\u{301}", 7}, /* a mark with nothing to mark */
	    {"\xF0\x9F\x99\x82", "\xF0\x9F\x99\x82", 2}, {FAMILY, FAMILY, 2}};
	struct text t = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_clear(&t);
		text_add(
		    &t, ST_PLAIN, cases[i].in, strlen(cases[i].in), TEXT_TABS);
		assert_string_equal(as_string(&t), cases[i].out);
		assert_int_equal(text_width(t.c, t.n), cases[i].width);
	}
	/* More marks than a cell holds are spelled, not dropped. */
	text_clear(&t);
	text_adds(&t, ST_PLAIN,
	    "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81"
	    "\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81");
	assert_non_null(strstr(as_string(&t), "\\u{301}\\u{301}"));
	text_fini(&t);
}

/* What is approved can be read back from what is shown, byte by byte. */
static void
test_exact(void **state)
{
	struct text t = {0};
	struct buf shown, back;
	uint8_t in[48];
	size_t run, i, n;

	(void)state;
	srandom(1);
	buf_init(&shown, 1 << 20);
	buf_init(&back, 1 << 20);
	for (run = 0; run < EXACT_RUNS; run++) {
		n = (size_t)random() % sizeof(in);
		for (i = 0; i < n; i++)
			in[i] =
			    (uint8_t)(random() % 3 == 0 ? 0xC2 + random() % 0x3E
							: random() % 256);
		text_clear(&t);
		text_add(&t, ST_PLAIN, in, n, TEXT_EXACT);
		buf_clear(&shown);
		buf_clear(&back);
		read_cells(&shown, t.c, t.n);
		assert_int_equal(
		    unvis(&back, (const char *)buf_data(&shown), shown.len), 0);
		assert_int_equal(back.len, n);
		assert_memory_equal(buf_data(&back), in, n);
	}
	buf_fini(&shown);
	buf_fini(&back);
	text_fini(&t);
}

static void
test_wrap(void **state)
{
	static const struct {
		const char *in;
		size_t cols;
		const char *rows[5];
	} cases[] = {{"one two three", 8, {"one two", "three"}},
	    {"abcdefghij", 4, {"abcd", "efgh", "ij"}}, {"", 4, {""}},
	    {"  indented text", 10, {"  indented", "text"}},
	    {"\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD", 5,
		{"\xE4\xB8\xAD\xE4\xB8\xAD", "\xE4\xB8\xAD"}},
	    {"\xE4\xB8\xAD", 1, {"\xE4\xB8\xAD"}}};
	struct lines l = {0};
	struct text t = {0};
	size_t i, r;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_clear(&t);
		text_adds(&t, ST_PLAIN, cases[i].in);
		lines_clear(&l);
		lines_wrap(&l, &t, cases[i].cols, NULL, NULL);
		for (r = 0; r < 5 && cases[i].rows[r] != NULL; r++) {
			assert_true(r < l.n);
			assert_string_equal(
			    as_string(&l.v[r]), cases[i].rows[r]);
		}
		assert_int_equal(l.n, r);
	}
	lines_fini(&l);
	text_fini(&t);
}

static struct buf shown_md;

static void
keep_line(void *arg, const struct text *t, const struct text *first,
    const struct text *rest)
{
	(void)arg;
	(void)rest;
	if (first != NULL)
		read_cells(&shown_md, first->c, first->n);
	read_cells(&shown_md, t->c, t->n);
	assert_int_equal(buf_addc(&shown_md, '\n'), 0);
}

static void
test_markdown(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"# Head\ntext *a* `b`\n", "Head\ntext a b\n"},
	    {"one\ntwo\n\nthree", "one two\n\nthree\n"},
	    {"- a\n- b\n  - c\n", "• a\n• b\n  • c\n"},
	    {"3. x\n4. y\n", "3. x\n4. y\n"},
	    {"```c\nint  x;\n```\nafter\n", "    int  x;\n\nafter\n"},
	    {"> quoted\n", "│ quoted\n"},
	    {"[here](http://x/y)\n", "here (http://x/y)\n"},
	    {"<https://x/y>\n", "https://x/y\n"},
	    {"| a | bb |\n|---|----|\n| 1 | 2 |\n", "a │ bb\n──┼───\n1 │ 2\n"},
	    {"| abc | n | c |\n|:-:|--:|:--|\n| 1 | 2 | 3 |\n| 4 | 555 | 6 "
	     "|\n",
		"abc │   n │ c\n────┼─────┼──\n 1  │   2 │ 3\n 4  │ 555 │ "
		"6\n"},
	    {"<b onclick=1>x</b>\n", "<b onclick=1>x</b>\n"},
	    {"a\x1b[1mb\n", "a\\e[1mb\n"},
	};
	struct md m;
	size_t i, j, len;

	(void)state;
	buf_init(&shown_md, 1 << 20);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		md_init(&m, keep_line, NULL, 40);
		buf_clear(&shown_md);
		len = strlen(cases[i].in); /* a byte at a time */
		for (j = 0; j < len; j++)
			md_feed(&m, cases[i].in + j, 1);
		md_end(&m);
		assert_string_equal(buf_cstr(&shown_md), cases[i].out);
		md_fini(&m);
	}
	buf_fini(&shown_md);
}

/* Code and paragraphs come out as they complete, not at the end. */
static void
test_stream(void **state)
{
	struct md m;

	(void)state;
	buf_init(&shown_md, 1 << 20);
	md_init(&m, keep_line, NULL, 40);
	md_feed(&m, "a\n\n```\nx = 1\ny", 14);
	assert_string_equal(buf_cstr(&shown_md), "a\n\n    x = 1\n");
	buf_clear(&shown_md);
	md_peek(&m, keep_line, NULL);
	assert_string_equal(buf_cstr(&shown_md), "    y\n");
	md_fini(&m);
	buf_fini(&shown_md);
}

static void
check_link(void *arg, const struct text *t, const struct text *first,
    const struct text *rest)
{
	size_t i;

	(void)arg;
	(void)first;
	(void)rest;
	for (i = 0; i < t->n; i++)
		assert_string_equal(link_url(t->c[i].link),
		    i >= 4 && i < 8 + strlen(" (https://a/?x=1&y=2)")
			? "https://a/?x=1&y=2"
			: "");
}

/* A link leads where it says that it leads. */
static void
test_link(void **state)
{
	static const char in[] =
	    "see [here](https://a/?x=1&amp;y=2) [no](file:///etc)";
	struct md m;

	(void)state;
	md_init(&m, check_link, NULL, 80);
	md_feed(&m, in, strlen(in));
	md_end(&m);
	md_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_exact),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_markdown),
	    cmocka_unit_test(test_stream),
	    cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
