/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: how a session starts.
 *
 * Main sits between no two roles.  It makes the socket pairs, gives one end
 * to each side, and says what they must know.
 */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cordon/session_int.h"
#include "proto/schema.h"
#include "sandbox/confine.h"
#include "sandbox/group.h"
#include "sandbox/tier.h"

/* In which order they are started: who has most to do before it is ready goes
 * first, and is at it while the others are started. */
static const enum role session_order[] = {ROLE_CELL, ROLE_MODEL, ROLE_OPEN,
    ROLE_AUDIT, ROLE_GATE, ROLE_NET, ROLE_UI, ROLE_LOAD, ROLE_TOOL, ROLE_REPORT,
    ROLE_LOGIN, ROLE_MCP, ROLE_MCP + 1, ROLE_MCP + 2, ROLE_MCP + 3,
    ROLE_MCP + 4, ROLE_MCP + 5, ROLE_MCP + 6, ROLE_MCP + 7};
_Static_assert(
    sizeof(session_order) / sizeof(session_order[0]) == ROLE_COUNT - 1,
    "all but main");

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

/* One end each of a channel to whoever is not started yet; the others have
 * made theirs. */
static int
session_wire(struct session *s, struct member *m)
{
	enum role self = m->start.role, peer;
	struct member *other;
	int fds[2];

	for (peer = ROLE_MAIN + 1; peer < ROLE_COUNT; peer++) {
		other = &s->members[peer];
		if (peer == self || !other->wanted || other->pidfd != -1 ||
		    m->start.peers[peer] != -1 ||
		    !session_pair_needed(self, peer))
			continue;
		if (fd_pair(fds) != 0)
			return ERR_IO;
		m->start.peers[peer] = fds[0];
		other->start.peers[self] = fds[1];
	}
	return 0;
}

void
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

	if (session_wire(s, m) != 0 || fd_pair(fds) != 0)
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
	struct msg_hello hello = {.role = (uint8_t)role_program(m->start.role),
	    .session = bytes_of(s->id)};
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
		if (s->members[r].wanted && !s->members[r].ready &&
		    !(s->members[r].dead && session_spares((enum role)r)))
			return &s->members[r];
	return NULL;
}

int
session_await(struct session *s)
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
	    (double)(clock_mono_ns() - s->began) / 1e6);
	tier_settle(); /* long dead by now */
	return 0;
}

/* Before the first of them. */
static int
session_prepare(struct session *s)
{
	if (s->began != 0)
		return 0;
	s->began = clock_mono_ns();
	group_settle();
	if (start_libexec() == NULL) {
		log_error("the programs of libexec/cordon are missing: "
			  "reinstall cordon");
		return EX_UNAVAILABLE;
	}
	if (!confine_filters())
		log_warn("built with sanitizers, so no role has a system call "
			 "filter: for tests only");
	return 0;
}

static int
session_cannot(int e)
{
	if (e == 0)
		return 0;
	log_error("cannot start the session: %s", err_str(e));
	return EX_OSERR;
}

int
session_early(struct session *s, enum role role)
{
	int r = session_prepare(s);

	session_add(s, role);
	if (r == 0)
		r = session_cannot(session_spawn(s, &s->members[role]));
	return r;
}

int
session_begin(struct session *s)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct member *m;
	size_t i;
	int e = session_prepare(s);

	if (e != 0)
		return e;
	for (i = 0; e == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		e = loop_signal(s->loop, signals[i], session_signal, s);
	if (e == 0)
		e = loop_signal(s->loop, SIGUSR1, session_revoke, s);
	for (i = 0; e == 0 && i < ROLE_COUNT - 1; i++) {
		m = &s->members[session_order[i]];
		if (m->wanted && m->pidfd == -1)
			e = session_spawn(s, m);
		if (e == 0 && m->wanted)
			e = session_tell(s, m);
	}
	return session_cannot(e);
}

int
session_start(struct session *s)
{
	int e = session_begin(s);

	return e == 0 ? session_await(s) : e;
}
