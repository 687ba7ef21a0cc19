/* SPDX-License-Identifier: Apache-2.0 */

#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/str.h"

/*
 * HTTPS by libcurl over connections that somebody else makes.  This is the
 * only file that includes curl; it opens no socket and no file: where curl
 * wants a connection, the wanted function is asked for one, and the request
 * goes on when http_connected hands it over.
 */
struct http;         /* the client */
struct http_request; /* one request under way */

#define HTTP_PARTS_MAX 4 /* pieces of a request's body */

#define HTTP_SILENCE 1

struct http_ops {
	/* A connection, please; answered by http_connected or http_fail. */
	void (*wanted)(void *arg, const char *host, uint16_t port);
	/* The status line and headers are there. */
	void (*status)(void *arg, int status, const char *content_type);
	/* A piece of the body; negative aborts, and HTTP_SILENCE says that
	 * nothing is in it that anybody waits for. */
	int (*body)(void *arg, const void *p, size_t len);
	/* The end, once: 0, or ERR_* with a text. */
	void (*done)(void *arg, int err, const char *why);
};

struct http_spec {
	const char *url;
	const char *const *headers;         /* "Name: value", ended by NULL */
	struct bytes secret;                /* a header too; wiped after use */
	struct bytes parts[HTTP_PARTS_MAX]; /* the body; borrowed to the end */
	size_t nparts;                      /* 0: a GET, else a POST */
	uint64_t connect_ms, idle_ms;       /* time-outs; 0: none */
};

/* Before confinement: reads the CA bundle, starts the libraries. */
struct http *http_new(struct loop *loop);

struct http_request *http_start(struct http *h, const struct http_spec *spec,
    const struct http_ops *ops, void *arg);
void http_connected(struct http_request *r, int fd); /* owned from here */
void http_fail(struct http_request *r, const char *why);
/* Ends it without a call of done. */
void http_cancel(struct http_request *r);
/* Whether there has been a connection for it. */
bool http_reached(const struct http_request *r);
/* Seconds of a Retry-After header, or -1. */
long http_retry_after(const struct http_request *r);

#endif /* HTTP_HTTP_H */
