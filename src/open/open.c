/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: the open cell.
 *
 * It runs commands outside of any sandbox, with the person's own rights, and
 * so it is not even started where the policy does not let one ask for that.
 * It takes its orders from the gate and believes none of them: what it is
 * told to run is run once, if who showed it to a person (the front, or main
 * for a program that answers) has sent the hash of exactly that.  The
 * environment is the one that main gave at the start.  Only in the profile
 * danger, which main says at the start too, is every order permitted.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "proto/order.h"
#include "proto/permit.h"
#include "proto/proc.h"

#include "open/open.h"

#define OPEN_CALLS_MAX   64 /* commands at a time */
#define OPEN_PERMITS_MAX 64 /* not yet used */
#define OPEN_ENV_MAX     128

struct open_call {
	bool used;
	uint32_t id;
	int report;   /* owned: from the keeper; -1 when it has ended */
	int terminal; /* owned: the master of its terminal, or -1 */
	struct run_report out;
	size_t got; /* bytes of out */
	bool killed;
};

static struct open {
	struct proc proc;
	bool standing;               /* every order is permitted */
	char *env[OPEN_ENV_MAX + 1]; /* owned; NULL behind the last */
	size_t nenv;
	uint8_t permits[OPEN_PERMITS_MAX][PERMIT_SIZE];
	size_t npermits;
	struct open_call calls[OPEN_CALLS_MAX];
} open_cell;

/* Permits. */

static int
on_permit(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_permit *m = msg;
	struct open *o = arg;

	(void)ch;
	(void)id;
	if (m->hash.len != PERMIT_SIZE)
		return ERR_LENGTH;
	if (o->npermits == OPEN_PERMITS_MAX)
		return ERR_SPACE;
	memcpy(o->permits[o->npermits++], m->hash.p, PERMIT_SIZE);
	return 0;
}

/*
 * Whether this may run; a permit is good for one run.  It was sent before the
 * answer that let the gate send the order, and the front's channel is looked
 * at before the gate's, so it is here if there is one.
 */
static bool
take_permit(struct open *o, const struct msg_spawn *m)
{
	uint8_t hash[PERMIT_SIZE];
	size_t i;

	if (o->standing)
		return true;
	permit_hash(&m->argv, m->cwd, hash);
	for (i = 0; i < o->npermits; i++)
		if (memcmp(o->permits[i], hash, PERMIT_SIZE) == 0) {
			o->npermits--;
			memmove(o->permits[i], o->permits[i + 1],
			    (o->npermits - i) * PERMIT_SIZE);
			return true;
		}
	return false;
}

/* Orders. */

/* What the gate says of the environment does not count. */
static int
open_order(struct order *od, struct msg_spawn *m)
{
	int r = order_init(od, m, bytes_of(""));

	if (r == 0 && m->stdio != STDIO_PTY && m->stdio != STDIO_NULL_IN)
		r = ERR_TYPE;
	return r == 0 ? order_stdio(od, m) : r;
}

/* Endings. */

static void
open_exit(struct open *o, uint32_t id, const struct msg_exit *m)
{
	struct chan *gate = o->proc.peers[ROLE_GATE];

	if (gate != NULL)
		(void)chan_send(gate, id, MSG_EXIT, m);
}

static void
open_ended(struct open *o, struct open_call *c)
{
	const struct run_report *r = &c->out;
	struct msg_exit m = {.how = EXIT_STATUS,
	    .status = (uint32_t)r->status,
	    .wall_us = r->wall_us,
	    .user_us = r->user_us,
	    .sys_us = r->sys_us,
	    .rss_kib = r->rss_kib};

	if (c->killed || c->got != sizeof(c->out)) {
		m.how = EXIT_KILLED;
		m.status = SIGKILL;
	} else if (r->err != 0) {
		m.how = r->err == ENOENT || r->err == ENOTDIR ? EXIT_NOTFOUND
							      : EXIT_NOEXEC;
		m.error = bytes_of(strerror(r->err));
	}
	fd_close(&c->terminal);
	c->used = false;
	open_exit(o, c->id, &m);
}

static void
open_report(void *arg, int fd, short events)
{
	struct open_call *c = arg;
	ssize_t n;

	(void)events;
	n = read(fd, (char *)&c->out + c->got, sizeof(c->out) - c->got);
	if (n > 0)
		c->got += (size_t)n;
	if (n > 0 && c->got < sizeof(c->out))
		return;
	loop_fd_del(open_cell.proc.loop, fd);
	fd_close(&c->report);
	open_ended(&open_cell, c);
}

static void
open_reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status; /* the end of its report says all */
}

static struct open_call *
open_find(struct open *o, uint32_t id)
{
	size_t i;

	for (i = 0; i < OPEN_CALLS_MAX; i++)
		if (o->calls[i].used && o->calls[i].id == id)
			return &o->calls[i];
	return NULL;
}

static struct open_call *
open_new(struct open *o, uint32_t id)
{
	size_t i;

	for (i = 0; i < OPEN_CALLS_MAX && o->calls[i].used; i++)
		;
	if (i == OPEN_CALLS_MAX)
		return NULL;
	o->calls[i] = (struct open_call){
	    .used = true, .id = id, .report = -1, .terminal = -1};
	return &o->calls[i];
}

static int
open_run(struct open *o, struct open_call *c, struct order *od, bool tty)
{
	struct run_conf conf = {.argv = od->argv,
	    .env = o->env,
	    .cwd = od->cwd,
	    .stdio = {od->child[0], od->child[1], od->child[2]},
	    .tty = tty};
	struct msg_spawned m = {.in = od->ours[0], .out = od->ours[1]};
	pid_t keeper;
	int r;

	r = run_start(&conf, &keeper, &c->report);
	if (r == 0)
		r = loop_child(o->proc.loop, keeper, -1, open_reaped, NULL);
	if (r == 0)
		r = loop_fd(o->proc.loop, c->report, POLLIN, open_report, c);
	if (r != 0) {
		fd_close(&c->report); /* which ends it */
		return r;
	}
	m.pid = (uint32_t)keeper;
	(void)chan_send(o->proc.peers[ROLE_GATE], c->id, MSG_SPAWNED, &m);
	if (tty) {
		c->terminal = od->ours[1];
		od->ours[1] = -1;
	}
	return 0;
}

static int
on_spawn(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_exit failed = {.how = EXIT_NOSTART};
	struct open_call *c = NULL;
	struct msg_spawn *m = msg;
	struct open *o = arg;
	struct order od = {.ours = {-1, -1}, .child = {-1, -1, -1}};
	int r = ERR_PERM;

	(void)ch;
	if (take_permit(o, m))
		r = open_order(&od, m);
	else
		log_warn("refused to run what nobody has permitted");
	fd_close(&m->in);
	fd_close(&m->out);
	fd_close(&m->err);
	if (r == 0 &&
	    (open_find(o, id) != NULL || (c = open_new(o, id)) == NULL))
		r = ERR_SPACE;
	if (r == 0)
		r = open_run(o, c, &od, m->stdio == STDIO_PTY);
	if (r != 0) {
		if (c != NULL)
			c->used = false;
		failed.error =
		    bytes_of(r == ERR_PERM ? "nobody has permitted exactly "
					     "this outside the sandbox"
					   : err_str(r));
		open_exit(o, id, &failed);
	}
	order_fini(&od);
	return 0;
}

static int
on_kill(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_kill *m = msg;
	struct open_call *c = open_find(arg, id);

	(void)ch;
	if (c == NULL || c->report == -1) /* it ended on its own meanwhile */
		return 0;
	c->killed = c->killed || m->signo == SIGKILL;
	(void)!write(c->report, &m->signo, 1);
	return 0;
}

static int
on_resize(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_resize *m = msg;
	struct open_call *c = open_find(arg, id);

	(void)ch;
	if (c != NULL)
		order_resize(c->terminal, m->rows, m->cols);
	return 0;
}

static const struct chan_handler from_gate[] = {{MSG_SPAWN, on_spawn},
    {MSG_KILL, on_kill}, {MSG_RESIZE, on_resize}, {0, NULL}};
static const struct chan_handler from_front[] = {
    {MSG_PERMIT, on_permit}, {0, NULL}};

/* The front before the gate; see take_permit. */
static const struct proc_peer peers[] = {{ROLE_UI, from_front, true},
    {ROLE_GATE, from_gate, false}, {ROLE_COUNT, NULL, false}};

static int
open_conf(void *arg, const struct msg_conf *m)
{
	struct open *o = arg;

	if (bytes_is(m->key, "open.standing"))
		o->standing = bytes_is(m->value, "1");
	if (!bytes_is(m->key, "session.env"))
		return 0;
	if (o->nenv == OPEN_ENV_MAX)
		return ERR_SPACE;
	o->env[o->nenv++] = xstrndup((const char *)m->value.p, m->value.len);
	return 0;
}

static const struct proc_ops ops = {
    .conf = open_conf, .peers = peers, .main = from_front};

int
main(void)
{
	size_t i;
	int code;

	proc_init(&open_cell.proc, ROLE_OPEN, &ops, &open_cell);
	code = proc_run(&open_cell.proc);
	/* The ends of their sockets tell the keepers to end what runs. */
	for (i = 0; i < OPEN_CALLS_MAX; i++)
		if (open_cell.calls[i].used)
			fd_close(&open_cell.calls[i].report);
	for (i = 0; i < open_cell.nenv; i++)
		free(open_cell.env[i]);
	return code;
}
