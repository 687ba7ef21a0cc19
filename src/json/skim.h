/* SPDX-License-Identifier: Apache-2.0 */

#ifndef JSON_SKIM_H
#define JSON_SKIM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Leaves out of a JSON text, as it comes in pieces, what stands in the arrays
 * of one name: of a member that nobody will read nothing is kept.  What is no
 * JSON does not become any.
 */
struct json_skim {
	const char *name; /* borrowed */
	size_t depth;     /* of what is left out; 0 if nothing is */
	size_t at; /* bytes of the string under way that are the name's */
	enum { SKIM_VALUE, SKIM_STRING, SKIM_NAME, SKIM_COLON } state;
	bool escaped;
};

void json_skim_init(struct json_skim *s, const char *name);
/* Appends what is left of a piece; its result is that of buf_add. */
int json_skim(struct json_skim *s, struct buf *out, const void *p, size_t len);

#endif /* JSON_SKIM_H */
