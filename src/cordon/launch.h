/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_LAUNCH_H
#define CORDON_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "cordon/session.h"
#include "cordon/session_args.h"

/* Another session on the same terminal. */
struct launch_next {
	enum front_next what;
	char id[SESSION_ID_SIZE];
};

/* A session as a command wants it. */
struct launch {
	const struct session_args *args; /* borrowed, as are the others */
	const char *mode;    /* of the front: "human", "json", "tui" */
	struct bytes prompt; /* the first; may be empty in a "tui" */
	const char *resume;  /* the id of a session to go on with, or NULL */
	const char *fork;    /* of one whose transcript is copied, or NULL */
	struct launch_next
	    *next;          /* what the front asks for at its end; or NULL */
	const char *last;   /* file for the last message, or NULL */
	const char *schema; /* file with the JSON schema of the answer */
	const char *budget_usd;
	const struct opt_list *grants; /* commands that are granted; or NULL */
	uint64_t budget_tokens;        /* 0: as configured, as is the next */
	uint64_t deadline_ms;
	bool headless;  /* nobody answers questions */
	bool ephemeral; /* no transcript is kept */
	bool color;
};

/*
 * Starts the model and the cell, which take longest to get ready, reads the
 * configuration and policy, opens the logs, starts the other processes
 * and waits for their end.  Returns the exit status of the command, after a
 * line that says what failed.
 *
 * What each role is handed (descriptor FD_EXTRA + n) and told (CONF):
 *
 *	audit	as in logs.c; audit.open, the data of its first record
 *	ui	as in ui/front.h
 *	gate	session.cwd .shell .tool .env .headless .ceiling .profile
 *		.answers .grant, and RULE; of each MCP server mcp.server .arg
 *		.env .cwd .call_ms, and as 2n and 2n + 1 its ends of two pipes
 *	mcp	mcp.name .startup_ms .call_ms .only .without; 0 and 1 the other
 *		ends
 *	cell	as ceiling_tell says
 *	model	0 transcript to resume, 1 JSON schema, either may be missing;
 *		session.cwd .shell .headless .resume, the keys listed in
 *		tell_model.c
 *	net	net.host = "HOST:PORT", each that may be connected to; where
 *		the environment names a proxy: net.proxy = "HOST:PORT",
 *		net.proxy_auth, net.no_proxy
 */
int launch_run(const struct launch *l);

#endif /* CORDON_LAUNCH_H */
