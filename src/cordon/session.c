/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a session's processes, and what they say to main.
 *
 * How they are wired and started is in session_start.c, how they end in
 * session_end.c.
 */

#include "config.h"

#include <sys/random.h>
#include <sys/wait.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/xmem.h"
#include "cordon/session_int.h"
#include "proto/schema.h"

#define SESSION_HELD_CAP (16u << 20) /* bytes of CONF and RULE, a role */
#define RECORD_MAX       4096        /* bytes of a record of our own */

struct session *session_now;
/* A cell that was done, not yet waited for; or 0. */
static pid_t session_left;

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
	assert(slot < FD_EXTRA_MAX && s->members[role].pidfd == -1);
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
	if (m->level == LOG_LVL_ERROR && session_now->told)
		return 0; /* it follows from what ended us */
	if (m->level == LOG_LVL_ERROR)
		session_now->members[chan_peer(ch)].told = true;
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
	if (session_spares((enum role)m->role)) {
		session_part(session_now, (enum role)m->role);
		return 0;
	}
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
		if (s->members[r].pidfd != -1 && s->members[r].chan == NULL &&
		    !session_spares((enum role)r))
			return &s->members[r];
	return NULL;
}

static void
session_exits(void *arg)
{
	struct session *s = arg;

	session_stop(s, session_cause(s, s->exit_code));
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

/* Most records of ours wait for nothing, and what a lost log means gate knows;
 * launch.c has one that waits. */
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
	size_t n = sizeof(session_own) / sizeof(session_own[0]) - 1, i;

	s->arg = arg;
	for (; handlers->fn != NULL; handlers++) {
		for (i = 0; i < n && s->handlers[i].type != handlers->type; i++)
			;
		assert(i < SESSION_HANDLERS_MAX - 1);
		s->handlers[i] = *handlers;
		n += i == n;
	}
}

int
session_unread(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_spawned *m = msg;

	(void)arg;
	(void)ch;
	(void)id;
	fd_close(&m->in);
	fd_close(&m->out);
	return 0;
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
