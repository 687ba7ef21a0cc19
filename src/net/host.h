/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NET_HOST_H
#define NET_HOST_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define HOST_MAX 255 /* bytes of a host name, RFC 1035 */

enum host_kind { HOST_BAD, HOST_NAME, HOST_ADDRESS };

/*
 * What a host text is: a name of LDH labels (RFC 1123, 2.1; at most 63 bytes
 * each), an IPv4 or IPv6 address, or nothing that is ever resolved.
 */
enum host_kind host_kind(struct bytes host);
/* Compares names by their bytes, letters without case, one dot at the end
 * being of no consequence. */
bool host_same(struct bytes a, struct bytes b);
/* Loopback, private, link-local, shared, multicast, metadata and the like:
 * what a public name must not lead to. */
bool host_private(const struct sockaddr *sa);

/* Whether the text itself says so: localhost, or such an address. */
bool host_inside(struct bytes host);

/* Whether a list as NO_PROXY has it names the host: "*", a name, which stands
 * for those below it too, an address, each maybe with ":PORT".  What is on
 * this machine is always meant.  list may be NULL. */
bool host_exempt(const char *list, struct bytes host, uint32_t port);

#endif /* NET_HOST_H */
