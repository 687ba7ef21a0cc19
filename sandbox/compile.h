/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_COMPILE_H
#define SANDBOX_COMPILE_H

/* The build's compiler of filters: compile.c, compile_lsm.c, mkfilters.c. */

#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/filter.h"
#include "sandbox/roles.h"

/* The newest system call number that compile.c judges. */
#define COMPILE_LAST 461

#define LOW32    0xFFFFFFFFULL
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct compiled {
	struct sock_filter code[BPF_MAXINSNS];
	size_t len; /* words of it that are used */
};

int compile_kind(struct compiled *f, enum filter_kind kind);
/* Of a role that has a list. */
int compile_role(struct compiled *f, const struct role_rights *rr);

/* Refuses a call with err where (argument & mask) == value. */
int filter_when(scmp_filter_ctx ctx, int err, int nr, unsigned arg,
    uint64_t mask, uint64_t value);

/* What tier lsm adds, and whether it asks the broker about a call. */
int filter_lsm(scmp_filter_ctx ctx, enum filter_kind kind);
bool filter_lsm_supervises(int nr);

#endif /* SANDBOX_COMPILE_H */
