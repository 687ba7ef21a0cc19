/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: the live region, seen by an independent terminal (libvterm).
 *
 * Whatever untrusted text is shown, no cell outside the region changes, no
 * mode stays switched and nothing scrolls that we did not print.
 */

#include "config.h"

#include <sys/mman.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "ui/caps.h"
#include "ui/link.h"
#include "ui/screen.h"

#define ROWS   24
#define COLS   60
#define REGION 5
#define FRAMES 400   /* of REGION strings each: 2,000 */
#define SOAK   20000 /* the same in make soak: 100,000 */

struct bench {
	VTerm *vt;
	VTermScreen *vs;
	struct term term;
	struct screen screen;
	size_t scrolled, bells, titles;
	int alt, mouse, reverse, hidden;
};

static int
on_prop(VTermProp prop, VTermValue *val, void *arg)
{
	struct bench *b = arg;

	if (prop == VTERM_PROP_ALTSCREEN)
		b->alt = val->boolean;
	else if (prop == VTERM_PROP_MOUSE)
		b->mouse = val->number;
	else if (prop == VTERM_PROP_REVERSE)
		b->reverse = val->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		b->hidden = !val->boolean;
	else if (prop == VTERM_PROP_TITLE || prop == VTERM_PROP_ICONNAME)
		b->titles++;
	return 1;
}

static int
on_bell(void *arg)
{
	((struct bench *)arg)->bells++;
	return 1;
}

static int
on_scroll(int cols, const VTermScreenCell *cells, void *arg)
{
	(void)cols;
	(void)cells;
	((struct bench *)arg)->scrolled++;
	return 1;
}

static const VTermScreenCallbacks callbacks = {
    .settermprop = on_prop,
    .bell = on_bell,
    .sb_pushline = on_scroll,
};

/* What the screen wrote, to the terminal. */
static void
deliver(struct bench *b)
{
	char mem[65536];
	ssize_t n;

	assert_int_equal(lseek(b->term.out, 0, SEEK_SET), 0);
	while ((n = read(b->term.out, mem, sizeof(mem))) > 0)
		(void)vterm_input_write(b->vt, mem, (size_t)n);
	assert_int_equal(ftruncate(b->term.out, 0), 0);
	assert_int_equal(lseek(b->term.out, 0, SEEK_SET), 0);
}

static void
put_row(struct bench *b, const void *p, size_t len)
{
	struct text t = {0};

	text_add(&t, ST_PLAIN, p, len, TEXT_TABS);
	screen_row(&b->screen, t.c, t.n);
	text_fini(&t);
}

/* A row that leads to whatever the bytes say. */
static void
put_link(struct bench *b, const uint8_t *p, size_t len)
{
	struct text t = {0};
	char url[256];

	(void)snprintf(
	    url, sizeof(url), "https://%.*s", (int)len, (const char *)p);
	text_add(&t, ST_LINK, p, len, TEXT_TABS);
	text_link(&t, 0, link_of(url));
	screen_row(&b->screen, t.c, t.n);
	text_fini(&t);
}

static void
print_row(struct bench *b, const char *s)
{
	struct text t = {0};

	text_adds(&t, ST_OK, s);
	screen_print(&b->screen, t.c, t.n);
	text_fini(&t);
}

/* One row of the terminal as ASCII, trailing blanks cut. */
static const char *
row_of(struct bench *b, int row)
{
	static char s[COLS + 1];
	VTermScreenCell cell;
	int col, end = 0;

	for (col = 0; col < (int)b->term.cols && col < COLS; col++) {
		(void)vterm_screen_get_cell(b->vs, (VTermPos){row, col}, &cell);
		s[col] = cell.chars[0] == 0     ? ' '
			 : cell.chars[0] < 0x7F ? (char)cell.chars[0]
						: '?';
		if (s[col] != ' ')
			end = col + 1;
	}
	s[end] = '\0';
	return s;
}

static void
bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->vt = vterm_new(ROWS, COLS);
	vterm_set_utf8(b->vt, 1);
	b->vs = vterm_obtain_screen(b->vt);
	vterm_screen_enable_altscreen(b->vs, 1);
	vterm_screen_set_callbacks(b->vs, &callbacks, b);
	vterm_screen_reset(b->vs, 1);
	b->term.in = -1;
	b->term.out = memfd_create("screen", 0);
	assert_true(b->term.out >= 0);
	b->term.rows = ROWS;
	b->term.cols = COLS;
	b->term.open = true;
	screen_init(&b->screen, &b->term);
}

static void
bench_fini(struct bench *b)
{
	screen_fini(&b->screen);
	(void)close(b->term.out);
	vterm_free(b->vt);
}

static void
frame(struct bench *b, const char *const *rows, size_t n)
{
	size_t i;

	screen_begin(&b->screen);
	for (i = 0; i < n; i++)
		put_row(b, rows[i], strlen(rows[i]));
	screen_cursor(&b->screen, n - 1, 1);
	screen_flush(&b->screen);
	deliver(b);
}

static void
test_region(void **state)
{
	static const char *const three[] = {"one", "two", "three"};
	static const char *const two[] = {"1", "two"};
	struct bench b;

	(void)state;
	bench_init(&b);
	frame(&b, three, 3);
	assert_string_equal(row_of(&b, 2), "three");
	print_row(&b, "printed");
	frame(&b, two, 2);
	assert_string_equal(row_of(&b, 0), "printed");
	assert_string_equal(row_of(&b, 1), "1");
	assert_string_equal(row_of(&b, 2), "two");
	assert_string_equal(row_of(&b, 3), "");
	/* The second screen comes and goes without a trace. */
	screen_alt(&b.screen, true);
	frame(&b, three, 3);
	assert_int_equal(b.alt, 1);
	print_row(&b, "meanwhile");
	screen_alt(&b.screen, false);
	frame(&b, two, 2);
	assert_int_equal(b.alt, 0);
	assert_string_equal(row_of(&b, 0), "printed");
	assert_string_equal(row_of(&b, 1), "meanwhile");
	assert_string_equal(row_of(&b, 2), "1");
	screen_leave(&b.screen, true);
	deliver(&b);
	assert_string_equal(row_of(&b, 1), "meanwhile");
	assert_string_equal(row_of(&b, 2), "");
	assert_int_equal(b.scrolled, 0);
	bench_fini(&b);
}

/* A region at the bottom: rows printed above it scroll, in order. */
static void
test_scrollback(void **state)
{
	static const char *const two[] = {"> prompt", "status"};
	struct bench b;
	char line[32];
	int i;

	(void)state;
	bench_init(&b);
	frame(&b, two, 2);
	for (i = 0; i < 100; i++) {
		(void)snprintf(line, sizeof(line), "line %d", i);
		print_row(&b, line);
		if (i % 7 == 0)
			frame(&b, two, 2);
	}
	frame(&b, two, 2);
	assert_string_equal(row_of(&b, ROWS - 1), "status");
	assert_string_equal(row_of(&b, ROWS - 2), "> prompt");
	assert_string_equal(row_of(&b, ROWS - 3), "line 99");
	assert_string_equal(row_of(&b, 0), "line 78");
	assert_int_equal(b.scrolled, 78);
	bench_fini(&b);
}

static size_t
random_string(uint8_t *p, size_t max)
{
	static const char *const nasty[] = {"\033[2J", "\033[?1049h",
	    "\033]0;x\a", "\r\n", "\033[999A",
	    ("\xC2\x9B"
	     "5A"),
	    "\033c", "\033(0", "\xE2\x80\xAE", "\xE4\xB8\xAD",
	    "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
	    "\xE2\x9D\xA4\xEF\xB8\x8F", "e\xCC\x81", "\t", "\033[?7h",
	    "\033[?25l", "\033[?1000h", "\a", "\033[4l", "\x0e", "\033#8",
	    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"};
	size_t n = 0, want = (size_t)random() % max, len, pick;

	while (n < want) {
		pick = (size_t)random() % 40;
		if (pick < sizeof(nasty) / sizeof(nasty[0])) {
			len = strlen(nasty[pick]);
			if (n + len > max)
				break;
			memcpy(p + n, nasty[pick], len);
			n += len;
		} else
			p[n++] = pick < 30 ? (uint8_t)random()
					   : (uint8_t)('a' + pick % 26);
	}
	return n;
}

static void
test_untrusted(void **state)
{
	struct bench b;
	uint8_t mem[160];
	char guard[ROWS][COLS + 1];
	size_t scrolled;
	int f, r, frames = getenv("CORDON_SOAK") == NULL ? FRAMES : SOAK;

	(void)state;
	srandom(2);
	bench_init(&b);
	for (r = 0; r < ROWS; r++)
		print_row(&b, "guard guard guard guard guard guard");
	for (f = 0; f < frames; f++) {
		screen_begin(&b.screen);
		for (r = 0; r < REGION - 1; r++)
			put_row(&b, mem, random_string(mem, sizeof(mem)));
		put_link(&b, mem, random_string(mem, f % 2 == 0 ? 4 : 160));
		screen_cursor(&b.screen, (size_t)f % REGION, (size_t)f % COLS);
		screen_flush(&b.screen);
		deliver(&b);
		if (f == 0) {
			scrolled = b.scrolled;
			for (r = 0; r < ROWS; r++)
				(void)memcpy(guard[r], row_of(&b, r), COLS + 1);
		}
		for (r = 0; r < ROWS - REGION; r++)
			assert_string_equal(row_of(&b, r), guard[r]);
		assert_int_equal(b.scrolled, scrolled);
		assert_int_equal(b.alt | b.mouse | b.reverse | b.hidden, 0);
		assert_int_equal(b.bells + b.titles, 0);
	}
	/* Wrapping is on again, and the character set is the plain one. */
	(void)vterm_input_write(b.vt, "\033[H\033[2J", 7);
	for (r = 0; r < COLS + 1; r++)
		(void)vterm_input_write(b.vt, "q", 1);
	assert_string_equal(row_of(&b, 1), "q");
	bench_fini(&b);
}

/* What was written, escapes included. */
static size_t
written(struct bench *b, char *dst, size_t size)
{
	ssize_t n = pread(b->term.out, dst, size - 1, 0);

	assert_true(n >= 0);
	dst[n] = '\0';
	return (size_t)n;
}

/* Links and marks: an address that could do harm is only read, a row keeps
 * its mark. */
static void
test_links(void **state)
{
	static const char *const bad[] = {"file:///etc/passwd",
	    "https://a\033]0;x\a", "https://a b", "https://\xC3\xA9",
	    "javascript:x"};
	struct text t = {0};
	struct bench b;
	char out[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(link_of(bad[i]), 0);
	assert_int_equal(link_of("https://a/"), link_of("https://a/"));
	assert_int_not_equal(link_of("https://a/"), link_of("https://b/"));
	bench_init(&b);
	text_adds(&t, ST_PLAIN, "see ");
	text_adds(&t, ST_LINK, "there");
	text_link(&t, 4, link_of("https://a/"));
	text_adds(&t, ST_PLAIN, ".");
	screen_mark(&b.screen, 'A');
	screen_print(&b.screen, t.c, t.n);
	screen_mark(&b.screen, 'C');
	screen_flush(&b.screen);
	(void)written(&b, out, sizeof(out));
	assert_non_null(strstr(out, "\033]133;A\033\\see "));
	assert_non_null(strstr(out, ";https://a/\033\\there"));
	assert_non_null(strstr(out, "\033]8;;\033\\."));
	assert_null(strstr(out, "133;C"));
	deliver(&b);
	print_row(&b, "next");
	screen_flush(&b.screen);
	(void)written(&b, out, sizeof(out));
	assert_non_null(strstr(out, "\033]133;C\033\\"));
	deliver(&b);
	assert_string_equal(row_of(&b, 0), "see there.");
	text_fini(&t);
	bench_fini(&b);
}

static void
resize(struct bench *b, unsigned rows, unsigned cols)
{
	vterm_set_size(b->vt, (int)rows, (int)cols);
	b->term.rows = rows;
	b->term.cols = cols;
	screen_resized(&b->screen);
	deliver(b);
}

/* Any size: the frame fits, and the last row is where it belongs. */
static void
test_resize(void **state)
{
	static const char *const two[] = {
	    "a long row that will not fit when it gets narrow", "status"};
	static const unsigned sizes[][2] = {
	    {5, 20}, {24, 60}, {1, 1}, {3, 10}, {24, 60}};
	struct bench b;
	size_t i;

	(void)state;
	bench_init(&b);
	print_row(&b, "history");
	frame(&b, two, 2);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		resize(&b, sizes[i][0], sizes[i][1]);
		frame(&b, two, 2);
		assert_true(b.screen.shown.rows <= sizes[i][0]);
	}
	assert_int_equal(b.hidden, 0);
	bench_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_region),
	    cmocka_unit_test(test_scrollback),
	    cmocka_unit_test(test_untrusted),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_resize),
	};

	(void)setenv("TERM", "xterm-256color", 1);
	caps_load(STDOUT_FILENO);
	if (!caps_enough()) {
		(void)fprintf(stderr, "no terminfo entry xterm-256color\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
