/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MCP_RPC_H
#define MCP_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct json;

/*
 * JSON-RPC 2.0 as MCP has it over pipes: one message a line.  Pure functions;
 * whatever a line holds that is no message is RPC_NONE and nothing worse.
 */

#define RPC_LINE_MAX (4u << 20) /* bytes of one line */

enum rpc_kind {
	RPC_NONE,
	RPC_ANSWER,  /* to a request of ours */
	RPC_REQUEST, /* which wants an answer */
	RPC_NOTICE
};

struct rpc {
	enum rpc_kind kind;
	struct json *j;        /* owned: the whole */
	const struct json *id; /* borrowed, as are the others: a request's */
	int64_t number;        /* an answer's id; ours are numbers */
	const char *method;    /* of a request or notice */
	const struct json *result; /* of an answer; or NULL */
	const struct json *error;
};

void rpc_read(struct rpc *r, struct bytes line);
void rpc_fini(struct rpc *r);

/* Append a line each.  params is a JSON object; empty: none is sent. */
int rpc_request(
    struct buf *out, int64_t id, const char *method, struct bytes params);
int rpc_notice(struct buf *out, const char *method, struct bytes params);
/* To a request of the server: an empty result, or that we have no such
 * method. */
int rpc_answer(struct buf *out, const struct rpc *request, bool known);

#endif /* MCP_RPC_H */
