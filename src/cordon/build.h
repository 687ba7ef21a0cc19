/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_BUILD_H
#define CORDON_BUILD_H

#include <limits.h>
#include <sha2.h>
#include <stdbool.h>

#include "conf/paths.h"
#include "cordon/approve.h"
#include "cordon/launch.h"
#include "cordon/policy.h"
#include "cordon/session.h"
#include "cordon/token.h"
#include "cordon/want.h"
#include "sandbox/tier.h"

#define WHY_SIZE  1024
#define HEAD_SIZE 128

/* A session while launch.c puts it together. */
struct build {
	const struct launch *l; /* borrowed */
	struct session *s;      /* owned */
	struct conf *conf;      /* owned */
	struct paths paths;
	struct policy policy;
	struct policy_files files;
	enum tier tier;
	struct token_giver token;
	struct approver approver;
	SHA2_CTX hash; /* of the policy */
	bool danger;   /* nothing is confined */
	struct want want;
	char cwd[PATH_MAX];
	char head[HEAD_SIZE]; /* of the audit log at its end */
	char why[WHY_SIZE];
};

/* Logs why, and returns the exit status that it is given. */
int build_fail(struct build *b, int code);

/*
 * Tells the gate, and the cells, what holds commands: the policy, whose
 * hash is in b then, the ceiling, the environment, who answers questions.
 * An exit status, after a line that says what failed.
 */
int tell_gate(struct build *b);

#endif /* CORDON_BUILD_H */
