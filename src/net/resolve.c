/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Net: names, by c-ares in our poll loop.  The only file that knows it.
 *
 * Each question has a channel of its own, so what the resolver's files say is
 * what they say now, and ports and numbers of queries are fresh.
 */

#include "config.h"

#include <sys/time.h>

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "net/host.h"
#include "net/resolve.h"

struct resolve {
	struct loop *loop; /* borrowed */
	resolve_done_fn *done;
	void *arg;            /* borrowed */
	ares_channel channel; /* owned; NULL: nobody is asked */
	int timer;            /* when c-ares wants to ask again */
	bool over;            /* done has been called, or is not to be */
};

static void
resolve_end(
    struct resolve *r, const struct address *v, size_t n, const char *why)
{
	if (r->over)
		return;
	r->over = true;
	r->done(r->arg, v, n, why);
}

static void resolve_late(void *arg);

static void
resolve_set_timer(struct resolve *r)
{
	struct timeval room, *left;

	loop_timer_del(r->loop, r->timer);
	r->timer = 0;
	left = r->over ? NULL : ares_timeout(r->channel, NULL, &room);
	if (left != NULL)
		r->timer = loop_timer(r->loop,
		    (uint64_t)left->tv_sec * 1000 +
			(uint64_t)left->tv_usec / 1000 + 1,
		    resolve_late, r);
}

static void
resolve_late(void *arg)
{
	struct resolve *r = arg;

	r->timer = 0;
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	resolve_set_timer(r);
}

static void
resolve_ready(void *arg, int fd, short events)
{
	struct resolve *r = arg;
	bool out = (events & POLLOUT) != 0;
	bool in = (events & (POLLIN | POLLHUP | POLLERR)) != 0;

	ares_process_fd(
	    r->channel, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
	resolve_set_timer(r);
}

static void
resolve_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolve *r = arg;
	short events = 0;

	if (readable)
		events |= POLLIN;
	if (writable)
		events |= POLLOUT;
	loop_fd_del(r->loop, fd);
	if (events != 0) /* a full loop is as a server that is silent */
		(void)loop_fd(r->loop, fd, events, resolve_ready, r);
}

static void
resolve_answer(void *arg, int status, int tries, struct ares_addrinfo *all)
{
	struct address v[RESOLVE_MAX];
	const struct ares_addrinfo_node *node;
	struct resolve *r = arg;
	size_t n = 0;

	(void)tries;
	for (node = all == NULL ? NULL : all->nodes;
	     node != NULL && n < RESOLVE_MAX; node = node->ai_next) {
		if (node->ai_addrlen > sizeof(v[n].sa))
			continue;
		memcpy(&v[n].sa, node->ai_addr, node->ai_addrlen);
		v[n++].len = node->ai_addrlen;
	}
	resolve_end(r, v, n,
	    status == ARES_SUCCESS ? "it has no address"
				   : ares_strerror(status));
	ares_freeaddrinfo(all);
}

static bool
resolve_literal(struct address *to, const char *name, uint16_t port)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to->sa;
	struct sockaddr_in *four = (struct sockaddr_in *)&to->sa;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, name, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		to->len = sizeof(*four);
	} else if (inet_pton(AF_INET6, name, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		to->len = sizeof(*six);
	}
	return to->len > 0;
}

/* An address, and the name of this machine (RFC 6761, 6.3), are nobody's to
 * say but ours. */
static bool
resolve_known(struct resolve *r, const char *name, uint16_t port)
{
	struct address v[2];

	if (host_same(bytes_of(name), bytes_of("localhost"))) {
		(void)resolve_literal(&v[0], "127.0.0.1", port);
		(void)resolve_literal(&v[1], "::1", port);
		resolve_end(r, v, 2, "");
		return true;
	}
	if (!resolve_literal(&v[0], name, port))
		return false;
	resolve_end(r, v, 1, "");
	return true;
}

static int
resolve_channel(struct resolve *r)
{
	static bool ready;
	struct ares_options with = {
	    .sock_state_cb = resolve_socket, .sock_state_cb_data = r};

	if (!ready && ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return ARES_ENOTINITIALIZED;
	ready = true;
	return ares_init_options(&r->channel, &with, ARES_OPT_SOCK_STATE_CB);
}

struct resolve *
resolve_start(struct loop *loop, const char *name, uint16_t port,
    resolve_done_fn *done, void *arg)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = ARES_AI_NUMERICSERV};
	struct resolve *r = xcalloc(1, sizeof(*r));
	char service[8];
	int e;

	r->loop = loop;
	r->done = done;
	r->arg = arg;
	if (resolve_known(r, name, port))
		return r;
	e = resolve_channel(r);
	if (e != ARES_SUCCESS) {
		r->channel = NULL;
		resolve_end(r, NULL, 0, ares_strerror(e));
		return r;
	}
	(void)snprintf(service, sizeof(service), "%u", port);
	ares_getaddrinfo(r->channel, name, service, &hints, resolve_answer, r);
	resolve_set_timer(r);
	return r;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	r->over = true;
	loop_timer_del(r->loop, r->timer);
	if (r->channel != NULL)
		ares_destroy(r->channel);
	free(r);
}
