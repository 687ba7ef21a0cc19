/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_LOOPBACK_H
#define SANDBOX_LOOPBACK_H

/*
 * The one interface of a network namespace of ours, and the proxy's place on
 * it.  The number is the same in each, since each is a command's own.
 */
#define LOOPBACK_PORT  3128
#define LOOPBACK_PROXY "http://127.0.0.1:3128"

int loopback_up(void);
/* A socket that listens there; the caller owns it.  ERR_IO. */
int loopback_listen(void);

#endif /* SANDBOX_LOOPBACK_H */
