/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_ITEM_H
#define MODEL_ITEM_H

#include "base/buf.h"
#include "base/str.h"
#include "model/provider.h"

struct json;

#define ITEM_TEXT_MAX (64u << 20) /* bytes of one text of an answer */

/*
 * Canonical items, made from the answer of a provider that has others.  Each
 * is handed to the reply's item function; the result is that of it.
 */
int item_message(struct reply *a, uint32_t item, struct bytes text);
/* secret: what the provider wants back, by the name of its member; NULL where
 * there is none.  The name says whose it is: to others it means nothing. */
int item_reasoning(struct reply *a, uint32_t item, struct bytes text,
    const char *name, struct bytes secret);
/* Without an id it gets one that nobody else has. */
int item_call(struct reply *a, uint32_t item, struct bytes id,
    struct bytes name, struct bytes args);
/* A search by the provider, and what it found; block is what the provider
 * wants back of each. */
int item_search(
    struct reply *a, uint32_t item, struct bytes query, struct bytes block);
int item_found(struct reply *a, uint32_t item, struct bytes block);

/* And read again. */

/* The texts of content or output: a string, or parts of which each has one. */
void item_text(struct buf *out, const struct json *content);
/* The arguments of a call as a JSON object: those of a freeform call stand
 * in it as "input"; what is no object is an empty one. */
void item_arguments(struct buf *out, const struct json *item);
/* "data:TYPE;base64,DATA" taken apart; false if it is something else. */
bool item_data_url(struct bytes url, struct bytes *type, struct bytes *data);

/* An error of the provider's: what it means, and its words. */
void item_error(struct reply *a, const struct json *error);

#endif /* MODEL_ITEM_H */
