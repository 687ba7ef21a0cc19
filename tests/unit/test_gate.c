/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of a whole process: the real cordon-gate, with this program as
 * its peers.  What is held here is the order of things: nothing is spawned
 * before its intent is acknowledged, whatever anybody does, and when.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
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

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/loop.h"
#include "base/str.h"
#include "base/xmem.h"
#include "policy/rule.h"
#include "proto/chan.h"
#include "proto/codec.h"
#include "proto/schema.h"
#include "sandbox/spec.h"

#define WAIT_MS    5000
#define QUIET_MS   60 /* long enough for a frame that should not come */
#define EVENTS_MAX 512

/* One message that the gate sent, to whomever. */
struct event {
	enum msg_type type;
	uint32_t id;
	char *text; /* owned: the fields that tests look at */
};

static struct {
	struct loop *loop;
	struct chan *main, *model, *ui, *cell, *audit;
	pid_t pid;
	struct event events[EVENTS_MAX];
	size_t nevents;
	uint64_t seq;
	bool hold_acks;    /* keep them back */
	uint32_t held[64]; /* records not yet acknowledged */
	size_t nheld;
	int out;     /* our end of the output of the running child */
	bool closed; /* the channel of main */
} t;

static void
push(enum msg_type type, uint32_t id, char *text)
{
	assert_true(t.nevents < EVENTS_MAX);
	t.events[t.nevents++] = (struct event){type, id, text};
}

static char *
joined(const struct msg_list *l)
{
	struct buf b;
	char *s;
	size_t i;

	buf_init(&b, 1 << 20);
	for (i = 0; i < l->n; i++) {
		(void)buf_adds(&b, i == 0 ? "" : " ");
		(void)buf_add(&b, l->v[i].p, l->v[i].len);
	}
	s = xstrdup(b.len == 0 ? "" : buf_cstr(&b));
	buf_fini(&b);
	return s;
}

static void
ack(uint32_t id)
{
	struct msg_ack m = {.seq = ++t.seq};

	assert_int_equal(chan_send(t.audit, id, MSG_ACK, &m), 0);
}

static int
got_record(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	static const char *const names[AUDIT_TYPES] = {"open", "call",
	    "decision", "approval", "intent", "result", "connect", "refusal",
	    "violation", "tool", "token", "recovered", "head", "close"};
	struct msg_record *m = msg;

	(void)arg;
	(void)ch;
	push(MSG_RECORD, id,
	    xasprintf("%s %.*s", names[m->type], (int)m->payload.len,
		(const char *)m->payload.p));
	fd_close(&m->whole);
	if (t.hold_acks)
		t.held[t.nheld++] = id;
	else
		ack(id);
	return 0;
}

static int
got_spawn(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_spawn *m = msg;
	char *argv = joined(&m->argv), *text;

	(void)arg;
	(void)ch;
	text = xasprintf(
	    "%s in %.*s", argv, (int)m->cwd.len, (const char *)m->cwd.p);
	free(argv);
	fd_close(&m->in);
	fd_close(&m->out);
	fd_close(&m->err);
	push(MSG_SPAWN, id, text);
	return 0;
}

static int
got_result(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_result *m = msg;

	(void)arg;
	(void)ch;
	fd_close(&m->whole);
	push(MSG_RESULT, id,
	    xasprintf("%u %.*s", m->status, (int)m->text.len,
		(const char *)m->text.p));
	return 0;
}

static int
got_begin(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_begin *m = msg;

	(void)arg;
	(void)ch;
	fd_close(&m->patch);
	push(MSG_BEGIN, id, joined(&m->argv));
	return 0;
}

static int
got_done(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_done *m = msg;
	char *changes = joined(&m->changes);

	(void)arg;
	(void)ch;
	push(MSG_DONE, id, xasprintf("%u %s", m->status, changes));
	free(changes);
	return 0;
}

static int
got_ask(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_ask *m = msg;
	char hex[STR_HEX_SIZE(32)];

	(void)arg;
	(void)ch;
	fd_close(&m->patch);
	assert_int_equal(m->hash.len, 32);
	str_hex(hex, m->hash.p, 32);
	push(MSG_ASK, id, xstrdup(hex));
	return 0;
}

static int
got_context(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_context *m = msg;

	(void)arg;
	(void)ch;
	fd_close(&m->documents);
	push(MSG_CONTEXT, id, joined(&m->tools));
	return 0;
}

/* Of these only that they came matters. */
#define GOT_PLAIN(name, NAME)                                                  \
	static int got_##name(                                                 \
	    void *arg, struct chan *ch, uint32_t id, void *msg)                \
	{                                                                      \
		(void)arg;                                                     \
		(void)ch;                                                      \
		codec_close_fds(schema_find(MSG_##NAME), msg);                 \
		push(MSG_##NAME, id, xstrdup(""));                             \
		return 0;                                                      \
	}

GOT_PLAIN(output, OUTPUT)
GOT_PLAIN(grant, GRANT)
GOT_PLAIN(ready, READY)
GOT_PLAIN(log, LOG)
GOT_PLAIN(dropped, DROPPED)
GOT_PLAIN(kill, KILL)
GOT_PLAIN(resize, RESIZE)

static const struct chan_handler h_main[] = {{MSG_READY, got_ready},
    {MSG_LOG, got_log}, {MSG_DROPPED, got_dropped}, {0, NULL}};
static const struct chan_handler h_model[] = {
    {MSG_RESULT, got_result}, {MSG_CONTEXT, got_context}, {0, NULL}};
static const struct chan_handler h_ui[] = {{MSG_ASK, got_ask},
    {MSG_BEGIN, got_begin}, {MSG_OUTPUT, got_output}, {MSG_DONE, got_done},
    {MSG_GRANT, got_grant}, {0, NULL}};
static const struct chan_handler h_cell[] = {{MSG_SPAWN, got_spawn},
    {MSG_KILL, got_kill}, {MSG_RESIZE, got_resize}, {0, NULL}};
static const struct chan_handler h_audit[] = {
    {MSG_RECORD, got_record}, {0, NULL}};

static void
got_closed(void *arg, struct chan *ch, int err)
{
	(void)arg;
	(void)err;
	if (ch == t.main)
		t.closed = true;
}

static struct chan *
wire(enum role self, int fds[ROLE_COUNT], const struct chan_handler *h)
{
	int pair[2];

	assert_int_equal(fd_pair(pair), 0);
	fds[self] = pair[1];
	return chan_new(t.loop, pair[0], self, ROLE_GATE, h, got_closed, NULL);
}

static void
conf(const char *key, struct bytes value)
{
	struct msg_conf m = {.key = bytes_of(key), .value = value};

	assert_int_equal(chan_send(t.main, 0, MSG_CONF, &m), 0);
}

static const struct event *
find(enum msg_type type, uint32_t id, const char *prefix)
{
	size_t i;

	for (i = 0; i < t.nevents; i++)
		if (t.events[i].type == type &&
		    (id == 0 || t.events[i].id == id) &&
		    str_starts(t.events[i].text, prefix))
			return &t.events[i];
	return NULL;
}

static void
pump(int ms)
{
	uint64_t end = clock_mono_ms() + (uint64_t)ms;

	while (clock_mono_ms() < end)
		(void)loop_once(t.loop, 5);
}

static const struct event *
want(enum msg_type type, uint32_t id, const char *prefix)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;
	const struct event *e;

	while ((e = find(type, id, prefix)) == NULL) {
		if (clock_mono_ms() > end)
			fail_msg("no %s of %u with '%s'",
			    schema_find(type)->name, id, prefix);
		(void)loop_once(t.loop, 5);
	}
	return e;
}

static void
forget(void)
{
	while (t.nevents > 0)
		free(t.events[--t.nevents].text);
}

static void
tell_ceiling(void)
{
	struct spec s;
	struct buf b;

	spec_init(&s);
	assert_int_equal(spec_adds(&s, "/", SPEC_READ | SPEC_EXEC), 0);
	assert_int_equal(
	    spec_adds(&s, "/w", SPEC_READ | SPEC_WRITE | SPEC_EXEC), 0);
	buf_init(&b, 60000);
	assert_int_equal(spec_encode(&s, &b), 0);
	conf("session.ceiling", (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	spec_fini(&s);
}

static void
tell_policy(enum exec_default exec)
{
	struct defaults d = {.exec = exec, .write = THREE_YES, .net = THREE_NO};
	struct msg_rule m;
	struct buf b;

	buf_init(&b, 65000);
	assert_int_equal(defaults_encode(&d, POLICY_BUILTIN, &b), 0);
	m.body = (struct bytes){buf_data(&b), b.len};
	(void)chan_send(t.main, 0, MSG_RULE, &m);
	buf_fini(&b);
}

static void
child(int fds[ROLE_COUNT])
{
	const char *build = getenv("CORDON_BUILD");
	char *path = xasprintf("%s/cordon-gate", build == NULL ? "." : build);
	char *argv[] = {path, NULL};
	unsigned i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (fds[i] != -1)
			fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
	for (i = 0; i < ROLE_COUNT; i++)
		if (fds[i] != -1 &&
		    dup2(fds[i], i == ROLE_MAIN ? FD_MAIN : FD_PEER(i)) == -1)
			_exit(126);
	(void)execv(path, argv);
	_exit(127);
}

/* Ends the context call that the gate makes of itself. */
static void
end_context(void)
{
	const struct event *e = want(MSG_SPAWN, 0, "/x/cordon-tool context");
	struct msg_exit m = {.how = EXIT_STATUS};
	uint32_t id = e->id;

	assert_int_equal(chan_send(t.cell, id, MSG_SPAWNED,
			     &(struct msg_spawned){1, -1, -1}),
	    0);
	assert_int_equal(chan_send(t.cell, id, MSG_EXIT, &m), 0);
	(void)want(MSG_CONTEXT, 0, "");
	forget();
}

static int
start_gate(const char *headless, enum exec_default exec)
{
	uint8_t hash[SCHEMA_HASH_LEN];
	struct msg_hello hello = {.role = ROLE_GATE,
	    .session = bytes_of("01900000-0000-7000-8000-000000000000")};
	int fds[ROLE_COUNT];
	unsigned i;

	memset(&t, 0, sizeof(t));
	t.out = -1;
	t.loop = loop_new();
	for (i = 0; i < ROLE_COUNT; i++)
		fds[i] = -1;
	t.main = wire(ROLE_MAIN, fds, h_main);
	t.model = wire(ROLE_MODEL, fds, h_model);
	t.ui = wire(ROLE_UI, fds, h_ui);
	t.cell = wire(ROLE_CELL, fds, h_cell);
	t.audit = wire(ROLE_AUDIT, fds, h_audit);
	t.pid = fork();
	if (t.pid == 0)
		child(fds);
	for (i = 0; i < ROLE_COUNT; i++)
		fd_close(&fds[i]);
	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	assert_int_equal(chan_send(t.main, 0, MSG_HELLO, &hello), 0);
	conf("session.cwd", bytes_of("/w"));
	conf("session.tool", bytes_of("/x/cordon-tool"));
	conf("session.env", bytes_of("PATH=/usr/bin"));
	conf("session.headless", bytes_of(headless));
	tell_policy(exec);
	tell_ceiling();
	assert_int_equal(
	    chan_send(t.main, 0, MSG_END, &(struct msg_end){0}), 0);
	(void)want(MSG_READY, 0, "");
	end_context();
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	return start_gate("0", EXEC_SANDBOX);
}

/* Stopping is orderly: exit status 0, in good time. */
static int
teardown(void **state)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;
	int status = -1;

	(void)state;
	if (!t.closed)
		(void)chan_send(t.main, 0, MSG_STOP, &(struct msg_stop){});
	while (waitpid(t.pid, &status, WNOHANG) == 0) {
		if (clock_mono_ms() > end) {
			(void)kill(t.pid, SIGKILL);
			(void)waitpid(t.pid, &status, 0);
			break;
		}
		(void)loop_once(t.loop, 5);
	}
	fd_close(&t.out);
	chan_free(t.main);
	chan_free(t.model);
	chan_free(t.ui);
	chan_free(t.cell);
	chan_free(t.audit);
	loop_free(t.loop);
	forget();
	if (WIFSIGNALED(status))
		print_error("gate was killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? 0 : -1;
}

/* What the model and the cell say. */

static void
call_exec(uint32_t id, const char *ident, const char *cmd, uint32_t yield_ms)
{
	struct msg_call_exec m = {.call = bytes_of(ident),
	    .cmd = bytes_of(cmd),
	    .login = true,
	    .yield_ms = yield_ms};

	assert_int_equal(chan_send(t.model, id, MSG_CALL_EXEC, &m), 0);
}

static void
call_patch(uint32_t id, const char *ident, const char *text)
{
	struct msg_call_patch m = {.call = bytes_of(ident)};

	m.patch = fd_memfd("patch", text, strlen(text));
	assert_true(m.patch >= 0);
	assert_int_equal(chan_send(t.model, id, MSG_CALL_PATCH, &m), 0);
	(void)close(m.patch);
}

static void
cell_spawned(uint32_t id, bool input)
{
	struct msg_spawned m = {.pid = 1, .in = -1, .out = -1};
	int out[2], in[2] = {-1, -1};

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	m.out = out[0];
	if (input) {
		assert_int_equal(pipe2(in, O_CLOEXEC), 0);
		m.in = in[1];
	}
	assert_int_equal(chan_send(t.cell, id, MSG_SPAWNED, &m), 0);
	pump(10); /* the descriptors have left */
	(void)close(out[0]);
	fd_close(&in[0]);
	fd_close(&in[1]);
	fd_close(&t.out);
	t.out = out[1];
}

static void
cell_exit(uint32_t id, unsigned how, int status)
{
	struct msg_exit m = {
	    .how = (uint8_t)how, .status = (uint32_t)status, .wall_us = 1000};

	fd_close(&t.out);
	assert_int_equal(chan_send(t.cell, id, MSG_EXIT, &m), 0);
}

static void
none(enum msg_type type)
{
	pump(QUIET_MS);
	if (find(type, 0, "") != NULL)
		fail_msg("a %s came", schema_find(type)->name);
}

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
	(void)want(MSG_SPAWN, 1, "/x/cordon-tool patch in /w");
	cell_spawned(1, false);
	assert_int_equal(write(t.out, "Success.\n", 9), 9);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0 Exit code: 0\nWall time: 0.");
	(void)want(MSG_DONE, 1, "0 A d/a D b A c");
}

static void
a_patch_that_leads_out_is_refused(void **state)
{
	static const char *const paths[] = {
	    "/etc/x", "../x", "a/../../x", "..", "a/.."};
	char *text;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		text = xasprintf("*** Begin Patch\n*** Add File: %s\n+x\n"
				 "*** End Patch\n",
		    paths[i]);
		call_patch(i + 1, paths[i], text);
		(void)want(MSG_RESULT, i + 1, "4 patch rejected: writing out");
		free(text);
	}
	none(MSG_SPAWN);
}

static void
a_patch_of_what_tools_obey_is_refused(void **state)
{
	static const char *const paths[] = {
	    ".git/hooks/x", "sub/.git/config", ".git"};
	char *text;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		text = xasprintf("*** Begin Patch\n*** Add File: %s\n+x\n"
				 "*** End Patch\n",
		    paths[i]);
		call_patch(i + 1, paths[i], text);
		(void)want(MSG_RESULT, i + 1, "2 patch rejected: /w/");
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

static void
cancel(uint32_t id)
{
	assert_int_equal(
	    chan_send(t.model, id, MSG_CANCEL, &(struct msg_cancel){}), 0);
}

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

/* Answers what the gate asks about the files of a command. */
static void
digest_is(char c)
{
	const struct event *e = want(MSG_SPAWN, 0, "/x/cordon-tool digest");
	uint32_t id = e->id;
	char text[66];

	memset(text, c, 64);
	(void)strlcpy(text + 64, "\n", 2);
	cell_spawned(id, false);
	assert_int_equal(write(t.out, text, 65), 65);
	cell_exit(id, EXIT_STATUS, 0);
}

static void
answer(uint32_t id, enum answer what, const char *hex)
{
	uint8_t hash[32];
	struct msg_answer m = {.answer = (uint8_t)what,
	    .channel = CHANNEL_TTY,
	    .hash = {hash, sizeof(hash)}};

	assert_int_equal(str_unhex(hash, sizeof(hash), hex), 0);
	assert_int_equal(chan_send(t.ui, id, MSG_ANSWER, &m), 0);
}

static int
setup_untrusted(void **state)
{
	(void)state;
	return start_gate("0", EXEC_ASK);
}

static int
setup_headless(void **state)
{
	(void)state;
	return start_gate("1", EXEC_ASK);
}

/* Brings a command to the point where the person is asked. */
static void
asked(uint32_t id, const char *ident, char hex[STR_HEX_SIZE(32)])
{
	call_exec(id, ident, "sh ./x.sh", 0);
	digest_is('a');
	(void)strlcpy(hex, want(MSG_ASK, id, "")->text, STR_HEX_SIZE(32));
	none(MSG_BEGIN);
	forget();
}

static void
a_person_says_yes(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_RECORD, 0, "approval ");
	(void)want(MSG_RECORD, 0, "intent ");
	digest_is('a'); /* looked at again: the same */
	(void)want(MSG_SPAWN, 1, "/bin/bash -lc sh ./x.sh");
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
	/* Once is once. */
	forget();
	asked(2, "c2", hex);
	answer(2, ANSWER_NO, hex);
	(void)want(MSG_RESULT, 2, "2 rejected: the person said no");
	none(MSG_SPAWN);
}

static void
a_script_changed_after_the_yes(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_ONCE, hex);
	digest_is('b');
	(void)want(MSG_RESULT, 1, "2 rejected: a file of this command was ch");
	(void)want(MSG_RECORD, 0, "refusal ");
	assert_null(find(MSG_SPAWN, 1, ""));
}

static void
yes_for_the_session(void **state)
{
	struct msg_grants revoke = {.revoke = 1};
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_SESSION, hex);
	digest_is('a');
	(void)want(MSG_SPAWN, 1, "");
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
	forget();
	/* The same again: not asked, still looked at. */
	call_exec(2, "c2", "sh ./x.sh", 0);
	digest_is('a');
	forget();
	digest_is('a');
	assert_null(find(MSG_ASK, 0, ""));
	(void)want(MSG_SPAWN, 2, "");
	cell_spawned(2, false);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 2, "0");
	/* Another script is another question, and so is it when revoked. */
	forget();
	call_exec(3, "c3", "sh ./x.sh", 0);
	digest_is('c');
	(void)want(MSG_ASK, 3, "");
	assert_int_equal(chan_send(t.ui, 9, MSG_GRANTS, &revoke), 0);
	(void)want(MSG_GRANT, 9, "");
	forget();
	call_exec(4, "c4", "sh ./x.sh", 0);
	digest_is('a');
	(void)want(MSG_ASK, 4, "");
}

static void
an_answer_to_something_else(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	hex[0] = hex[0] == '0' ? '1' : '0';
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_DROPPED, 0, "");
	none(MSG_SPAWN);
}

static void
cancel_while_asking(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	cancel(1);
	answer(1, ANSWER_ONCE, hex); /* too late */
	(void)want(MSG_RESULT, 1, "3 ");
	none(MSG_SPAWN);
	assert_null(find(MSG_DROPPED, 0, ""));
}

static void
nobody_is_there_to_ask(void **state)
{
	(void)state;
	call_exec(1, "c1", "./x", 0);
	(void)want(MSG_RESULT, 1,
	    "2 rejected: ./x: not known to only read "
	    "(nobody is there to ask)");
	(void)want(MSG_DONE, 1, "2 ");
	none(MSG_SPAWN);
	assert_null(find(MSG_ASK, 0, ""));
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
	    T(a_patch_that_leads_out_is_refused),
	    T(a_patch_of_what_tools_obey_is_refused),
	    T(writers_wait_for_each_other),
	    T(cancel_before_the_record),
	    T(cancel_while_starting),
	    T(cancel_while_running),
	    T(a_flood_is_cut),
#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, setup_untrusted, teardown)
	    T(a_person_says_yes),
	    T(a_script_changed_after_the_yes),
	    T(yes_for_the_session),
	    T(an_answer_to_something_else),
	    T(cancel_while_asking),
#undef T
	    cmocka_unit_test_setup_teardown(
		nobody_is_there_to_ask, setup_headless, teardown),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
