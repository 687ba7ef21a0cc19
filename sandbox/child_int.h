/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_CHILD_INT_H
#define SANDBOX_CHILD_INT_H

/* Shared by the two ways to start a command: child.c, child_lsm.c. */

#include "sandbox/child.h"

/* A step of the command's own set-up failed: tells the init and dies. */
_Noreturn void child_fail(int out, enum child_how how, const char *what);
/* Session, terminal, descriptors (out, the way to the init, moves), signals,
 * working directory, limits; or child_fail. */
void child_prepare(const struct child_conf *conf, int *out);
_Noreturn void child_execute(const struct child_conf *conf, int out);

int child_start_lsm(struct child *c, const struct child_conf *conf);

#endif /* SANDBOX_CHILD_INT_H */
