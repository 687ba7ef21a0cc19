/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_TOOLS_H
#define MODEL_TOOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/msg.h"

struct json;
struct model;

/* What MCP servers offer: each tool's whole definition. */
#define TOOLS_OFFERS_MAX 1024
struct tools_offer {
	char name[65];
	char *json; /* owned */
};
struct tools_offers {
	struct tools_offer *v; /* owned; by name */
	size_t n;
};

/* ERR_FORMAT if its schema is no JSON object, ERR_SPACE beyond the limit. */
int tools_offer(struct tools_offers *t, const struct msg_offer *m);
void tools_offers_fini(struct tools_offers *t);

/*
 * The tools that the model is told of: a JSON array in the canonical form,
 * with those of names, a freeform one only if custom is true, those of offers
 * by name, and the provider's own search if that is "cached" or "live".
 */
int tools_write(struct buf *out, const struct msg_list *names, bool custom,
    const struct tools_offers *offers, const char *search);

/* What became of a call of the model. */
enum toolcall {
	TOOLCALL_SENT,   /* a CALL_* frame is on its way; RESULT follows */
	TOOLCALL_ANSWER, /* answered here: the text is in out */
	TOOLCALL_ASKED   /* the person is asked; REPLY follows */
};

/*
 * Turns a function_call or custom_tool_call item into a typed frame for gate;
 * JSON ends here.  What is wrong with the arguments goes into out, as an
 * answer for the model.
 */
enum toolcall toolcall_send(
    struct model *m, uint32_t id, const struct json *item, struct buf *out);

#endif /* MODEL_TOOLS_H */
