/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the life of a role process between its re-execution and STOP.
 *
 * Trust has an order: a lesser peer that breaks the protocol is dropped and
 * reported to main, a greater one ends us, for then nothing that we hold is
 * worth more than stopping.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/log.h"
#include "proto/proc.h"
#include "proto/schema.h"

#define PROC_FLUSH_MS 500 /* at most, for the last words */

static struct proc *proc_self; /* for the log sink */

/* Most trusted first; PROTOCOL, "Rules". */
static const enum role trust_order[] = {ROLE_MAIN, ROLE_GATE, ROLE_AUDIT,
    ROLE_UI, ROLE_CELL, ROLE_OPEN, ROLE_NET, ROLE_REPORT, ROLE_LOGIN,
    ROLE_MODEL, ROLE_MCP, ROLE_LOAD, ROLE_TOOL};

static size_t
proc_rank(enum role role)
{
	size_t i, n = sizeof(trust_order) / sizeof(trust_order[0]);

	role = role_program(role);
	for (i = 0; i < n && trust_order[i] != role; i++)
		;
	return i;
}

/* Not dumpable, no core, killed when the parent dies, SIGPIPE ignored. */
static void
proc_harden(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("cannot harden the process");
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
proc_log(enum log_level level, const char *line)
{
	struct msg_log m = {(uint8_t)level, bytes_of(line)};

	if (proc_self != NULL && proc_self->main != NULL)
		(void)chan_send(proc_self->main, 0, MSG_LOG, &m);
}

void
proc_stop(struct proc *p, int code)
{
	p->code = code;
	p->stopping = true;
	loop_stop(p->loop);
}

static void
proc_main_closed(void *arg, struct chan *ch, int err)
{
	(void)arg;
	(void)ch;
	(void)err;
	/* Nobody is left to tell. */
	proc_stop(proc_self, EX_SOFTWARE);
}

static void
proc_peer_closed(void *arg, struct chan *ch, int err)
{
	struct proc *p = proc_self;
	enum role peer = chan_peer(ch);
	struct msg_dropped m;

	p->peers[peer] = NULL;
	if (err != ERR_EOF) {
		log_error(
		    "%s sent a bad frame: %s", role_word(peer), err_str(err));
		m = (struct msg_dropped){(uint8_t)peer, bytes_of(err_str(err))};
		/* Before the peer can see it: main is to hear the reason
		 * first, and then of ends that follow from it. */
		(void)chan_send(p->main, 0, MSG_DROPPED, &m);
	}
	chan_free(ch);
	if (proc_rank(peer) < proc_rank(p->role)) {
		proc_stop(p, err == ERR_EOF ? 0 : EX_PROTOCOL);
		return;
	}
	if (p->ops->lost != NULL)
		p->ops->lost(arg, peer, err);
}

static int
proc_hello(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_hello *m = msg;
	uint8_t hash[SCHEMA_HASH_LEN];
	struct proc *p = proc_self;

	(void)arg;
	(void)id;
	schema_hash(hash);
	if (m->role != p->role ||
	    !bytes_eq(m->schema, (struct bytes){hash, sizeof(hash)})) {
		log_error("cordon and cordon-%s are of different builds: "
			  "reinstall both",
		    role_word(p->role));
		proc_stop(p, EX_CONFIG);
		return 0;
	}
	if (bytes_copy(p->session, sizeof(p->session), m->session) != 0)
		return ERR_FORMAT;
	chan_permit(ch, MSG_CONF, true);
	chan_permit(ch, MSG_RULE, true);
	chan_permit(ch, MSG_END, true);
	return 0;
}

static int
proc_conf(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct proc *p = proc_self;

	(void)ch;
	(void)id;
	return p->ops->conf == NULL ? 0 : p->ops->conf(arg, msg);
}

static int
proc_rule(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct proc *p = proc_self;

	(void)ch;
	(void)id;
	return p->ops->rule == NULL ? ERR_STATE : p->ops->rule(arg, msg);
}

static int
proc_peers(struct proc *p)
{
	const struct proc_peer *pp;

	for (pp = p->ops->peers; pp != NULL && pp->role != ROLE_COUNT; pp++) {
		if ((p->wired & ROLE_BIT(pp->role)) == 0) {
			if (pp->optional)
				continue;
			log_error("no channel to %s", role_word(pp->role));
			return ERR_FD;
		}
		p->peers[pp->role] = chan_new(p->loop, FD_PEER(pp->role),
		    p->role, pp->role, pp->handlers, proc_peer_closed, p->arg);
	}
	return 0;
}

static int
proc_end(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct proc *p = proc_self;
	int r;

	(void)id;
	(void)msg;
	chan_permit(ch, MSG_CONF, false);
	chan_permit(ch, MSG_RULE, false);
	chan_permit(ch, MSG_END, false);
	r = proc_peers(p);
	if (r == 0 && p->ops->start != NULL)
		r = p->ops->start(arg);
	if (r != 0 && !p->stopping) { /* else it has said why itself */
		log_error("cannot start: %s", err_str(r));
		proc_stop(p, EX_SOFTWARE);
	}
	if (r != 0)
		return 0;
	p->started = true;
	return chan_send(ch, 0, MSG_READY, &(struct msg_ready){});
}

static int
proc_stop_asked(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct proc *p = proc_self;

	(void)ch;
	(void)id;
	(void)msg;
	p->stopping = true;
	if (p->started && p->ops->stop != NULL)
		p->ops->stop(arg);
	else
		proc_stop(p, 0);
	return 0;
}

static const struct chan_handler start_handlers[] = {{MSG_HELLO, proc_hello},
    {MSG_CONF, proc_conf}, {MSG_RULE, proc_rule}, {MSG_END, proc_end},
    {MSG_STOP, proc_stop_asked}, {0, NULL}};

static size_t
proc_compose(struct chan_handler *dst, size_t n, const struct chan_handler *h)
{
	for (; h != NULL && h->fn != NULL; h++) {
		assert(
		    n <
		    sizeof(((struct proc *)0)->handlers) / sizeof(dst[0]) - 1);
		dst[n++] = *h;
	}
	return n;
}

/* Looked at before confinement, which leaves no way to look. */
static bool
proc_is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

void
proc_init(struct proc *p, enum role role, const struct proc_ops *ops, void *arg)
{
	unsigned peer;
	size_t n;

	log_set_name(role_word(role));
	if (!proc_is_socket(FD_MAIN))
		fatalx(EX_USAGE, "this program is started by cordon only");
	proc_harden();
	memset(p, 0, sizeof(*p));
	p->role = role;
	for (peer = 0; peer < ROLE_COUNT; peer++)
		if (proc_is_socket(FD_PEER(peer)))
			p->wired |= ROLE_BIT(peer);
	p->ops = ops;
	p->arg = arg;
	p->loop = loop_new();
	n = proc_compose(p->handlers, 0, start_handlers);
	(void)proc_compose(p->handlers, n, ops->main);
	p->main = chan_new(p->loop, FD_MAIN, role, ROLE_MAIN, p->handlers,
	    proc_main_closed, arg);
	chan_permit(p->main, MSG_CONF, false);
	chan_permit(p->main, MSG_RULE, false);
	chan_permit(p->main, MSG_END, false);
	proc_self = p;
	log_set_sink(proc_log);
}

int
proc_run(struct proc *p)
{
	size_t i;

	if (!p->stopping && loop_run(p->loop) != 0)
		p->code = EX_OSERR;
	if (p->started && p->ops->end != NULL)
		p->ops->end(p->arg);
	for (i = 0; i < ROLE_COUNT; i++)
		if (p->peers[i] != NULL)
			(void)chan_flush(p->peers[i], PROC_FLUSH_MS);
	(void)chan_flush(p->main, PROC_FLUSH_MS);
	for (i = 0; i < ROLE_COUNT; i++)
		chan_free(p->peers[i]);
	log_set_sink(NULL);
	chan_free(p->main);
	loop_free(p->loop);
	proc_self = NULL;
	return p->code;
}
