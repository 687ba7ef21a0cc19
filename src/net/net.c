/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: net.
 *
 * It resolves and connects to the hosts on its list and hands the connected
 * descriptor on; what travels over it, it never sees.  The list comes from
 * the person's own configuration by way of main.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "net/host.h"
#include "proto/proc.h"
#include "sandbox/confine.h"

#define NET_HOSTS_MAX  64
#define NET_ADDRS_MAX  8
#define NET_CONNECT_MS 10000
#define NET_STAGGER_MS 250 /* RFC 8305, 5: between two attempts */

struct listed {
	char *host; /* owned */
	uint16_t port;
};

static struct net {
	struct proc proc;
	struct listed list[NET_HOSTS_MAX];
	size_t n;
} net;

/* "HOST:PORT", an IPv6 address in brackets. */
static int
net_conf(void *arg, const struct msg_conf *m)
{
	const char *why;
	char text[HOST_MAX + 16], *host = text, *colon;
	struct net *n = arg;

	if (!bytes_is(m->key, "net.host"))
		return 0;
	if (n->n == NET_HOSTS_MAX ||
	    bytes_copy(text, sizeof(text), m->value) != 0 ||
	    (colon = strrchr(text, ':')) == NULL)
		return ERR_FORMAT;
	*colon = '\0';
	if (host[0] == '[' && colon > host && colon[-1] == ']') {
		colon[-1] = '\0';
		host++;
	}
	if (host_kind(bytes_of(host)) == HOST_BAD)
		return ERR_FORMAT;
	n->list[n->n].port = (uint16_t)strtonum(colon + 1, 1, 65535, &why);
	if (why != NULL)
		return ERR_FORMAT;
	n->list[n->n++].host = xstrdup(host);
	return 0;
}

static bool
net_listed(const struct net *n, struct bytes host, uint32_t port)
{
	size_t i;

	for (i = 0; i < n->n; i++)
		if (n->list[i].port == port &&
		    host_same(host, bytes_of(n->list[i].host)))
			return true;
	return false;
}

struct race {
	struct pollfd fds[NET_ADDRS_MAX];
	size_t n;
	int err; /* errno of the last that failed */
};

static void
net_attempt(struct race *r, const struct addrinfo *ai)
{
	int one = 1, fd;

	fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1) {
		r->err = errno;
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == -1 &&
	    errno != EINPROGRESS) {
		r->err = errno;
		(void)close(fd);
		return;
	}
	r->fds[r->n++] = (struct pollfd){fd, POLLOUT, 0};
}

/* The first of the attempts that is connected, taken out of the race. */
static int
net_winner(struct race *r)
{
	socklen_t len = sizeof(int);
	int err, fd;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->fds[i].fd == -1 || r->fds[i].revents == 0)
			continue;
		fd = r->fds[i].fd;
		r->fds[i].fd = -1;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 &&
		    err == 0)
			return fd;
		r->err = err;
		(void)close(fd);
	}
	return -1;
}

static bool
net_running(const struct race *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->fds[i].fd != -1)
			return true;
	return false;
}

/* Starts the next address each time the earlier ones hesitate or fail. */
static int
net_race(const struct addrinfo *ai, int *err)
{
	uint64_t end = clock_mono_ms() + NET_CONNECT_MS, now;
	struct race r = {.err = ETIMEDOUT};
	int fd = -1, wait;
	size_t i;

	while (fd == -1 && (now = clock_mono_ms()) < end) {
		if (ai != NULL && r.n < NET_ADDRS_MAX) {
			net_attempt(&r, ai);
			ai = ai->ai_next;
		} else if (!net_running(&r))
			break;
		wait = ai != NULL ? NET_STAGGER_MS : (int)(end - now);
		if (net_running(&r) && poll(r.fds, r.n, wait) > 0)
			fd = net_winner(&r);
	}
	for (i = 0; i < r.n; i++)
		fd_close(&r.fds[i].fd);
	*err = r.err;
	return fd;
}

static enum netfail
net_connect(struct bytes host, uint16_t port, int *fd, char *why, size_t size)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *all = NULL, *ai;
	char name[HOST_MAX + 1], service[8];
	bool named = host_kind(host) == HOST_NAME;
	int e;

	if (bytes_copy(name, sizeof(name), host) != 0)
		return NETFAIL_NAME;
	/* Only this machine has the name localhost, RFC 6761, 6.3. */
	if (strcasecmp(name, "localhost") == 0)
		named = false;
	(void)snprintf(service, sizeof(service), "%u", port);
	e = getaddrinfo(name, service, &hints, &all);
	if (e != 0) {
		(void)snprintf(why, size, "%s: %s", name, gai_strerror(e));
		return NETFAIL_RESOLVE;
	}
	for (ai = all; ai != NULL && named; ai = ai->ai_next)
		if (host_private(ai->ai_addr)) {
			(void)snprintf(why, size,
			    "%s leads to a private address, which only a "
			    "configured address may",
			    name);
			freeaddrinfo(all);
			return NETFAIL_ADDRESS;
		}
	*fd = net_race(all, &e);
	freeaddrinfo(all);
	if (*fd != -1)
		return NETFAIL_OTHER;
	(void)snprintf(
	    why, size, "connect to %s:%u: %s", name, port, strerror(e));
	return e == ETIMEDOUT ? NETFAIL_TIMEOUT : NETFAIL_CONNECT;
}

/* Told before it is tried, so that it is on record however it ends. */
static void
net_tell(
    struct net *n, struct chan *from, const struct msg_connect *m, bool allow)
{
	struct msg_contact c = {.role = chan_peer(from),
	    .host = m->host,
	    .port = m->port,
	    .allow = allow};

	if (n->proc.peers[ROLE_GATE] != NULL)
		(void)chan_send(n->proc.peers[ROLE_GATE], 0, MSG_CONTACT, &c);
}

static int
on_connect(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_connect *m = message;
	struct msg_netfail fail = {.why = NETFAIL_LISTED};
	struct net *n = arg;
	struct msg_socket ok = {-1};
	char why[512];
	bool listed;
	int r;

	(void)snprintf(why, sizeof(why), "%.*s:%u is not a configured provider",
	    (int)m->host.len, (const char *)m->host.p, m->port);
	listed = net_listed(n, m->host, m->port);
	net_tell(n, ch, m, listed && host_kind(m->host) != HOST_BAD);
	if (host_kind(m->host) == HOST_BAD)
		fail.why = NETFAIL_NAME;
	else if (listed)
		fail.why = (uint8_t)net_connect(
		    m->host, (uint16_t)m->port, &ok.sock, why, sizeof(why));
	if (ok.sock != -1) {
		r = chan_send(ch, id, MSG_SOCKET, &ok);
		fd_close(&ok.sock);
		return r;
	}
	if (fail.why == NETFAIL_LISTED || fail.why == NETFAIL_NAME)
		log_warn("refused a connection: %s", why);
	fail.text = bytes_of(why);
	return chan_send(ch, id, MSG_NETFAIL, &fail);
}

static const struct chan_handler from_model[] = {
    {MSG_CONNECT, on_connect}, {0, NULL}};
static const struct chan_handler from_gate[] = {{0, NULL}};

static const struct proc_peer peers[] = {{ROLE_MODEL, from_model, true},
    {ROLE_MCP, from_model, true}, {ROLE_LOGIN, from_model, true},
    {ROLE_REPORT, from_model, true}, {ROLE_GATE, from_gate, true},
    {ROLE_COUNT, NULL, false}};

static const struct proc_ops ops = {.conf = net_conf, .peers = peers};

int
main(void)
{
	struct addrinfo *none = NULL;

	proc_init(&net.proc, ROLE_NET, &ops, &net);
	/* Loads what the resolver loads, while that is still possible. */
	if (getaddrinfo("localhost", NULL, NULL, &none) == 0)
		freeaddrinfo(none);
	confine_role_or_die("net", NULL);
	return proc_run(&net.proc);
}
