/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: net.
 *
 * It resolves and connects to the hosts on its list and hands the connected
 * descriptor on; what travels over it, it never sees.  The list comes from
 * the person's own configuration by way of main, as does the proxy.  What
 * commands want is asked of gate, one by one (proxy.h).
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "net/dial.h"
#include "net/host.h"
#include "net/proxy.h"
#include "proto/proc.h"
#include "sandbox/confine.h"

#define NET_HOSTS_MAX 64
#define NET_DIALS_MAX 16 /* connections that are made at once */

struct listed {
	char *host; /* owned */
	uint16_t port;
	enum dial_reach reach;
};

static struct net {
	struct proc proc;
	struct listed list[NET_HOSTS_MAX];
	size_t n;
	struct dial_proxy proxy;
	char *no_proxy; /* owned: as the environment has it, or NULL */
	size_t dials;   /* under way */
} net;

/* "HOST:PORT", an IPv6 address in brackets. */
static int
net_authority(struct bytes value, char **where, uint16_t *port)
{
	const char *why;
	char text[HOST_MAX + 16], *host = text, *colon;

	if (bytes_copy(text, sizeof(text), value) != 0 ||
	    (colon = strrchr(text, ':')) == NULL)
		return ERR_FORMAT;
	*colon = '\0';
	if (host[0] == '[' && colon > host && colon[-1] == ']') {
		colon[-1] = '\0';
		host++;
	}
	*port = (uint16_t)strtonum(colon + 1, 1, 65535, &why);
	if (why != NULL || host_kind(bytes_of(host)) == HOST_BAD)
		return ERR_FORMAT;
	*where = xstrdup(host);
	return 0;
}

static int
net_conf(void *arg, const struct msg_conf *m)
{
	struct net *n = arg;
	int r;

	if (bytes_is(m->key, "net.proxy"))
		return net_authority(m->value, &n->proxy.host, &n->proxy.port);
	if (bytes_is(m->key, "net.proxy_auth"))
		n->proxy.auth = xmemdup(m->value.p, m->value.len);
	if (bytes_is(m->key, "net.no_proxy"))
		n->no_proxy = xmemdup(m->value.p, m->value.len);
	if (!bytes_is(m->key, "net.host") &&
	    !bytes_is(m->key, "net.private_host"))
		return 0;
	if (n->n == NET_HOSTS_MAX)
		return ERR_SPACE;
	n->list[n->n].reach =
	    bytes_is(m->key, "net.host") ? REACH_SPELLED : REACH_PRIVATE;
	r = net_authority(m->value, &n->list[n->n].host, &n->list[n->n].port);
	if (r == 0)
		n->n++;
	return r;
}

static const struct listed *
net_listed(const struct net *n, struct bytes host, uint32_t port)
{
	size_t i;

	for (i = 0; i < n->n; i++)
		if (n->list[i].port == port &&
		    host_same(host, bytes_of(n->list[i].host)))
			return &n->list[i];
	return NULL;
}

/* Who asked for a connection. */
struct asked {
	enum role role;
	uint32_t id; /* of the frame */
};

static int
net_answer(struct asked who, int fd, enum netfail why, const char *text)
{
	struct msg_netfail fail = {(uint8_t)why, bytes_of(text)};
	struct chan *ch = net.proc.peers[who.role];
	struct msg_socket ok = {fd};

	if (ch == NULL)
		return 0;
	return fd != -1 ? chan_send(ch, who.id, MSG_SOCKET, &ok)
			: chan_send(ch, who.id, MSG_NETFAIL, &fail);
}

static void
on_dialled(void *arg, int fd, enum netfail why, const char *text)
{
	struct asked *who = arg;

	(void)net_answer(*who, fd, why, text);
	fd_close(&fd);
	net.dials--;
	free(who);
}

const struct dial_proxy *
net_way(struct bytes host, uint32_t port)
{
	if (net.proxy.host == NULL || host_exempt(net.no_proxy, host, port))
		return NULL;
	return &net.proxy;
}

struct loop *
net_loop(void)
{
	return net.proc.loop;
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
	struct asked who = {chan_peer(ch), id};
	enum netfail why = NETFAIL_LISTED;
	struct net *n = arg;
	const struct listed *listed = net_listed(n, m->host, m->port);
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "%.*s:%u is not a configured provider", (int)m->host.len,
	    (const char *)m->host.p, m->port);
	net_tell(n, ch, m, listed != NULL && host_kind(m->host) != HOST_BAD);
	if (host_kind(m->host) == HOST_BAD)
		why = NETFAIL_NAME;
	else if (listed != NULL) {
		if (n->dials == NET_DIALS_MAX)
			return net_answer(who, -1, NETFAIL_OTHER,
			    "too many connections are being made");
		n->dials++;
		(void)dial_start(n->proc.loop, m->host, (uint16_t)m->port,
		    listed->reach, net_way(m->host, m->port), on_dialled,
		    xmemdup(&who, sizeof(who)));
		return 0;
	}
	log_warn("refused a connection: %s", text);
	return net_answer(who, -1, why, text);
}

static const struct chan_handler from_model[] = {
    {MSG_CONNECT, on_connect}, {0, NULL}};
static const struct chan_handler from_gate[] = {{MSG_SERVE, proxy_on_socket},
    {MSG_SERVE_END, proxy_on_end}, {MSG_ALLOW, proxy_on_allow}, {0, NULL}};

static const struct proc_peer peers[] = {{ROLE_MODEL, from_model, true},
    {ROLE_LOGIN, from_model, true}, {ROLE_REPORT, from_model, true},
    {ROLE_GATE, from_gate, true}, {ROLE_COUNT, NULL, false}};

static const struct proc_ops ops = {.conf = net_conf, .peers = peers};

int
main(void)
{
	proc_init(&net.proc, ROLE_NET, &ops, &net);
	confine_role_or_die("net", NULL);
	return proc_run(&net.proc);
}
