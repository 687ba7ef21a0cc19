/* SPDX-License-Identifier: Apache-2.0 */

/* Model: canonical items, made and read by the providers that have others. */

#include "config.h"

#include <sys/random.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "json/json.h"
#include "model/item.h"

#define ITEM_MAX (ITEM_TEXT_MAX * 2)

/* The item in b; the first part in the array of that name gets the text, which
 * is not copied. */
static int
item_give(struct reply *a, uint32_t item, struct buf *b, const char *parts,
    struct bytes text)
{
	struct json *j;
	int r;

	j = json_parse_buf(b, JSON_LONG, ITEM_MAX, &r);
	if (j != NULL && text.len > 0)
		json_refer(json_item(json_member(j, parts), 0), "text", text);
	if (j != NULL)
		r = a->ops->item(a->arg, item, j);
	json_free(j);
	buf_fini(b);
	return r;
}

static void
item_open(struct jsonw *w, struct buf *b, const char *type)
{
	buf_init(b, ITEM_MAX);
	jsonw_init(w, b);
	jsonw_object(w);
	jsonw_kstr(w, "type", type);
}

/* The array of parts, of which there is one if there is a text for it. */
static void
item_parts(
    struct jsonw *w, const char *name, const char *type, struct bytes text)
{
	jsonw_name(w, name);
	jsonw_array(w);
	if (text.len > 0) {
		jsonw_object(w);
		jsonw_kstr(w, "type", type);
		jsonw_end(w);
	}
	jsonw_end(w);
}

int
item_message(struct reply *a, uint32_t item, struct bytes text)
{
	struct jsonw w;
	struct buf b;

	item_open(&w, &b, "message");
	jsonw_kstr(&w, "role", "assistant");
	item_parts(&w, "content", "output_text", text);
	jsonw_end(&w);
	return item_give(a, item, &b, "content", text);
}

int
item_reasoning(struct reply *a, uint32_t item, struct bytes text,
    const char *name, struct bytes secret)
{
	struct jsonw w;
	struct buf b;

	item_open(&w, &b, "reasoning");
	item_parts(&w, "summary", "summary_text", text);
	if (name != NULL)
		jsonw_kstrn(&w, name, secret);
	jsonw_end(&w);
	return item_give(a, item, &b, "summary", text);
}

int
item_call(struct reply *a, uint32_t item, struct bytes id, struct bytes name,
    struct bytes args)
{
	char own[sizeof("call_") + 16];
	uint64_t n = 0;
	struct jsonw w;
	struct buf b;

	if (id.len == 0) {
		if (getrandom(&n, sizeof(n), 0) != sizeof(n))
			return ERR_IO;
		(void)snprintf(
		    own, sizeof(own), "call_%016llx", (unsigned long long)n);
		id = bytes_of(own);
	}
	item_open(&w, &b, "function_call");
	jsonw_kstrn(&w, "call_id", id);
	jsonw_kstrn(&w, "name", name);
	jsonw_kstrn(&w, "arguments", args.len == 0 ? bytes_of("{}") : args);
	jsonw_end(&w);
	return item_give(a, item, &b, NULL, bytes_of(""));
}

int
item_search(
    struct reply *a, uint32_t item, struct bytes query, struct bytes block)
{
	struct jsonw w;
	struct buf b;

	item_open(&w, &b, "web_search_call");
	jsonw_kstr(&w, "status", "completed");
	jsonw_name(&w, "action");
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "search");
	jsonw_kstrn(&w, "query", query);
	jsonw_end(&w);
	jsonw_name(&w, "block");
	jsonw_raw(&w, block.p, block.len);
	jsonw_end(&w);
	return item_give(a, item, &b, NULL, bytes_of(""));
}

int
item_found(struct reply *a, uint32_t item, struct bytes block)
{
	struct jsonw w;
	struct buf b;

	item_open(&w, &b, "web_search_result");
	jsonw_name(&w, "block");
	jsonw_raw(&w, block.p, block.len);
	jsonw_end(&w);
	return item_give(a, item, &b, NULL, bytes_of(""));
}

void
item_text(struct buf *out, const struct json *content)
{
	struct bytes text = json_text(content);
	size_t i, n = json_length(content);

	(void)buf_add(out, text.p, text.len);
	if (json_kind(content) != JSON_T_ARRAY)
		return;
	for (i = 0; i < n; i++) {
		text = json_text(json_member(json_item(content, i), "text"));
		(void)buf_add(out, text.p, text.len);
	}
}

void
item_arguments(struct buf *out, const struct json *item)
{
	struct bytes args = json_text(json_member(item, "arguments"));
	struct jsonw w;
	struct json *j;
	int r;

	if (json_is(item, "type", "custom_tool_call")) {
		jsonw_init(&w, out);
		jsonw_object(&w);
		jsonw_kstrn(&w, "input", json_text(json_member(item, "input")));
		jsonw_end(&w);
		return;
	}
	j = json_parse(args.p, args.len, ITEM_TEXT_MAX, &r);
	if (json_kind(j) == JSON_T_OBJECT)
		(void)json_write(out, j);
	else
		(void)buf_adds(out, "{}");
	json_free(j);
}

bool
item_data_url(struct bytes url, struct bytes *type, struct bytes *data)
{
	static const char head[] = "data:", mark[] = ";base64,";
	const size_t h = sizeof(head) - 1, m = sizeof(mark) - 1;
	const uint8_t *at;

	if (url.len < h || memcmp(url.p, head, h) != 0)
		return false;
	at = memmem(url.p + h, url.len - h, mark, m);
	if (at == NULL)
		return false;
	*type = (struct bytes){url.p + h, (size_t)(at - url.p) - h};
	*data = (struct bytes){at + m, url.len - (size_t)(at + m - url.p)};
	return true;
}

void
item_error(struct reply *a, const struct json *error)
{
	struct bytes why = json_text(json_member(error, "message"));
	const char *code = json_str(error, "code");

	if (*code == '\0')
		code = json_str(error, "type");
	a->end = provider_error(code, 0);
	(void)snprintf(a->why, sizeof(a->why), "%.*s",
	    why.len > sizeof(a->why) ? (int)sizeof(a->why) : (int)why.len,
	    (const char *)why.p);
}
