/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of cordon-gate: a command that could not write runs again, in a
 * cell of its own, if a person says so.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"

#include "tests/helper/gate_peers.h"

#define AGAIN "/x/cordon sandbox --write /srv/d -C /w -- /bin/bash -lc make"
#define GUESS "openat /srv/d/x: Read-only file system"

static int
setup_second(void **state)
{
	int r;

	second_cell = true;
	r = setup(state);
	second_cell = false;
	return r;
}

/* A command runs and ends, and that is what the cell guesses. */
static void
ended(uint32_t id, const char *line, int status, const char *guess)
{
	struct bytes lines[] = {
	    bytes_of("connect 10.0.0.1: Network is unreachable"),
	    bytes_of(guess)};
	struct msg_exit m = {.how = EXIT_STATUS,
	    .status = (uint32_t)status << 8,
	    .guesses = {2, lines}};
	char ident[16];

	(void)snprintf(ident, sizeof(ident), "c%u", id);
	call_exec(id, ident, line, 0);
	(void)want(MSG_SPAWN, id, "");
	cell_spawned(id, false);
	fd_close(&t.out);
	forget();
	assert_int_equal(chan_send(t.cell, id, MSG_EXIT, &m), 0);
}

/* The question that follows; returns its id. */
static uint32_t
offered(char hex[STR_HEX_SIZE(32)])
{
	const struct event *e;

	digest_is('a');
	e = want(MSG_ASK, 0, "");
	(void)strlcpy(hex, e->text, STR_HEX_SIZE(32));
	assert_null(find(MSG_RESULT, 0, ""));
	return e->id;
}

/* It runs where only the open cell can be: no other's SPAWNED counts. */
static void
runs_again(uint32_t id, const char *output, int status)
{
	struct msg_spawned m = {.pid = 1, .in = -1, .out = -1};
	struct msg_exit end = {.how = EXIT_STATUS, .status = (uint32_t)status};
	int out[2];

	(void)want(MSG_SPAWN, id, AGAIN);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(
	    write(out[1], output, strlen(output)), (ssize_t)strlen(output));
	m.out = out[0];
	assert_int_equal(chan_send(t.open, id, MSG_SPAWNED, &m), 0);
	fd_close(&out[0]);
	fd_close(&out[1]);
	assert_int_equal(chan_send(t.open, id, MSG_EXIT, &end), 0);
}

static void
the_model_hears_of_the_second_run(void **state)
{
	char hex[STR_HEX_SIZE(32)];
	const struct event *e;
	uint32_t id;

	(void)state;
	ended(1, "make", 1, GUESS);
	id = offered(hex);
	forget();
	none(MSG_SPAWN);
	answer(id, ANSWER_ONCE, hex);
	digest_is('a'); /* what was approved is looked at */
	runs_again(id, "written\n", 0);
	e = want(MSG_RESULT, 1, "0 ");
	assert_non_null(strstr(e->text, "\nwritten\n"));
	assert_non_null(
	    strstr(e->text, "run again, where it may write /srv/d, too"));
	assert_null(find(MSG_RESULT, id, ""));
	(void)want(MSG_RECORD, 0, "intent ");
	(void)want(MSG_DONE, id, "0");
}

static void
a_no_leaves_the_first(void **state)
{
	char hex[STR_HEX_SIZE(32)];
	const struct event *e;
	uint32_t id;

	(void)state;
	ended(1, "make", 2, GUESS);
	id = offered(hex);
	answer(id, ANSWER_NO, hex);
	e = want(MSG_RESULT, 1, "1 ");
	assert_non_null(strstr(e->text, "exited with code 2"));
	assert_non_null(strstr(e->text, "write /srv/d: the person said no"));
	(void)want(MSG_RECORD, 0, "refusal ");
	assert_null(find(MSG_SPAWN, id, ""));
}

/* The front says by itself what the person has said for the session. */
static void
by_grant(uint32_t id, const char *hex)
{
	uint8_t hash[32];
	struct msg_answer m = {.answer = ANSWER_ONCE,
	    .channel = CHANNEL_PRESET,
	    .hash = {hash, sizeof(hash)}};

	assert_int_equal(str_unhex(hash, sizeof(hash), hex), 0);
	assert_int_equal(chan_send(t.ui, id, MSG_ANSWER, &m), 0);
}

static void
a_folder_holds_for_the_session(void **state)
{
	struct msg_grants revoke = {.revoke = 1};
	char hex[STR_HEX_SIZE(32)];
	uint32_t id;

	(void)state;
	ended(1, "make", 1, GUESS);
	id = offered(hex);
	assert_int_equal(t.granted, 0);
	assert_string_equal(t.top, "/srv");
	forget();
	answer_for(id, hex, "/srv/d");
	digest_is('a');
	runs_again(id, "", 0);
	(void)want(MSG_RESULT, 1, "0 ");
	/* The front is asked all the same, and nothing runs before it says so;
	 * another command is no other question. */
	forget();
	ended(2, "make", 1, "openat /srv/d/e/y: Read-only file system");
	id = offered(hex);
	assert_int_equal(t.granted, 1);
	forget();
	none(MSG_SPAWN);
	by_grant(id, hex);
	digest_is('a');
	runs_again(id, "again\n", 0);
	(void)want(MSG_RESULT, 2, "0 ");
	(void)want(MSG_RECORD, 0, "approval ");
	/* Elsewhere it is for nothing. */
	forget();
	ended(3, "make", 1, "openat /srv/dd/x: Read-only file system");
	id = offered(hex);
	assert_int_equal(t.granted, 0);
	answer(id, ANSWER_NO, hex);
	(void)want(MSG_RESULT, 3, "1 ");
	/* It is taken back while the question is on its way. */
	forget();
	ended(4, "make", 1, GUESS);
	id = offered(hex);
	assert_int_equal(t.granted, 1);
	assert_int_equal(chan_send(t.ui, 9, MSG_GRANTS, &revoke), 0);
	(void)want(MSG_GRANT, 9, "");
	by_grant(id, hex);
	(void)want(MSG_RESULT, 4, "1 ");
	assert_null(find(MSG_SPAWN, id, ""));
	forget();
	ended(5, "make", 1, GUESS);
	(void)offered(hex);
	assert_int_equal(t.granted, 0);
}

/* What is granted lies where a yes may be for, and around what was asked. */
static void
what_may_be_granted(void **state)
{
	static const char *const no[] = {"/", "/w", "/proc/x", "/srv/d/",
	    "/srv/../w", "/srv/e", "srv", "/srv/.git"};
	char hex[STR_HEX_SIZE(32)];
	uint32_t id, call = 1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		forget();
		ended(call, "make", 1, GUESS);
		id = offered(hex);
		assert_int_equal(t.granted, 0);
		forget();
		answer_for(id, hex, no[i]);
		digest_is('a');
		runs_again(id, "", 0);
		(void)want(MSG_RESULT, call++, "0 ");
	}
}

/* A yes for the session that names no folder is one for once. */
static void
it_is_asked_each_time(void **state)
{
	char hex[STR_HEX_SIZE(32)];
	uint32_t id;

	(void)state;
	ended(1, "make", 1, GUESS);
	id = offered(hex);
	forget();
	answer(id, ANSWER_SESSION, hex);
	digest_is('a');
	runs_again(id, "", 0);
	(void)want(MSG_RESULT, 1, "0 ");
	forget();
	ended(2, "make", 1, GUESS);
	(void)offered(hex);
}

static void
an_interruption_ends_both(void **state)
{
	char hex[STR_HEX_SIZE(32)];
	uint32_t id;

	(void)state;
	ended(1, "make", 1, GUESS);
	id = offered(hex);
	cancel(1);
	(void)want(MSG_RESULT, 1, "3 ");
	(void)want(MSG_DONE, id, "3 ");
	assert_null(find(MSG_SPAWN, id, ""));
	/* And while it runs. */
	forget();
	ended(2, "make", 1, GUESS);
	id = offered(hex);
	forget();
	answer(id, ANSWER_ONCE, hex);
	digest_is('a');
	(void)want(MSG_SPAWN, id, AGAIN);
	assert_int_equal(chan_send(t.open, id, MSG_SPAWNED,
			     &(struct msg_spawned){1, -1, -1}),
	    0);
	cancel(2);
	(void)want(MSG_KILL, id, "");
	assert_int_equal(chan_send(t.open, id, MSG_EXIT,
			     &(struct msg_exit){.how = EXIT_KILLED}),
	    0);
	(void)want(MSG_RESULT, 2, "3 ");
}

/* What nobody is asked about: the model has its result at once. */
static void
some_is_not_offered(void **state)
{
	static const struct {
		int status;
		const char *guess;
	} rows[] = {{0, GUESS}, {1, "openat /w/x: Permission denied"},
	    {1, "openat /w/.git/hooks/x: Read-only file system"},
	    {1, "openat /srv/r/.git/x: Read-only file system"},
	    {1, "openat /x: Read-only file system"},
	    {1, "openat /srv/d/../../w/x: Permission denied"},
	    {1, "openat /proc/self/x: Read-only file system"},
	    {1, "openat /srv/a\\nb/x: Read-only file system"},
	    {1, "openat /srv/d/x: No such file or directory"},
	    {1, "openat srv/d/x: Read-only file system"},
	    {1, "openat /: Read-only file system"},
	    {1, ": Read-only file system"}, {1, "Read-only file system"},
	    {1, "and more"}, {1, ""}};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ended(i + 1, "make", rows[i].status, rows[i].guess);
		(void)want(MSG_RESULT, i + 1, rows[i].status == 0 ? "0" : "1");
		assert_null(find(MSG_ASK, 0, ""));
	}
}

/* Without an open cell there is nothing to offer. */
static void
nothing_without_a_second_cell(void **state)
{
	(void)state;
	ended(1, "make", 1, GUESS);
	(void)want(MSG_RESULT, 1, "1");
	assert_null(find(MSG_ASK, 0, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup_second, teardown)
	    T(the_model_hears_of_the_second_run),
	    T(a_no_leaves_the_first),
	    T(it_is_asked_each_time),
	    T(a_folder_holds_for_the_session),
	    T(what_may_be_granted),
	    T(an_interruption_ends_both),
	    T(some_is_not_offered),
#undef T
	    cmocka_unit_test_setup_teardown(
		nothing_without_a_second_cell, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
