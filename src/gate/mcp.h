/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_MCP_H
#define GATE_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "proto/chan.h"
#include "proto/msg.h"

struct call;
struct gate;

#define MCP_TOOLS_MAX 128 /* of one server */
#define MCP_ENV_MAX   64  /* variables of one server */
#define MCP_ARGV_MAX  128

/* A tool that a server offers. */
struct mcp_tool {
	char *name; /* owned: the model's name for it */
	char *tool; /* owned: the server's */
};

/*
 * An MCP server: a command of the session's own in the cell, and one process
 * cordon-mcp which speaks to it.  Gate has the server's ends of two pipes until
 * the cell gives them to it, and sees nothing that goes through them.
 */
struct mcp_server {
	char *name; /* owned, as are the others */
	char *argv[MCP_ARGV_MAX];
	size_t argc;
	char *cwd;
	char *env[MCP_ENV_MAX]; /* for it and for nobody else */
	size_t nenv;
	uint32_t call_ms; /* how long a call of it may take */
	int in, out;      /* owned: its ends of the pipes, until it has them */
	enum server_state state;
	char *says;        /* untrusted */
	bool told;         /* the person knows that it has ended */
	struct call *call; /* borrowed: its run */
	struct mcp_tool tools[MCP_TOOLS_MAX];
	size_t ntools;
};

/* What main tells of them: mcp.server begins one, and what follows is its. */
int mcp_conf(struct gate *g, const char *key, struct bytes value);
void mcp_fini(struct gate *g);
/* Has all of them started; whether each is ready, or will not be. */
int mcp_start(struct gate *g);
bool mcp_settled(const struct gate *g);

/* Its run: what the SPAWN of it says besides; it runs; it has ended, or never
 * ran. */
struct mcp_server *mcp_of(struct gate *g, const struct call *c);
/* Whether c is the run or a call of one that may change files. */
bool mcp_writes(const struct call *c);
void mcp_descriptors(struct gate *g, const struct call *c, struct msg_spawn *m);
void mcp_running(struct gate *g, struct call *c);
void mcp_over(struct gate *g, struct call *c);
/* The process that speaks to it has. */
void mcp_lost(struct gate *g, enum role peer);

/* A call of one of its tools is on record; nobody waits for it any more. */
int mcp_send(struct gate *g, struct call *c);
void mcp_cancel(struct gate *g, struct call *c);
/* What a grant for the session is bound to: the tool. */
void mcp_bind(const struct call *c, uint8_t hash[32]);

/* A TOOL for each that a model was told of. */
void mcp_tell_tools(struct gate *g, uint32_t id);
chan_fn mcp_on_call, mcp_on_servers;
extern const struct chan_handler gate_from_mcp[];

#endif /* GATE_MCP_H */
