/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_SINK_H
#define REPORT_SINK_H

#include "report/entry.h"

/* Where records are sent to. */
struct sink;

/*
 * syslog://HOST[:PORT], journald[:SOCKET], otlp+http://HOST[:PORT][/PATH],
 * file:PATH.  Resolves, connects and opens, so it comes before confinement.
 * An exit status, after a line that says what is wrong.
 */
int sink_open(struct sink **s, const char *url);
void sink_free(struct sink *s); /* accepts NULL */

/* 0, ERR_IO, ERR_TIMEOUT, or ERR_PERM when the collector refuses. */
int sink_put(struct sink *s, const struct entry *e);
/* Only when this succeeds has the collector taken what was put. */
int sink_finish(struct sink *s);

#endif /* REPORT_SINK_H */
