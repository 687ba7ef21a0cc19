/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: JSON reading.  The only file that knows jansson; its types do not
 * leave it.
 */

#include "config.h"

#include <sys/random.h>

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "json/json.h"

#define JSON_FLAGS JSON_REJECT_DUPLICATES

static const json_t *
json_in(const struct json *j)
{
	return (const json_t *)j;
}

/* Counts nesting before jansson recurses; brackets in strings do not
 * count.  What is malformed is left for jansson to refuse. */
static bool
json_too_deep(const char *p, size_t len)
{
	size_t i, depth = 0;
	bool in = false;

	for (i = 0; i < len; i++) {
		if (in) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				in = false;
			continue;
		}
		if (p[i] == '"')
			in = true;
		else if (p[i] == '[' || p[i] == '{') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if ((p[i] == ']' || p[i] == '}') && depth > 0)
			depth--;
	}
	return false;
}

/* jansson would open /dev/urandom for it, which a confined process cannot. */
static void
json_seed(void)
{
	static size_t seed;

	if (seed != 0)
		return;
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed) ||
	    seed == 0)
		seed = (size_t)clock_mono_ns() | 1;
	json_object_seed(seed);
}

struct json *
json_parse(const void *p, size_t len, size_t max, int *err)
{
	json_error_t why;
	json_t *j;

	*err = 0;
	json_seed();
	if (len > max) {
		*err = ERR_LENGTH;
		return NULL;
	}
	if (json_too_deep(p, len)) {
		*err = ERR_DEPTH;
		return NULL;
	}
	j = json_loadb(p, len, JSON_FLAGS, &why);
	if (j == NULL)
		*err = ERR_FORMAT;
	return (struct json *)j;
}

void
json_free(struct json *j)
{
	json_decref((json_t *)j);
}

enum json_kind
json_kind(const struct json *j)
{
	if (j == NULL)
		return JSON_T_NULL;
	switch (json_typeof(json_in(j))) {
	case JSON_OBJECT:
		return JSON_T_OBJECT;
	case JSON_ARRAY:
		return JSON_T_ARRAY;
	case JSON_STRING:
		return JSON_T_STR;
	case JSON_INTEGER:
		return JSON_T_INT;
	case JSON_REAL:
		return JSON_T_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_T_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_T_NULL;
}

const struct json *
json_member(const struct json *obj, const char *key)
{
	if (obj == NULL)
		return NULL;
	return (const struct json *)json_object_get(json_in(obj), key);
}

size_t
json_length(const struct json *j)
{
	if (json_kind(j) == JSON_T_ARRAY)
		return json_array_size(json_in(j));
	return j == NULL ? 0 : json_object_size(json_in(j));
}

const struct json *
json_item(const struct json *array, size_t i)
{
	if (array == NULL)
		return NULL;
	return (const struct json *)json_array_get(json_in(array), i);
}

struct bytes
json_text(const struct json *j)
{
	if (json_kind(j) != JSON_T_STR)
		return bytes_of("");
	return (struct bytes){(const uint8_t *)json_string_value(json_in(j)),
	    json_string_length(json_in(j))};
}

int64_t
json_number(const struct json *j)
{
	if (json_kind(j) == JSON_T_REAL) {
		double d = json_real_value(json_in(j));

		return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
	}
	return j == NULL ? 0 : (int64_t)json_integer_value(json_in(j));
}

bool
json_bool(const struct json *j)
{
	return j != NULL && json_is_true(json_in(j));
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
	/* jansson's iterators want an object that is not const. */
	json_t *o = (json_t *)(uintptr_t)obj;
	void *it;
	int r = 0;

	for (it = json_object_iter(o); it != NULL && r == 0;
	     it = json_object_iter_next(o, it))
		r = fn(arg, json_object_iter_key(it),
		    (const struct json *)json_object_iter_value(it));
	return r;
}

static int
json_sink(const char *p, size_t len, void *arg)
{
	return buf_add(arg, p, len) == 0 ? 0 : -1;
}

int
json_write(struct buf *out, const struct json *j)
{
	if (json_dump_callback(json_in(j), json_sink, out,
		JSON_COMPACT | JSON_ENCODE_ANY) != 0 &&
	    buf_err(out) == 0)
		return ERR_FORMAT;
	return buf_err(out);
}
