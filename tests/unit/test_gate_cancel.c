/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of cordon-gate: a call that is cancelled, at every state.
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
cancel_before_the_record(void **state)
{
	size_t i;

	(void)state;
	t.hold_acks = true;
	call_exec(1, "c1", "echo hi", 0);
	(void)want(MSG_RECORD, 0, "intent ");
	cancel(1);
	pump(QUIET_MS);
	t.hold_acks = false;
	for (i = 0; i < t.nheld; i++)
		ack(t.held[i]);
	(void)want(MSG_RESULT, 1, "3 ");
	none(MSG_SPAWN);
}

static void
cancel_while_starting(void **state)
{
	(void)state;
	call_exec(1, "c1", "sleep 9", 0);
	(void)want(MSG_SPAWN, 1, "");
	cancel(1);
	(void)want(MSG_KILL, 1, "");
	cell_spawned(1, false);
	cell_exit(1, EXIT_KILLED, SIGKILL);
	(void)want(MSG_RESULT, 1, "3 ");
	(void)want(MSG_RECORD, 0, "result ");
}

static void
cancel_while_running(void **state)
{
	(void)state;
	call_exec(1, "c1", "sleep 9", 0);
	(void)want(MSG_SPAWN, 1, "");
	cell_spawned(1, false);
	(void)want(MSG_BEGIN, 1, "");
	cancel(1);
	(void)want(MSG_KILL, 1, "");
	cell_exit(1, EXIT_KILLED, SIGKILL);
	(void)want(MSG_RESULT, 1, "3 ");
	(void)want(MSG_DONE, 1, "3 ");
	cancel(1); /* late: means nothing */
	call_exec(2, "c2", "true", 0);
	(void)want(MSG_SPAWN, 2, "");
	cell_spawned(2, false);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 2, "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    T(cancel_before_the_record),
	    T(cancel_while_starting),
	    T(cancel_while_running),
#undef T
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
