/* SPDX-License-Identifier: Apache-2.0 */

/* Library: what is in a JSON value, and writing it again. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "json/value.h"

bool
json_integer(const char *p, size_t len, int64_t *n)
{
	bool minus = *p == '-';
	size_t i;

	for (*n = 0, i = minus; i < len; i++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_sub_overflow(*n, p[i] - '0', n))
			return false;
	return minus || !__builtin_sub_overflow(0, *n, n);
}

enum json_kind
json_kind(const struct json *j)
{
	return j == NULL ? JSON_T_NULL : j->kind;
}

const struct json *
json_member(const struct json *obj, const char *key)
{
	size_t len = strlen(key);
	const struct json *v, *end;

	if (json_kind(obj) != JSON_T_OBJECT)
		return NULL;
	v = obj + obj->first;
	for (end = v + obj->n; v < end; v += 2)
		if (v->len == len && memcmp(v->p, key, len) == 0)
			return v + 1;
	return NULL;
}

size_t
json_length(const struct json *j)
{
	if (json_kind(j) == JSON_T_ARRAY)
		return j->n;
	return json_kind(j) == JSON_T_OBJECT ? j->n / 2 : 0;
}

const struct json *
json_item(const struct json *array, size_t i)
{
	if (json_kind(array) != JSON_T_ARRAY || i >= array->n)
		return NULL;
	return array + array->first + i;
}

struct bytes
json_text(const struct json *j)
{
	if (json_kind(j) != JSON_T_STR)
		return bytes_of("");
	return (struct bytes){(const uint8_t *)j->p, j->len};
}

/* Behind a number stands what ends it, at the latest a NUL. */
int64_t
json_number(const struct json *j)
{
	int64_t n = 0;
	double d;

	if (json_kind(j) == JSON_T_INT)
		(void)json_integer(j->p, j->len, &n);
	if (json_kind(j) != JSON_T_REAL)
		return n;
	d = strtod(j->p, NULL);
	return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
}

bool
json_bool(const struct json *j)
{
	return json_kind(j) == JSON_T_BOOL && j->len == 1;
}

const char *
json_str(const struct json *obj, const char *key)
{
	return (const char *)json_text(json_member(obj, key)).p;
}

bool
json_is(const struct json *obj, const char *key, const char *value)
{
	return bytes_is(json_text(json_member(obj, key)), value);
}

int
json_each(const struct json *obj, json_each_fn *fn, void *arg)
{
	const struct json *v, *end;
	int r = 0;

	if (json_kind(obj) != JSON_T_OBJECT)
		return 0;
	v = obj + obj->first;
	for (end = v + obj->n; v < end && r == 0; v += 2)
		r = fn(arg, v->p, v + 1);
	return r;
}

static void
write_text(struct buf *out, const struct json *j)
{
	(void)buf_addc(out, '"');
	(void)jsonw_escape(out, j->p, j->len);
	(void)buf_addc(out, '"');
}

static void
write_children(struct buf *out, const struct json *j)
{
	bool object = j->kind == JSON_T_OBJECT;
	const struct json *v = j + j->first;
	uint32_t i;

	(void)buf_addc(out, object ? '{' : '[');
	for (i = 0; i < j->n; i++) {
		if (i > 0)
			(void)buf_addc(out, object && i % 2 == 1 ? ':' : ',');
		(void)json_write(out, v + i);
	}
	(void)buf_addc(out, object ? '}' : ']');
}

int
json_write(struct buf *out, const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_T_NULL:
		return buf_adds(out, "null");
	case JSON_T_BOOL:
		return buf_adds(out, json_bool(j) ? "true" : "false");
	case JSON_T_INT:
	case JSON_T_REAL:
		return buf_add(out, j->p, j->len);
	case JSON_T_STR:
		write_text(out, j);
		break;
	case JSON_T_ARRAY:
	case JSON_T_OBJECT:
		write_children(out, j);
		break;
	}
	return buf_err(out);
}
