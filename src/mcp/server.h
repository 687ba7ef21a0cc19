/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MCP_SERVER_H
#define MCP_SERVER_H

#include <stdint.h>

#include "base/loop.h"
#include "base/str.h"
#include "proto/msg.h"

#include "mcp/offer.h"

/*
 * A conversation with one server, over two descriptors.  It has one end: after
 * ended was called nothing more is said or heard, and every call that was open
 * has been answered.
 */
struct server;

struct server_ops {
	void (*ready)(void *arg); /* its tools are in offers */
	/* text is borrowed. */
	void (*answered)(
	    void *arg, uint32_t call, enum mcp_how how, struct bytes text);
	void (*ended)(void *arg, const char *why);
};

#define SERVER_CALLS_MAX 32 /* at once */

/* in: what the server writes; out: what it reads; both owned.  ops, arg and
 * offers are borrowed. */
struct server *server_new(struct loop *loop, int in, int out,
    struct offers *offers, const struct server_ops *ops, void *arg);
void server_free(struct server *s); /* accepts NULL */

/* Introduces us, and asks for its tools; it is to be ready within so long. */
void server_begin(struct server *s, uint32_t startup_ms);
/* arguments is a JSON object; a result is waited for so long. */
void server_call(struct server *s, uint32_t call, const char *tool,
    struct bytes arguments, uint32_t ms);
void server_cancel(struct server *s, uint32_t call);
/* Name and version by its own words, for people; untrusted. */
const char *server_says(const struct server *s);

#endif /* MCP_SERVER_H */
