/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: hostile GATE FRAMES SEED
 *
 * Starts the real cordon-gate, plays main, front, cell and audit honestly and
 * the model as its worst: every type of message, every bad length, random
 * frames, cut and joined anyhow.  After each breach gate must have dropped
 * the model, told main, and live on; a new one is started for the next.
 *
 * Nobody answers an ASK and the session is headless, so whatever is sent, no
 * program may ever be spawned but our own file tools.  Prints counts;
 * exits 1 when something came of it.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/vis.h"
#include "policy/rule.h"
#include "proto/chan.h"
#include "proto/codec.h"
#include "proto/schema.h"
#include "sandbox/spec.h"

#define WAIT_MS      60000
#define RSS_MAX_KIB  (16 * 1024)
#define TYPES        256
#define HOSTILE_TOOL "/x/cordon-tool"

static struct {
	struct loop *loop;
	struct chan *main, *ui, *cell, *audit;
	int model; /* our end of the hostile channel */
	pid_t pid;
	bool ready, context, dropped, dead;
	uint64_t seq;
	unsigned long frames, gates, spawns, tools, drops, asks;
	unsigned long rss; /* largest seen, KiB */
	uint64_t seed;
	const char *gate;
} h;

static uint32_t
random_u32(void)
{
	h.seed = h.seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(h.seed >> 33);
}

static uint32_t
below(uint32_t n)
{
	return random_u32() % n;
}

/* The honest peers. */

static int
on_ready(void *arg, struct chan *ch, uint32_t id, void *m)
{
	(void)arg, (void)ch, (void)id, (void)m;
	h.ready = true;
	return 0;
}

static int
on_nothing(void *arg, struct chan *ch, uint32_t id, void *m)
{
	(void)arg, (void)ch, (void)id, (void)m;
	return 0;
}

static int
on_dropped(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_dropped *m = msg;

	(void)arg, (void)ch, (void)id;
	h.dropped = h.dropped || m->role == ROLE_MODEL;
	return 0;
}

static void
show_spawn(const struct msg_spawn *s)
{
	char word[1024];
	uint32_t i;

	(void)printf("spawned:");
	for (i = 0; i < s->argv.n; i++) {
		(void)vis_bytes(word, sizeof(word), s->argv.v[i].p,
		    s->argv.v[i].len, VIS_STRICT);
		(void)printf(" '%s'", word);
	}
	(void)printf("\n");
}

/* Our own file tools may run: what they may read is in their grant.  Any
 * other program is what this test is about. */
static int
on_spawn(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_exit m = {.how = EXIT_STATUS};
	struct msg_spawned spawned = {1, -1, -1};
	struct msg_spawn *s = msg;

	(void)arg;
	if (s->argv.n != 0 && bytes_is(s->argv.v[0], HOSTILE_TOOL)) {
		h.tools++;
	} else {
		h.spawns++;
		show_spawn(s);
	}
	codec_close_fds(schema_find(MSG_SPAWN), msg);
	h.context = true;
	(void)chan_send(ch, id, MSG_SPAWNED, &spawned);
	return chan_send(ch, id, MSG_EXIT, &m);
}

static int
on_record(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_ack m = {.seq = ++h.seq};

	(void)arg;
	codec_close_fds(schema_find(MSG_RECORD), msg);
	return chan_send(ch, id, MSG_ACK, &m);
}

static int
on_ask(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg, (void)ch, (void)id;
	codec_close_fds(schema_find(MSG_ASK), msg);
	h.asks++;
	return 0;
}

static int
on_begin(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg, (void)ch, (void)id;
	codec_close_fds(schema_find(MSG_BEGIN), msg);
	return 0;
}

static const struct chan_handler main_side[] = {{MSG_READY, on_ready},
    {MSG_LOG, on_nothing}, {MSG_STAT, on_nothing}, {MSG_DROPPED, on_dropped},
    {0, NULL}};
static const struct chan_handler ui_side[] = {{MSG_ASK, on_ask},
    {MSG_BEGIN, on_begin}, {MSG_OUTPUT, on_nothing}, {MSG_DONE, on_nothing},
    {MSG_GRANT, on_nothing}, {0, NULL}};
static const struct chan_handler cell_side[] = {{MSG_SPAWN, on_spawn},
    {MSG_KILL, on_nothing}, {MSG_RESIZE, on_nothing}, {0, NULL}};
static const struct chan_handler audit_side[] = {
    {MSG_RECORD, on_record}, {0, NULL}};

static void
on_closed(void *arg, struct chan *ch, int err)
{
	struct chan **slot = arg;

	(void)err;
	chan_free(ch);
	*slot = NULL;
	h.dead = true;
}

/* One gate. */

static int
wire(enum role role, const struct chan_handler *handlers, struct chan **slot)
{
	int fds[2];

	if (fd_pair(fds) != 0)
		fatal("no socket pair");
	*slot = chan_new(
	    h.loop, fds[0], role, ROLE_GATE, handlers, on_closed, slot);
	return fds[1];
}

static void
conf(const char *key, struct bytes value)
{
	struct msg_conf m = {.key = bytes_of(key), .value = value};

	if (chan_send(h.main, 0, MSG_CONF, &m) != 0)
		fatal("gate does not read its settings");
}

/* Everything is asked for that no rule names, and nobody answers. */
static void
policy(void)
{
	struct defaults d = {.exec = EXEC_ASK};
	struct msg_rule m;
	struct buf b;

	buf_init(&b, 65000);
	(void)defaults_encode(&d, POLICY_BUILTIN, &b);
	m.body = (struct bytes){buf_data(&b), b.len};
	(void)chan_send(h.main, 0, MSG_RULE, &m);
	buf_fini(&b);
}

static void
tell(void)
{
	uint8_t hash[SCHEMA_HASH_LEN];
	struct msg_hello hello = {.role = ROLE_GATE,
	    .session = bytes_of("01900000-0000-7000-8000-000000000000")};
	struct spec s;
	struct buf b;

	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	(void)chan_send(h.main, 0, MSG_HELLO, &hello);
	conf("session.cwd", bytes_of("/w"));
	conf("session.tool", bytes_of(HOSTILE_TOOL));
	conf("session.headless", bytes_of("1"));
	policy();
	spec_init(&s);
	(void)spec_adds(&s, "/", SPEC_READ | SPEC_EXEC);
	buf_init(&b, 60000);
	(void)spec_encode(&s, &b);
	conf("session.ceiling", (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	spec_fini(&s);
	(void)chan_send(h.main, 0, MSG_END, &(struct msg_end){0});
}

static void
child(int *fds)
{
	char *argv[] = {NULL, NULL};
	char name[] = "cordon: gate";
	int i;

	argv[0] = name;
	for (i = 0; i < ROLE_COUNT; i++)
		if (fds[i] != -1)
			fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
	for (i = 0; i < ROLE_COUNT; i++)
		if (fds[i] != -1 &&
		    dup2(fds[i],
			i == ROLE_MAIN ? FD_MAIN : FD_PEER((enum role)i)) == -1)
			_exit(126);
	(void)execv(h.gate, argv);
	_exit(127);
}

static bool
wait_for(const bool *flag)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;

	while (!*flag && clock_mono_ms() < end)
		(void)loop_once(h.loop, 20);
	return *flag;
}

static void
start(void)
{
	int fds[ROLE_COUNT], pair[2], i;

	for (i = 0; i < ROLE_COUNT; i++)
		fds[i] = -1;
	h.loop = loop_new();
	h.ready = h.context = h.dropped = h.dead = false;
	fds[ROLE_MAIN] = wire(ROLE_MAIN, main_side, &h.main);
	fds[ROLE_UI] = wire(ROLE_UI, ui_side, &h.ui);
	fds[ROLE_CELL] = wire(ROLE_CELL, cell_side, &h.cell);
	fds[ROLE_AUDIT] = wire(ROLE_AUDIT, audit_side, &h.audit);
	if (fd_pair(pair) != 0)
		fatal("no socket pair");
	h.model = pair[0];
	fds[ROLE_MODEL] = pair[1];
	h.pid = fork();
	if (h.pid == 0)
		child(fds);
	for (i = 0; i < ROLE_COUNT; i++)
		fd_close(&fds[i]);
	tell();
	if (!wait_for(&h.ready) || !wait_for(&h.context))
		fatal("gate does not start");
	h.gates++;
}

static void
note_rss(void)
{
	char path[64], *at;
	struct buf b;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)h.pid);
	buf_init(&b, 65536);
	if (fd_read_file(AT_FDCWD, path, &b) == 0 &&
	    (at = strstr(buf_cstr(&b), "VmHWM:")) != NULL) {
		unsigned long kib = 0;

		for (at += 6; *at == ' ' || *at == '\t'; at++)
			;
		for (; *at >= '0' && *at <= '9'; at++)
			kib = kib * 10 + (unsigned long)(*at - '0');
		if (kib > h.rss)
			h.rss = kib;
	}
	buf_fini(&b);
}

static void
stop(void)
{
	note_rss();
	(void)kill(h.pid, SIGKILL);
	(void)waitpid(h.pid, NULL, 0);
	fd_close(&h.model);
	chan_free(h.main);
	chan_free(h.ui);
	chan_free(h.cell);
	chan_free(h.audit);
	loop_free(h.loop);
}

/* Reads away what gate says to the model.  True at the channel's end. */
static bool
drained(void)
{
	char buf[65536];
	ssize_t n;

	while ((n = recv(h.model, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		;
	return n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}

static void
say(const void *p, size_t len)
{
	const uint8_t *at = p;
	uint64_t end = clock_mono_ms() + WAIT_MS;
	ssize_t n;

	while (len > 0 && clock_mono_ms() < end) {
		n = send(h.model, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		if (n == -1 && errno != EAGAIN)
			return;
		if (drained())
			return;
		(void)loop_once(h.loop, 1);
	}
}

/* The channel must close, main must be told, and gate must live. */
static void
expect_drop(const char *what)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;

	while (!drained() && clock_mono_ms() < end)
		(void)loop_once(h.loop, 5);
	if (!drained()) {
		(void)printf("not dropped after: %s\n", what);
		exit(1);
	}
	if (!wait_for(&h.dropped)) {
		(void)printf("main was not told after: %s\n", what);
		exit(1);
	}
	if (h.dead || waitpid(h.pid, NULL, WNOHANG) != 0) {
		(void)printf("gate died of: %s\n", what);
		exit(1);
	}
	h.drops++;
	stop();
	start();
}

static void
put_u32(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

static size_t
head(uint8_t *p, uint32_t len, unsigned type, unsigned flags)
{
	put_u32(p, len);
	p[4] = (uint8_t)(type >> 8);
	p[5] = (uint8_t)type;
	p[6] = (uint8_t)(flags >> 8);
	p[7] = (uint8_t)flags;
	put_u32(p + 8, random_u32());
	return 12;
}

/* Every type that the model may not say to gate, and every number that is no
 * type; an empty body, since the type alone is the breach. */
static void
every_type(void)
{
	const struct msg_def *d;
	char what[64];
	uint8_t frame[16];
	unsigned type;

	for (type = 0; type < TYPES; type++) {
		d = schema_find(type);
		if (d != NULL && (d->from & ROLE_BIT(ROLE_MODEL)) != 0 &&
		    (d->to & ROLE_BIT(ROLE_GATE)) != 0)
			continue;
		if (d == NULL && type % 16 != 0)
			continue;
		(void)snprintf(what, sizeof(what), "message type %u", type);
		say(frame, head(frame, MSG_HDR, type, 0));
		h.frames++;
		expect_drop(what);
	}
}

static void
every_length(void)
{
	static const uint32_t lengths[] = {0, 1, 7, 65537, 70000, 1u << 20,
	    1u << 24, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
	char what[64];
	uint8_t frame[16];
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		(void)snprintf(
		    what, sizeof(what), "a length of %u", lengths[i]);
		(void)head(frame, lengths[i], MSG_CANCEL, 0);
		say(frame,
		    lengths[i] > 0 && lengths[i] < 8 ? 4 + lengths[i] : 12);
		h.frames++;
		expect_drop(what);
	}
}

/* A frame that decodes, its fields filled at random. */
static size_t
random_call(uint8_t *frame)
{
	static const enum msg_type types[] = {MSG_CALL_EXEC, MSG_CALL_ARGV,
	    MSG_CALL_STDIN, MSG_CALL_READ, MSG_CALL_LIST, MSG_CALL_GREP,
	    MSG_CALL_IMAGE, MSG_CANCEL};
	const struct msg_def *d =
	    schema_find(types[below(sizeof(types) / sizeof(types[0]))]);
	const struct msg_field *f;
	size_t at = head(frame, 0, d->type, 0), i, n;

	for (f = d->fields; f->name != NULL; f++) {
		switch (f->kind) {
		case KIND_BOOL:
			frame[at++] = (uint8_t)below(2);
			break;
		case KIND_U8:
		case KIND_ENUM:
			frame[at++] = (uint8_t)below((uint32_t)f->max + 1);
			break;
		case KIND_U32:
			put_u32(frame + at, random_u32());
			at += 4;
			break;
		case KIND_STR:
		case KIND_BYTES:
			n = below(40);
			put_u32(frame + at, (uint32_t)n);
			at += 4;
			for (i = 0; i < n; i++)
				frame[at++] = (uint8_t)(f->kind == KIND_STR
							    ? 1 + below(126)
							    : below(256));
			break;
		case KIND_LIST:
			put_u32(frame + at, 1);
			put_u32(frame + at + 4, 2);
			memcpy(frame + at + 8, "rm", 2);
			at += 10;
			break;
		case KIND_U64:
		case KIND_FD:
			break;
		}
	}
	put_u32(frame, (uint32_t)at - 4);
	return at;
}

/* Most frames decode and keep the channel; some do not. */
static void
random_frames(unsigned long n)
{
	uint8_t frame[8192];
	size_t len, cut;
	unsigned long i;

	for (i = 0; i < n; i++) {
		len = random_call(frame);
		h.frames++;
		if (below(2000) == 0) { /* one bit, or a wrong end */
			frame[4 + below((uint32_t)len - 4)] ^=
			    (uint8_t)(1u << below(8));
			say(frame, len);
			/* It may be a frame still, or wait for more. */
			stop();
			start();
			continue;
		}
		cut = below(4) == 0 ? below((uint32_t)len) : 0;
		say(frame, cut);
		say(frame + cut, len - cut);
		if (below(8) == 0 && drained()) {
			(void)printf("dropped after a frame that is one\n");
			exit(1);
		}
		if (i % 64 == 0)
			(void)loop_once(h.loop, 0);
		if (i % 4096 == 0)
			note_rss();
	}
}

int
main(int argc, char *argv[])
{
	const char *why;
	unsigned long n;

	if (argc != 4)
		fatalx(64, "usage: hostile GATE FRAMES SEED");
	h.gate = argv[1];
	n = (unsigned long)strtonum(argv[2], 0, 100000000, &why);
	h.seed = (uint64_t)strtonum(argv[3], 0, INT64_MAX, &why);
	start();
	every_type();
	every_length();
	random_frames(n);
	stop();
	(void)printf("%lu frames, %lu gates, %lu drops, %lu spawns, %lu tools, "
		     "%lu asks, %lu KiB\n",
	    h.frames, h.gates, h.drops, h.spawns, h.tools, h.asks, h.rss);
	if (h.spawns > 0 || h.rss > RSS_MAX_KIB)
		return 1;
	return 0;
}
