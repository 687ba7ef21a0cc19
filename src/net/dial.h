/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdint.h>

#include "base/loop.h"
#include "base/str.h"
#include "proto/msg.h"

/* An HTTP proxy (RFC 9110, 9.3.6), which the person's environment names. */
struct dial_proxy {
	char *host; /* owned; NULL: there is none */
	uint16_t port;
	char *auth; /* owned: what stands behind "Basic ", or NULL */
};

/*
 * One connection being made.  A name is resolved once, and what is connected
 * to is the address that was checked.  done comes later, never from within
 * dial_start, and is the end: with a connected descriptor, or with -1, a
 * reason and its words.
 */
struct dial;

/* Where a host may lead; a proxy's goes where it likes. */
enum dial_reach {
	REACH_PUBLIC,  /* out into the world only */
	REACH_SPELLED, /* inside too, where the host itself says that it is */
	REACH_PRIVATE  /* anywhere: somebody says so of this name */
};

typedef void
dial_done_fn(void *arg, int fd, enum netfail why, const char *text);

struct dial *dial_start(struct loop *loop, struct bytes host, uint16_t port,
    enum dial_reach reach, const struct dial_proxy *proxy, dial_done_fn *done,
    void *arg);

#endif /* NET_DIAL_H */
