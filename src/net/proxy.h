/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "net/dial.h"
#include "proto/chan.h"

/*
 * The proxy of commands.  Each call whose grant has hosts listens on a loopback
 * of its own; what connects there is asked for a host, gate is asked about
 * that, and after its yes the bytes go to and fro unread.
 */

/* Gate's answers and sockets. */
chan_fn proxy_on_socket, proxy_on_end, proxy_on_allow;

/* The proxy that stands between net and a host, or NULL (net.c). */
const struct dial_proxy *net_way(struct bytes host, uint32_t port);
struct loop *net_loop(void);

#endif /* NET_PROXY_H */
