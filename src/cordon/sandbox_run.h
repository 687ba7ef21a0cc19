/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SANDBOX_RUN_H
#define CORDON_SANDBOX_RUN_H

#include <limits.h>
#include <sha2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/paths.h"
#include "cordon/opt.h"
#include "cordon/relay.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"

struct session;

#define SANDBOX_ENV 512 /* variables of the command */

/* The options of cordon sandbox. */
struct sandbox_args {
	struct opt_list write, read, hide, limit, env;
	const char *cd;
	const char *tier, *require_tier, *policy;
	bool net, read_only, as_session, record, json, explain;
};

/* A command of the person's own: what it may do, and then its run. */
struct sandbox {
	const struct sandbox_args *args; /* borrowed */
	const struct opt_list *command;  /* borrowed */
	struct paths paths;
	struct session *session; /* owned */
	struct relay relay;
	struct spec spec;
	enum tier tier;
	struct bytes env[SANDBOX_ENV];
	uint32_t nenv;
	bool started; /* the command was sent to the cell */
	char policy[SHA256_DIGEST_STRING_LENGTH]; /* its hash, if any */
	char head[128]; /* what audit said of the end of the log */
	char cwd[PATH_MAX];
	char why[1024];
	const char *world; /* what the cell said of its ids */
	int code;
};

/* Says what is in why; code. */
int sandbox_fail(const struct sandbox *sb, int code);
/* Starts the cell, which gets ready while the rights are computed. */
int sandbox_early(struct sandbox *sb);
/* Runs it with the rights in spec; with what cordon sandbox exits. */
int sandbox_run(struct sandbox *sb);

#endif /* CORDON_SANDBOX_RUN_H */
