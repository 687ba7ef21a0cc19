/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of cordon-gate: a call that is cancelled at every state of its
 * table, and calls beside each other.
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

#define PATCH "*** Begin Patch\n*** Update File: x.sh\n-a\n+b\n*** End Patch\n"

static char hex[STR_HEX_SIZE(32)];

/* Each brings call 1 into one state of the gate's table. */

static void
hashing(void)
{
	call_exec(1, "c1", "sh ./x.sh", 0);
	(void)want(MSG_SPAWN, 0, "/x/cordon-tool digest");
}

static void
asking(void)
{
	asked(1, "c1", hex);
}

static void
intent(void)
{
	asking();
	t.hold_acks = true;
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_RECORD, 0, "intent ");
}

static void
queued(void)
{
	call_patch(9, "p9", PATCH);
	(void)want(MSG_SPAWN, 9, "");
	cell_spawned(9, false);
	(void)want(MSG_BEGIN, 9, "");
	forget();
	asking();
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_RECORD, 0, "intent ");
	pump(QUIET_MS);
}

static void
checking(void)
{
	asking();
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_SPAWN, 0, "/x/cordon-tool digest");
}

static void
starting(void)
{
	checking();
	digest_is('a');
	(void)want(MSG_SPAWN, 1, "");
}

static void
running(void)
{
	starting();
	cell_spawned(1, false);
	(void)want(MSG_BEGIN, 1, "");
}

static void
draining(void)
{
	struct msg_exit m = {.how = EXIT_STATUS};

	running();
	assert_int_equal(chan_send(t.cell, 1, MSG_EXIT, &m), 0);
	pump(QUIET_MS); /* its output is still open */
}

static void
result(void)
{
	running();
	t.hold_acks = true;
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RECORD, 0, "result {\"call\":1,");
}

static void
refused(void)
{
	asking();
	t.hold_acks = true;
	answer(1, ANSWER_NO, hex);
	(void)want(MSG_RECORD, 0, "refusal ");
}

static void
looking(void)
{
	struct msg_call_stdin m = {
	    .call = bytes_of("look"), .session = 1, .yield_ms = 9000};

	call_exec(9, "c9", "sh ./x.sh", 250);
	digest_is('a');
	(void)strlcpy(hex, want(MSG_ASK, 9, "")->text, sizeof(hex));
	forget();
	answer(9, ANSWER_ONCE, hex);
	digest_is('a');
	(void)want(MSG_SPAWN, 9, "");
	cell_spawned(9, false);
	(void)want(MSG_RESULT, 9, "0");
	assert_int_equal(chan_send(t.model, 1, MSG_CALL_STDIN, &m), 0);
	(void)want(MSG_RECORD, 0, "tool {\"call\":1,");
	pump(QUIET_MS);
}

/* Where the cancel finds the call, and what then comes of it. */
static const struct state {
	const char *name;
	void (*reach)(void);
	const char *end; /* of the RESULT */
	const char *record;
	bool runs; /* the cell has to be told */
} states[] = {
    {"hashing", hashing, "3 cancelled", "refusal {\"call\":1,", false},
    {"asking", asking, "3 cancelled", "refusal {\"call\":1,", false},
    {"intent", intent, "3 cancelled", "refusal {\"call\":1,", false},
    {"queued", queued, "3 cancelled", "refusal {\"call\":1,", false},
    {"checking", checking, "3 cancelled", "refusal {\"call\":1,", false},
    {"starting", starting, "3 ", "result {\"call\":1,", true},
    {"running", running, "3 ", "result {\"call\":1,", true},
    {"draining", draining, "3 ", "result {\"call\":1,", false},
    {"result", result, "0 ", "result {\"call\":1,", false},
    {"refused", refused, "2 rejected", "refusal {\"call\":1,", false},
    {"looking", looking, "3 cancelled", "tool {\"call\":1,", false},
};

static size_t
count(enum msg_type type, uint32_t id, const char *prefix)
{
	size_t i, n = 0;

	for (i = 0; i < t.nevents; i++)
		n += t.events[i].type == type &&
		     (id == 0 || t.events[i].id == id) &&
		     str_starts(t.events[i].text, prefix);
	return n;
}

/* What was held back or was under way goes on, as if nothing had been. */
static void
go_on(const struct state *s)
{
	size_t i;

	t.hold_acks = false;
	for (i = 0; i < t.nheld; i++)
		ack(t.held[i]);
	t.nheld = 0;
	if (s->reach == asking)
		answer(1, ANSWER_ONCE, hex); /* too late */
	if (s->reach == hashing || s->reach == checking)
		digest_is('a');
	if (s->reach == queued)
		cell_exit(9, EXIT_STATUS, 0);
	if (s->reach == draining)
		fd_close(&t.out);
	if (!s->runs)
		return;
	(void)want(MSG_KILL, 1, "");
	if (s->reach == starting)
		cell_spawned(1, false);
	cell_exit(1, EXIT_KILLED, SIGKILL);
}

static void
cell_runs(uint32_t id)
{
	(void)want(MSG_SPAWN, id, "");
	cell_spawned(id, false);
}

static void
cancel_at(const struct state *s)
{
	size_t spawned;

	print_message("at %s\n", s->name);
	assert_int_equal(setup_untrusted(NULL), 0);
	s->reach();
	spawned = count(MSG_SPAWN, 1, "");
	cancel(1);
	pump(QUIET_MS);
	go_on(s);
	(void)want(MSG_RESULT, 1, s->end);
	cancel(1); /* late: means nothing */
	pump(QUIET_MS);
	assert_int_equal(count(MSG_RESULT, 1, ""), 1);
	assert_int_equal(count(MSG_SPAWN, 1, ""), spawned);
	assert_int_equal(count(MSG_RECORD, 0, s->record), 1);
	assert_int_equal(count(MSG_RECORD, 0, "refusal {\"call\":1,") +
			     count(MSG_RECORD, 0, "result {\"call\":1,"),
	    s->reach == looking ? 0 : 1);
	assert_null(find(MSG_DROPPED, 0, ""));
	if (s->reach == looking)
		cell_exit(9, EXIT_STATUS, 0);
	call_patch(20, "p20", PATCH); /* nothing is in the way of others */
	cell_runs(20);
	cell_exit(20, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 20, "0");
	assert_int_equal(teardown(NULL), 0);
}

static void
cancelled_at_every_state(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		cancel_at(&states[i]);
}

/* Calls beside each other. */

static void
call_of(char kind, uint32_t id)
{
	char ident[] = {kind, (char)('0' + id), '\0'};
	struct msg_call_read m = {
	    .call = bytes_of(ident), .path = bytes_of("x.sh")};

	if (kind == 'c')
		call_exec(id, ident, "make", 0);
	else if (kind == 'p')
		call_patch(id, ident, PATCH);
	else
		assert_int_equal(chan_send(t.model, id, MSG_CALL_READ, &m), 0);
}

/* A patch has the tree to itself, whatever comes before or behind it. */
static void
pair(char first, char second)
{
	bool waits = first == 'p' || second == 'p';

	print_message("%c and %c\n", first, second);
	assert_int_equal(setup(NULL), 0);
	call_of(first, 1);
	cell_runs(1);
	call_of(second, 2);
	(void)want(MSG_RECORD, 0, "intent {\"call\":2,");
	pump(QUIET_MS);
	assert_int_equal(count(MSG_SPAWN, 2, ""), waits ? 0 : 1);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
	cell_runs(2);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 2, "0");
	assert_int_equal(teardown(NULL), 0);
}

static void
calls_beside_each_other(void **state)
{
	static const char kinds[] = "cpr"; /* command, patch, reading */
	const char *a, *b;

	(void)state;
	for (a = kinds; *a != '\0'; a++)
		for (b = kinds; *b != '\0'; b++)
			pair(*a, *b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cancelled_at_every_state),
	    cmocka_unit_test(calls_beside_each_other),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
