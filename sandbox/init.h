/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/child.h"

/* What the command's process says when it cannot execute: written into the
 * memory that it shares with its init until it does. */
struct init_word {
	enum child_how how; /* CHILD_STATUS: it said nothing */
	int err;
	char what[128];
};

struct init_conf {
	int report; /* socket to the cell */
	const struct spec_limits *limits;
	const char *cwd;             /* on the disk that is watched */
	uint64_t started;            /* monotonic ns */
	bool settle;                 /* child_conf's */
	const struct filter *filter; /* of the command, and */
	const struct carve *carve;   /* what a broker judges by */
	struct init_word word;
	pid_t pid;        /* of the command, or 0 */
	int listener;     /* owned: what the broker answers; or -1 */
	int group;        /* owned: the control group of the call; or -1 */
	uint64_t *no_way; /* borrowed: of broker_network; or NULL */
};

void init_signals(void); /* before the fork */
/* Waits for the command, watches its limits, kills what is left, reports. */
_Noreturn void init_run(struct init_conf *conf);
_Noreturn void init_fail(struct init_conf *conf, const char *what);

#endif /* SANDBOX_INIT_H */
