/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-audit: it writes down.
 *
 * A RECORD of gate or main becomes a line of the audit log and is on the disk
 * before its ACK, and those that come together share the wait for the disk; a
 * NOTE of model or front becomes a line of the transcript.
 * Audit opens nothing and writes nothing but those two files, which were
 * opened for appending.  Once a record cannot be written it says LOST, and
 * gate lets nothing run any more.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "proto/proc.h"
#include "sandbox/confine.h"

#include "audit/notes.h"
#include "audit/redact.h"
#include "audit/writer.h"

/* The descriptors that main hands over; all but the first may be missing. */
enum slot {
	SLOT_LOG,     /* O_APPEND */
	SLOT_NOTES,   /* the transcript, O_APPEND */
	SLOT_RESERVE, /* a file without a name that holds room on the disk */
	SLOT_LOG_IN,  /* the log, for reading: it is gone on with */
	SLOT_NOTES_IN
};

#define OPEN_MAX     60000 /* bytes of what main says of the session */
#define STOP_MS      1200  /* from STOP until we end without the others */
#define LOCK_TRIES   20
#define LOCK_WAIT_MS 50
#define DRAIN_MS     300 /* for the last notes, once gate has ended */
#define BATCH_MAX    64  /* records that share one fdatasync(2) */

/* A record that is written and not yet acknowledged. */
struct pending {
	enum role from;
	uint32_t id; /* of the sender's frame */
	uint64_t seq;
	uint8_t hash[RECORD_HASH_LEN];
};

static struct {
	struct proc proc;
	struct writer log;
	struct notes notes;
	struct buf open; /* data of the open record, as main gave it */
	char boot[CLOCK_BOOT_ID_SIZE];
	int timer; /* of the next head; 0 if none runs */
	struct pending batch[BATCH_MAX];
	size_t nbatch;
	bool lost;
} audit;

static int
slot_fd(enum slot slot)
{
	int fd = FD_EXTRA + (int)slot;

	return fcntl(fd, F_GETFD) == -1 ? -1 : fd;
}

static void
audit_lost(void)
{
	struct chan *gate = audit.proc.peers[ROLE_GATE];
	struct chan *to = gate != NULL ? gate : audit.proc.main;
	const char *why = audit.log.why != 0 ? err_sys(audit.log.why)
					     : err_str(audit.log.err);
	struct msg_lost m = {bytes_of(why)};

	if (audit.lost)
		return;
	audit.lost = true;
	log_error("the audit log ends here and nothing runs any more: %s", why);
	if (to != NULL)
		(void)chan_send(to, 0, MSG_LOST, &m);
}

static void
on_head_time(void *arg)
{
	(void)arg;
	audit.timer = 0;
	if (writer_seal(&audit.log, HEAD_TIME) != 0 ||
	    writer_sync(&audit.log) != 0)
		audit_lost();
}

static void
audit_set_timer(void)
{
	if (audit.log.unsealed == 0 || audit.timer > 0)
		return;
	audit.timer =
	    loop_timer(audit.proc.loop, WRITER_HEAD_MS, on_head_time, NULL);
	if (audit.timer < 0)
		on_head_time(NULL);
}

/*
 * Makes durable what has come and only then says so.  A head that is due is
 * signed behind that, where nobody waits for it; the next sync takes it along.
 */
static void
audit_commit(void *arg)
{
	const struct pending *p;
	struct msg_ack m;
	struct chan *ch;
	size_t i, n = audit.nbatch;

	(void)arg;
	audit.nbatch = 0;
	if (n == 0 || audit.lost)
		return;
	if (writer_sync(&audit.log) != 0) {
		audit_lost();
		return;
	}
	for (i = 0; i < n; i++) {
		p = &audit.batch[i];
		ch = p->from == ROLE_MAIN ? audit.proc.main
					  : audit.proc.peers[p->from];
		m = (struct msg_ack){p->seq, {p->hash, sizeof(p->hash)}};
		if (ch != NULL)
			(void)chan_send(ch, p->id, MSG_ACK, &m);
	}
	if (writer_due(&audit.log) && writer_seal(&audit.log, HEAD_COUNT) != 0)
		audit_lost();
	audit_set_timer();
}

/* The records that wait behind this one are taken before it is synced. */
static void
audit_written(enum role from, uint32_t id, const struct record *r)
{
	struct pending *p = &audit.batch[audit.nbatch++];

	p->from = from;
	p->id = id;
	p->seq = r->seq;
	memcpy(p->hash, r->hash, sizeof(p->hash));
	if (audit.nbatch == BATCH_MAX ||
	    (audit.nbatch == 1 &&
		loop_timer(audit.proc.loop, 0, audit_commit, NULL) < 0))
		audit_commit(NULL);
}

/* What came in the frame, or in the memfd with it, which is then mapped. */
static int
audit_take(struct bytes *data, int whole, size_t max, struct bytes *map)
{
	int r;

	*map = bytes_of("");
	if (whole == -1)
		return 0;
	r = fd_map_memfd(whole, max, map);
	(void)close(whole);
	*data = *map;
	return r;
}

/* What a peer may send; the others are our own. */
#define OF_PEERS                                                               \
	(1u << AUDIT_CALL | 1u << AUDIT_DECISION | 1u << AUDIT_APPROVAL |      \
	    1u << AUDIT_INTENT | 1u << AUDIT_RESULT | 1u << AUDIT_CONNECT |    \
	    1u << AUDIT_REFUSAL | 1u << AUDIT_VIOLATION | 1u << AUDIT_TOOL |   \
	    1u << AUDIT_TOKEN)

static int
on_record(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_record *m = msg;
	struct record r;
	struct bytes payload = m->payload, map;
	struct buf data;
	int e;

	(void)arg;
	if ((OF_PEERS >> m->type & 1) == 0) {
		if (m->whole != -1)
			(void)close(m->whole);
		return ERR_TYPE;
	}
	buf_init(&data, RECORD_DATA_MAX);
	e = audit_take(&payload, m->whole, RECORD_DATA_MAX, &map);
	if (e == 0)
		e = redact(&data, payload);
	if (e >= 0)
		e = writer_add(&audit.log, (enum audit_type)m->type,
		    (struct bytes){buf_data(&data), data.len}, &r);
	fd_unmap(&map);
	buf_fini(&data);
	if (audit.log.err != 0) {
		audit_lost();
		return 0;
	}
	if (e == 0)
		audit_written(chan_peer(ch), id, &r);
	return e;
}

static int
on_note(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_note *m = msg;
	bool failed = audit.notes.err != 0;
	struct bytes line = m->line, map;
	int e;

	(void)arg;
	(void)ch;
	(void)id;
	e = audit_take(&line, m->whole, NOTES_LINE_MAX, &map);
	if (e == 0)
		e = notes_add(&audit.notes, line, &map, m->sync);
	fd_unmap(&map);
	if (audit.notes.err == 0)
		return e;
	if (!failed)
		log_error("the transcript ends here (%s): this session can "
			  "be resumed only from what is in it",
		    err_sys(audit.notes.why));
	return 0;
}

static const struct chan_handler takes_records[] = {
    {MSG_RECORD, on_record}, {0, NULL}};
static const struct chan_handler takes_notes[] = {
    {MSG_NOTE, on_note}, {0, NULL}};

/* Without a gate main is who records (cordon sandbox). */
/* Without a gate, main is who records: the person's own command. */
static const struct proc_peer peers[] = {{ROLE_GATE, takes_records, true},
    {ROLE_MODEL, takes_notes, true}, {ROLE_UI, takes_notes, true},
    {ROLE_COUNT, NULL, false}};

static int
audit_conf(void *arg, const struct msg_conf *m)
{
	(void)arg;
	if (!bytes_is(m->key, "audit.open"))
		return 0;
	buf_clear(&audit.open);
	return buf_add(&audit.open, m->value.p, m->value.len);
}

/* One of us at a time; one that was killed a moment ago may still be going. */
static int
audit_lock(void)
{
	const struct timespec wait = {0, LOCK_WAIT_MS * 1000000L};
	int tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(FD_EXTRA + SLOT_LOG, LOCK_EX | LOCK_NB) == 0)
			return 0;
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
	}
	log_error("the session is in use by another cordon");
	return ERR_STATE;
}

static int
audit_start(void *arg)
{
	int in = slot_fd(SLOT_LOG_IN), notes_in = slot_fd(SLOT_NOTES_IN);
	struct bytes data = {buf_data(&audit.open), audit.open.len};
	int r = audit_lock();

	(void)arg;
	if (r != 0)
		return r;
	r = writer_init(&audit.log, FD_EXTRA + SLOT_LOG, slot_fd(SLOT_RESERVE),
	    audit.proc.session, audit.boot);
	if (r == 0 && in != -1)
		r = writer_resume(&audit.log, in);
	if (r == ERR_FORMAT)
		log_error("the last line of the audit log is damaged; "
			  "'cordon audit verify %s' says more",
		    audit.proc.session);
	if (r == 0)
		r = writer_open(
		    &audit.log, data.len == 0 ? bytes_of("{}") : data);
	if (r == ERR_IO) {
		log_error("audit log: %s", err_sys(audit.log.why));
		proc_stop(&audit.proc, EX_IOERR);
	}
	if (r == 0)
		r = notes_init(&audit.notes, slot_fd(SLOT_NOTES), notes_in);
	fd_close(&in);
	fd_close(&notes_in);
	audit_set_timer();
	return r;
}

static void
on_stop_time(void *arg)
{
	(void)arg;
	proc_stop(&audit.proc, 0);
}

/* Gate, which has the last results, ends first; that it has ended ends us. */
static void
audit_stop(void *arg)
{
	(void)arg;
	if (audit.proc.peers[ROLE_GATE] == NULL ||
	    loop_timer(audit.proc.loop, STOP_MS, on_stop_time, NULL) < 0)
		proc_stop(&audit.proc, 0);
}

/* The last notes, the last record and its head, which main shows. */
static void
audit_end(void *arg)
{
	uint64_t end = clock_mono_ms() + DRAIN_MS, now;
	char hex[STR_HEX_SIZE(RECORD_HASH_LEN)], value[128];
	struct msg_stat m;

	audit_commit(arg);
	while ((audit.proc.peers[ROLE_MODEL] != NULL ||
		   audit.proc.peers[ROLE_UI] != NULL) &&
	       (now = clock_mono_ms()) < end)
		if (loop_once(audit.proc.loop, (int)(end - now)) != 0)
			break;
	if (audit.notes.fd != -1 && audit.notes.err == 0 &&
	    fdatasync(audit.notes.fd) == -1)
		log_error("transcript: %s", err_sys(errno));
	if (writer_close(&audit.log, "end") != 0) {
		audit_lost();
		return;
	}
	str_hex(hex, audit.log.done.hash, sizeof(audit.log.done.hash));
	(void)snprintf(value, sizeof(value), "%llu %s",
	    (unsigned long long)(audit.log.done.seq - 1), hex);
	m = (struct msg_stat){bytes_of("audit.head"), bytes_of(value)};
	(void)chan_send(audit.proc.main, 0, MSG_STAT, &m);
}

static const struct proc_ops ops = {
    .conf = audit_conf,
    .start = audit_start,
    .stop = audit_stop,
    .end = audit_end,
    .main = takes_records,
    .peers = peers,
};

static void
audit_read_boot(void)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	struct buf b;

	buf_init(&b, CLOCK_BOOT_ID_SIZE);
	if (fd_read_file(AT_FDCWD, path, &b) != 0 ||
	    b.len < CLOCK_BOOT_ID_SIZE - 1)
		fatal("%s cannot be read", path);
	memcpy(audit.boot, buf_data(&b), CLOCK_BOOT_ID_SIZE - 1);
	buf_fini(&b);
}

int
main(void)
{
	int code;

	proc_init(&audit.proc, ROLE_AUDIT, &ops, &audit);
	if (slot_fd(SLOT_LOG) == -1)
		fatalx(EX_USAGE, "this program is started by cordon only");
	buf_init(&audit.open, OPEN_MAX);
	audit.notes.fd = -1;
	audit.log.reserve = -1;
	audit_read_boot();
	tzset(); /* or the first gmtime_r(3) would open a file */
	confine_role_or_die("audit", NULL);
	code = proc_run(&audit.proc);
	writer_fini(&audit.log);
	buf_fini(&audit.open);
	return audit.lost && code == 0 ? EX_IOERR : code;
}
