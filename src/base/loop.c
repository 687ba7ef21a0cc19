/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the poll loop of one process.
 *
 * Slots are fixed arrays, so what a process can watch has a limit that is
 * known beforehand.  A slot that is removed while its events are handed out
 * gets a new generation, and an event of an older generation is dropped: a
 * handler may close a descriptor whose number is then used again.
 */

#include "config.h"

#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/xmem.h"

struct watch {
	int fd; /* borrowed; -1 if the slot is free */
	short events;
	unsigned gen;
	loop_fd_fn *fn;
	void *arg; /* borrowed */
};

struct timer {
	int id;       /* 0 if the slot is free */
	uint64_t due; /* ms, monotonic */
	loop_timer_fn *fn;
	void *arg; /* borrowed */
};

struct child {
	struct loop *loop; /* borrowed */
	pid_t pid;
	int pidfd; /* owned */
	loop_child_fn *fn;
	void *arg;          /* borrowed */
	struct child *next; /* owned */
};

struct sighandler {
	loop_signal_fn *fn;
	void *arg; /* borrowed */
};

struct loop {
	struct watch watches[LOOP_FD_MAX];
	size_t used; /* of them the first ones; behind there never was any */
	struct timer timers[LOOP_TIMER_MAX];
	struct child *children; /* owned */
	struct sighandler signals[_NSIG];
	sigset_t sigset;
	int sigfd;    /* owned, -1 until the first signal */
	int sigvalue; /* that came with the last one */
	int last_timer;
	bool stop;
};

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	l->sigfd = -1;
	(void)sigemptyset(&l->sigset);
	return l;
}

void
loop_free(struct loop *l)
{
	struct child *c;

	if (l == NULL)
		return;
	while ((c = l->children) != NULL) {
		l->children = c->next;
		(void)close(c->pidfd);
		free(c);
	}
	if (l->sigfd != -1)
		(void)close(l->sigfd);
	free(l);
}

/* Of -1 one that is free. */
static struct watch *
loop_find(struct loop *l, int fd)
{
	size_t i;

	for (i = 0; i < l->used; i++)
		if (l->watches[i].fd == fd)
			return &l->watches[i];
	return fd == -1 && i < LOOP_FD_MAX ? &l->watches[i] : NULL;
}

int
loop_fd(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg)
{
	struct watch *w;

	if (fd < 0)
		return ERR_FD;
	if (loop_find(l, fd) != NULL)
		return ERR_DUP;
	w = loop_find(l, -1);
	if (w == NULL)
		return ERR_SPACE;
	w->fd = fd;
	w->events = events;
	w->fn = fn;
	w->arg = arg;
	w->gen++;
	if (w == &l->watches[l->used])
		l->used++;
	return 0;
}

void
loop_fd_events(struct loop *l, int fd, short events)
{
	struct watch *w = fd < 0 ? NULL : loop_find(l, fd);

	if (w != NULL)
		w->events = events;
}

void
loop_fd_del(struct loop *l, int fd)
{
	struct watch *w = fd < 0 ? NULL : loop_find(l, fd);

	if (w == NULL)
		return;
	w->fd = -1;
	w->gen++;
}

int
loop_timer(struct loop *l, uint64_t ms, loop_timer_fn *fn, void *arg)
{
	size_t i;

	for (i = 0; i < LOOP_TIMER_MAX; i++)
		if (l->timers[i].id == 0) {
			if (++l->last_timer <= 0)
				l->last_timer = 1;
			l->timers[i] = (struct timer){
			    l->last_timer, clock_mono_ms() + ms, fn, arg};
			return l->last_timer;
		}
	return ERR_SPACE;
}

void
loop_timer_del(struct loop *l, int id)
{
	size_t i;

	for (i = 0; id > 0 && i < LOOP_TIMER_MAX; i++)
		if (l->timers[i].id == id)
			l->timers[i].id = 0;
}

static void
loop_signal_ready(void *arg, int fd, short events)
{
	struct signalfd_siginfo si;
	struct loop *l = arg;

	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		l->sigvalue = si.ssi_int;
		if (si.ssi_signo < _NSIG && l->signals[si.ssi_signo].fn)
			l->signals[si.ssi_signo].fn(
			    l->signals[si.ssi_signo].arg, (int)si.ssi_signo);
	}
}

int
loop_signal_value(const struct loop *l)
{
	return l->sigvalue;
}

int
loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
	int fd;

	if (signo <= 0 || signo >= _NSIG)
		return ERR_RANGE;
	(void)sigaddset(&l->sigset, signo);
	if (sigprocmask(SIG_BLOCK, &l->sigset, NULL) == -1)
		return ERR_IO;
	fd = signalfd(l->sigfd, &l->sigset, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd == -1)
		return ERR_IO;
	l->signals[signo] = (struct sighandler){fn, arg};
	if (l->sigfd != -1)
		return 0;
	l->sigfd = fd;
	return loop_fd(l, fd, POLLIN, loop_signal_ready, l);
}

static void
loop_child_exit(void *arg, int fd, short events)
{
	struct child *c = arg, **pp;
	struct loop *l = c->loop;
	int status = 0;
	pid_t pid;

	(void)events;
	do
		pid = waitpid(c->pid, &status, WNOHANG);
	while (pid == -1 && errno == EINTR);
	if (pid == 0)
		return;
	loop_fd_del(l, fd);
	(void)close(fd);
	for (pp = &l->children; *pp != c; pp = &(*pp)->next)
		;
	*pp = c->next;
	c->fn(c->arg, c->pid, status);
	free(c);
}

int
loop_child(struct loop *l, pid_t pid, int pidfd, loop_child_fn *fn, void *arg)
{
	struct child *c;
	int r;

	if (pidfd == -1)
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1)
		return ERR_IO;
	c = xcalloc(1, sizeof(*c));
	*c = (struct child){l, pid, pidfd, fn, arg, NULL};
	r = loop_fd(l, pidfd, POLLIN, loop_child_exit, c);
	if (r != 0) {
		(void)close(pidfd);
		free(c);
		return r;
	}
	c->next = l->children;
	l->children = c;
	return 0;
}

/* Milliseconds to the next timer, at most max (-1: no limit). */
static int
loop_wait(const struct loop *l, int max)
{
	uint64_t now = clock_mono_ms(), left;
	size_t i;

	for (i = 0; i < LOOP_TIMER_MAX; i++) {
		if (l->timers[i].id == 0)
			continue;
		left = l->timers[i].due <= now ? 0 : l->timers[i].due - now;
		if (left > INT32_MAX)
			left = INT32_MAX;
		if (max < 0 || left < (uint64_t)max)
			max = (int)left;
	}
	return max;
}

static void
loop_timers(struct loop *l)
{
	uint64_t now = clock_mono_ms();
	struct timer t;
	size_t i;

	for (i = 0; i < LOOP_TIMER_MAX; i++) {
		t = l->timers[i];
		if (t.id == 0 || t.due > now)
			continue;
		l->timers[i].id = 0;
		t.fn(t.arg);
	}
}

int
loop_once(struct loop *l, int timeout_ms)
{
	struct pollfd pfds[LOOP_FD_MAX];
	unsigned gens[LOOP_FD_MAX];
	size_t slots[LOOP_FD_MAX], i, n = 0;
	struct watch *w;

	for (i = 0; i < l->used; i++) {
		w = &l->watches[i];
		if (w->fd == -1)
			continue;
		pfds[n] = (struct pollfd){w->fd, w->events, 0};
		gens[n] = w->gen;
		slots[n++] = i;
	}
	if (poll(pfds, n, loop_wait(l, timeout_ms)) == -1)
		return errno == EINTR ? 0 : ERR_IO;
	loop_timers(l);
	for (i = 0; i < n; i++) {
		w = &l->watches[slots[i]];
		if (pfds[i].revents != 0 && w->gen == gens[i])
			w->fn(w->arg, pfds[i].fd, pfds[i].revents);
	}
	return 0;
}

int
loop_run(struct loop *l)
{
	int r = 0;

	l->stop = false;
	while (!l->stop && r == 0)
		r = loop_once(l, -1);
	return r;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
