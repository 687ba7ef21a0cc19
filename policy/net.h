/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_NET_H
#define POLICY_NET_H

#include "policy/decide.h"
#include "sandbox/spec.h"

/* The most that any command could be given. */
enum spec_net policy_net(const struct policy *p);
/* What a command has that was decided so. */
enum spec_net
policy_net_of(const struct policy *p, const struct policy_decision *of);
/* A place of the language, "HOST:PORT", as a host that it names and a port, 0
 * for any; false if it is none. */
bool policy_host(const char *place, char *host, size_t size, unsigned *port);
/*
 * Whether such a command may connect to a host.  d->rule is what names the
 * host: NULL where a default decided.
 */
void policy_connect(const struct policy *p, const struct policy_decision *of,
    const char *host, unsigned port, struct policy_decision *d);

#endif /* POLICY_NET_H */
