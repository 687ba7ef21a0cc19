/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Net: making a connection without waiting for it.
 *
 * The addresses of a name are tried one after the other, the next as soon as
 * the earlier ones hesitate or fail (RFC 8305), and the first that answers
 * wins.  Where there is a proxy it is what is connected to, and asked for a
 * tunnel; what then travels through the tunnel is not ours to read.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "net/dial.h"
#include "net/host.h"
#include "net/resolve.h"

#define DIAL_ADDRS_MAX  RESOLVE_MAX
#define DIAL_MS         10000 /* for all, from the name to the proxy */
#define DIAL_STAGGER_MS 250   /* RFC 8305, 5: between two attempts */
#define DIAL_ASK_MAX    4096  /* bytes of what a proxy is asked */
#define DIAL_ANSWER_MAX 8192  /* bytes of the head of its answer */

struct dial {
	struct loop *loop; /* borrowed */
	dial_done_fn *done;
	void *arg;               /* borrowed */
	struct resolve *resolve; /* owned */
	char name[HOST_MAX + 1]; /* what it looks up */
	struct address addrs[DIAL_ADDRS_MAX];
	size_t n, next; /* addresses, and the one that is tried next */
	int fds[DIAL_ADDRS_MAX];
	int tick, deadline;     /* timers */
	char to[HOST_MAX + 16]; /* "HOST:PORT" of what is connected to */
	enum netfail why;
	char text[512];
	struct buf ask; /* what is still to be said to the proxy */
	enum dial_reach reach;
	bool tunnel;
	char answer[DIAL_ANSWER_MAX + 1];
	size_t got;
};

static void
dial_drop(struct dial *d, int *fd)
{
	if (*fd != -1)
		loop_fd_del(d->loop, *fd);
	fd_close(fd);
}

/* The end: with the descriptor, which is the receiver's, or without. */
static void
dial_finish(struct dial *d, int fd)
{
	size_t i;

	loop_timer_del(d->loop, d->tick);
	loop_timer_del(d->loop, d->deadline);
	resolve_free(d->resolve);
	if (fd != -1)
		loop_fd_del(d->loop, fd);
	for (i = 0; i < DIAL_ADDRS_MAX; i++)
		if (d->fds[i] != fd)
			dial_drop(d, &d->fds[i]);
	d->done(d->arg, fd, d->why, d->text);
	buf_wipe(&d->ask);
	free(d);
}

static void __attribute__((format(printf, 3, 4)))
dial_because(struct dial *d, enum netfail why, const char *fmt, ...)
{
	va_list ap;

	d->why = why;
	va_start(ap, fmt);
	(void)vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
}

static void
dial_failed(void *arg)
{
	struct dial *d = arg;

	d->tick = 0;
	dial_finish(d, -1);
}

static void
dial_late(void *arg)
{
	struct dial *d = arg;

	d->deadline = 0;
	if (d->n == 0)
		dial_because(d, NETFAIL_RESOLVE,
		    "%s: no server answers what its address is; check the "
		    "network",
		    d->name);
	else
		dial_because(d, NETFAIL_TIMEOUT, "connect to %s: %s", d->to,
		    d->tunnel ? "the proxy does not answer"
			      : err_sys(ETIMEDOUT));
	dial_finish(d, -1);
}

/* The proxy. */

static void
dial_answered(struct dial *d, int fd)
{
	const char *end = strstr(d->answer, "\r\n\r\n"), *bad;
	char code[4] = "";
	int status;

	if (strncmp(d->answer, "HTTP/1.", 7) == 0 && d->answer[8] == ' ')
		(void)strlcpy(code, d->answer + 9, sizeof(code));
	status = (int)strtonum(code, 100, 599, &bad);
	if (bad != NULL || end == NULL || end + 4 != d->answer + d->got)
		dial_because(d, NETFAIL_PROXY,
		    "the proxy %s does not speak HTTP", d->to);
	else if (status == 407)
		dial_because(d, NETFAIL_PROXY,
		    "the proxy %s wants other credentials (407)", d->to);
	else if (status / 100 != 2)
		dial_because(d, NETFAIL_PROXY,
		    "the proxy %s refused the tunnel (%d)", d->to, status);
	else {
		dial_finish(d, fd);
		return;
	}
	dial_finish(d, -1);
}

static void
dial_talk(void *arg, int fd, short events)
{
	struct dial *d = arg;
	ssize_t n;

	if (d->ask.len > 0 && (events & POLLOUT) != 0) {
		n = send(fd, buf_data(&d->ask), d->ask.len, MSG_NOSIGNAL);
		if (n > 0)
			buf_drain(&d->ask, (size_t)n);
		if (d->ask.len == 0)
			loop_fd_events(d->loop, fd, POLLIN);
		if (n >= 0 || errno == EAGAIN || errno == EINTR)
			return;
	}
	n = recv(fd, d->answer + d->got, DIAL_ANSWER_MAX - d->got, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* closed, broken, or too much */
		dial_because(d, NETFAIL_PROXY,
		    "the proxy %s closed the connection", d->to);
		dial_finish(d, -1);
		return;
	}
	d->got += (size_t)n;
	d->answer[d->got] = '\0';
	if (strlen(d->answer) != d->got ||
	    strstr(d->answer, "\r\n\r\n") != NULL)
		dial_answered(d, fd);
}

/* The race. */

static void dial_try(void *arg);

static void
dial_won(struct dial *d, int fd)
{
	size_t i;

	for (i = 0; i < DIAL_ADDRS_MAX; i++)
		if (d->fds[i] != fd)
			dial_drop(d, &d->fds[i]);
	loop_timer_del(d->loop, d->tick);
	d->tick = 0;
	if (!d->tunnel) {
		dial_finish(d, fd);
		return;
	}
	loop_fd_del(d->loop, fd);
	if (loop_fd(d->loop, fd, POLLOUT, dial_talk, d) != 0)
		dial_finish(d, -1);
}

static void
dial_ready(void *arg, int fd, short events)
{
	socklen_t len = sizeof(int);
	struct dial *d = arg;
	int err = 0;
	size_t i;

	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == -1)
		err = errno;
	if (err == 0) {
		dial_won(d, fd);
		return;
	}
	dial_because(d, err == ETIMEDOUT ? NETFAIL_TIMEOUT : NETFAIL_CONNECT,
	    "connect to %s: %s", d->to, err_sys(err));
	for (i = 0; i < DIAL_ADDRS_MAX; i++)
		if (d->fds[i] == fd)
			dial_drop(d, &d->fds[i]);
	loop_timer_del(d->loop, d->tick);
	d->tick = loop_timer(d->loop, 0, dial_try, d);
}

static bool
dial_running(const struct dial *d)
{
	size_t i;

	for (i = 0; i < DIAL_ADDRS_MAX; i++)
		if (d->fds[i] != -1)
			return true;
	return false;
}

/* Begins an attempt; its result is heard of from poll. */
static int
dial_attempt(struct dial *d, size_t i)
{
	const struct sockaddr *sa = (const struct sockaddr *)&d->addrs[i].sa;
	int one = 1, fd;

	fd = socket(
	    sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if ((connect(fd, sa, d->addrs[i].len) == -1 && errno != EINPROGRESS) ||
	    loop_fd(d->loop, fd, POLLOUT, dial_ready, d) != 0) {
		one = errno;
		(void)close(fd);
		return one;
	}
	d->fds[i] = fd;
	return 0;
}

/* The next address, and the one behind it when this one hesitates. */
static void
dial_try(void *arg)
{
	struct dial *d = arg;
	int err = 0;

	d->tick = 0;
	while (d->next < d->n) {
		err = dial_attempt(d, d->next++);
		if (err == 0)
			break;
		dial_because(d, NETFAIL_CONNECT, "connect to %s: %s", d->to,
		    err_sys(err));
	}
	if (!dial_running(d))
		dial_finish(d, -1);
	else if (d->next < d->n)
		d->tick = loop_timer(d->loop, DIAL_STAGGER_MS, dial_try, d);
}

/* The beginning. */

/* A name must not lead inside unless the person said so; that of the machine
 * itself, an address, and a proxy's are there because the person wrote them. */
static bool
dial_may(struct dial *d, const struct address *to)
{
	if (d->tunnel || d->reach == REACH_PRIVATE ||
	    host_inside(bytes_of(d->name)) ||
	    !host_private((const struct sockaddr *)&to->sa))
		return true;
	dial_because(d, NETFAIL_ADDRESS,
	    "%s leads to a private address; a provider of one's own network "
	    "says private_address = true",
	    d->name);
	return false;
}

/* What is tried from here on are these addresses, and no name any more. */
static void
dial_resolved(void *arg, const struct address *v, size_t n, const char *why)
{
	struct dial *d = arg;
	bool may = n > 0;
	size_t i;

	if (n == 0)
		dial_because(
		    d, NETFAIL_RESOLVE, "%s: %s; check the name", d->name, why);
	for (i = 0; i < n && may; i++)
		may = dial_may(d, &v[i]);
	d->n = n;
	if (n > 0)
		memcpy(d->addrs, v, n * sizeof(*v));
	d->tick = loop_timer(d->loop, 0, may ? dial_try : dial_failed, d);
}

static int
dial_words(struct dial *d, const char *host, uint16_t port, const char *auth)
{
	bool six = strchr(host, ':') != NULL;
	char at[HOST_MAX + 16];

	(void)snprintf(at, sizeof(at), six ? "[%s]:%u" : "%s:%u", host, port);
	(void)buf_addf(&d->ask, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", at, at);
	if (auth != NULL)
		(void)buf_addf(
		    &d->ask, "Proxy-Authorization: Basic %s\r\n", auth);
	return buf_adds(&d->ask, "\r\n");
}

/* What is to be resolved: the host, or the proxy that is asked for it. */
static bool
dial_target(struct dial *d, struct bytes host, uint16_t *port,
    const struct dial_proxy *proxy)
{
	dial_because(d, NETFAIL_NAME, "the name is too long");
	if (bytes_copy(d->name, sizeof(d->name), host) != 0)
		return false;
	(void)snprintf(d->to, sizeof(d->to), "%s:%u", d->name, *port);
	if (d->reach == REACH_PUBLIC && host_inside(host)) {
		dial_because(d, NETFAIL_ADDRESS,
		    "%s is inside, and nothing names it", d->name);
		return false;
	}
	if (proxy == NULL)
		return true;
	if (dial_words(d, d->name, *port, proxy->auth) != 0 ||
	    strlcpy(d->name, proxy->host, sizeof(d->name)) > HOST_MAX)
		return false;
	*port = proxy->port;
	(void)snprintf(d->to, sizeof(d->to), "%s:%u", d->name, *port);
	return true;
}

struct dial *
dial_start(struct loop *loop, struct bytes host, uint16_t port,
    enum dial_reach reach, const struct dial_proxy *proxy, dial_done_fn *done,
    void *arg)
{
	struct dial *d = xcalloc(1, sizeof(*d));
	size_t i;

	d->loop = loop;
	d->done = done;
	d->arg = arg;
	d->reach = reach;
	d->tunnel = proxy != NULL;
	for (i = 0; i < DIAL_ADDRS_MAX; i++)
		d->fds[i] = -1;
	buf_init(&d->ask, DIAL_ASK_MAX);
	d->deadline = loop_timer(loop, DIAL_MS, dial_late, d);
	if (dial_target(d, host, &port, proxy))
		d->resolve =
		    resolve_start(loop, d->name, port, dial_resolved, d);
	else
		d->tick = loop_timer(loop, 0, dial_failed, d);
	return d;
}
