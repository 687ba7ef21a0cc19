/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: what a server answers, status line and headers first.  However
 * it looks, the status is told once and before the body, the body is not
 * longer than what came, and the end is told once.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "http/http.h"

#include "fuzz.h"

#define SIZE_MOST 65536 /* bytes that a socket takes at once */
#define WAIT_MS   2000

static struct answer {
	struct loop *loop;            /* borrowed */
	struct http_request *request; /* its own */
	int client;
	size_t size, body;
	int statuses, ends;
} answer;

/* From the loop, as connections come; a second one is not to be had: curl asks
 * for it where the first was closed before a status. */
static void
connected(void *arg)
{
	struct answer *a = arg;
	int fd = a->client;

	a->client = -1;
	if (fd == -1)
		http_fail(a->request, "no more");
	else
		http_connected(a->request, fd);
}

static void
on_wanted(void *arg, const char *host, uint16_t port)
{
	struct answer *a = arg;

	(void)host;
	(void)port;
	(void)loop_timer(a->loop, 0, connected, a);
}

static void
on_status(void *arg, int status, const char *type)
{
	struct answer *a = arg;

	(void)status;
	if (type == NULL || a->statuses++ > 0)
		fuzz_abort();
}

static int
on_body(void *arg, const void *p, size_t len)
{
	struct answer *a = arg;

	(void)p;
	a->body += len;
	if (a->statuses != 1 || a->body > a->size)
		fuzz_abort();
	return 0;
}

static void
on_done(void *arg, int err, const char *why)
{
	struct answer *a = arg;

	(void)err;
	(void)http_retry_after(a->request);
	if (why == NULL || a->ends++ > 0)
		fuzz_abort();
}

static const struct http_ops ops = {on_wanted, on_status, on_body, on_done};

/* As the model's filter answers it, on which the client relies: libcurl 7.88
 * connects what is connected already; see sandbox/roles.c. */
__attribute__((visibility("default"))) int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	errno = EINPROGRESS;
	return -1;
}

static void
ask(struct http *h, struct loop *loop, const uint8_t *data, size_t size)
{
	static const char *const headers[] = {
	    "Accept: text/event-stream", NULL};
	struct http_spec spec = {.url = "http://example.com/",
	    .headers = headers,
	    .connect_ms = WAIT_MS,
	    .idle_ms = WAIT_MS};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		exit(1);
	answer = (struct answer){.loop = loop, .client = ends[0], .size = size};
	if (write(ends[1], data, size) != (ssize_t)size)
		exit(1);
	(void)shutdown(ends[1], SHUT_WR);
	answer.request = http_start(h, &spec, &ops, &answer);
	while (answer.request != NULL && answer.ends == 0)
		(void)loop_once(loop, -1);
	fd_close(&answer.client);
	fd_close(&ends[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	static struct http *h;

	if (h == NULL) {
		loop = loop_new();
		h = http_new(loop);
	}
	if (size <= SIZE_MOST)
		ask(h, loop, data, size);
	return 0;
}
