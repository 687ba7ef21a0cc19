/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: HTTP by libcurl's multi interface in our poll loop.
 *
 * curl may keep a connection from one request to the next.  Whether it needs
 * a new one shows when it calls back for a socket: without one at hand the
 * attempt fails at once, one is asked for, and the request starts again.
 */

#include "config.h"

#include <curl/curl.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "http/http.h"

#define HTTP_CA_MAX   (16u << 20) /* bytes of a CA bundle */
#define HTTP_HOST_MAX 256
#define HTTP_RESOLVED "192.0.2.1" /* RFC 5737: never connected to */

struct http {
	struct loop *loop; /* borrowed */
	CURLM *multi;      /* owned */
	struct buf ca;     /* PEM */
	int timer;
	bool has_ca;
};

struct http_request {
	struct http *http;          /* borrowed */
	const struct http_ops *ops; /* borrowed */
	void *arg;                  /* borrowed */
	CURL *easy;                 /* owned */
	struct curl_slist *headers; /* owned */
	struct curl_slist *resolve; /* owned */
	struct bytes parts[HTTP_PARTS_MAX];
	size_t nparts, part, off; /* where reading of the body is */
	char host[HTTP_HOST_MAX];
	uint16_t port;
	int fd;       /* owned: connected, not yet curl's; -1 */
	bool starved; /* curl wanted a socket and there was none */
	bool told;    /* status was called */
	bool going;   /* connected: the request is being sent */
	uint64_t idle_ms, connect_ms, last; /* monotonic ms of last progress */
	int timer;
	char error[CURL_ERROR_SIZE];
};

/* The first that is set counts. */
static const char *const ca_variables[] = {
    "CORDON_CA_CERTIFICATE", "SSL_CERT_FILE"};
static const char *const ca_files[] = {"/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem"};

static bool
http_read_ca(struct http *h, const char *path)
{
	buf_clear(&h->ca);
	return fd_read_file(AT_FDCWD, path, &h->ca) == 0 && h->ca.len > 0;
}

/* Whoever names authorities trusts no others: a file that cannot be read is
 * no reason to take the system's. */
static void
http_load_ca(struct http *h)
{
	const char *path;
	size_t i;

	buf_init(&h->ca, HTTP_CA_MAX);
	for (i = 0; i < sizeof(ca_variables) / sizeof(char *); i++) {
		path = getenv(ca_variables[i]);
		if (path == NULL || *path == '\0')
			continue;
		h->has_ca = http_read_ca(h, path);
		if (!h->has_ca)
			fatalx(EX_NOINPUT,
			    "%s: %s holds no certificates that "
			    "can be read",
			    ca_variables[i], path);
		return;
	}
	for (i = 0; !h->has_ca && i < sizeof(ca_files) / sizeof(char *); i++)
		h->has_ca = http_read_ca(h, ca_files[i]);
}

/* curl and the loop. */

static void http_check(struct http *h);

static void
http_ready(void *arg, int fd, short events)
{
	struct http *h = arg;
	int mask = 0, running;

	if (events & (POLLIN | POLLHUP | POLLERR))
		mask |= CURL_CSELECT_IN;
	if (events & POLLOUT)
		mask |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(h->multi, fd, mask, &running);
	http_check(h);
}

static int
http_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *data)
{
	struct http *h = arg;
	short events = 0;

	(void)easy;
	(void)data;
	loop_fd_del(h->loop, fd);
	if (what == CURL_POLL_REMOVE)
		return 0;
	if (what & CURL_POLL_IN)
		events |= POLLIN;
	if (what & CURL_POLL_OUT)
		events |= POLLOUT;
	return loop_fd(h->loop, fd, events, http_ready, h) == 0 ? 0 : -1;
}

static void
http_timeout(void *arg)
{
	struct http *h = arg;
	int running;

	h->timer = 0;
	(void)curl_multi_socket_action(
	    h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	http_check(h);
}

static int
http_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	loop_timer_del(h->loop, h->timer);
	h->timer = 0;
	if (ms >= 0)
		h->timer = loop_timer(h->loop, (uint64_t)ms, http_timeout, h);
	return 0;
}

struct http *
http_new(struct loop *loop)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->loop = loop;
	http_load_ca(h);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h->multi = curl_multi_init()) == NULL)
		fatal("cannot start libcurl");
	(void)curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, http_socket);
	(void)curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	(void)curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, http_timer);
	(void)curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	return h;
}

/* One request. */

static size_t
http_on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_request *r = arg;
	uint64_t now = clock_mono_ms();
	char *type = NULL;
	long status = 0;
	int e;

	if (!r->told) {
		r->told = true;
		r->last = now;
		(void)curl_easy_getinfo(
		    r->easy, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_easy_getinfo(r->easy, CURLINFO_CONTENT_TYPE, &type);
		r->ops->status(r->arg, (int)status, type == NULL ? "" : type);
	}
	e = r->ops->body(r->arg, p, size * n);
	if (e != HTTP_SILENCE)
		r->last = now;
	return e >= 0 ? size * n : 0;
}

static void http_idle(void *arg);

static size_t
http_on_read(char *dst, size_t size, size_t n, void *arg)
{
	struct http_request *r = arg;
	size_t want = size * n, got = 0, piece;

	r->last = clock_mono_ms();
	if (!r->going) { /* from here on the other limit counts */
		r->going = true;
		loop_timer_del(r->http->loop, r->timer);
		r->timer = loop_timer(r->http->loop, r->idle_ms, http_idle, r);
	}
	while (got < want && r->part < r->nparts) {
		piece = r->parts[r->part].len - r->off;
		if (piece > want - got)
			piece = want - got;
		memcpy(dst + got, r->parts[r->part].p + r->off, piece);
		got += piece;
		r->off += piece;
		if (r->off == r->parts[r->part].len) {
			r->part++;
			r->off = 0;
		}
	}
	return got;
}

static int
http_on_seek(void *arg, curl_off_t offset, int origin)
{
	struct http_request *r = arg;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	r->part = r->off = 0;
	return CURL_SEEKFUNC_OK;
}

static curl_socket_t
http_on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http_request *r = arg;
	int fd = r->fd;

	(void)purpose;
	(void)addr;
	r->fd = -1;
	r->starved = fd == -1;
	return fd == -1 ? CURL_SOCKET_BAD : fd;
}

static int
http_on_sockopt(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static void
http_free_request(struct http_request *r)
{
	struct curl_slist *h;

	loop_timer_del(r->http->loop, r->timer);
	(void)curl_multi_remove_handle(r->http->multi, r->easy);
	curl_easy_cleanup(r->easy);
	for (h = r->headers; h != NULL; h = h->next) /* one holds the token */
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(r->headers);
	curl_slist_free_all(r->resolve);
	fd_close(&r->fd);
	free(r);
}

static void
http_finish(struct http_request *r, int err, const char *why)
{
	const struct http_ops *ops = r->ops;
	void *arg = r->arg;
	char text[CURL_ERROR_SIZE];

	/* done may start the next request and must not find this one. */
	(void)strlcpy(text, why, sizeof(text));
	ops->done(arg, err, text);
	http_free_request(r);
}

/* Silence: curl's own low-speed limit counts in whole seconds only. */
static void
http_idle(void *arg)
{
	struct http_request *r = arg;
	uint64_t limit = r->going ? r->idle_ms : r->connect_ms;
	uint64_t now = clock_mono_ms();

	r->timer = 0;
	if (now - r->last >= limit) {
		http_finish(r, ERR_TIMEOUT,
		    r->going ? "idle timeout waiting for SSE"
			     : "no connection in time");
		return;
	}
	r->timer =
	    loop_timer(r->http->loop, limit - (now - r->last), http_idle, r);
}

static void
http_tell_status(struct http_request *r)
{
	char none = '\0';

	if (!r->told)
		(void)http_on_body(&none, 1, 0, r);
}

/* What curl says of an answer's head in words that mislead: it has no memory
 * left for a line of more than CURL_MAX_HTTP_HEADER, 100 KB. */
static const struct http_words {
	CURLcode code;
	const char *why;
} http_words[] = {
    {CURLE_OUT_OF_MEMORY, "a header line of the answer is too long"},
    {(CURLcode)100 /* CURLE_TOO_LARGE, of 8.6 */,
	"a header line of the answer is too long"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP; check the URL"},
};

static const char *
http_why(const struct http_request *r, CURLcode code)
{
	size_t i;

	for (i = 0; i < sizeof(http_words) / sizeof(http_words[0]); i++)
		if (http_words[i].code == code && r->going && !r->told)
			return http_words[i].why;
	return r->error[0] != '\0' ? r->error : curl_easy_strerror(code);
}

static void
http_ended(struct http_request *r, CURLcode code)
{
	if (code == CURLE_OK) {
		http_tell_status(r);
		http_finish(r, 0, "");
		return;
	}
	if (r->starved) {
		r->starved = false;
		(void)curl_multi_remove_handle(r->http->multi, r->easy);
		r->ops->wanted(r->arg, r->host, r->port);
		return;
	}
	http_finish(r, code == CURLE_WRITE_ERROR ? ERR_FORMAT : ERR_IO,
	    http_why(r, code));
}

static void
http_check(struct http *h)
{
	struct http_request *r;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(
		    m->easy_handle, CURLINFO_PRIVATE, (char **)&r);
		http_ended(r, m->data.result);
	}
}

/* A name is resolved to an address that nobody has: the connection comes from
 * elsewhere, and no resolver is ever needed. */
static int
http_resolve(struct http_request *r)
{
	char line[HTTP_HOST_MAX + 64];

	(void)snprintf(
	    line, sizeof(line), "%s:%u:" HTTP_RESOLVED, r->host, r->port);
	r->resolve = curl_slist_append(NULL, line);
	return r->resolve == NULL ? ERR_FORMAT : 0;
}

/* Host and port; an address of IPv6 without its brackets. */
static int
http_target(struct http_request *r, const char *url)
{
	char *host = NULL, *port = NULL;
	const char *why = NULL;
	CURLU *u = curl_url();
	int e = ERR_FORMAT;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK &&
	    strlcpy(r->host, *host == '[' ? host + 1 : host, sizeof(r->host)) <
		sizeof(r->host)) {
		r->port = (uint16_t)strtonum(port, 1, 65535, &why);
		if (*host == '[')
			r->host[strcspn(r->host, "]")] = '\0';
		e = *host == '[' ? 0 : http_resolve(r);
		if (why != NULL)
			e = ERR_FORMAT;
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return e;
}

/* No request goes out with a header less: not to have a token is worse than
 * not to ask. */
static void
http_header(struct http_request *r, const char *line)
{
	struct curl_slist *all = curl_slist_append(r->headers, line);

	if (all == NULL)
		fatal("no memory for a header");
	r->headers = all;
}

static void
http_headers(struct http_request *r, const struct http_spec *spec)
{
	const char *const *h;
	char *secret;

	for (h = spec->headers; *h != NULL; h++)
		http_header(r, *h);
	if (spec->secret.len > 0) {
		secret = xmemdup(spec->secret.p, spec->secret.len);
		http_header(r, secret);
		explicit_bzero(secret, spec->secret.len);
		free(secret);
	}
	/* curl would wait a second for a 100 that does not come. */
	http_header(r, "Expect:");
}

static void
http_options(struct http_request *r, const struct http_spec *spec)
{
	CURL *e = r->easy;
	curl_off_t size = 0;
	size_t i;

	for (i = 0; i < r->nparts; i++)
		size += (curl_off_t)r->parts[i].len;
	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, r);
	(void)curl_easy_setopt(e, CURLOPT_URL, spec->url);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	if (r->nparts > 0) { /* else it is a GET */
		(void)curl_easy_setopt(e, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size);
	}
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->headers);
	(void)curl_easy_setopt(e, CURLOPT_RESOLVE, r->resolve);
	(void)curl_easy_setopt(e, CURLOPT_READFUNCTION, http_on_read);
	(void)curl_easy_setopt(e, CURLOPT_READDATA, r);
	(void)curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, http_on_seek);
	(void)curl_easy_setopt(e, CURLOPT_SEEKDATA, r);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, http_on_body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
	(void)curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, http_on_open);
	(void)curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, r);
	(void)curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, http_on_sockopt);
	/* libcurl 7.88 does not ask to hear when a connection that is there
	 * already may be written to; it looks after this time. */
	(void)curl_easy_setopt(e, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	(void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->error);
	(void)curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 131072L);
	(void)curl_easy_setopt(
	    e, CURLOPT_CONNECTTIMEOUT_MS, (long)spec->connect_ms);
	/* No other authority is looked for: files are out of reach. */
	(void)curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	if (r->http->has_ca) {
		struct curl_blob blob = {
		    (void *)(uintptr_t)buf_data(&r->http->ca), r->http->ca.len,
		    CURL_BLOB_NOCOPY};

		(void)curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &blob);
	}
}

struct http_request *
http_start(struct http *h, const struct http_spec *spec,
    const struct http_ops *ops, void *arg)
{
	struct http_request *r = xcalloc(1, sizeof(*r));

	r->http = h;
	r->ops = ops;
	r->arg = arg;
	r->fd = -1;
	r->nparts = spec->nparts;
	memcpy(r->parts, spec->parts, sizeof(r->parts));
	r->idle_ms = spec->idle_ms;
	r->connect_ms = spec->connect_ms;
	r->last = clock_mono_ms();
	r->easy = curl_easy_init();
	if (r->easy == NULL || http_target(r, spec->url) != 0) {
		if (r->easy != NULL)
			curl_easy_cleanup(r->easy);
		free(r);
		return NULL;
	}
	http_headers(r, spec);
	http_options(r, spec);
	r->timer = loop_timer(h->loop, r->connect_ms, http_idle, r);
	(void)curl_multi_add_handle(h->multi, r->easy);
	return r;
}

void
http_connected(struct http_request *r, int fd)
{
	(void)fd_nonblock(fd, true);
	fd_close(&r->fd);
	r->fd = fd;
	r->error[0] = '\0';
	(void)http_on_seek(r, 0, SEEK_SET);
	(void)curl_multi_add_handle(r->http->multi, r->easy);
}

void
http_fail(struct http_request *r, const char *why)
{
	http_finish(r, ERR_IO, why);
}

void
http_cancel(struct http_request *r)
{
	if (r != NULL)
		http_free_request(r);
}

bool
http_reached(const struct http_request *r)
{
	return r->going;
}

long
http_retry_after(const struct http_request *r)
{
	curl_off_t after = -1;

	if (curl_easy_getinfo(r->easy, CURLINFO_RETRY_AFTER, &after) !=
	    CURLE_OK)
		return -1;
	return (long)after;
}
