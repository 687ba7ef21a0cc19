/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MCP_OFFER_H
#define MCP_OFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json;

/*
 * The tools that a server offers.  All that it says of them is untrusted: names
 * become what a model's provider takes, what is hidden in a description becomes
 * visible, and what is too large or comes twice is left out and counted.
 */

#define OFFER_TOOLS_MAX  128         /* of one server */
#define OFFER_NAME_MAX   64          /* bytes of a tool's name for the model */
#define OFFER_TOOL_MAX   128         /* bytes of the server's own */
#define OFFER_WORDS_MAX  4096        /* bytes of a description */
#define OFFER_SCHEMA_MAX 32768       /* bytes of a schema */
#define OFFER_ALL_MAX    (256 << 10) /* bytes of all descriptions and schemas */

struct offer {
	char name[OFFER_NAME_MAX + 1]; /* mcp__SERVER__TOOL */
	char tool[OFFER_TOOL_MAX + 1];
	struct buf description, schema;
};

struct offers {
	const char *server;     /* borrowed: its name */
	char **only, **without; /* owned, each too: tools by name */
	size_t nonly, nwithout;
	struct offer *v; /* owned */
	size_t n, bytes;
	size_t left_out;
};

void offers_fini(struct offers *o);
/* One of enabled_tools, if only, or of disabled_tools. */
void offers_named(struct offers *o, bool only, const char *tool);
/* Takes what one answer to tools/list has; ERR_FORMAT if it is none. */
int offers_add(struct offers *o, const struct json *result);
/* The model's name for a tool: letters, digits, _ and -, and never the same
 * for two of a server's. */
void
offer_name(char dst[OFFER_NAME_MAX + 1], const char *server, const char *tool);

/* The text of an answer to tools/call, for the model; false if the server says
 * that the tool failed. */
bool offer_result(struct buf *out, const struct json *result);

#endif /* MCP_OFFER_H */
