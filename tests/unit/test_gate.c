/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of a whole process: what is held here is the order of things:
 * nothing is spawned before its intent is acknowledged, whatever anybody does,
 * and when.
 */

#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"

#include "tests/helper/gate_peers.h"

static void
a_command_runs(void **state)
{
	const struct event *e;

	(void)state;
	call_exec(1, "c1", "echo hi", 0);
	e = want(MSG_SPAWN, 1, "");
	assert_string_equal(e->text, "/bin/bash -lc echo hi in /w");
	cell_spawned(1, false);
	(void)want(MSG_BEGIN, 1, "/bin/bash -lc echo hi");
	assert_int_equal(write(t.out, "hi\n", 3), 3);
	cell_exit(1, EXIT_STATUS, 0);
	e = want(MSG_RESULT, 1, "0 Chunk ID: ");
	assert_non_null(strstr(e->text,
	    "Process exited with code 0\nOriginal token count: 1\n"
	    "Output:\nhi\n"));
	(void)want(MSG_DONE, 1, "0 ");
	(void)want(MSG_RECORD, 0, "call ");
	(void)want(MSG_RECORD, 0, "decision ");
	(void)want(MSG_RECORD, 0, "intent ");
	(void)want(MSG_RECORD, 0, "result ");
}

static void
nothing_runs_before_its_record(void **state)
{
	size_t i;

	(void)state;
	t.hold_acks = true;
	call_exec(1, "c1", "echo hi", 0);
	(void)want(MSG_RECORD, 0, "intent ");
	none(MSG_SPAWN);
	/* All but the last: still nothing. */
	for (i = 0; i + 1 < t.nheld; i++)
		ack(t.held[i]);
	none(MSG_SPAWN);
	ack(t.held[i]);
	(void)want(MSG_SPAWN, 1, "");
	t.hold_acks = false;
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
}

static void
a_lost_record_stops_everything(void **state)
{
	struct msg_lost m = {.why = bytes_of("no space")};

	(void)state;
	t.hold_acks = true;
	call_exec(1, "c1", "echo hi", 0);
	(void)want(MSG_RECORD, 0, "intent ");
	assert_int_equal(chan_send(t.audit, 0, MSG_LOST, &m), 0);
	none(MSG_SPAWN);
	ack(t.held[t.nheld - 1]); /* even if it is late */
	none(MSG_SPAWN);
	call_exec(2, "c2", "echo hi", 0);
	(void)want(MSG_RESULT, 2, "4 nothing runs any more");
	none(MSG_SPAWN);
}

static void
a_call_id_runs_once(void **state)
{
	(void)state;
	call_exec(1, "same", "echo hi", 0);
	(void)want(MSG_SPAWN, 1, "");
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
	forget();
	call_exec(2, "same", "echo hi", 0);
	(void)want(MSG_RESULT, 2, "4 this call id");
	none(MSG_SPAWN);
}

static void
a_long_command_is_left_running(void **state)
{
	struct msg_call_stdin m = {.call = bytes_of("poll"), .session = 1};
	const struct event *e;

	(void)state;
	call_exec(1, "c1", "sleep 9", 250);
	(void)want(MSG_SPAWN, 1, "");
	cell_spawned(1, false);
	assert_int_equal(write(t.out, "one\n", 4), 4);
	e = want(MSG_RESULT, 1, "0 ");
	assert_non_null(strstr(e->text,
	    "Process running with session ID 1\nOriginal token count: 1\n"
	    "Output:\none\n"));
	forget();
	assert_int_equal(chan_send(t.model, 2, MSG_CALL_STDIN, &m), 0);
	pump(QUIET_MS);
	assert_int_equal(write(t.out, "two\n", 4), 4);
	pump(QUIET_MS);
	cell_exit(1, EXIT_STATUS, 3 << 8);
	e = want(MSG_RESULT, 2, "1 ");
	assert_non_null(strstr(e->text, "Process exited with code 3"));
	assert_non_null(strstr(e->text, "Output:\ntwo\n"));
	(void)want(MSG_DONE, 1, "1 ");
	m.call = bytes_of("again");
	assert_int_equal(chan_send(t.model, 3, MSG_CALL_STDIN, &m), 0);
	(void)want(MSG_RESULT, 3, "4 write_stdin failed: Unknown process id 1");
}

static void
a_patch_names_its_files(void **state)
{
	(void)state;
	call_patch(1, "p1",
	    "*** Begin Patch\n*** Add File: d/a\n+x\n"
	    "*** Update File: b\n*** Move to: c\n*** End Patch\n");
	(void)want(MSG_SPAWN, 1, "/x/cordon-tool patch --hashes in /w");
	cell_spawned(1, false);
	assert_int_equal(write(t.out, "Success.\n", 9), 9);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0 Exit code: 0\nWall time: 0.");
	(void)want(MSG_DONE, 1, "0 A d/a R b A c");
}

/* What follows a patch's answer, of wherever it was to be applied, is for the
 * record alone. */
static void
hashes_are_for_the_record(void **state)
{
	struct msg_call_exec m = {.call = bytes_of("p1"),
	    .workdir = bytes_of("d"),
	    .cmd =
		bytes_of("apply_patch <<'E'\n*** Begin Patch\n*** Add File: a"
			 "\n+x\n*** Delete File: b\n*** End Patch\nE")};
	char printed[6 + 1 + 64 + 64];
	const struct event *e;

	(void)state;
	assert_int_equal(chan_send(t.model, 1, MSG_CALL_EXEC, &m), 0);
	(void)want(MSG_SPAWN, 1, "/x/cordon-tool patch --hashes in /w/d");
	cell_spawned(1, false);
	memcpy(printed, "Done.\n", 7);
	memset(printed + 7, '-', 64);
	memset(printed + 7 + 64, 'e', 64);
	assert_int_equal(
	    write(t.out, printed, sizeof(printed)), sizeof(printed));
	cell_exit(1, EXIT_STATUS, 0);
	e = want(MSG_RESULT, 1, "0 Wall time: 0.");
	assert_true(str_ends(e->text, "Done.\n"));
	e = want(MSG_OUTPUT, 1, "");
	assert_string_equal(e->text, "Done.\n");
	(void)want(MSG_DONE, 1, "0 A d/a D d/b");
	e = want(MSG_RECORD, 0, "result {\"call\":1,");
	assert_non_null(strstr(e->text,
	    "\"changes\":[{\"kind\":\"A\",\"path\":\"d/a\"},{\"kind\":\"D\","
	    "\"path\":\"d/b\",\"sha256\":\"eeeeeeee"));
}

/* It is ended, and says itself whether that was before or after. */
static void
a_patch_is_cancelled(void **state)
{
	static const char *const results[] = {"0 ", "3 "}, *const dones[] = {
							       "0 A a", "3 "};
	static const char text[] =
	    "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		call_patch(i + 1, "", text);
		(void)want(MSG_SPAWN, i + 1, "/x/cordon-tool patch");
		cell_spawned(i + 1, false);
		(void)want(MSG_BEGIN, i + 1, "");
		cancel(i + 1);
		(void)want(MSG_KILL, i + 1, "");
		cell_exit(i + 1, EXIT_STATUS, (int)i << 8);
		(void)want(MSG_RESULT, i + 1, results[i]);
		(void)want(MSG_DONE, i + 1, dones[i]);
	}
}

/* Out of the project, and to what programs outside of the cell obey. */
static void
a_patch_that_nothing_permits_is_refused(void **state)
{
	static const char out[] = "4 patch rejected: writing out",
			  obeyed[] = "2 patch rejected: /w/";
	static const struct {
		const char *path, *result;
	} rows[] = {{"/etc/x", out}, {"../x", out}, {"a/../../x", out},
	    {"..", out}, {"a/..", out}, {".git/hooks/x", obeyed},
	    {"sub/.git/config", obeyed}, {".git", obeyed}};
	char *text;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = xasprintf("*** Begin Patch\n*** Add File: %s\n+x\n"
				 "*** End Patch\n",
		    rows[i].path);
		call_patch(i + 1, rows[i].path, text);
		(void)want(MSG_RESULT, i + 1, rows[i].result);
		free(text);
	}
	none(MSG_SPAWN);
}

/* Two patches, or a patch and a command, never meet; commands may. */
static void
writers_wait_for_each_other(void **state)
{
	static const char p[] =
	    "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";

	(void)state;
	call_exec(1, "c1", "make", 30000);
	call_exec(2, "c2", "make", 30000);
	call_patch(3, "p3", p);
	call_patch(4, "p4", p);
	call_exec(5, "c5", "make", 30000);
	(void)want(MSG_SPAWN, 1, "");
	(void)want(MSG_SPAWN, 2, "");
	pump(QUIET_MS);
	assert_null(find(MSG_SPAWN, 3, ""));
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	cell_spawned(2, false);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_SPAWN, 3, "");
	pump(QUIET_MS);
	assert_null(find(MSG_SPAWN, 4, ""));
	assert_null(find(MSG_SPAWN, 5, ""));
	cell_spawned(3, false);
	cell_exit(3, EXIT_STATUS, 0);
	(void)want(MSG_SPAWN, 4, "");
	pump(QUIET_MS);
	assert_null(find(MSG_SPAWN, 5, ""));
	cell_spawned(4, false);
	cell_exit(4, EXIT_STATUS, 0);
	(void)want(MSG_SPAWN, 5, "");
	cell_spawned(5, false);
	cell_exit(5, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 5, "0");
}

/* A flood stays bounded; the model gets head and tail. */
static void
a_flood_is_cut(void **state)
{
	static char block[65536];
	struct msg_call_exec m = {.call = bytes_of("c1"),
	    .cmd = bytes_of("yes"),
	    .max_tokens = 100,
	    .yield_ms = 30000};
	const struct event *e;
	size_t i;

	(void)state;
	memset(block, 'y', sizeof(block));
	assert_int_equal(chan_send(t.model, 1, MSG_CALL_EXEC, &m), 0);
	(void)want(MSG_SPAWN, 1, "/bin/bash -c yes");
	cell_spawned(1, false);
	for (i = 0; i < 400; i++)
		assert_int_equal(
		    write(t.out, block, sizeof(block)), sizeof(block));
	cell_exit(1, EXIT_STATUS, 0);
	e = want(MSG_RESULT, 1, "0 ");
	assert_non_null(strstr(e->text,
	    "Warning: truncated output (original token count: 6553600)"));
	assert_non_null(strstr(e->text, "...6553500 tokens truncated..."));
	assert_true(strlen(e->text) < 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    T(a_command_runs),
	    T(nothing_runs_before_its_record),
	    T(a_lost_record_stops_everything),
	    T(a_call_id_runs_once),
	    T(a_long_command_is_left_running),
	    T(a_patch_names_its_files),
	    T(hashes_are_for_the_record),
	    T(a_patch_is_cancelled),
	    T(a_patch_that_nothing_permits_is_refused),
	    T(writers_wait_for_each_other),
	    T(a_flood_is_cut),
#undef T
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
