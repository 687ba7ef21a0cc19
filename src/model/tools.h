/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_TOOLS_H
#define MODEL_TOOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/msg.h"

struct json;
struct model;

/*
 * The tools that the model is told of: a JSON array in the canonical form,
 * with those of names, a freeform one only if custom is true, and the
 * provider's own search if that is "cached" or "live".
 */
int tools_write(struct buf *out, const struct msg_list *names, bool custom,
    const char *search);

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
