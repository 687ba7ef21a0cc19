/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Net: the proxy of commands; see proxy.h.
 *
 * Nothing is resolved and nothing connected before gate's ALLOW, which comes
 * when the connection is on record.  Whatever goes wrong ends the connection.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "net/proxy.h"
#include "net/request.h"

#define PROXY_CALLS_MAX   64    /* that run at the same time */
#define PROXY_TUNNELS_MAX 64    /* connections of all of them */
#define PROXY_CALL_MAX    48    /* of one of them */
#define PROXY_DIALS_MAX   8     /* that are being made */
#define PROXY_WAY_MAX     65536 /* bytes on their way in one direction */
#define PROXY_READ_MAX    16384 /* bytes of one recv(2) */

enum tunnel_state {
	TUNNEL_FREE,
	TUNNEL_HEAD,    /* what it wants comes in */
	TUNNEL_ASKED,   /* gate decides */
	TUNNEL_ALLOWED, /* waits for its turn to be connected */
	TUNNEL_DIALLED, /* is being connected; the end may be closed already */
	TUNNEL_OPEN,    /* bytes go to and fro */
	TUNNEL_LAST     /* is told why not, and then closed */
};

/* An end of a tunnel: of the command, or of the host. */
struct end {
	int fd;         /* owned; -1 */
	short watched;  /* poll(2) events; 0: not watched */
	bool ended;     /* no more bytes come from there */
	bool shut;      /* and it was told that no more go there */
	struct buf way; /* what came from there and goes to the other */
};

struct tunnel {
	enum tunnel_state state;
	uint32_t id, call; /* our number of it; the call it is for */
	struct request want;
	bool named;
	struct end ends[2];
};

#define COMMAND 0
#define HOST    1

/* What a call listens with. */
struct server {
	uint32_t call;
	int fd; /* owned; -1: the slot is free */
	bool watched;
};

static struct proxy {
	struct server servers[PROXY_CALLS_MAX];
	size_t nservers;
	struct tunnel tunnels[PROXY_TUNNELS_MAX];
	size_t dials;
	uint32_t last;     /* id */
	struct chan *gate; /* borrowed */
} proxy;

static void proxy_serve(void);
static void proxy_dial(void);
static void on_bytes(void *arg, int fd, short events);

static void
end_watch(struct tunnel *t, struct end *e, short events)
{
	if (events == e->watched || e->fd == -1)
		return;
	if (events == 0)
		loop_fd_del(net_loop(), e->fd);
	else if (e->watched != 0)
		loop_fd_events(net_loop(), e->fd, events);
	else if (loop_fd(net_loop(), e->fd, events, on_bytes, t) != 0)
		events = 0;
	e->watched = events;
}

static void
end_close(struct tunnel *t, struct end *e)
{
	end_watch(t, e, 0);
	fd_close(&e->fd);
	buf_fini(&e->way);
}

static void
tunnel_close(struct tunnel *t)
{
	end_close(t, &t->ends[COMMAND]);
	end_close(t, &t->ends[HOST]);
	if (t->state == TUNNEL_DIALLED) /* on_dialled sees that it is closed */
		return;
	t->state = TUNNEL_FREE;
	proxy_serve();
}

/* The relay. */

static bool
end_read(struct end *e)
{
	size_t want = e->way.cap - e->way.len;
	uint8_t *to;
	ssize_t n;

	if (want > PROXY_READ_MAX)
		want = PROXY_READ_MAX;
	to = buf_reserve(&e->way, want);
	if (to == NULL)
		return false;
	n = recv(e->fd, to, want, 0);
	if (n > 0)
		buf_commit(&e->way, (size_t)n);
	e->ended = n == 0;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* What waits for this end; and behind it the news that no more comes. */
static bool
end_write(struct end *e, struct end *from)
{
	ssize_t n;

	while (from->way.len > 0) {
		n = send(
		    e->fd, buf_data(&from->way), from->way.len, MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR;
		buf_drain(&from->way, (size_t)n);
	}
	if (from->ended && !e->shut) {
		(void)shutdown(e->fd, SHUT_WR);
		e->shut = true;
	}
	return true;
}

/* One that is full is not watched: its end would wake us for nothing. */
static void
tunnel_watch(struct tunnel *t)
{
	struct end *e, *other;
	short events;
	int i;

	for (i = 0; i < 2; i++) {
		e = &t->ends[i];
		other = &t->ends[1 - i];
		events = 0;
		if (!e->ended && e->way.len < e->way.cap)
			events |= POLLIN;
		if (other->way.len > 0)
			events |= POLLOUT;
		end_watch(t, e, events);
	}
}

static void
tunnel_relay(struct tunnel *t, struct end *e, short events)
{
	struct end *other = &t->ends[e == t->ends];
	bool good = true;

	if ((e->watched & POLLIN) != 0 && (events & ~POLLOUT) != 0)
		good = end_read(e);
	good = good && end_write(other, e) && end_write(e, other);
	if (!good || (e->shut && other->shut))
		tunnel_close(t);
	else
		tunnel_watch(t);
}

/* The beginning. */

static void
tunnel_last(struct tunnel *t, int status, const char *word, const char *why)
{
	struct end *host = &t->ends[HOST];

	buf_clear(&host->way);
	(void)buf_addf(&host->way,
	    "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
	    status, word, strlen(why) + 1, why);
	host->ended = true;
	t->state = TUNNEL_LAST;
	tunnel_watch(t);
}

static void
tunnel_ask(struct tunnel *t)
{
	struct bytes host = bytes_of(t->want.host);
	struct msg_asked m = {.call = t->call,
	    .host = host,
	    .port = t->want.port,
	    .inside = host_inside(host)};

	t->state = TUNNEL_ASKED;
	end_watch(t, &t->ends[COMMAND], 0);
	if (chan_send(proxy.gate, t->id, MSG_ASKED, &m) != 0)
		tunnel_close(t);
}

static void
tunnel_head(struct tunnel *t)
{
	struct end *e = &t->ends[COMMAND];
	int r;

	if (!end_read(e) || e->ended) {
		tunnel_close(t);
		return;
	}
	r = request_take(&t->want, &e->way);
	if (r == 1)
		tunnel_ask(t);
	else if (r != 0)
		tunnel_last(t, 400, "Bad Request",
		    "cordon: not a request that a proxy understands");
}

/* What it still says is for nobody, but has to be taken: a connection that is
 * closed before loses what was said to it. */
static void
tunnel_say(struct tunnel *t, short events)
{
	struct end *e = &t->ends[COMMAND];
	bool good = true;

	buf_clear(&e->way);
	if ((e->watched & POLLIN) != 0 && (events & ~POLLOUT) != 0)
		good = end_read(e);
	buf_clear(&e->way);
	if (!good || !end_write(e, &t->ends[HOST]) || (e->ended && e->shut))
		tunnel_close(t);
	else
		tunnel_watch(t);
}

static void
on_bytes(void *arg, int fd, short events)
{
	struct tunnel *t = arg;

	if (t->state == TUNNEL_HEAD)
		tunnel_head(t);
	else if (t->state == TUNNEL_LAST)
		tunnel_say(t, events);
	else
		tunnel_relay(t,
		    &t->ends[fd == t->ends[HOST].fd ? HOST : COMMAND], events);
}

static void
on_dialled(void *arg, int fd, enum netfail failed, const char *text)
{
	struct tunnel *t = arg;
	char why[640];

	(void)failed;
	proxy.dials--;
	t->state = TUNNEL_OPEN;
	t->ends[HOST].fd = fd;
	if (t->ends[COMMAND].fd == -1) {
		tunnel_close(t);
	} else if (fd == -1) {
		(void)snprintf(why, sizeof(why), "cordon: %s", text);
		tunnel_last(t, 502, "Bad Gateway", why);
	} else {
		if (t->want.tunnel)
			(void)buf_adds(&t->ends[HOST].way,
			    "HTTP/1.1 200 Connection established\r\n\r\n");
		tunnel_watch(t);
	}
	proxy_dial();
}

/* Those that wait, as many as may be made at once. */
static void
proxy_dial(void)
{
	struct bytes host;
	struct tunnel *t;
	size_t i;

	for (i = 0; i < PROXY_TUNNELS_MAX; i++) {
		t = &proxy.tunnels[i];
		if (t->state != TUNNEL_ALLOWED ||
		    proxy.dials == PROXY_DIALS_MAX)
			continue;
		host = bytes_of(t->want.host);
		t->state = TUNNEL_DIALLED;
		proxy.dials++;
		(void)dial_start(net_loop(), host, t->want.port,
		    t->named ? REACH_SPELLED : REACH_PUBLIC,
		    net_way(host, t->want.port), on_dialled, t);
	}
}

/* The calls. */

static void
tunnel_new(struct tunnel *t, uint32_t call, int fd)
{
	memset(t, 0, sizeof(*t));
	t->state = TUNNEL_HEAD;
	t->id = ++proxy.last;
	t->call = call;
	t->ends[COMMAND].fd = fd;
	t->ends[HOST].fd = -1;
	buf_init(&t->ends[COMMAND].way, PROXY_WAY_MAX);
	buf_init(&t->ends[HOST].way, PROXY_WAY_MAX);
	end_watch(t, &t->ends[COMMAND], POLLIN);
}

/* A slot for a connection of that call, or NULL. */
static struct tunnel *
proxy_room(uint32_t call)
{
	struct tunnel *room = NULL;
	size_t i, n = 0;

	for (i = 0; i < PROXY_TUNNELS_MAX; i++)
		if (proxy.tunnels[i].state == TUNNEL_FREE)
			room = &proxy.tunnels[i];
		else if (proxy.tunnels[i].call == call)
			n++;
	return n < PROXY_CALL_MAX ? room : NULL;
}

static void
on_client(void *arg, int fd, short events)
{
	struct server *s = arg;
	struct tunnel *t = proxy_room(s->call);
	int client = -1;

	(void)events;
	if (t != NULL)
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client != -1) {
		tunnel_new(t, s->call, client);
	} else if (t == NULL || (errno != EAGAIN && errno != EINTR)) {
		loop_fd_del(net_loop(), fd); /* until one has ended */
		s->watched = false;
	}
}

/* Goes on accepting where there was no room. */
static void
proxy_serve(void)
{
	struct server *s;
	size_t i;

	for (i = 0; i < proxy.nservers; i++) {
		s = &proxy.servers[i];
		if (s->fd != -1 && !s->watched)
			s->watched = loop_fd(net_loop(), s->fd, POLLIN,
					 on_client, s) == 0;
	}
}

int
proxy_on_socket(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_serve *m = msg;
	size_t i;

	(void)arg;
	for (i = 0; i < proxy.nservers && proxy.servers[i].fd != -1; i++)
		;
	if (m->sock == -1 || i == PROXY_CALLS_MAX ||
	    fd_nonblock(m->sock, true) != 0) {
		fd_close(&m->sock);
		return 0; /* the command finds nobody */
	}
	if (i == proxy.nservers)
		proxy.nservers++;
	proxy.servers[i] = (struct server){.call = id, .fd = m->sock};
	proxy.gate = ch;
	proxy_serve();
	return 0;
}

int
proxy_on_end(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct server *s;
	size_t i;

	(void)arg;
	(void)ch;
	(void)msg;
	for (i = 0; i < proxy.nservers; i++) {
		s = &proxy.servers[i];
		if (s->fd == -1 || s->call != id)
			continue;
		if (s->watched)
			loop_fd_del(net_loop(), s->fd);
		fd_close(&s->fd);
	}
	for (i = 0; i < PROXY_TUNNELS_MAX; i++)
		if (proxy.tunnels[i].state != TUNNEL_FREE &&
		    proxy.tunnels[i].call == id)
			tunnel_close(&proxy.tunnels[i]);
	return 0;
}

int
proxy_on_allow(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_allow *m = msg;
	struct tunnel *t = NULL;
	char why[HOST_MAX + 1024];
	size_t i;

	(void)arg;
	(void)ch;
	for (i = 0; i < PROXY_TUNNELS_MAX; i++)
		if (proxy.tunnels[i].id == id &&
		    proxy.tunnels[i].state == TUNNEL_ASKED)
			t = &proxy.tunnels[i];
	if (t == NULL) /* its call has ended meanwhile */
		return 0;
	if (m->allow) {
		t->named = m->named;
		t->state = TUNNEL_ALLOWED;
		proxy_dial();
		return 0;
	}
	(void)snprintf(why, sizeof(why), "cordon: %s:%u is refused: %.*s",
	    t->want.host, t->want.port, (int)m->why.len,
	    (const char *)m->why.p);
	tunnel_last(t, 403, "Forbidden", why);
	return 0;
}
