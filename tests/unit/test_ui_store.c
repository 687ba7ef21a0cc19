/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the transcript behind the pager, and the prompts of before. */

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

#include "base/err.h"

#include "ui/history.h"
#include "ui/link.h"
#include "ui/store.h"

#define LINES 400000

static void
line_is(const struct text *t, const char *want)
{
	char got[256] = "";
	size_t i, n = 0;

	for (i = 0; i < t->n && n + t->c[i].len < sizeof(got); i++) {
		memcpy(got + n, t->c[i].g, t->c[i].len);
		n += t->c[i].len;
	}
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
test_store(void **state)
{
	struct store s;
	struct text t = {0}, lead = {0}, got = {0};
	char line[160];
	size_t i, rest = 0, n;

	(void)state;
	store_init(&s);
	assert_int_equal(store_get(&s, 0, &got, &rest), ERR_NOENT);
	text_adds(&lead, ST_ACCENT, "> ");
	text_adds(&t, ST_BAD, "\xE4\xB8\xAD");
	text_adds(&t, ST_OK, "ok\\e");
	text_link(&t, 3, link_of("https://example.org/"));
	store_add(&s, &lead, &t, 2);
	assert_int_equal(store_get(&s, 0, &got, &rest), 0);
	line_is(&got, "> \xE4\xB8\xADok\\e");
	assert_int_equal(rest, 2);
	assert_int_equal(got.c[2].style, ST_BAD);
	assert_int_equal(got.c[3].style, ST_OK);
	assert_int_equal(got.c[4].link, 0);
	assert_string_equal(link_url(got.c[5].link), "https://example.org/");
	/* What is older than two memfds is gone; the rest is all there. */
	for (i = 1; i < LINES; i++) {
		text_clear(&t);
		(void)snprintf(line, sizeof(line),
		    "line %zu, which is filled up to make it longer: %0100d", i,
		    0);
		text_adds(&t, ST_PLAIN, line);
		store_add(&s, NULL, &t, 0);
	}
	n = store_lines(&s);
	assert_true(n < LINES && n > LINES / 10);
	assert_true(s.now.size <= STORE_PART_MAX);
	assert_int_equal(store_get(&s, n - 1, &got, &rest), 0);
	line_is(&got, line);
	(void)snprintf(line, sizeof(line),
	    "line %zu, which is filled up to make it longer: %0100d",
	    (size_t)LINES - n, 0);
	assert_int_equal(store_get(&s, 0, &got, &rest), 0);
	line_is(&got, line);
	text_fini(&t);
	text_fini(&lead);
	text_fini(&got);
	store_fini(&s);
}

static void
test_history(void **state)
{
	int fd = memfd_create("history", 0), again;
	struct history h;

	(void)state;
	assert_int_equal(write(fd, "old\\nline\nbad\xFF\n\ncut", 19), 19);
	again = dup(fd);
	history_init(&h, fd);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.v[0], "old\nline");
	history_add(&h, "back\\slash\nnew");
	history_add(&h, "back\\slash\nnew"); /* the same again: once */
	assert_int_equal(h.n, 2);
	assert_int_equal(history_find(&h, h.n, "old"), 0);
	assert_int_equal(history_find(&h, h.n, "nothing"), h.n);
	history_fini(&h);
	history_init(&h, again);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.v[1], "cut");
	assert_string_equal(h.v[2], "back\\slash\nnew");
	history_fini(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_store),
	    cmocka_unit_test(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
