/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

#define RESOLVE_MAX 8 /* addresses of one name; more are left out */

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/*
 * The addresses of a name, as the files and servers of this machine have
 * them, without anybody having to wait.  done gets them once, or none and the
 * reason, maybe from within resolve_start; it must not free this.
 */
struct resolve;

typedef void
resolve_done_fn(void *arg, const struct address *v, size_t n, const char *why);

struct resolve *resolve_start(struct loop *loop, const char *name,
    uint16_t port, resolve_done_fn *done, void *arg);
/* done is not called any more; accepts NULL. */
void resolve_free(struct resolve *r);

#endif /* NET_RESOLVE_H */
