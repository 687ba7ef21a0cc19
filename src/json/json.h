/* SPDX-License-Identifier: Apache-2.0 */

#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * JSON reading (RFC 8259), by jansson within limits: size, depth, values, no
 * duplicate keys, valid UTF-8, no NUL in strings, no number that neither an
 * int64_t nor a double holds.  A value is borrowed from the document that it
 * is part of; only what json_parse returned is freed.
 */
struct json;

#define JSON_DEPTH_MAX  64
#define JSON_LONG       64 /* bytes of a text: good limit for json_parse_buf */
#define JSON_VALUES_MAX (1u << 20) /* of one document, names included */

enum json_kind {
	JSON_T_NULL,
	JSON_T_BOOL,
	JSON_T_INT,
	JSON_T_REAL,
	JSON_T_STR,
	JSON_T_ARRAY,
	JSON_T_OBJECT
};

/* NULL with *err = ERR_LENGTH (over max), ERR_SPACE (too many values),
 * ERR_DEPTH or ERR_FORMAT. */
struct json *json_parse(const void *p, size_t len, size_t max, int *err);
/*
 * The same of a buffer that is good for nothing else afterwards: texts of most
 * bytes and more are decoded in it and stay there, so it is kept as it is
 * until json_free.  They cost no memory and little time.
 */
struct json *json_parse_buf(struct buf *b, size_t most, size_t max, int *err);
/* Gives an object of a document that is ours one text more, which stays where
 * it is: it is kept as it is until json_free. */
void json_refer(const struct json *obj, const char *key, struct bytes text);
void json_free(struct json *j); /* accepts NULL */

/* All of these accept NULL, as what a missing member is. */
enum json_kind json_kind(const struct json *j);
const struct json *json_member(const struct json *obj, const char *key);
size_t json_length(const struct json *j); /* of an array or object */
const struct json *json_item(const struct json *array, size_t i);
/* The value, or the empty text, 0, false if it is of another type. */
struct bytes json_text(const struct json *j);
int64_t json_number(const struct json *j);
bool json_bool(const struct json *j);
/* The member's text, shortened to a C string without NULs. */
const char *json_str(const struct json *obj, const char *key);
bool json_is(const struct json *obj, const char *key, const char *value);

/* Calls fn for each member of an object until it answers nonzero. */
typedef int json_each_fn(void *arg, const char *key, const struct json *value);
int json_each(const struct json *obj, json_each_fn *fn, void *arg);

/* Appends the value as compact JSON, members in their order. */
int json_write(struct buf *out, const struct json *j);

#endif /* JSON_JSON_H */
