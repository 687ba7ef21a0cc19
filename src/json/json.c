/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: JSON reading.  The only file that knows jansson; its types do not
 * leave it.
 */

#include "config.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"
#include "json/scan.h"

#define JSON_READ (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)

static const json_t *
json_in(const struct json *j)
{
	return (const json_t *)j;
}

/* What memory is out for dies, as everywhere.  The seed of its tables is ours
 * to give: jansson would open a file for it, which no role of ours can. */
static void
json_prepare(void)
{
	static bool ready;

	if (ready)
		return;
	ready = true;
	json_set_alloc_funcs(xmalloc, free);
	json_object_seed(arc4random() | 1);
}

/* NUL: of a text's own there is none, by scan.c. */
static struct json *
json_load(const void *p, size_t len, int *err)
{
	json_error_t why;
	json_t *j;

	json_prepare();
	j = json_loadb(p, len, JSON_READ, &why);
	if (j == NULL)
		*err = ERR_FORMAT;
	return (struct json *)j;
}

struct json *
json_parse(const void *p, size_t len, size_t max, int *err)
{
	*err = len > max ? ERR_LENGTH : scan_limits(p, len);
	return *err == 0 ? json_load(p, len, err) : NULL;
}

struct json *
json_parse_buf(struct buf *b, size_t most, size_t max, int *err)
{
	struct json *j = NULL;
	struct buf text;

	buf_init(&text, (b->len + 1) * SCAN_MARK_SIZE);
	*err = b->len > max ? ERR_LENGTH
			    : scan_lift(&text, b->mem + b->off, b->len, most);
	if (*err == 0)
		j = json_load(buf_data(&text), text.len, err);
	buf_fini(&text);
	return j;
}

void
json_refer(const struct json *obj, const char *key, struct bytes text)
{
	char mark[SCAN_MARK_LEN + 1];

	scan_mark(mark, &text);
	(void)json_object_set_new((json_t *)(uintptr_t)obj, key,
	    json_stringn_nocheck(mark, SCAN_MARK_LEN));
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
	return (const struct json *)json_object_get(json_in(obj), key);
}

size_t
json_length(const struct json *j)
{
	return json_kind(j) == JSON_T_ARRAY ? json_array_size(json_in(j))
					    : json_object_size(json_in(j));
}

const struct json *
json_item(const struct json *array, size_t i)
{
	return (const struct json *)json_array_get(json_in(array), i);
}

struct bytes
json_text(const struct json *j)
{
	struct bytes text = bytes_of("");
	const char *s;
	size_t len;

	if (json_kind(j) != JSON_T_STR)
		return text;
	s = json_string_value(json_in(j));
	len = json_string_length(json_in(j));
	if (!scan_marked(s, len, &text))
		text = (struct bytes){(const uint8_t *)s, len};
	return text;
}

int64_t
json_number(const struct json *j)
{
	double d = json_real_value(json_in(j));

	if (json_kind(j) != JSON_T_REAL)
		return json_integer_value(json_in(j));
	return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
}

bool
json_bool(const struct json *j)
{
	return json_is_true(json_in(j));
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

/* Writing. */

static int
write_text(struct buf *out, const void *p, size_t len)
{
	(void)buf_addc(out, '"');
	(void)jsonw_escape(out, p, len);
	return buf_addc(out, '"');
}

/* As few digits as make the same number again. */
static int
write_real(struct buf *out, const struct json *j)
{
	char text[64] = "";
	size_t digits;

	for (digits = 15; digits <= 17; digits++) {
		text[json_dumpb(json_in(j), text, sizeof(text) - 1,
		    JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits))] = '\0';
		if (strtod(text, NULL) == json_real_value(json_in(j)))
			break;
	}
	return buf_adds(out, text);
}

static int
write_member(void *arg, const char *key, const struct json *value)
{
	struct buf *out = arg;

	if (buf_data(out)[out->len - 1] != '{')
		(void)buf_addc(out, ',');
	(void)write_text(out, key, strlen(key));
	(void)buf_addc(out, ':');
	return json_write(out, value);
}

static int
write_items(struct buf *out, const struct json *array)
{
	size_t i, n = json_length(array);

	(void)buf_addc(out, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			(void)buf_addc(out, ',');
		(void)json_write(out, json_item(array, i));
	}
	return buf_addc(out, ']');
}

int
json_write(struct buf *out, const struct json *j)
{
	struct bytes text = json_text(j);

	switch (json_kind(j)) {
	case JSON_T_NULL:
		return buf_adds(out, "null");
	case JSON_T_BOOL:
		return buf_adds(out, json_bool(j) ? "true" : "false");
	case JSON_T_INT:
		return buf_addf(out, "%" PRId64, json_number(j));
	case JSON_T_REAL:
		return write_real(out, j);
	case JSON_T_STR:
		return write_text(out, text.p, text.len);
	case JSON_T_ARRAY:
		return write_items(out, j);
	case JSON_T_OBJECT:
		(void)buf_addc(out, '{');
		(void)json_each(j, write_member, out);
		return buf_addc(out, '}');
	}
	return buf_err(out);
}
