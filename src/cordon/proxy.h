/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_PROXY_H
#define CORDON_PROXY_H

#include <stddef.h>

#include "cordon/session.h"

/*
 * Tells net of the proxy that the person's environment names: https_proxy or
 * HTTPS_PROXY, an HTTP proxy with its port and maybe a user and a password,
 * and no_proxy or NO_PROXY, the hosts that are reached without it.  Only what
 * is encrypted goes through a proxy; of an http address nothing is told.
 * ERR_FORMAT names the variable in why, never its value.
 */
int proxy_tell(struct session *s, const char *url, char *why, size_t size);

#endif /* CORDON_PROXY_H */
