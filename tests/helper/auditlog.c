/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Plays main and gate to the real cordon-audit, for the regress tests and the
 * bench.
 *
 *	auditlog [-n RECORDS] [-b BYTES] [-t TRANSCRIPT] [-a] [-q] [-r RESERVE]
 *	    [-w WINDOW] [-l] LOG ID PROGRAM [ARGUMENT ...]
 *
 * starts the program as audit is started, with LOG to append to, sends call
 * records of so many bytes, each after the ACK of the one before (-w: so many
 * at once, and then their ACKs), and prints
 * "acked SEQ HASH" for each, so that whoever kills one of us knows what was
 * acknowledged.  -a: go on with a log that is there.  -q: print nothing but
 * the latencies.  -r: a file of so many bytes is the reserve, held in LOG's
 * folder.  -l: what audit logs goes to standard error.  Exits with 0 when all
 * were acknowledged, 3 if audit said LOST, 4 if it went away.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdio.h"
#include "base/loop.h"
#include "base/str.h"
#include "base/xmem.h"
#include "proto/chan.h"
#include "proto/schema.h"

#define READY_MS  10000
#define ACK_MS    30000
#define EXIT_LOST 3
#define EXIT_GONE 4

enum { SLOT_LOG, SLOT_NOTES, SLOT_RESERVE, SLOT_LOG_IN, SLOT_NOTES_IN, SLOTS };

static struct {
	struct loop *loop;
	struct chan *main, *gate, *model;
	bool ready, lost, gone, again, quiet, loud;
	bool acked; /* all that were sent */
	size_t sent, got;
	uint64_t seq;
	uint64_t *ns; /* latency of each window */
	size_t n;
	int slots[SLOTS];
} t;

static int
got_ready(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)ch;
	(void)id;
	(void)msg;
	t.ready = true;
	return 0;
}

static int
got_log(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_log *m = msg;

	(void)arg;
	(void)ch;
	(void)id;
	if (t.loud)
		warnx("audit: %.*s", (int)m->text.len, (const char *)m->text.p);
	return 0;
}

static int
got_stat(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_stat *m = msg;

	(void)arg;
	(void)ch;
	(void)id;
	if (!t.quiet)
		(void)printf(
		    "head %.*s\n", (int)m->value.len, (const char *)m->value.p);
	return 0;
}

static int
got_ack(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_ack *m = msg;
	char hex[STR_HEX_SIZE(32)];

	(void)arg;
	(void)ch;
	(void)id;
	str_hex(hex, m->hash.p, m->hash.len);
	t.acked = ++t.got == t.sent;
	t.seq = m->seq;
	if (!t.quiet) {
		(void)printf("acked %" PRIu64 " %s\n", m->seq, hex);
		(void)fflush(stdout);
	}
	return 0;
}

static int
got_lost(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_lost *m = msg;

	(void)arg;
	(void)ch;
	(void)id;
	t.lost = true;
	(void)printf("lost %.*s\n", (int)m->why.len, (const char *)m->why.p);
	return 0;
}

static const struct chan_handler from_main[] = {{MSG_READY, got_ready},
    {MSG_LOG, got_log}, {MSG_STAT, got_stat}, {0, NULL}};
static const struct chan_handler from_gate[] = {
    {MSG_ACK, got_ack}, {MSG_LOST, got_lost}, {0, NULL}};
static const struct chan_handler none[] = {{0, NULL}};

static void
got_closed(void *arg, struct chan *ch, int e)
{
	(void)arg;
	(void)e;
	if (ch == t.main)
		t.gone = true;
}

static struct chan *
wire(enum role self, const struct chan_handler *h, int *other)
{
	int fds[2];

	if (fd_pair(fds) != 0)
		err(1, "socketpair");
	*other = fcntl(fds[1], F_DUPFD_CLOEXEC, 64);
	(void)close(fds[1]);
	return chan_new(t.loop, fds[0], self, ROLE_AUDIT, h, got_closed, NULL);
}

static void
place(int from, int to)
{
	if (from != -1 && dup2(from, to) == -1)
		_exit(126);
}

static pid_t
start(char *argv[], const int fds[3])
{
	pid_t pid = fork();
	int i, null;

	if (pid == -1)
		err(1, "fork");
	if (pid != 0)
		return pid;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	(void)dup2(null, 0);
	(void)dup2(null, 1);
	place(fds[0], FD_MAIN);
	place(fds[1], FD_PEER(ROLE_GATE));
	place(fds[2], FD_PEER(ROLE_MODEL));
	for (i = 0; i < SLOTS; i++)
		place(t.slots[i], FD_EXTRA + i);
	(void)execvp(argv[0], argv);
	_exit(127);
}

static int
open_high(const char *path, int flags)
{
	int low = open(path, flags | O_CLOEXEC, 0600), fd;

	if (low == -1)
		err(1, "%s", path);
	fd = fcntl(low, F_DUPFD_CLOEXEC, 64);
	(void)close(low);
	return fd;
}

static void
open_reserve(const char *log, off_t size)
{
	char path[PATH_MAX];

	(void)strlcpy(path, log, sizeof(path));
	t.slots[SLOT_RESERVE] = open_high(dirname(path), O_TMPFILE | O_WRONLY);
	if (fallocate(t.slots[SLOT_RESERVE], 0, 0, size) == -1)
		err(1, "fallocate");
}

static void
wait_for(const bool *what, int ms)
{
	uint64_t end = clock_mono_ms() + (uint64_t)ms;

	while (!*what && !t.gone && !t.lost && clock_mono_ms() < end)
		(void)loop_once(t.loop, 100);
}

static void
greet(const char *id)
{
	static const char open_data[] = "{\"version\":\"test\",\"argv\":[]}";
	uint8_t hash[SCHEMA_HASH_LEN];
	struct msg_hello hello = {.role = ROLE_AUDIT, .session = bytes_of(id)};
	struct msg_conf conf = {
	    .key = bytes_of("audit.open"), .value = bytes_of(open_data)};

	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	(void)chan_send(t.main, 0, MSG_HELLO, &hello);
	(void)chan_send(t.main, 0, MSG_CONF, &conf);
	(void)chan_send(t.main, 0, MSG_END, &(struct msg_end){0});
	wait_for(&t.ready, READY_MS);
}

static void
send_one(size_t i, size_t size)
{
	struct msg_record m = {.type = AUDIT_CALL, .whole = -1};
	char *data = xmalloc(size + 64);
	int n;

	n = snprintf(data, 64,
	    "{\"call\":%zu,\"tool\":\"exec_command\","
	    "\"line\":\"",
	    i);
	memset(data + n, 'x', size);
	(void)strlcpy(data + n + size, "\"}", 3);
	m.payload = bytes_of(data);
	if (m.payload.len > 60000)
		m.payload = bytes_of("");
	if (m.payload.len == 0)
		m.whole = fd_memfd("record", data, strlen(data));
	t.acked = false;
	t.sent++;
	(void)chan_send(t.gate, (uint32_t)i + 1, MSG_RECORD, &m);
	fd_close(&m.whole);
	free(data);
}

/* n records from number i on, and their ACKs. */
static void
send_window(size_t i, size_t n, size_t size)
{
	uint64_t begun = clock_mono_ns();
	size_t end = i + n;

	for (; i < end; i++)
		send_one(i, size);
	wait_for(&t.acked, ACK_MS);
	t.ns[t.n++] = clock_mono_ns() - begun;
}

static void
note_turn(size_t i)
{
	struct msg_note m = {.sync = true, .whole = -1};
	char line[64];

	(void)snprintf(
	    line, sizeof(line), "{\"type\":\"turn_end\",\"n\":%zu}", i);
	m.line = bytes_of(line);
	(void)chan_send(t.model, 0, MSG_NOTE, &m);
}

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
finish(pid_t pid)
{
	int status;

	if (!t.gone) {
		(void)chan_send(t.main, 0, MSG_STOP, &(struct msg_stop){});
		(void)chan_flush(t.main, 1000);
	}
	chan_free(t.gate);
	chan_free(t.model);
	wait_for(&t.gone, 3000);
	(void)waitpid(pid, &status, 0);
	qsort(t.ns, t.n, sizeof(*t.ns), by_size);
	if (t.n > 0)
		(void)printf("latency p50 %.3f ms p99 %.3f ms max %.3f ms\n",
		    (double)t.ns[t.n / 2] / 1e6,
		    (double)t.ns[t.n * 99 / 100] / 1e6,
		    (double)t.ns[t.n - 1] / 1e6);
}

int
main(int argc, char *argv[])
{
	size_t n = 10, size = 200, window = 1, i;
	const char *notes = NULL;
	off_t reserve = 0;
	int fds[3], c;
	pid_t pid;

	for (i = 0; i < SLOTS; i++)
		t.slots[i] = -1;
	while ((c = getopt(argc, argv, "+n:b:t:r:w:aql")) != -1)
		switch (c) {
		case 'n':
			n = (size_t)strtonum(optarg, 0, 100000000, NULL);
			break;
		case 'b':
			size = (size_t)strtonum(optarg, 0, 16000000, NULL);
			break;
		case 't':
			notes = optarg;
			break;
		case 'r':
			reserve = (off_t)strtonum(optarg, 0, 1 << 30, NULL);
			break;
		case 'w':
			window = (size_t)strtonum(optarg, 1, 1000, NULL);
			break;
		case 'a':
			t.again = true;
			break;
		case 'q':
			t.quiet = true;
			break;
		case 'l':
			t.loud = true;
			break;
		default:
			errx(64, "see the comment in auditlog.c");
		}
	argv += optind;
	if (argc - optind < 3)
		errx(64, "see the comment in auditlog.c");
	t.slots[SLOT_LOG] = open_high(argv[0], O_WRONLY | O_APPEND | O_CREAT);
	if (t.again)
		t.slots[SLOT_LOG_IN] = open_high(argv[0], O_RDONLY);
	if (notes != NULL)
		t.slots[SLOT_NOTES] =
		    open_high(notes, O_WRONLY | O_APPEND | O_CREAT);
	if (reserve > 0)
		open_reserve(argv[0], reserve);
	t.ns = xcalloc(n + 1, sizeof(*t.ns));
	t.loop = loop_new();
	t.main = wire(ROLE_MAIN, from_main, &fds[0]);
	t.gate = wire(ROLE_GATE, from_gate, &fds[1]);
	t.model = wire(ROLE_MODEL, none, &fds[2]);
	pid = start(argv + 2, fds);
	for (i = 0; i < 3; i++)
		(void)close(fds[i]);
	for (i = 0; i < SLOTS; i++) /* the reserve must have one owner */
		fd_close(&t.slots[i]);
	greet(argv[1]);
	if (window > 1)
		chan_gather(t.gate, true);
	for (i = 0; i < n && t.ready && !t.lost && !t.gone; i += window) {
		send_window(i, n - i < window ? n - i : window, size);
		if (notes != NULL)
			note_turn(i);
	}
	if (!t.acked && n > 0 && !t.lost)
		t.gone = true;
	c = !t.ready || t.gone ? EXIT_GONE : t.lost ? EXIT_LOST : 0;
	finish(pid);
	return c;
}
