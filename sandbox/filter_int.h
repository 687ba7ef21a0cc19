/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_FILTER_INT_H
#define SANDBOX_FILTER_INT_H

/* Shared by the files of the filter: filter.c, filter_lsm.c. */

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/filter.h"

#define LOW32    0xFFFFFFFFULL
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Refuses a call with err where (argument & mask) == value. */
int filter_when(scmp_filter_ctx ctx, int err, int nr, unsigned arg,
    uint64_t mask, uint64_t value);

/* What tier lsm adds, and whether it asks the broker about a call. */
int filter_lsm(scmp_filter_ctx ctx, enum filter_kind kind);
bool filter_lsm_supervises(int nr);

#endif /* SANDBOX_FILTER_INT_H */
