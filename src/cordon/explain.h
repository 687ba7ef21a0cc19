/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_EXPLAIN_H
#define CORDON_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/decide.h"

/*
 * What is printed of a decision.  The verdict "allow" of a command means that
 * it runs unasked in the narrowest grant; where the policy lets a command run
 * in the session's own cell unasked, the verdict is "ask", since nothing is
 * known of it, and "runs" says "sandbox".
 */
int
explain_request(const struct policy *p, const struct request *rq, bool json);
/* One JSON string, a command line to be run where says, to one line of JSON. */
int explain_json_line(const struct policy *p, const struct request *where,
    const char *line, size_t len);

#endif /* CORDON_EXPLAIN_H */
