/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_ORDER_H
#define PROTO_ORDER_H

#include "proto/msg.h"

/* A SPAWN as its receiver needs it: C strings, and both sides of the
 * descriptors.  All of it is owned. */
struct order {
	char **argv, **env; /* each too; NULL at the end */
	char *cwd;          /* absolute */
	int ours[2];        /* in, out */
	int child[3];       /* its 0, 1, 2 */
};

/* The strings; argv is that of m, or words, each ended by NUL, if there are
 * any.  ERR_FORMAT if one holds a NUL, there is no argv, or cwd is not
 * absolute. od is to be finished in any case. */
int order_init(struct order *od, const struct msg_spawn *m, struct bytes words);
/* How a command ended, as records have it. */
const char *exit_word(enum exit_how how);
/* The descriptors, as stdio says; those of m that are used are taken. */
int order_stdio(struct order *od, struct msg_spawn *m);
void order_fini(struct order *od);
/* Of a terminal, unless it is -1; no effect without a size. */
void order_resize(int terminal, uint32_t rows, uint32_t cols);

#endif /* PROTO_ORDER_H */
