/* SPDX-License-Identifier: Apache-2.0 */

/* Helper of the tests of cordon-gate: the process, and its peers played. */

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
#include "base/xmem.h"
#include "policy/rule.h"
#include "proto/codec.h"
#include "proto/schema.h"
#include "sandbox/spec.h"

#include "tests/helper/gate_peers.h"

#define WAIT_MS 60000 /* a busy machine takes its time */

struct peers t;
const char *grant_ms = "60000";
enum three default_net = THREE_NO, default_write = THREE_YES;
bool second_cell;

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

void
ack(uint32_t id)
{
	struct msg_ack m = {.seq = ++t.seq};

	assert_int_equal(chan_send(t.audit, id, MSG_ACK, &m), 0);
}

/* Before the first command the gate has the tree listed: that is answered at
 * once, and no event. */
#define OF_THE_LIST "\"tool\":\"changed\""

static int
got_record(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	static const char *const names[AUDIT_TYPES] = {"open", "call",
	    "decision", "approval", "intent", "result", "connect", "refusal",
	    "violation", "tool", "token", "recovered", "head", "close"};
	struct msg_record *m = msg;

	(void)arg;
	(void)ch;
	if (memmem(m->payload.p, m->payload.len, OF_THE_LIST,
		strlen(OF_THE_LIST)) != NULL) {
		ack(id);
		return 0;
	}
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
	struct msg_exit ended = {.how = EXIT_STATUS};
	struct msg_spawn *m = msg;
	char *argv = joined(&m->argv), *text;
	struct buf in;

	(void)arg;
	(void)ch;
	buf_init(&in, 4096);
	if (m->in != -1)
		assert_int_equal(fd_read_memfd(m->in, &in), 0);
	text = xasprintf("%s in %.*s%s%.*s", argv, (int)m->cwd.len,
	    (const char *)m->cwd.p, m->in == -1 ? "" : " <<", (int)in.len,
	    (const char *)buf_data(&in));
	buf_fini(&in);
	free(argv);
	fd_close(&m->in);
	fd_close(&m->out);
	fd_close(&m->err);
	if (str_starts(text, "/x/cordon-tool changed ")) {
		free(text);
		(void)chan_send(
		    t.cell, id, MSG_SPAWNED, &(struct msg_spawned){1, -1, -1});
		return chan_send(t.cell, id, MSG_EXIT, &ended);
	}
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
got_output(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_output *m = msg;

	(void)arg;
	(void)ch;
	push(MSG_OUTPUT, id, xstrndup((const char *)m->data.p, m->data.len));
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
	char hex[STR_HEX_SIZE(32)], *words = joined(&m->argv);

	(void)arg;
	(void)ch;
	fd_close(&m->patch);
	assert_int_equal(m->hash.len, 32);
	str_hex(hex, m->hash.p, 32);
	t.asked = strlen(words);
	t.granted = m->granted;
	(void)bytes_copy(t.top, sizeof(t.top), m->top);
	free(words);
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

static int
got_allow(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_allow *m = msg;

	(void)arg;
	(void)ch;
	push(MSG_ALLOW, id,
	    xasprintf("%d %d %.*s", m->allow, m->named, (int)m->why.len,
		(const char *)m->why.p));
	return 0;
}

/* At the end the cell does what it is told. */
static int
got_kill(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_exit m = {.how = EXIT_KILLED, .status = SIGKILL};

	(void)arg;
	(void)msg;
	push(MSG_KILL, id, xstrdup(""));
	if (!t.stopping)
		return 0;
	fd_close(&t.out);
	return chan_send(ch, id, MSG_EXIT, &m);
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

GOT_PLAIN(serve, SERVE)
GOT_PLAIN(serve_end, SERVE_END)
GOT_PLAIN(withdraw, WITHDRAW)
GOT_PLAIN(grant, GRANT)
GOT_PLAIN(ready, READY)
GOT_PLAIN(log, LOG)
GOT_PLAIN(dropped, DROPPED)
GOT_PLAIN(resize, RESIZE)

static const struct chan_handler h_main[] = {{MSG_READY, got_ready},
    {MSG_LOG, got_log}, {MSG_DROPPED, got_dropped}, {0, NULL}};
static const struct chan_handler h_model[] = {
    {MSG_RESULT, got_result}, {MSG_CONTEXT, got_context}, {0, NULL}};
static const struct chan_handler h_ui[] = {{MSG_ASK, got_ask},
    {MSG_BEGIN, got_begin}, {MSG_OUTPUT, got_output}, {MSG_DONE, got_done},
    {MSG_GRANT, got_grant}, {MSG_WITHDRAW, got_withdraw}, {0, NULL}};
static const struct chan_handler h_cell[] = {{MSG_SPAWN, got_spawn},
    {MSG_KILL, got_kill}, {MSG_RESIZE, got_resize}, {0, NULL}};
static const struct chan_handler h_net[] = {{MSG_SERVE, got_serve},
    {MSG_SERVE_END, got_serve_end}, {MSG_ALLOW, got_allow}, {0, NULL}};
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

void
conf(const char *key, struct bytes value)
{
	struct msg_conf m = {.key = bytes_of(key), .value = value};

	assert_int_equal(chan_send(t.main, 0, MSG_CONF, &m), 0);
}

const struct event *
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

void
pump(int ms)
{
	uint64_t end = clock_mono_ms() + (uint64_t)ms;

	while (clock_mono_ms() < end)
		(void)loop_once(t.loop, 5);
}

const struct event *
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

void
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
	if (default_net == THREE_ASK)
		s.net = SPEC_NET_PROXY;
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
	struct defaults d = {.exec = exec,
	    .write = default_write,
	    .net = default_net,
	    .escalate = second_cell ? THREE_ASK : THREE_NO};
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

int
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
	t.net = wire(ROLE_NET, fds, h_net);
	if (second_cell)
		t.open = wire(ROLE_OPEN, fds, h_cell);
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
	conf("session.answers",
	    bytes_of(*headless == '1' ? "nobody" : "person"));
	conf("session.proxy", bytes_of("1"));
	conf("session.grant_ms", bytes_of(grant_ms));
	if (second_cell) {
		conf("session.widen", bytes_of("/x/cordon"));
		conf("session.widen", bytes_of("sandbox"));
	}
	tell_policy(exec);
	tell_ceiling();
	assert_int_equal(
	    chan_send(t.main, 0, MSG_END, &(struct msg_end){0}), 0);
	(void)want(MSG_READY, 0, "");
	end_context();
	return 0;
}

int
setup(void **state)
{
	(void)state;
	return start_gate("0", EXEC_SANDBOX);
}

int
setup_untrusted(void **state)
{
	(void)state;
	return start_gate("0", EXEC_ASK);
}

/* Stopping is orderly: exit status 0, in good time. */
int
teardown(void **state)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;
	int status = -1;

	(void)state;
	t.stopping = true;
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
	chan_free(t.net);
	chan_free(t.open);
	loop_free(t.loop);
	forget();
	if (WIFSIGNALED(status))
		print_error("gate was killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? 0 : -1;
}

/* What the model and the cell say. */

static void
send_exec(uint32_t id, const char *ident, const char *shell, const char *cmd,
    uint32_t yield_ms)
{
	struct msg_call_exec m = {.call = bytes_of(ident),
	    .shell = bytes_of(shell),
	    .cmd = bytes_of(cmd),
	    .login = true,
	    .yield_ms = yield_ms};

	assert_int_equal(chan_send(t.model, id, MSG_CALL_EXEC, &m), 0);
}

void
call_exec(uint32_t id, const char *ident, const char *cmd, uint32_t yield_ms)
{
	send_exec(id, ident, "", cmd, yield_ms);
}

void
call_exec_by(uint32_t id, const char *ident, const char *shell, const char *cmd)
{
	send_exec(id, ident, shell, cmd, 0);
}

void
call_patch(uint32_t id, const char *ident, const char *text)
{
	struct msg_call_patch m = {.call = bytes_of(ident)};

	m.patch = fd_memfd("patch", text, strlen(text));
	assert_true(m.patch >= 0);
	assert_int_equal(chan_send(t.model, id, MSG_CALL_PATCH, &m), 0);
	(void)close(m.patch);
}

void
cancel(uint32_t id)
{
	assert_int_equal(
	    chan_send(t.model, id, MSG_CANCEL, &(struct msg_cancel){}), 0);
}

void
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

void
cell_exit(uint32_t id, unsigned how, int status)
{
	struct msg_exit m = {
	    .how = (uint8_t)how, .status = (uint32_t)status, .wall_us = 1000};

	fd_close(&t.out);
	assert_int_equal(chan_send(t.cell, id, MSG_EXIT, &m), 0);
}

/* Answers what the gate asks about the files of a command. */
void
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

void
answer(uint32_t id, enum answer what, const char *hex)
{
	uint8_t hash[32];
	struct msg_answer m = {.answer = (uint8_t)what,
	    .channel = CHANNEL_TTY,
	    .hash = {hash, sizeof(hash)}};

	assert_int_equal(str_unhex(hash, sizeof(hash), hex), 0);
	assert_int_equal(chan_send(t.ui, id, MSG_ANSWER, &m), 0);
}

void
answer_for(uint32_t id, const char *hex, const char *name)
{
	uint8_t hash[32];
	struct bytes named = bytes_of(name);
	struct msg_answer m = {.answer = ANSWER_SESSION,
	    .channel = CHANNEL_TTY,
	    .hash = {hash, sizeof(hash)},
	    .scope = bytes_of("what is named"),
	    .words = {1, &named}};

	assert_int_equal(str_unhex(hash, sizeof(hash), hex), 0);
	assert_int_equal(chan_send(t.ui, id, MSG_ANSWER, &m), 0);
}

/* Brings a command to the point where the person is asked. */
void
asked(uint32_t id, const char *ident, char hex[STR_HEX_SIZE(32)])
{
	call_exec(id, ident, "sh ./x.sh", 0);
	digest_is('a');
	(void)strlcpy(hex, want(MSG_ASK, id, "")->text, STR_HEX_SIZE(32));
	none(MSG_BEGIN);
	forget();
}

void
none(enum msg_type type)
{
	pump(QUIET_MS);
	if (find(type, 0, "") != NULL)
		fail_msg("a %s came", schema_find(type)->name);
}
