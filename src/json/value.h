/* SPDX-License-Identifier: Apache-2.0 */

#ifndef JSON_VALUE_H
#define JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

/* A value, as read.c makes it and json.c looks at it. */
struct json {
	enum json_kind kind;
	uint32_t n;      /* children: items, or names and values in turn */
	const char *p;   /* of a string, with NUL behind it; of a number */
	size_t len;      /* of p; of a truth value: 1 if true */
	ptrdiff_t first; /* distance to the first child */
};

/* Digits, maybe behind a minus; false if no int64_t holds their number. */
bool json_integer(const char *p, size_t len, int64_t *n);

#endif /* JSON_VALUE_H */
