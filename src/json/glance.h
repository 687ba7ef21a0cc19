/* SPDX-License-Identifier: Apache-2.0 */

#ifndef JSON_GLANCE_H
#define JSON_GLANCE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The one text of a small document, without building its values.
 *
 * A table says where texts may stand, by path: names and indices with dots
 * between them, "choices.0.delta.content".  A document that has exactly one
 * of them, and nothing at the other paths (nothing, null or an empty text),
 * says no more than that text.  What is anything else, or only written in a
 * way that is seldom met, is to be read as a whole.
 */

typedef int json_glance_fn(void *arg, struct bytes text);

/* Ended by a row without a path. */
struct json_glance {
	const char *path;
	json_glance_fn *run; /* what a text there is for; NULL: for none */
	const char *is;      /* of the first row: the text must be this */
	bool again;          /* it repeats the text of the row above */
};

/* True if the document is such a one: *r is what run made of its text, which
 * lies in the document, and that is good for nothing else afterwards. */
bool
json_glance(struct buf *b, const struct json_glance *rows, void *arg, int *r);
/* The same rows for a document that is read: each text that is there. */
struct json;
int json_glance_all(
    const struct json *j, const struct json_glance *rows, void *arg);

#endif /* JSON_GLANCE_H */
