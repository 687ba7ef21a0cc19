/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the collectors. */

#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "report/format.h"
#include "report/sink.h"

#define WAIT_S       10         /* for a collector, at each step */
#define BATCH_MAX    (4u << 20) /* bytes of one request */
#define ANSWER_MAX   65536      /* bytes of an answer's head */
#define JOURNAL_PATH "/run/systemd/journal/socket"

struct sink;

struct sink_ops {
	const char *prefix;
	int (*open)(struct sink *s, const char *rest);
	int (*put)(struct sink *s, const struct entry *e);
	int (*finish)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	int fd; /* owned */
	char host[256], port[32], path[1024];
	struct buf batch; /* what waits to be posted */
};

/* HOST[:PORT][/PATH], an IPv6 address in brackets. */
static int
split_url(struct sink *s, const char *rest, const char *port, const char *path)
{
	size_t host = strcspn(rest, "/"), n;
	const char *colon, *bad;

	if (str_fmt(s->path, sizeof(s->path), "%s",
		rest[host] == '/' ? rest + host : path) != 0)
		return ERR_FORMAT;
	if (*rest == '[') {
		n = strcspn(rest, "]");
		if (rest[n] != ']' || str_fmt(s->host, sizeof(s->host), "%.*s",
					  (int)n - 1, rest + 1) != 0)
			return ERR_FORMAT;
		colon = rest[n + 1] == ':' ? rest + n + 1 : NULL;
	} else {
		n = strcspn(rest, ":/");
		if (n == 0 || str_fmt(s->host, sizeof(s->host), "%.*s", (int)n,
				  rest) != 0)
			return ERR_FORMAT;
		colon = rest[n] == ':' ? rest + n : NULL;
	}
	if (colon == NULL)
		return str_fmt(s->port, sizeof(s->port), "%s", port);
	n = strcspn(colon + 1, "/");
	if (str_fmt(s->port, sizeof(s->port), "%.*s", (int)n, colon + 1) != 0)
		return ERR_FORMAT;
	(void)strtonum(s->port, 1, UINT16_MAX, &bad);
	return bad == NULL ? 0 : ERR_FORMAT;
}

static int
tcp_connect(struct sink *s)
{
	const struct addrinfo want = {.ai_socktype = SOCK_STREAM};
	const struct timeval wait = {WAIT_S, 0};
	struct addrinfo *all, *a;
	int e;

	e = getaddrinfo(s->host, s->port, &want, &all);
	if (e != 0) {
		log_error("%s: %s; check the name", s->host, gai_strerror(e));
		return EX_UNAVAILABLE;
	}
	for (a = all; a != NULL && s->fd == -1; a = a->ai_next) {
		s->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (s->fd == -1)
			continue;
		if (setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
			sizeof(wait)) == -1 ||
		    setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
			sizeof(wait)) == -1 ||
		    connect(s->fd, a->ai_addr, a->ai_addrlen) == -1)
			fd_close(&s->fd);
	}
	freeaddrinfo(all);
	if (s->fd == -1) {
		log_error("%s port %s: %s", s->host, s->port, err_sys(errno));
		return EX_UNAVAILABLE;
	}
	return EX_OK;
}

/* Syslog over TCP: each message with its length before it (RFC 6587). */

static int
syslog_open(struct sink *s, const char *rest)
{
	if (split_url(s, rest, "514", "") != 0 || s->path[0] != '\0') {
		log_error(
		    "syslog://%s: no host and port; write syslog://HOST:PORT",
		    rest);
		return EX_USAGE;
	}
	return tcp_connect(s);
}

static int
syslog_put(struct sink *s, const struct entry *e)
{
	char host[256] = "-", length[32];
	struct buf out;
	int r;

	(void)gethostname(host, sizeof(host) - 1);
	buf_init(&out, FORMAT_RECORD_MAX);
	format_syslog(&out, e, host);
	(void)snprintf(length, sizeof(length), "%zu ", out.len);
	r = buf_err(&out);
	if (r == 0)
		r = fd_write_all(s->fd, length, strlen(length));
	if (r == 0)
		r = fd_write_all(s->fd, buf_data(&out), out.len);
	buf_fini(&out);
	return r;
}

/* The collector closes its side once it has read all of ours. */
static int
syslog_finish(struct sink *s)
{
	char c[256];
	ssize_t n;

	if (shutdown(s->fd, SHUT_WR) == -1)
		return ERR_IO;
	while ((n = read(s->fd, c, sizeof(c))) > 0)
		;
	if (n == -1)
		return errno == EAGAIN ? ERR_TIMEOUT : ERR_IO;
	return 0;
}

/* systemd-journald: a datagram a record, or a sealed memfd if it is large. */

static int
journal_open(struct sink *s, const char *rest)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const char *path = *rest == ':' ? rest + 1 : JOURNAL_PATH;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		log_error("%s: too long for a socket's path; link to it from a "
			  "shorter one",
		    path);
		return EX_USAGE;
	}
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd == -1 ||
	    connect(s->fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		log_error("%s: %s", path, err_sys(errno));
		return EX_UNAVAILABLE;
	}
	return EX_OK;
}

static int
journal_send_fd(struct sink *s, const struct buf *out)
{
	int fd = fd_memfd("journal", buf_data(out), out->len), r;

	if (fd < 0)
		return fd;
	r = fd_send(s->fd, fd, NULL, 0);
	(void)close(fd);
	return r;
}

static int
journal_put(struct sink *s, const struct entry *e)
{
	struct buf out;
	int r;

	buf_init(&out, FORMAT_RECORD_MAX);
	format_journal(&out, e);
	r = buf_err(&out);
	if (r == 0 && write(s->fd, buf_data(&out), out.len) == -1)
		r = errno == EMSGSIZE || errno == ENOBUFS
			? journal_send_fd(s, &out)
			: ERR_IO;
	buf_fini(&out);
	return r;
}

static int
journal_finish(struct sink *s)
{
	(void)s; /* each datagram was taken when it was sent */
	return 0;
}

/* OTLP over HTTP/1.1, JSON. */

static int
otlp_open(struct sink *s, const char *rest)
{
	if (split_url(s, rest, "4318", "/v1/logs") != 0) {
		log_error("otlp+http://%s: no host and port; write "
			  "otlp+http://HOST:PORT",
		    rest);
		return EX_USAGE;
	}
	return tcp_connect(s);
}

/* Reads the answer's head and passes over its body: 0 for a 2xx. */
static int
otlp_answer(struct sink *s)
{
	static char head[ANSWER_MAX + 1];
	const char *end = NULL, *length;
	size_t have = 0, body = 0;
	bool taken;
	ssize_t n;

	while (end == NULL && have < ANSWER_MAX) {
		n = read(s->fd, head + have, ANSWER_MAX - have);
		if (n <= 0)
			return n == -1 && errno == EAGAIN ? ERR_TIMEOUT
							  : ERR_TRUNC;
		have += (size_t)n;
		head[have] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	if (end == NULL || !str_starts(head, "HTTP/1.1 "))
		return ERR_FORMAT;
	taken = head[strlen("HTTP/1.1 ")] == '2';
	length = strcasestr(head, "\r\ncontent-length:");
	if (length != NULL && length < end) {
		length += strlen("\r\ncontent-length:");
		length += strspn(length, " ");
		for (; *length >= '0' && *length <= '9'; length++)
			body = 10 * body + (size_t)(*length - '0');
		have -= (size_t)(end + 4 - head);
		for (body = body > have ? body - have : 0; body > 0;
		     body -= (size_t)n) {
			n = read(
			    s->fd, head, body < ANSWER_MAX ? body : ANSWER_MAX);
			if (n <= 0)
				return ERR_TRUNC;
		}
	}
	return taken ? 0 : ERR_PERM;
}

static int
otlp_post(struct sink *s)
{
	const struct format *f = format_find("otlp");
	char request[2048];
	int r;

	if (s->batch.len == 0)
		return 0;
	(void)buf_adds(&s->batch, f->end);
	r = str_fmt(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: "
	    "application/json\r\nContent-Length: %zu\r\n\r\n",
	    s->path, s->host, s->port, s->batch.len);
	if (r == 0)
		r = buf_err(&s->batch);
	if (r == 0)
		r = fd_write_all(s->fd, request, strlen(request));
	if (r == 0)
		r = fd_write_all(s->fd, buf_data(&s->batch), s->batch.len);
	if (r == 0)
		r = otlp_answer(s);
	buf_clear(&s->batch);
	return r;
}

static int
otlp_put(struct sink *s, const struct entry *e)
{
	const struct format *f = format_find("otlp");

	(void)buf_adds(&s->batch, s->batch.len == 0 ? f->begin : f->between);
	f->add(&s->batch, e);
	return s->batch.len > BATCH_MAX ? otlp_post(s) : buf_err(&s->batch);
}

/* A file, which may lie on another machine. */

static int
file_open(struct sink *s, const char *rest)
{
	s->fd = open(
	    rest, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	if (s->fd == -1) {
		log_error("%s: %s", rest, err_sys(errno));
		return EX_CANTCREAT;
	}
	return EX_OK;
}

static int
file_put(struct sink *s, const struct entry *e)
{
	int r = fd_write_all(s->fd, e->line.p, e->line.len);

	return r != 0 ? r : fd_write_all(s->fd, "\n", 1);
}

static int
file_finish(struct sink *s)
{
	return fdatasync(s->fd) == -1 ? ERR_IO : 0;
}

static const struct sink_ops kinds[] = {
    {"syslog://", syslog_open, syslog_put, syslog_finish},
    {"journald", journal_open, journal_put, journal_finish},
    {"otlp+http://", otlp_open, otlp_put, otlp_post},
    {"file:", file_open, file_put, file_finish},
};

int
sink_open(struct sink **to, const char *url)
{
	struct sink *s;
	size_t i;
	int r;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(url, kinds[i].prefix))
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0])) {
		log_error("--to takes syslog://HOST, journald,"
			  " otlp+http://HOST or file:PATH, not '%s'",
		    url);
		return EX_USAGE;
	}
	s = xcalloc(1, sizeof(*s));
	s->fd = -1;
	s->ops = &kinds[i];
	buf_init(&s->batch, FORMAT_RECORD_MAX + BATCH_MAX);
	r = kinds[i].open(s, url + strlen(kinds[i].prefix));
	if (r != EX_OK) {
		sink_free(s);
		return r;
	}
	*to = s;
	return EX_OK;
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	fd_close(&s->fd);
	buf_fini(&s->batch);
	free(s);
}

int
sink_put(struct sink *s, const struct entry *e)
{
	return s->ops->put(s, e);
}

int
sink_finish(struct sink *s)
{
	return s->ops->finish(s);
}
