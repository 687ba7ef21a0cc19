/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SERVERS_H
#define CORDON_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/layer.h"
#include "cordon/session.h"

/*
 * Adds the processes for the MCP servers of the configuration, and tells gate
 * and each of them what they must know.  0, or ERR_FORMAT, ERR_SPACE or ERR_IO
 * with why.
 */
int servers_tell(struct session *s, const struct conf *conf, const char *cwd,
    const char *home, bool danger, char *why, size_t size);

/* Whether one may have that name. */
bool servers_name(const char *name);
/* What is wrong with one that may not. */
#define SERVERS_NAME                                                           \
	"a server's name has at most 32 letters, digits, - and single _ "      \
	"between them"

#endif /* CORDON_SERVERS_H */
