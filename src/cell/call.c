/* SPDX-License-Identifier: Apache-2.0 */

/* Part of the cell: the life of one command, from SPAWN to EXIT. */

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cell/cell.h"
#include "proto/order.h"
#include "sandbox/group.h"

#define CALL_LINES_MAX 256

static struct cell_call *
call_new(struct cell *c, struct chan *asker, uint32_t id)
{
	size_t i;

	for (i = 0; i < CELL_CALLS_MAX; i++)
		if (!c->calls[i].used) {
			c->calls[i] = (struct cell_call){.used = true,
			    .asker = asker,
			    .id = id,
			    .terminal = -1};
			return &c->calls[i];
		}
	return NULL;
}

static unsigned
call_slot(const struct cell *c, const struct cell_call *call)
{
	return (unsigned)(call - c->calls);
}

/* Each line by itself, at most CALL_LINES_MAX; borrowed from text. */
static struct msg_list
call_lines(const char *text, struct bytes *lines)
{
	struct msg_list list = {0, lines};
	const char *end;

	for (; text != NULL && (end = strchr(text, '\n')) != NULL &&
	       list.n < CALL_LINES_MAX;
	     text = end + 1)
		lines[list.n++] =
		    (struct bytes){(const uint8_t *)text, (size_t)(end - text)};
	return list;
}

static void
call_exit(struct cell *c, struct chan *asker, uint32_t id,
    const struct child_report *r, bool killed)
{
	static const enum exit_how hows[] = {[CHILD_STATUS] = EXIT_STATUS,
	    [CHILD_NOTFOUND] = EXIT_NOTFOUND,
	    [CHILD_NOEXEC] = EXIT_NOEXEC,
	    [CHILD_NOSTART] = EXIT_NOSTART,
	    [CHILD_TIMEOUT] = EXIT_TIMEOUT,
	    [CHILD_MEMORY] = EXIT_MEMORY,
	    [CHILD_PROCS] = EXIT_PROCS,
	    [CHILD_FSIZE] = EXIT_FSIZE};
	struct bytes undone[CALL_LINES_MAX], denied[CALL_LINES_MAX],
	    guessed[CALL_LINES_MAX];
	struct msg_exit m = {
	    .how = (uint8_t)(killed ? EXIT_KILLED : hows[r->how]),
	    .status = (uint32_t)r->status,
	    .wall_us = r->wall_us,
	    .user_us = r->user_us,
	    .sys_us = r->sys_us,
	    .rss_kib = r->rss_kib,
	    .error = bytes_of(r->error)};
	struct buf text;

	buf_init(&text, CELL_LINES_CAP);
	guard_check(c, &text);
	m.violations = call_lines(buf_cstr(&text), undone);
	m.denials = call_lines(r->denied.text, denied);
	m.guesses = call_lines(r->guessed.text, guessed);
	if (asker != NULL)
		(void)chan_send(asker, id, MSG_EXIT, &m);
	buf_fini(&text);
}

/*
 * A whole report is written when all of the call but its init is dead, and
 * the init's own end is not waited for; without one, its death is the news.
 */
static void
call_ended(struct cell *c, struct cell_call *call)
{
	bool whole = call->got == sizeof(call->report);

	if (!call->told && call->reported && (whole || call->dead)) {
		if (!whole) { /* the init was killed */
			memset(&call->report, 0, sizeof(call->report));
			call->report.status = SIGKILL;
			if (c->tier == TIER_LSM)
				lsm_strays(c);
		}
		if (whole && call->child.settle && call->report.status == 0)
			call->killed = false; /* it was past that */
		call->told = true;
		fd_close(&call->terminal);
		call_exit(
		    c, call->asker, call->id, &call->report, call->killed);
	}
	if (call->told && call->dead) {
		if (c->group >= 0)
			group_call_end(c->group, call_slot(c, call));
		call->used = false;
	}
}

static struct cell *call_cell; /* the process has one */

static void
call_report(void *arg, int fd, short events)
{
	struct cell_call *call = arg;
	ssize_t n;

	(void)events;
	n = read(fd, (char *)&call->report + call->got,
	    sizeof(call->report) - call->got);
	if (n > 0)
		call->got += (size_t)n;
	if (n > 0 && call->got < sizeof(call->report))
		return;
	loop_fd_del(call_cell->proc.loop, fd);
	fd_close(&call->child.report);
	call->report.error[sizeof(call->report.error) - 1] = '\0';
	call->report.denied.text[BROKER_LINES - 1] = '\0';
	call->report.guessed.text[BROKER_LINES - 1] = '\0';
	if (call->report.how > CHILD_FSIZE)
		call->got = 0;
	call->reported = true;
	call_ended(call_cell, call);
}

static void
call_dead(void *arg, pid_t pid, int status)
{
	struct cell_call *call = arg;

	(void)pid;
	(void)status;
	call->dead = true;
	call_ended(call_cell, call);
}

/* In a session that has no network calls share a loopback; in others those
 * that have none, or hosts, are alone on theirs. */
static enum child_net
call_net(const struct cell *c, const struct spec *grant)
{
	if (grant->net == SPEC_NET_PROXY)
		return CHILD_NET_PROXY;
	return grant->net == c->ceiling.net ? CHILD_NET_CELL : CHILD_NET_OWN;
}

/* Gate alone has a use for the socket. */
static void
call_proxy(struct cell_call *call)
{
	struct msg_serve m = {call->child.proxy};

	if (m.sock != -1 && chan_peer(call->asker) == ROLE_GATE)
		(void)chan_send(call->asker, call->id, MSG_SERVE, &m);
	fd_close(&call->child.proxy);
}

static int
call_run(struct cell *c, struct cell_call *call, struct order *od,
    const struct msg_spawn *asked)
{
	const struct spec *grant = &c->grant;
	bool tty = asked->stdio == STDIO_PTY;
	struct child_conf conf = {.argv = od->argv,
	    .env = od->env,
	    .cwd = od->cwd,
	    .grant = grant,
	    .ceiling = &c->ceiling,
	    .filter = filter_of(FILTER_FOR_COMMAND),
	    .stdio = {od->child[0], od->child[1], od->child[2]},
	    .tty = tty,
	    .tell = c->tell,
	    .settle = asked->settle,
	    .net = call_net(c, grant),
	    .lsm = c->tier == TIER_LSM ? &c->lsm : NULL,
	    .group = -1};
	struct msg_spawned m;
	int r;

	if (conf.lsm != NULL)
		conf.filter = filter_of(grant->net == SPEC_NET_HOST
					    ? FILTER_FOR_COMMAND_NET
					    : FILTER_FOR_COMMAND_LSM);
	if (c->group >= 0)
		conf.group =
		    group_call(c->group, call_slot(c, call), &grant->limits);
	r = conf.group < -1 ? conf.group : child_start(&call->child, &conf);
	fd_close(&conf.group);
	if (cell_confine(c) != 0)
		fatal("the cell cannot confine itself");
	if (r != 0)
		return r;
	r = loop_child(
	    c->proc.loop, call->child.pid, call->child.pidfd, call_dead, call);
	if (r == 0)
		r = loop_fd(c->proc.loop, call->child.report, POLLIN,
		    call_report, call);
	if (r != 0) {
		fd_close(&call->child.proxy);
		child_end(&call->child, conf.lsm != NULL);
		return r;
	}
	m = (struct msg_spawned){
	    (uint32_t)call->child.pid, od->ours[0], od->ours[1]};
	(void)chan_send(call->asker, call->id, MSG_SPAWNED, &m);
	call_proxy(call);
	if (tty) {
		call->terminal = od->ours[1];
		od->ours[1] = -1;
	}
	return 0;
}

/* Gate computes grants from rules, so never more than the ceiling; most calls
 * have the one of the call before. */
static int
call_grant(struct cell *c, struct bytes encoded)
{
	struct bytes known = {buf_data(&c->encoded), c->encoded.len};
	struct spec grant;
	int r;

	if (known.len > 0 && bytes_eq(encoded, known))
		return 0;
	r = spec_decode(&grant, encoded);
	if (r != 0)
		return r;
	if (!spec_within(&grant, &c->ceiling)) {
		spec_fini(&grant);
		return ERR_PERM;
	}
	spec_fini(&c->grant);
	c->grant = grant;
	buf_clear(&c->encoded);
	(void)buf_add(&c->encoded, encoded.p, encoded.len);
	return 0;
}

static int
call_spawn(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct child_report failed = {.how = CHILD_NOSTART};
	struct msg_spawn *m = msg;
	struct cell_call *call = NULL;
	struct cell *c = arg;
	struct order od;
	int r;

	call_cell = c;
	r = order_init(
	    &od, m, (struct bytes){buf_data(&c->words), c->words.len});
	buf_clear(&c->words);
	if (r == 0 && !c->proc.started) /* there are no walls yet */
		r = ERR_STATE;
	if (r == 0)
		r = call_grant(c, m->grant);
	if (r == 0 && c->tier == TIER_LSM)
		od.env = lsm_environment(c, od.env);
	if (r == 0)
		r = order_stdio(&od, m);
	fd_close(&m->in);
	fd_close(&m->out);
	fd_close(&m->err);
	if (r == 0 && (call = call_new(c, ch, id)) == NULL)
		r = ERR_SPACE;
	if (r == 0)
		r = call_run(c, call, &od, m);
	if (r != 0 && call != NULL)
		call->used = false;
	if (r != 0 && !c->proc.stopping) { /* else it has said why */
		(void)strlcpy(failed.error,
		    r == ERR_PERM ? "the grant is more than the ceiling"
				  : err_str(r),
		    sizeof(failed.error));
		call_exit(c, ch, id, &failed, false);
	}
	order_fini(&od);
	return 0;
}

static int
call_words(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_words *m = msg;
	struct cell *c = arg;

	(void)ch;
	(void)id;
	return buf_add(&c->words, m->part.p, m->part.len);
}

static struct cell_call *
call_find(struct cell *c, const struct chan *asker, uint32_t id)
{
	size_t i;

	for (i = 0; i < CELL_CALLS_MAX; i++)
		if (c->calls[i].used && !c->calls[i].told &&
		    c->calls[i].asker == asker && c->calls[i].id == id)
			return &c->calls[i];
	return NULL;
}

static int
call_kill(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_kill *m = msg;
	struct cell_call *call = call_find(arg, ch, id);

	if (call == NULL || call->dead) /* it ended on its own meanwhile */
		return 0;
	if (m->signo == SIGKILL) {
		call->killed = true;
		child_end(&call->child, ((struct cell *)arg)->tier == TIER_LSM);
	} else if (call->child.report != -1)
		(void)!write(call->child.report, &m->signo, 1);
	return 0;
}

static int
call_resize(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_resize *m = msg;
	struct cell_call *call = call_find(arg, ch, id);

	if (call != NULL)
		order_resize(call->terminal, m->rows, m->cols);
	return 0;
}

bool
cell_stop_all(struct cell *c)
{
	bool any = false;
	size_t i;

	for (i = 0; i < CELL_CALLS_MAX; i++)
		if (c->calls[i].used && !c->calls[i].dead) {
			c->calls[i].asker = NULL;
			child_end(&c->calls[i].child, c->tier == TIER_LSM);
			any = any || !c->calls[i].told;
		}
	return any;
}

const struct chan_handler cell_handlers[] = {{MSG_SPAWN, call_spawn},
    {MSG_WORDS, call_words}, {MSG_KILL, call_kill}, {MSG_RESIZE, call_resize},
    {0, NULL}};
