/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Login: the browser's way back.
 *
 * Every program and every web page of this machine can send requests to a
 * loopback port.  What counts is the state, which only the page that we sent
 * the person to has been told; the Host field must be ours as well, so that
 * no foreign name leads here.  Browsers open connections ahead of need, so
 * one that says nothing must not keep the others waiting.
 */

#include "config.h"

#include <sys/socket.h>

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "login/callback.h"

#define REQUEST_MAX 16384 /* bytes of a request's head */
#define CONNS_MAX   16
#define CONN_MS     10000 /* a connection that says nothing */

struct conn {
	struct callback_server *server; /* borrowed */
	int fd;                         /* owned; -1: free */
	int timer;
	size_t len;
	char text[REQUEST_MAX];
};

struct callback_server {
	struct loop *loop; /* borrowed */
	int fd;            /* owned */
	uint16_t port;
	char state[CALLBACK_TEXT_MAX];
	callback_fn *done;
	void *arg; /* borrowed */
	struct conn conns[CONNS_MAX];
};

/* Reading. */

static int
callback_hex(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* A parameter's value, decoded; what is no text, or too long, is none. */
static bool
callback_decode(char *dst, const char *p, size_t len)
{
	size_t n = 0, i;
	char c;

	for (i = 0; i < len; i++) {
		c = p[i] == '+' ? ' ' : p[i];
		if (c == '%') {
			if (len - i < 3 || callback_hex(p[i + 1]) < 0 ||
			    callback_hex(p[i + 2]) < 0)
				return false;
			c = (char)(callback_hex(p[i + 1]) * 16 +
				   callback_hex(p[i + 2]));
			i += 2;
		}
		if (c < 0x20 || c > 0x7E || n == CALLBACK_TEXT_MAX - 1)
			return false;
		dst[n++] = c;
	}
	dst[n] = '\0';
	return true;
}

/* A parameter that comes twice is no answer of an issuer. */
static bool
callback_query(struct callback *out, const char *p, size_t len)
{
	const struct {
		const char *name;
		char *to;
	} wanted[] = {{"code=", out->code}, {"state=", out->state},
	    {"error=", out->error}};
	size_t n, i, name;

	for (; len > 0; p += n, len -= n) {
		n = 0;
		while (n < len && p[n] != '&')
			n++;
		for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			name = strlen(wanted[i].name);
			if (n < name || memcmp(p, wanted[i].name, name) != 0)
				continue;
			if (*wanted[i].to != '\0' ||
			    !callback_decode(wanted[i].to, p + name, n - name))
				return false;
		}
		if (n < len)
			n++; /* the ampersand */
	}
	return true;
}

static bool
callback_host(const char *p, const char *end, uint16_t port)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1"};
	char line[64];
	size_t i, n;

	for (; p < end; p++) {
		for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
			n = (size_t)snprintf(line, sizeof(line),
			    "\nHost: %s:%u\r\n", hosts[i], port);
			if ((size_t)(end - p) >= n &&
			    strncasecmp(p, line, n) == 0)
				return true;
		}
	}
	return false;
}

enum callback_result
callback_parse(const char *p, size_t len, uint16_t port, struct callback *out)
{
	static const char get[] = "GET ", http[] = " HTTP/1.";
	const char *end = memmem(p, len, "\r\n\r\n", 4), *path, *line, *space;
	size_t n = strlen(CALLBACK_PATH);

	memset(out, 0, sizeof(*out));
	if (end == NULL)
		return CALLBACK_MORE;
	end += 2;
	if (memchr(p, '\0', (size_t)(end - p)) != NULL ||
	    strncmp(p, get, strlen(get)) != 0 || !callback_host(p, end, port))
		return CALLBACK_BAD;
	path = p + strlen(get);
	line = memchr(path, '\r', (size_t)(end - path));
	space = memchr(path, ' ', (size_t)(line - path));
	if (space == NULL || strncmp(space, http, strlen(http)) != 0)
		return CALLBACK_BAD;
	if ((size_t)(space - path) <= n ||
	    memcmp(path, CALLBACK_PATH "?", n + 1) != 0)
		return CALLBACK_OTHER;
	path += n + 1;
	if (!callback_query(out, path, (size_t)(space - path)) ||
	    *out->state == '\0' ||
	    (*out->code == '\0') == (*out->error == '\0'))
		return CALLBACK_BAD;
	return CALLBACK_GOOD;
}

/* Serving. */

static void
conn_close(struct conn *c)
{
	if (c->fd == -1)
		return;
	loop_fd_del(c->server->loop, c->fd);
	loop_timer_del(c->server->loop, c->timer);
	fd_close(&c->fd);
	explicit_bzero(c->text, sizeof(c->text)); /* it may hold a code */
	c->len = 0;
}

static void
conn_late(void *arg)
{
	struct conn *c = arg;

	c->timer = 0;
	conn_close(c);
}

/* Small enough for the socket to take it whole. */
static void
conn_answer(struct conn *c, const char *status, const char *text)
{
	char page[1024];
	int n;

	n = snprintf(page, sizeof(page),
	    "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Content-Security-Policy: default-src 'none'\r\n"
	    "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n"
	    "<!doctype html><title>Cordon</title><p>%s</p>",
	    status,
	    strlen(text) + strlen("<!doctype html><title>Cordon"
				  "</title><p></p>"),
	    text);
	(void)send(c->fd, page, (size_t)n, MSG_NOSIGNAL);
	(void)shutdown(c->fd, SHUT_WR);
	conn_close(c);
}

/* In constant time, so that nobody finds the state letter by letter. */
static bool
same_state(const char *a, const char *b)
{
	size_t n = strlen(a), i;
	unsigned char differ = 0;

	if (strlen(b) != n)
		return false;
	for (i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

static void
conn_ready(void *arg, int fd, short events)
{
	struct conn *c = arg;
	struct callback_server *s = c->server;
	struct callback got;
	ssize_t n;

	(void)events;
	n = recv(fd, c->text + c->len, sizeof(c->text) - c->len, 0);
	if (n <= 0) { /* gone, or more than a request has */
		conn_close(c);
		return;
	}
	c->len += (size_t)n;
	switch (callback_parse(c->text, c->len, s->port, &got)) {
	case CALLBACK_MORE:
		return;
	case CALLBACK_OTHER:
		conn_answer(c, "404 Not Found", "There is nothing here.");
		return;
	case CALLBACK_GOOD:
		if (!same_state(got.state, s->state))
			break;
		conn_answer(c, "200 OK",
		    *got.error == '\0'
			? "Signed in. You may close this window."
			: "The issuer refused. The terminal says why.");
		s->done(s->arg, &got);
		explicit_bzero(&got, sizeof(got));
		return;
	case CALLBACK_BAD:
		break;
	}
	conn_answer(c, "400 Bad Request", "This is no answer to a sign-in.");
}

static void
server_ready(void *arg, int fd, short events)
{
	struct callback_server *s = arg;
	struct conn *c;
	int peer;

	(void)events;
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer == -1)
		return;
	for (c = s->conns; c < s->conns + CONNS_MAX && c->fd != -1; c++)
		;
	if (c == s->conns + CONNS_MAX ||
	    loop_fd(s->loop, peer, POLLIN, conn_ready, c) != 0) {
		(void)close(peer);
		return;
	}
	c->fd = peer;
	c->timer = loop_timer(s->loop, CONN_MS, conn_late, c);
}

struct callback_server *
callback_listen(struct loop *loop, int fd, uint16_t port, const char *state,
    callback_fn *done, void *arg)
{
	struct callback_server *s = xcalloc(1, sizeof(*s));
	size_t i;

	s->loop = loop;
	s->fd = fd;
	s->port = port;
	s->done = done;
	s->arg = arg;
	(void)strlcpy(s->state, state, sizeof(s->state));
	for (i = 0; i < CONNS_MAX; i++) {
		s->conns[i].server = s;
		s->conns[i].fd = -1;
	}
	(void)fd_nonblock(fd, true);
	if (loop_fd(loop, fd, POLLIN, server_ready, s) != 0) {
		callback_close(s);
		return NULL;
	}
	return s;
}

void
callback_close(struct callback_server *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < CONNS_MAX; i++)
		conn_close(&s->conns[i]);
	loop_fd_del(s->loop, s->fd);
	fd_close(&s->fd);
	explicit_bzero(s, sizeof(*s));
	free(s);
}
