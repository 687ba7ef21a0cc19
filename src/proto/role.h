/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_ROLE_H
#define PROTO_ROLE_H

/*
 * The processes of a session.  The word of a role is its folder, its program
 * (cordon-WORD), its entry file and its process title ("cordon: WORD").
 */
enum role {
	ROLE_MAIN,
	ROLE_LOAD,
	ROLE_UI,
	ROLE_MODEL,
	ROLE_NET,
	ROLE_GATE,
	ROLE_CELL,
	ROLE_OPEN, /* the second cell, for runs outside the first */
	ROLE_TOOL,
	ROLE_AUDIT,
	ROLE_REPORT,
	ROLE_LOGIN,
	ROLE_MCP, /* the first of MCP_SERVERS_MAX, one a server */
	ROLE_COUNT = ROLE_MCP + 8
};

#define MCP_SERVERS_MAX ((unsigned)(ROLE_COUNT - ROLE_MCP))

/* A set of roles, as the message table uses it. */
#define ROLE_BIT(role) (1u << (role))

/*
 * Descriptors of a role after its re-execution: 0, 1, 2; FD_MAIN; one number
 * for each peer; and from FD_EXTRA on those that its row in the start-up
 * table lists.  Everything else is closed.
 */
#define FD_MAIN       3
#define FD_PEER(role) (4 + (int)(role))
#define FD_EXTRA      24
#define FD_EXTRA_MAX  16

/* The role's word; NULL for what is no role. */
const char *role_word(enum role role);
/* As which role its program knows itself: all servers have the same. */
enum role role_program(enum role role);

#endif /* PROTO_ROLE_H */
