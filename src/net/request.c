/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Net: what a command says to its proxy.
 *
 * Only as much is understood as is needed to know the host.  What follows is
 * between the command and the host, for there is only one that it can reach
 * by one connection, whatever it says there.
 */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "net/request.h"

#define REQUEST_HTTP "http://"

/* Fields between the command and its proxy alone (RFC 9110, 7.6.1), and those
 * that are written anew. */
static const char *const own_fields[] = {"connection", "host", "keep-alive",
    "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
    "trailer", "upgrade"};

/* "HOST", "HOST:PORT" or "[ADDRESS]:PORT". */
static int
request_authority(struct request *rq, struct bytes at, uint16_t otherwise)
{
	char text[HOST_MAX + 16], *host = text, *colon;
	const char *why = NULL;
	size_t i, n;

	if (bytes_copy(text, sizeof(text), at) != 0)
		return ERR_FORMAT;
	colon = strrchr(text, ':');
	if (colon != NULL && strchr(colon, ']') != NULL)
		colon = NULL;
	rq->port = otherwise;
	if (colon != NULL) {
		*colon = '\0';
		rq->port = (uint16_t)strtonum(colon + 1, 1, 65535, &why);
	}
	n = strlen(host);
	if (host[0] == '[' && n > 2 && host[n - 1] == ']') {
		host[n - 1] = '\0';
		host++;
	} else if (strchr(host, ':') != NULL)
		return ERR_FORMAT;
	else if (n > 0 && host[n - 1] == '.')
		host[n - 1] = '\0';
	if (why != NULL || rq->port == 0 ||
	    host_kind(bytes_of(host)) == HOST_BAD ||
	    strlcpy(rq->host, host, sizeof(rq->host)) >= sizeof(rq->host))
		return ERR_FORMAT;
	for (i = 0; rq->host[i] != '\0'; i++)
		rq->host[i] = (char)tolower((unsigned char)rq->host[i]);
	return 0;
}

static bool
request_is_own(const char *line, size_t len)
{
	size_t i, n;

	for (i = 0; i < sizeof(own_fields) / sizeof(own_fields[0]); i++) {
		n = strlen(own_fields[i]);
		if (len > n && strncasecmp(line, own_fields[i], n) == 0 &&
		    strchr(": \t", line[n]) != NULL)
			return true;
	}
	return false;
}

/* The fields of the head, with those of a request of its own. */
static void
request_fields(const char *head, struct bytes at, struct buf *to)
{
	const char *line = strstr(head, "\r\n"), *end;

	(void)buf_adds(to, "Host: ");
	(void)buf_add(to, at.p, at.len);
	(void)buf_adds(to, "\r\nConnection: close\r\n");
	for (line += 2; (end = strstr(line, "\r\n")) != NULL && end != line;
	     line = end + 2)
		if (!request_is_own(line, (size_t)(end - line))) {
			(void)buf_add(to, line, (size_t)(end - line));
			(void)buf_adds(to, "\r\n");
		}
	(void)buf_adds(to, "\r\n");
}

/* "METHOD http://HOST[:PORT][/PATH] HTTP/1.1", as the host is to see it. */
static int
request_plain(struct request *rq, const char *head, struct buf *to)
{
	const char *space = strchr(head, ' '), *end = strstr(head, "\r\n");
	const char *at, *path, *version;
	struct bytes where;

	rq->tunnel = false;
	at = space + 1 + strlen(REQUEST_HTTP);
	if (strncasecmp(space + 1, REQUEST_HTTP, strlen(REQUEST_HTTP)) != 0 ||
	    at >= end || (version = strchr(at, ' ')) == NULL || version > end)
		return ERR_FORMAT;
	path = at + strcspn(at, "/?# ");
	where = (struct bytes){(const uint8_t *)at, (size_t)(path - at)};
	if (path > version || request_authority(rq, where, 80) != 0)
		return ERR_FORMAT;
	(void)buf_add(to, head, (size_t)(space + 1 - head));
	(void)buf_adds(to, *path == '/' ? "" : "/");
	(void)buf_add(to, path, (size_t)(end + 2 - path));
	request_fields(head, where, to);
	return buf_err(to);
}

/* The first line, of which nothing but visible ASCII is understood. */
static int
request_line(struct request *rq, const char *head, struct buf *to)
{
	static const char connect[] = "CONNECT ";
	const char *end = strstr(head, "\r\n"), *p, *space, *version;

	for (p = head; p < end; p++)
		if (*p < ' ' || *p > '~')
			return ERR_FORMAT;
	space = strchr(head, ' ');
	version = memrchr(head, ' ', (size_t)(end - head));
	if (space == NULL || version == NULL || version <= space ||
	    (strncmp(version, " HTTP/1.1\r", 10) != 0 &&
		strncmp(version, " HTTP/1.0\r", 10) != 0))
		return ERR_FORMAT;
	if (strncmp(head, connect, strlen(connect)) != 0)
		return request_plain(rq, head, to);
	rq->tunnel = true;
	p = head + strlen(connect);
	return request_authority(
	    rq, (struct bytes){(const uint8_t *)p, (size_t)(version - p)}, 0);
}

int
request_take(struct request *rq, struct buf *b)
{
	char *head = buf_cstr(b), *end;
	struct buf to;
	int r;

	if (head == NULL)
		return ERR_SPACE;
	end = strstr(head, "\r\n\r\n");
	if (end == NULL && strlen(head) != b->len)
		return ERR_FORMAT;
	if (end == NULL)
		return b->len >= REQUEST_HEAD_MAX ? ERR_SPACE : 0;
	buf_init(&to, b->cap);
	r = request_line(rq, head, &to);
	end += strlen("\r\n\r\n");
	if (r == 0)
		r = buf_add(&to, end, b->len - (size_t)(end - head));
	if (r == 0) {
		buf_fini(b);
		*b = to;
		return 1;
	}
	buf_fini(&to);
	return r;
}
