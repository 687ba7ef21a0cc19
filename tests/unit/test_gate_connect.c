/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of cordon-gate: the connections that commands want.
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

/* A person is there, and is asked about each host. */
static int
setup_hosts(void **state)
{
	int r;

	default_net = THREE_ASK;
	r = setup(state);
	default_net = THREE_NO;
	return r;
}

/* A command runs, and has its socket. */
static void
runs(uint32_t id)
{
	char ident[] = {'c', (char)('0' + id), '\0'};
	struct msg_serve m = {.sock = fd_memfd("socket", "", 0)};

	call_exec(id, ident, "make", 0);
	(void)want(MSG_SPAWN, id, "");
	cell_spawned(id, false);
	assert_int_equal(chan_send(t.cell, id, MSG_SERVE, &m), 0);
	fd_close(&m.sock);
	(void)want(MSG_SERVE, id, "");
}

static void
wants(uint32_t wish, uint32_t call, const char *host)
{
	struct msg_asked m = {
	    .call = call, .host = bytes_of(host), .port = 443};

	assert_int_equal(chan_send(t.net, wish, MSG_ASKED, &m), 0);
}

/* The person says what to the question about a connection. */
static void
person(enum answer what)
{
	const struct event *e = want(MSG_ASK, 0, "");
	char hex[STR_HEX_SIZE(32)];
	uint32_t id = e->id;

	(void)strlcpy(hex, e->text, sizeof(hex));
	forget();
	answer(id, what, hex);
}

static void
nothing_is_allowed_before_its_record(void **state)
{
	size_t i;

	(void)state;
	runs(1);
	wants(7, 1, "a.test");
	(void)want(MSG_ASK, 0, "");
	none(MSG_ALLOW);
	t.hold_acks = true;
	person(ANSWER_ONCE);
	(void)want(MSG_RECORD, 0, "approval ");
	(void)want(MSG_RECORD, 0, "connect ");
	none(MSG_ALLOW);
	t.hold_acks = false;
	for (i = 0; i < t.nheld; i++)
		ack(t.held[i]);
	(void)want(MSG_ALLOW, 7, "1 1");
}

static void
one_question_for_one_host(void **state)
{
	(void)state;
	runs(1);
	wants(1, 1, "a.test");
	wants(2, 1, "a.test");
	wants(3, 1, "b.test");
	person(ANSWER_ONCE);
	(void)want(MSG_ALLOW, 1, "1");
	(void)want(MSG_ALLOW, 2, "1");
	wants(4, 1, "a.test"); /* as long as the command runs */
	(void)want(MSG_ALLOW, 4, "1");
	assert_null(find(MSG_ALLOW, 3, ""));
	forget();
	runs(2);
	wants(5, 2, "a.test"); /* another command's is another question */
	person(ANSWER_NO);
	(void)want(MSG_ALLOW, 5, "0 0 the person said no");
	(void)want(MSG_RECORD, 0, "refusal ");
}

static void
an_answer_for_the_session(void **state)
{
	(void)state;
	runs(1);
	wants(1, 1, "a.test");
	person(ANSWER_SESSION);
	(void)want(MSG_ALLOW, 1, "1");
	forget();
	runs(2);
	wants(2, 2, "a.test");
	(void)want(MSG_ALLOW, 2, "1");
	assert_null(find(MSG_ASK, 0, ""));
}

/* The person has named a domain; what does not hold the host is for that
 * host alone. */
static void
an_answer_for_a_domain(void **state)
{
	static const struct {
		const char *asked, *named, *later;
		bool known;
	} cases[] = {{"x.a.test", "*.a.test:443", "y.a.test", true},
	    {"x.b.test", "*.b.test:443", "b.test", false},
	    {"x.c.test", "*.other.test:443", "y.other.test", false},
	    {"x.d.test", "*.d.test:80", "y.d.test", false}};
	char hex[STR_HEX_SIZE(32)];
	const struct event *e;
	uint32_t i, id, n = 0;

	(void)state;
	runs(1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		forget();
		wants(++n, 1, cases[i].asked);
		e = want(MSG_ASK, 0, "");
		id = e->id;
		(void)strlcpy(hex, e->text, sizeof(hex));
		answer_for(id, hex, cases[i].named);
		(void)want(MSG_ALLOW, n, "1");
		forget();
		wants(++n, 1, cases[i].asked);
		(void)want(MSG_ALLOW, n, "1");
		assert_null(find(MSG_ASK, 0, ""));
		wants(++n, 1, cases[i].later);
		if (cases[i].known) {
			(void)want(MSG_ALLOW, n, "1");
			assert_null(find(MSG_ASK, 0, ""));
		} else
			person(ANSWER_NO);
	}
}

/* What waits for an answer ends with the command, and its answer is void. */
static void
the_command_ends_while_the_person_thinks(void **state)
{
	char hex[STR_HEX_SIZE(32)];
	const struct event *e;
	uint32_t id;

	(void)state;
	runs(1);
	wants(1, 1, "a.test");
	e = want(MSG_ASK, 0, "");
	id = e->id;
	(void)strlcpy(hex, e->text, sizeof(hex));
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_SERVE_END, 1, "");
	(void)want(MSG_WITHDRAW, id, "");
	(void)want(MSG_ALLOW, 1, "0 0 cancelled");
	(void)want(MSG_RECORD, 0, "refusal ");
	(void)want(MSG_RESULT, 1, "0");
	answer(id, ANSWER_ONCE, hex);
	wants(2, 1, "a.test"); /* of a command that is no more */
	(void)want(MSG_ALLOW, 2, "0 0 its command has ended");
	assert_null(find(MSG_RECORD, 0, "connect "));
	assert_null(find(MSG_DROPPED, 0, ""));
}

/* The call that the model interrupts takes its questions with it. */
static void
the_call_is_cancelled(void **state)
{
	(void)state;
	runs(1);
	wants(1, 1, "a.test");
	(void)want(MSG_ASK, 0, "");
	cancel(1);
	(void)want(MSG_KILL, 1, "");
	cell_exit(1, EXIT_KILLED, SIGKILL);
	(void)want(MSG_ALLOW, 1, "0");
	(void)want(MSG_RESULT, 1, "3");
	assert_null(find(MSG_RECORD, 0, "connect "));
}

static void
a_lost_record_allows_nothing(void **state)
{
	struct msg_lost lost = {.why = bytes_of("full")};

	(void)state;
	runs(1);
	wants(1, 1, "a.test");
	t.hold_acks = true;
	person(ANSWER_ONCE);
	(void)want(MSG_RECORD, 0, "connect ");
	assert_int_equal(chan_send(t.audit, 0, MSG_LOST, &lost), 0);
	(void)want(MSG_ALLOW, 1, "0 0 the audit log");
	wants(2, 1, "a.test");
	(void)want(MSG_ALLOW, 2, "0 0 the audit log");
}

/* Nobody but the cell of a command that has hosts hands out a socket. */
static void
a_socket_that_nobody_asked_for(void **state)
{
	struct msg_serve m = {.sock = fd_memfd("socket", "", 0)};

	(void)state;
	call_exec(1, "c1", "ls", 0); /* known to only read */
	(void)want(MSG_SPAWN, 1, "");
	cell_spawned(1, false);
	wants(1, 1, "a.test");
	(void)want(MSG_ALLOW, 1, "0 0 its command has ended");
	assert_int_equal(chan_send(t.cell, 1, MSG_SERVE, &m), 0);
	fd_close(&m.sock);
	(void)want(MSG_DROPPED, 0, "");
	none(MSG_SERVE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup_hosts, teardown)
	    T(nothing_is_allowed_before_its_record),
	    T(one_question_for_one_host),
	    T(an_answer_for_the_session),
	    T(an_answer_for_a_domain),
	    T(the_command_ends_while_the_person_thinks),
	    T(the_call_is_cancelled),
	    T(a_lost_record_allows_nothing),
	    T(a_socket_that_nobody_asked_for),
#undef T
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
