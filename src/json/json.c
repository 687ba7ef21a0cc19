/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: JSON reading.  The only file that knows jansson; its types do not
 * leave it.
 *
 * jansson recurses as deep as the text nests and takes as many values as it
 * has, so both are counted before it sees the text.
 */

#include "config.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "json/json.h"

#define JSON_READ (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
#define JSON_LONG 65536 /* bytes; a longer text gives its memory back */

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

/* Behind the quotation mark at i: the index of the one that ends the string,
 * or len. */
static size_t
json_skip_string(const uint8_t *p, size_t i, size_t len)
{
	for (i++; i < len; i++) {
		i += utf8_plain(p + i, len - i);
		if (i >= len || p[i] == '"')
			break;
		if (p[i] == '\\')
			i++;
	}
	return i;
}

/* Counts what stands outside strings: an opening mark, a comma and a colon
 * each announce one value.  What is malformed is jansson's to refuse, but for
 * a NUL, which it skips. */
static int
json_limits(const uint8_t *p, size_t len)
{
	size_t i, depth = 0, values = 1;

	for (i = 0; i < len; i++)
		switch (p[i]) {
		case '"':
			i = json_skip_string(p, i, len);
			break;
		case '[':
		case '{':
			if (++depth > JSON_DEPTH_MAX)
				return ERR_DEPTH;
			values++;
			break;
		case ']':
		case '}':
			depth -= depth > 0;
			break;
		case ',':
		case ':':
			values++;
			break;
		case '\0':
			return ERR_FORMAT;
		default:
			break;
		}
	return values > JSON_VALUES_MAX ? ERR_SPACE : 0;
}

/* What jansson asks for next of a long text. */
static size_t
json_feed(void *to, size_t size, void *arg)
{
	struct buf *text = arg;
	size_t n = size < text->len ? size : text->len;

	memcpy(to, buf_data(text), n);
	buf_drain(text, n);
	return n;
}

/* Of p, or of the text that is used up. */
static struct json *
json_read(const void *p, size_t len, struct buf *text, size_t max, int *err)
{
	json_error_t why;
	json_t *j;

	json_prepare();
	*err = len > max ? ERR_LENGTH : json_limits(p, len);
	if (*err != 0)
		return NULL;
	j = text == NULL ? json_loadb(p, len, JSON_READ, &why)
			 : json_load_callback(json_feed, text, JSON_READ, &why);
	if (j == NULL)
		*err = ERR_FORMAT;
	return (struct json *)j;
}

struct json *
json_parse(const void *p, size_t len, size_t max, int *err)
{
	return json_read(p, len, NULL, max, err);
}

/* Behind the container that begins at i, or len. */
static size_t
json_skip_container(const uint8_t *p, size_t i, size_t len)
{
	size_t depth = 0;

	for (; i < len; i++)
		switch (p[i]) {
		case '"':
			i = json_skip_string(p, i, len);
			break;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (--depth == 0)
				return i + 1;
			break;
		default:
			break;
		}
	return len;
}

/* Takes out what stands between the marks of each array of that name: a name
 * is a string with a colon and a value behind it. */
static void
json_empty(struct buf *b, const char *name)
{
	uint8_t *p = b->mem + b->off;
	size_t i, from, to, n = strlen(name);

	for (i = 0; i < b->len; i++) {
		if (p[i] != '"')
			continue;
		from = i + 1;
		i = json_skip_string(p, i, b->len);
		if (i >= b->len || i - from != n ||
		    memcmp(p + from, name, n) != 0)
			continue;
		from = i + 1;
		while (from < b->len && strchr(": \t\r\n", p[from]) != NULL)
			from++;
		if (from == i + 1 || from == b->len || p[from] != '[')
			continue;
		to = json_skip_container(p, from, b->len);
		if (to == b->len)
			return;
		memmove(p + from + 1, p + to - 1, b->len - (to - 1));
		b->len -= to - from - 2;
		i = from + 1;
	}
}

struct json *
json_parse_buf(struct buf *b, const char *unread, size_t max, int *err)
{
	struct json *j;

	if (unread != NULL)
		json_empty(b, unread);
	j = json_read(
	    buf_data(b), b->len, b->len > JSON_LONG ? b : NULL, max, err);
	if (b->size > JSON_LONG)
		buf_fini(b);
	buf_clear(b);
	return j;
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
	if (json_kind(j) != JSON_T_STR)
		return bytes_of("");
	return (struct bytes){(const uint8_t *)json_string_value(json_in(j)),
	    json_string_length(json_in(j))};
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
