/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_READ_H
#define POLICY_READ_H

#include <stdint.h>

#include "base/buf.h"
#include "policy/rule.h"

#define READ_ERROR_MAX 512

/* Gets each rule, default and test as a RULE body, in the file's order. */
typedef int read_emit_fn(void *arg, const struct buf *body);

/*
 * Reads a policy file: text to bodies.  Everything is checked that can be
 * checked of one file: keys, types, values, double ids, rules that a stricter
 * one covers, examples.  0, or ERR_FORMAT with "line:column: what, and what
 * to do" in error; name stands in the rules.  For cordon-load.
 */
int policy_read(struct bytes text, const char *name, enum policy_layer layer,
    read_emit_fn *emit, void *arg, char error[READ_ERROR_MAX]);

#endif /* POLICY_READ_H */
