/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NET_REQUEST_H
#define NET_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/host.h"

#define REQUEST_HEAD_MAX 16384 /* bytes of what a proxy is asked */

/* What a command asks its proxy for (RFC 9110, 9.3.6; RFC 9112, 3.2.2). */
struct request {
	char host[HOST_MAX + 1]; /* lower case, no dot at the end */
	uint16_t port;
	bool tunnel; /* CONNECT; else one request by http:// */
};

/*
 * Takes the head of a request from b.  1 when all of it is there: b then holds
 * what goes to the host, which is what came behind a CONNECT, or the request
 * as the host is to get it: it closes the connection after it.  0 when more
 * has to come; ERR_FORMAT for what is no such request, ERR_SPACE for too much.
 */
int request_take(struct request *rq, struct buf *b);

#endif /* NET_REQUEST_H */
