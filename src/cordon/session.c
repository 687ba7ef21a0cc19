/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a session's processes, wired and watched.
 *
 * Main sits between no two of them.  It makes the socket pairs, gives one end
 * to each side, says what they must know, and then only waits for the first
 * to end.
 */

#include "config.h"

#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/xmem.h"
#include "cordon/session.h"
#include "cordon/start.h"
#include "proto/schema.h"
#include "sandbox/confine.h"
#include "sandbox/tier.h"

#define SESSION_HANDLERS_MAX 32
#define SESSION_HELD_CAP     (16u << 20) /* bytes of CONF and RULE, a role */
#define RECORD_MAX           4096        /* bytes of a record of our own */
#define EXIT_LATE            124         /* as timeout(1) has it */

/* One role of the session.  held is what it will be told at the start: of each
 * CONF or RULE u8 type, u32 length of key and value, and those. */
struct member {
	struct session *session; /* borrowed */
	bool wanted;
	struct start start;
	struct buf held;
	pid_t pid;
	int pidfd;         /* owned; -1 if not running */
	struct chan *chan; /* owned */
	bool ready;
	bool dead;
	int status; /* of waitpid(2), once dead */
};

struct session {
	struct loop *loop; /* owned */
	char id[SESSION_ID_SIZE];
	struct member members[ROLE_COUNT];
	struct chan_handler handlers[SESSION_HANDLERS_MAX];
	void *arg; /* borrowed: of the added handlers */
	struct termios tty;
	bool has_tty;
	bool front_killed; /* it could not restore the terminal */
	bool stopping;
	bool unattended;
	int overdue;   /* the exit status if nobody ends it in time */
	int exit_code; /* of the last EXITING */
	int code;
	int signo; /* that ended us, or 0 */
	enum front_next next;
	char next_id[SESSION_ID_SIZE];
};

static pid_t session_left; /* a cell that was done, not yet waited for; or 0 */
static struct session *session_now; /* main has one; for its own handlers */

/* In which order they are started: who has most to do before it is ready goes
 * first, and is at it while the others are started. */
static const enum role session_order[] = {ROLE_CELL, ROLE_MODEL, ROLE_OPEN,
    ROLE_AUDIT, ROLE_GATE, ROLE_NET, ROLE_UI, ROLE_LOAD, ROLE_TOOL, ROLE_REPORT,
    ROLE_LOGIN};
_Static_assert(
    sizeof(session_order) / sizeof(session_order[0]) == ROLE_COUNT - 1,
    "all but main");

/* RFC 9562, 5.7: 48 bits of milliseconds, version, randomness, variant. */
void
session_new_id(char id[SESSION_ID_SIZE])
{
	uint64_t ms = clock_wall_ns() / 1000000;
	uint8_t b[16];
	char hex[STR_HEX_SIZE(16)];
	int i;

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		fatal("no randomness");
	for (i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (40 - 8 * i));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0F));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3F));
	str_hex(hex, b, sizeof(b));
	(void)snprintf(id, SESSION_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}

static void session_compose(struct session *s);

struct session *
session_new(void)
{
	struct session *s = xcalloc(1, sizeof(*s));
	unsigned r;

	if (session_left > 0)
		(void)waitpid(session_left, NULL, 0);
	session_left = 0;
	s->loop = loop_new();
	session_new_id(s->id);
	for (r = 0; r < ROLE_COUNT; r++) {
		s->members[r].session = s;
		s->members[r].pidfd = -1;
		start_init(&s->members[r].start, (enum role)r);
		buf_init(&s->members[r].held, SESSION_HELD_CAP);
	}
	s->has_tty = tcgetattr(STDIN_FILENO, &s->tty) == 0;
	session_compose(s);
	session_now = s;
	return s;
}

void
session_forget(void)
{
	session_now = NULL;
}

const char *
session_id(const struct session *s)
{
	return s->id;
}

int
session_set_id(struct session *s, const char *id)
{
	size_t i;

	for (i = 0; id[i] != '\0'; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (i >= SESSION_ID_SIZE - 1 || dash != (id[i] == '-') ||
		    (!dash && strchr("0123456789abcdef", id[i]) == NULL))
			return ERR_FORMAT;
	}
	if (i != SESSION_ID_SIZE - 1)
		return ERR_FORMAT;
	(void)strlcpy(s->id, id, sizeof(s->id));
	return 0;
}

struct loop *
session_loop(struct session *s)
{
	return s->loop;
}

void
session_record(struct session *s, enum audit_type type, struct bytes data)
{
	struct msg_record m = {
	    .type = (uint8_t)type, .payload = data, .whole = -1};
	struct chan *audit = s->members[ROLE_AUDIT].chan;

	if (audit != NULL)
		(void)chan_send(audit, 0, MSG_RECORD, &m);
}

struct chan *
session_chan(struct session *s, enum role role)
{
	return s->members[role].chan;
}

void
session_add(struct session *s, enum role role)
{
	s->members[role].wanted = true;
}

void
session_stdio(struct session *s, enum role role, int in, int out, int err)
{
	s->members[role].start.stdio[0] = in;
	s->members[role].start.stdio[1] = out;
	s->members[role].start.stdio[2] = err;
}

void
session_extra(struct session *s, enum role role, unsigned slot, int fd)
{
	assert(slot < FD_EXTRA_MAX);
	fd_close(&s->members[role].start.extra[slot]);
	s->members[role].start.extra[slot] = fd;
}

static void
session_hold(struct session *s, enum role role, enum msg_type type,
    struct bytes key, struct bytes value)
{
	struct buf *b = &s->members[role].held;

	(void)buf_add_u8(b, (uint8_t)type);
	(void)buf_add_u32(b, (uint32_t)key.len);
	(void)buf_add_u32(b, (uint32_t)value.len);
	(void)buf_add(b, key.p, key.len);
	if (buf_add(b, value.p, value.len) != 0)
		fatalx(EX_CONFIG,
		    "configuration and policy are larger than "
		    "%u MiB",
		    SESSION_HELD_CAP >> 20);
}

void
session_conf(
    struct session *s, enum role role, const char *key, struct bytes value)
{
	session_hold(s, role, MSG_CONF, bytes_of(key), value);
}

void
session_confs(
    struct session *s, enum role role, const char *key, const char *value)
{
	session_conf(s, role, key, bytes_of(value));
}

void
session_rule(struct session *s, struct bytes body)
{
	session_hold(s, ROLE_GATE, MSG_RULE, bytes_of(""), body);
}

/* What roles say to main. */

static int
session_ready(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)id;
	(void)msg;
	session_now->members[chan_peer(ch)].ready = true;
	return 0;
}

static int
session_log(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_log *m = msg;
	void (*const say[])(const char *, ...) = {
	    log_error, log_warn, log_info};

	(void)arg;
	(void)id;
	say[m->level]("%s: %.*s", role_word(chan_peer(ch)), (int)m->text.len,
	    (const char *)m->text.p);
	return 0;
}

static int
session_dropped(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_dropped *m = msg;
	const char *word = role_word((enum role)m->role);
	struct buf data;
	struct jsonw w;

	(void)arg;
	(void)id;
	if (word == NULL)
		return ERR_RANGE;
	buf_init(&data, RECORD_MAX);
	jsonw_init(&w, &data);
	jsonw_object(&w);
	jsonw_kstr(&w, "role", word);
	jsonw_kstr(&w, "by", role_word(chan_peer(ch)));
	jsonw_kstrn(&w, "why", m->why);
	jsonw_end(&w);
	session_record(session_now, AUDIT_VIOLATION,
	    (struct bytes){buf_data(&data), data.len});
	buf_fini(&data);
	log_error("%s dropped %s: %.*s; the session ends",
	    role_word(chan_peer(ch)), word, (int)m->why.len,
	    (const char *)m->why.p);
	session_stop(session_now, EX_PROTOCOL);
	return 0;
}

/* A role that has closed its channel, although nobody stopped it. */
static const struct member *
session_gone(const struct session *s)
{
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].pidfd != -1 && s->members[r].chan == NULL)
			return &s->members[r];
	return NULL;
}

static void
session_exits(void *arg)
{
	struct session *s = arg;

	session_stop(s, s->exit_code);
}

/* A turn may seem to end well without the one that carried it out: a cell
 * closes its channels long before its namespaces are gone and it is dead. */
static int
session_exiting(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_exiting *m = msg;
	struct session *s = session_now;
	const struct member *gone = session_gone(s);
	int code = m->code;

	(void)arg;
	(void)ch;
	(void)id;
	if (bytes_copy(s->next_id, sizeof(s->next_id), m->session) != 0)
		return ERR_LENGTH;
	s->next = (enum front_next)m->next;
	if (code == 0 && gone != NULL && !s->stopping) {
		log_error("%s ended in the middle of the session",
		    role_word(gone->start.role));
		code = EX_SOFTWARE;
	}
	/* A failure may follow from what another has told already. */
	s->exit_code = code;
	if (code == 0 ||
	    loop_timer(s->loop, SESSION_TOLD_MS, session_exits, s) <= 0)
		session_stop(s, code);
	return 0;
}

int
session_unheard(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)ch;
	(void)id;
	(void)msg;
	return 0;
}

/* Our own records wait for nothing, and what a lost log means gate knows. */
static const struct chan_handler session_own[] = {{MSG_READY, session_ready},
    {MSG_LOG, session_log}, {MSG_DROPPED, session_dropped},
    {MSG_ACK, session_unheard}, {MSG_LOST, session_unheard},
    {MSG_EXITING, session_exiting}, {0, NULL}};

static void
session_compose(struct session *s)
{
	memcpy(s->handlers, session_own, sizeof(session_own));
}

void
session_handlers(
    struct session *s, const struct chan_handler *handlers, void *arg)
{
	size_t n = sizeof(session_own) / sizeof(session_own[0]) - 1;

	s->arg = arg;
	for (; handlers->fn != NULL; handlers++) {
		assert(n < SESSION_HANDLERS_MAX - 1);
		s->handlers[n++] = *handlers;
	}
}

/* Endings. */

/* A cell closes its channel when it has undone and told everything; its
 * namespaces take longer to go, and nobody needs to wait for that. */
static bool
session_is_done(const struct session *s, const struct member *m)
{
	return m->dead || (s->stopping && m->start.role == ROLE_CELL &&
			      m->ready && m->chan == NULL);
}

static bool
session_alive(const struct session *s)
{
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].pidfd != -1 &&
		    !session_is_done(s, &s->members[r]))
			return true;
	return false;
}

static void
session_kill(void *arg)
{
	struct session *s = arg;
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].pidfd != -1 && !s->members[r].dead)
			(void)kill(s->members[r].pid, SIGKILL);
}

void
session_stop(struct session *s, int code)
{
	unsigned r;

	if (s->stopping)
		return;
	s->stopping = true;
	s->code = code;
	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].chan != NULL)
			(void)chan_send(s->members[r].chan, 0, MSG_STOP,
			    &(struct msg_stop){});
	(void)loop_timer(s->loop, SESSION_STOP_MS, session_kill, s);
	if (!session_alive(s))
		loop_stop(s->loop);
}

/* What main says, and ends with, for a role that ended of itself. */
static int
session_code(const struct member *m)
{
	int code = WEXITSTATUS(m->status);

	return code >= EX__BASE && code <= EX__MAX ? code : EX_SOFTWARE;
}

/* Nobody has said why it ended. */
static void
session_unexplained(void *arg)
{
	struct member *m = arg;
	const char *word = role_word(m->start.role);

	if (m->session->stopping)
		return;
	if (m->status == 0 && m->ready)
		log_error("%s ended in the middle of the session", word);
	else
		log_error(
		    "%s ended with status %d", word, WEXITSTATUS(m->status));
	session_stop(m->session, session_code(m));
}

static void
session_died(void *arg, pid_t pid, int status)
{
	struct member *m = arg;
	struct session *s = m->session;

	(void)pid;
	m->dead = true;
	m->status = status;
	if (m->start.role == ROLE_UI && WIFSIGNALED(status))
		s->front_killed = true;
	/* Its EXITING, or a peer's word that dropped it, may still be unread:
	 * who ended of itself is judged when there was time for that. */
	if (!s->stopping && WIFEXITED(status) &&
	    loop_timer(s->loop, SESSION_REASON_MS, session_unexplained, m) > 0)
		return;
	if (s->stopping) {
		if (m->start.role == ROLE_AUDIT && status != 0 && s->code == 0)
			s->code = session_code(m); /* not all is on record */
	} else if (WIFSIGNALED(status)) {
		log_error("%s was killed by signal %d (%s)",
		    role_word(m->start.role), WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
		session_stop(s, EX_SOFTWARE);
	} else {
		session_unexplained(m);
	}
	if (!session_alive(s))
		loop_stop(s->loop);
}

static void
session_closed(void *arg, struct chan *ch, int err)
{
	struct session *s = session_now;
	enum role role = chan_peer(ch);

	(void)arg;
	s->members[role].chan = NULL;
	chan_free(ch);
	if (s->stopping && !session_alive(s))
		loop_stop(s->loop);
	if (err == ERR_EOF)
		return; /* its exit follows and says more */
	log_error("%s sent a bad frame: %s", role_word(role), err_str(err));
	session_stop(s, EX_PROTOCOL);
}

/* A role is stopped, or does as it likes. */
static void
session_overdue(void *arg)
{
	struct session *s = arg;

	if (s->stopping)
		return;
	log_error("the session did not end in time, and is ended");
	session_stop(s, s->overdue);
}

static void
session_late(void *arg)
{
	struct session *s = arg;

	s->overdue = EXIT_LATE;
	session_overdue(s);
}

void
session_unattended(struct session *s, uint64_t deadline_ms)
{
	s->unattended = true;
	if (deadline_ms > 0 && deadline_ms <= UINT64_MAX - SESSION_HEED_MS)
		(void)loop_timer(
		    s->loop, deadline_ms + SESSION_HEED_MS, session_late, s);
}

/* On Ctrl-C the front, which has the terminal too, decides.  If nobody is
 * there who sees that it does not, it has a while, or until the next one. */
static bool
session_left_to_front(struct session *s, int signo)
{
	if (signo != SIGINT || s->members[ROLE_UI].pidfd == -1)
		return false;
	if (!s->unattended)
		return true;
	if (s->overdue == 128 + SIGINT)
		return false;
	s->overdue = 128 + SIGINT;
	return loop_timer(s->loop, SESSION_HEED_MS, session_overdue, s) > 0;
}

static void
session_signal(void *arg, int signo)
{
	struct session *s = arg;

	if (session_left_to_front(s, signo))
		return;
	s->signo = signo;
	session_stop(s, 128 + signo);
	if (signo == SIGTERM)
		session_kill(s);
}

/* A person at another terminal takes a grant back (cmd_policy_grants.c). */
static void
session_revoke(void *arg, int signo)
{
	struct session *s = arg;
	struct msg_grants m = {.revoke = (uint32_t)loop_signal_value(s->loop)};
	struct chan *gate = session_chan(s, ROLE_GATE);

	(void)signo;
	if (gate != NULL)
		(void)chan_send(gate, 0, MSG_GRANTS, &m);
}

/* Starting. */

static bool
session_pair_needed(enum role a, enum role b)
{
	size_t i;

	for (i = 0; i < schema_len; i++)
		if (((schema[i].from & ROLE_BIT(a)) != 0 &&
			(schema[i].to & ROLE_BIT(b)) != 0) ||
		    ((schema[i].from & ROLE_BIT(b)) != 0 &&
			(schema[i].to & ROLE_BIT(a)) != 0))
			return true;
	return false;
}

static int
session_wire(struct session *s)
{
	unsigned a, b;
	int fds[2];

	for (a = ROLE_MAIN + 1; a < ROLE_COUNT; a++)
		for (b = a + 1; b < ROLE_COUNT; b++) {
			if (!s->members[a].wanted || !s->members[b].wanted ||
			    !session_pair_needed((enum role)a, (enum role)b))
				continue;
			if (fd_pair(fds) != 0)
				return ERR_IO;
			s->members[a].start.peers[b] = fds[0];
			s->members[b].start.peers[a] = fds[1];
		}
	return 0;
}

/* Main's copies of what a role has been given. */
static void
session_release(struct member *m)
{
	size_t i;

	for (i = 0; i < ROLE_COUNT; i++)
		fd_close(&m->start.peers[i]);
	for (i = 0; i < FD_EXTRA_MAX; i++)
		fd_close(&m->start.extra[i]);
	fd_close(&m->start.main);
}

static int
session_spawn(struct session *s, struct member *m)
{
	int fds[2], r;

	if (fd_pair(fds) != 0)
		return ERR_IO;
	m->start.main = fds[1];
	m->chan = chan_new(s->loop, fds[0], ROLE_MAIN, m->start.role,
	    s->handlers, session_closed, s->arg);
	r = start_role(&m->start, &m->pid, &m->pidfd);
	session_release(m);
	if (r == 0)
		r = loop_child(s->loop, m->pid, m->pidfd, session_died, m);
	if (r != 0)
		m->pidfd = -1;
	return r;
}

static uint32_t
session_u32(struct buf *b)
{
	uint32_t n = 0;
	int i;

	for (i = 0; i < 4; i++)
		n = n << 8 | buf_data(b)[i];
	buf_drain(b, 4);
	return n;
}

/* Sends what was held, in order. */
static int
session_tell(struct session *s, struct member *m)
{
	struct msg_hello hello = {
	    .role = (uint8_t)m->start.role, .session = bytes_of(s->id)};
	uint8_t hash[SCHEMA_HASH_LEN];
	struct bytes key, value;
	struct msg_conf conf;
	uint8_t type;
	int r;

	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	chan_gather(m->chan, true); /* or each frame wakes it */
	r = chan_send(m->chan, 0, MSG_HELLO, &hello);
	while (r == 0 && m->held.len > 0) {
		type = *buf_data(&m->held);
		buf_drain(&m->held, 1);
		key.len = session_u32(&m->held);
		value.len = session_u32(&m->held);
		key.p = buf_data(&m->held);
		value.p = key.p + key.len;
		conf = (struct msg_conf){.key = key, .value = value};
		if (type == MSG_RULE)
			r = chan_send(
			    m->chan, 0, MSG_RULE, &(struct msg_rule){value});
		else
			r = chan_send(m->chan, 0, MSG_CONF, &conf);
		buf_drain(&m->held, key.len + value.len);
	}
	buf_wipe(&m->held);
	if (r == 0)
		r = chan_send(m->chan, 0, MSG_END, &(struct msg_end){0});
	chan_gather(m->chan, false);
	return r;
}

static const struct member *
session_unready(const struct session *s)
{
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].wanted && !s->members[r].ready)
			return &s->members[r];
	return NULL;
}

static int
session_wait_ready(struct session *s, uint64_t began)
{
	uint64_t end = clock_mono_ms() + SESSION_READY_MS, now;
	const struct member *m;

	while (!s->stopping && (m = session_unready(s)) != NULL) {
		now = clock_mono_ms();
		if (now >= end) {
			log_error("%s is not ready after %d s",
			    role_word(m->start.role), SESSION_READY_MS / 1000);
			return EX_SOFTWARE;
		}
		if (loop_once(s->loop, (int)(end - now)) != 0)
			return EX_OSERR;
	}
	if (s->stopping)
		return s->code;
	log_info("all processes are ready, %.1f ms after the first was started",
	    (double)(clock_mono_ns() - began) / 1e6);
	return 0;
}

int
session_start(struct session *s)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	uint64_t began = clock_mono_ns();
	struct member *m;
	size_t i;
	int e = 0;

	if (start_libexec() == NULL) {
		log_error("the programs of libexec/cordon are missing: "
			  "reinstall cordon");
		return EX_UNAVAILABLE;
	}
	if (!confine_filters())
		log_warn("built with sanitizers, so no role has a system call "
			 "filter: for tests only");
	for (i = 0; e == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		e = loop_signal(s->loop, signals[i], session_signal, s);
	if (e == 0)
		e = loop_signal(s->loop, SIGUSR1, session_revoke, s);
	if (e == 0)
		e = session_wire(s);
	for (i = 0; e == 0 && i < ROLE_COUNT - 1; i++) {
		m = &s->members[session_order[i]];
		if (m->wanted)
			e = session_spawn(s, m);
	}
	for (i = 0; e == 0 && i < ROLE_COUNT - 1; i++) {
		m = &s->members[session_order[i]];
		if (m->wanted)
			e = session_tell(s, m);
	}
	if (e != 0) {
		log_error("cannot start the session: %s", err_str(e));
		return EX_OSERR;
	}
	e = session_wait_ready(s, began);
	tier_settle(); /* long dead by now */
	return e;
}

/* The front restores the terminal itself, unless it was killed. */
static void
session_restore_tty(struct session *s)
{
	/* The modes that ui/term.c switches on. */
	static const char off[] = "\033[<u\033[?2026l\033[?2004l\033[?1004l"
				  "\033[?7h\033[?25h\033[0m\r\n";

	if (!s->has_tty)
		return;
	if (s->front_killed && isatty(STDOUT_FILENO))
		(void)fd_write_all(STDOUT_FILENO, off, sizeof(off) - 1);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &s->tty);
}

int
session_run(struct session *s)
{
	if (!s->stopping && loop_run(s->loop) != 0)
		session_stop(s, EX_OSERR);
	while (session_alive(s))
		if (loop_once(s->loop, -1) != 0)
			break;
	session_restore_tty(s);
	return s->code;
}

enum front_next
session_next(const struct session *s)
{
	return s->next;
}

const char *
session_next_id(const struct session *s)
{
	return s->next_id;
}

void
session_free(struct session *s)
{
	unsigned r;

	if (s == NULL)
		return;
	session_stop(s, s->code);
	while (session_alive(s))
		if (loop_once(s->loop, -1) != 0)
			break;
	if (s->members[ROLE_CELL].pidfd != -1 && !s->members[ROLE_CELL].dead)
		session_left = s->members[ROLE_CELL].pid;
	for (r = 0; r < ROLE_COUNT; r++) {
		chan_free(s->members[r].chan);
		session_release(&s->members[r]);
		buf_wipe(&s->members[r].held);
	}
	loop_free(s->loop);
	session_now = NULL;
	free(s);
}
