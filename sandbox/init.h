/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include <sys/types.h>

#include <stdint.h>

#include "sandbox/child.h"

/* What the command's process says when it cannot execute. */
struct init_word {
	uint32_t how; /* enum child_how */
	int32_t err;
	char what[128];
};

struct init_conf {
	int report; /* socket to the cell */
	const struct spec_limits *limits;
	const char *cwd;  /* on the disk that is watched */
	uint64_t started; /* monotonic ns */
	/* Tier lsm, else NULL: what the broker judges by. */
	const struct carve *carve;
	struct broker_bound *bound;
	pid_t group; /* of the command; init_run sets it */
};

void init_signals(void); /* before the fork */
/* Waits for pid, watches its limits, kills what is left, reports. */
_Noreturn void init_run(struct init_conf *conf, pid_t pid, int words);
_Noreturn void init_fail(struct init_conf *conf, const char *what);

#endif /* SANDBOX_INIT_H */
