/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: the Messages API of Anthropic.
 *
 * Messages are rows of blocks and the roles take turns, so a block is put
 * into the message that the words end with when that has the same role; the
 * role stands last for this.  Our own instructions are no message there but
 * a member of the request, which the tail writes from the settings.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/item.h"
#include "model/messages.h"
#include "model/provider.h"

#define MESSAGE_END "],\"role\":\"%s\"}"

#define FOUND "web_search_tool_result"

/* The block that an answer is at.  Where a text cites something another block
 * begins, so those in a row are one message. */
struct messages {
	char type[32];
	uint32_t item; /* number of what it is or belongs to */
	struct buf text, id, name, secret, raw;
	struct buf message; /* the texts before it */
	struct usage usage;
	char stop[32];
	char why[256]; /* the provider's, of a refusal */
};

/* The conversation. */

/* Opens a place for a block of that role; messages_close fills the rest. */
static void
messages_open(struct buf *words, const char *role)
{
	char end[32];
	size_t n;

	(void)str_fmt(end, sizeof(end), MESSAGE_END, role);
	n = strlen(end);
	if (words->len >= n &&
	    memcmp(buf_data(words) + words->len - n, end, n) == 0) {
		words->len -= n;
		(void)buf_addc(words, ',');
		return;
	}
	if (words->len > 0)
		(void)buf_addc(words, ',');
	(void)buf_adds(words, "{\"content\":[");
}

static int
messages_close(struct buf *words, const char *role)
{
	return buf_addf(words, MESSAGE_END, role);
}

static void
messages_image(struct jsonw *w, struct bytes type, struct bytes data)
{
	jsonw_kstr(w, "type", "image");
	jsonw_name(w, "source");
	jsonw_object(w);
	jsonw_kstr(w, "type", "base64");
	jsonw_kstrn(w, "media_type", type);
	jsonw_kstrn(w, "data", data);
	jsonw_end(w);
}

/* One part of a canonical content; the API refuses empty texts. */
static void
messages_part(struct jsonw *w, const struct json *part)
{
	struct bytes text = json_text(json_member(part, "text")), type, data;

	jsonw_object(w);
	if (item_data_url(
		json_text(json_member(part, "image_url")), &type, &data))
		messages_image(w, type, data);
	else {
		jsonw_kstr(w, "type", "text");
		jsonw_kstrn(w, "text", text.len == 0 ? bytes_of(" ") : text);
	}
	jsonw_end(w);
}

static int
messages_message(struct buf *words, const struct json *item)
{
	const struct json *content = json_member(item, "content");
	const char *role = json_str(item, "role");
	size_t i, n = json_length(content);
	struct jsonw w;

	if (strcmp(role, "developer") == 0 || n == 0)
		return 0;
	messages_open(words, role);
	for (i = 0; i < n; i++) {
		if (i > 0)
			(void)buf_addc(words, ',');
		jsonw_init(&w, words);
		messages_part(&w, json_item(content, i));
	}
	return messages_close(words, role);
}

/* A thought goes back with its signature, or sealed as it was; one of another
 * provider means nothing here. */
static int
messages_thought(struct buf *words, const struct json *item)
{
	const struct json *signature = json_member(item, "signature");
	const struct json *sealed = json_member(item, "redacted");
	struct jsonw w;
	struct buf text;

	if (signature == NULL && sealed == NULL)
		return 0;
	messages_open(words, "assistant");
	jsonw_init(&w, words);
	jsonw_object(&w);
	if (sealed != NULL) {
		jsonw_kstr(&w, "type", "redacted_thinking");
		jsonw_kstrn(&w, "data", json_text(sealed));
	} else {
		buf_init(&text, ITEM_TEXT_MAX);
		item_text(&text, json_member(item, "summary"));
		jsonw_kstr(&w, "type", "thinking");
		jsonw_kstrn(
		    &w, "thinking", (struct bytes){buf_data(&text), text.len});
		jsonw_kstrn(&w, "signature", json_text(signature));
		buf_fini(&text);
	}
	jsonw_end(&w);
	return messages_close(words, "assistant");
}

/* A search by the provider and what it found, which goes back as it came. */
static int
messages_block(struct buf *words, const struct json *item)
{
	const struct json *block = json_member(item, "block");

	if (block == NULL)
		return 0;
	messages_open(words, "assistant");
	(void)json_write(words, block);
	return messages_close(words, "assistant");
}

static int
messages_call(struct buf *words, const struct json *item)
{
	struct jsonw w;
	struct buf args;

	buf_init(&args, ITEM_TEXT_MAX);
	item_arguments(&args, item);
	messages_open(words, "assistant");
	jsonw_init(&w, words);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "tool_use");
	jsonw_kstrn(&w, "id", json_text(json_member(item, "call_id")));
	jsonw_kstrn(&w, "name", json_text(json_member(item, "name")));
	jsonw_name(&w, "input");
	jsonw_raw(&w, buf_data(&args), args.len);
	jsonw_end(&w);
	buf_fini(&args);
	return messages_close(words, "assistant");
}

static int
messages_output(struct buf *words, const struct json *item)
{
	const struct json *output = json_member(item, "output");
	size_t i, n = json_length(output);
	struct jsonw w;

	messages_open(words, "user");
	jsonw_init(&w, words);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "tool_result");
	jsonw_kstrn(&w, "tool_use_id", json_text(json_member(item, "call_id")));
	jsonw_name(&w, "content");
	if (json_kind(output) == JSON_T_ARRAY) {
		jsonw_array(&w);
		for (i = 0; i < n; i++)
			messages_part(&w, json_item(output, i));
		jsonw_end(&w);
	} else {
		struct bytes text = json_text(output);

		jsonw_strn(&w, text.p, text.len);
	}
	jsonw_end(&w);
	return messages_close(words, "user");
}

static const struct {
	const char *type;
	int (*add)(struct buf *words, const struct json *item);
} items[] = {{"message", messages_message}, {"reasoning", messages_thought},
    {"web_search_call", messages_block}, {"web_search_result", messages_block},
    {"function_call", messages_call}, {"custom_tool_call", messages_call},
    {"function_call_output", messages_output},
    {"custom_tool_call_output", messages_output}};

static int
messages_add(struct buf *words, const struct json *item)
{
	size_t i;

	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (json_is(item, "type", items[i].type))
			return items[i].add(words, item);
	return 0;
}

/* The answer. */

static struct bytes
messages_bytes(const struct buf *b)
{
	return (struct bytes){buf_data(b), b->len};
}

static int
messages_keep(struct buf *b, const struct json *obj, const char *name)
{
	struct bytes text = json_text(json_member(obj, name));

	return buf_add(b, text.p, text.len);
}

static void
messages_count(struct reply *a, const struct json *u)
{
	static const struct {
		const char *name;
		size_t at;
	} members[] = {{"input_tokens", offsetof(struct usage, input)},
	    {"output_tokens", offsetof(struct usage, output)},
	    {"cache_read_input_tokens", offsetof(struct usage, cached)},
	    {"cache_creation_input_tokens",
		offsetof(struct usage, cache_write)}};
	struct messages *st = a->state;
	const struct json *n;
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		n = json_member(u, members[i].name);
		if (json_kind(n) == JSON_T_INT)
			*(uint64_t *)(void *)((char *)&st->usage +
					      members[i].at) =
			    (uint64_t)json_number(n);
	}
}

/* One that begins anew in the middle is two halves, neither of them whole. */
static int
on_message_start(struct reply *a, const struct json *j)
{
	const struct messages *st = a->state;

	if (st->item > 0 || st->message.len > 0 || st->type[0] != '\0') {
		a->end = REPLY_BROKEN;
		(void)strlcpy(a->why, "the answer began anew in the middle",
		    sizeof(a->why));
		return 0;
	}
	messages_count(a, json_member(json_member(j, "message"), "usage"));
	return 0;
}

/* The texts so far are a message. */
static int
messages_said(struct reply *a)
{
	struct messages *st = a->state;
	int r;

	if (st->message.len == 0)
		return buf_err(&st->message);
	a->source = &st->message;
	r = item_message(a, st->item++, messages_bytes(&st->message));
	buf_clear(&st->message);
	return r;
}

static int
on_block_start(struct reply *a, const struct json *j)
{
	const struct json *block = json_member(j, "content_block");
	struct messages *st = a->state;
	int r;

	(void)strlcpy(st->type, json_str(block, "type"), sizeof(st->type));
	r = strcmp(st->type, "text") == 0 ? 0 : messages_said(a);
	if (r != 0)
		return r;
	buf_clear(&st->text);
	buf_clear(&st->id);
	buf_clear(&st->name);
	buf_clear(&st->secret);
	buf_clear(&st->raw);
	if (strcmp(st->type, FOUND) == 0)
		return json_write(&st->raw, block);
	(void)messages_keep(&st->id, block, "id");
	(void)messages_keep(&st->name, block, "name");
	(void)messages_keep(&st->secret, block, "data");
	return buf_err(&st->secret);
}

static int
on_text(void *arg, struct bytes text)
{
	struct reply *a = arg;
	struct messages *st = a->state;

	provider_text(a, st->item, text);
	return buf_add(&st->text, text.p, text.len);
}

static int
on_thought(void *arg, struct bytes text)
{
	struct reply *a = arg;
	struct messages *st = a->state;

	provider_reason(a, st->item, text);
	return buf_add(&st->text, text.p, text.len);
}

static int
on_input(void *arg, struct bytes text)
{
	struct messages *st = ((struct reply *)arg)->state;

	return buf_add(&st->text, text.p, text.len);
}

static int
on_signature(void *arg, struct bytes text)
{
	struct messages *st = ((struct reply *)arg)->state;

	return buf_add(&st->secret, text.p, text.len);
}

static const struct json_glance deltas[] = {
    {"type", .is = "content_block_delta"}, {"delta.text", .run = on_text},
    {"delta.thinking", .run = on_thought},
    {"delta.partial_json", .run = on_input},
    {"delta.signature", .run = on_signature}, {.path = NULL}};

static int
on_block_delta(struct reply *a, const struct json *j)
{
	return json_glance_all(j, deltas, a);
}

static int
messages_search(struct reply *a, struct messages *st, struct bytes input)
{
	struct json *j;
	struct jsonw w;
	int r, err;

	j = json_parse(input.p, input.len, EVENT_MAX, &err);
	if (json_kind(j) != JSON_T_OBJECT)
		input = bytes_of("{}");
	jsonw_init(&w, &st->raw);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", st->type);
	jsonw_kstrn(&w, "id", messages_bytes(&st->id));
	jsonw_kstrn(&w, "name", messages_bytes(&st->name));
	jsonw_name(&w, "input");
	jsonw_raw(&w, input.p, input.len);
	jsonw_end(&w);
	r = item_search(a, st->item, json_text(json_member(j, "query")),
	    messages_bytes(&st->raw));
	json_free(j);
	return r;
}

/* What became of a block that is no text, by its type. */
static int
messages_item(struct reply *a, struct messages *st)
{
	struct bytes text = messages_bytes(&st->text);
	struct bytes secret = messages_bytes(&st->secret);

	if (strcmp(st->type, "tool_use") == 0)
		return item_call(a, st->item, messages_bytes(&st->id),
		    messages_bytes(&st->name), text);
	if (strcmp(st->type, "thinking") == 0)
		return item_reasoning(a, st->item, text, "signature", secret);
	if (strcmp(st->type, "redacted_thinking") == 0)
		return item_reasoning(
		    a, st->item, bytes_of(""), "redacted", secret);
	if (strcmp(st->type, "server_tool_use") == 0)
		return messages_search(a, st, text);
	if (strcmp(st->type, FOUND) == 0)
		return item_found(a, st->item, messages_bytes(&st->raw));
	return 0;
}

/* The first text is not copied: it may be long. */
static int
messages_say(struct messages *st)
{
	struct buf swap = st->message;

	if (st->message.len > 0)
		return buf_add(&st->message, buf_data(&st->text), st->text.len);
	st->message = st->text;
	st->text = swap;
	return 0;
}

/* A block counts only when it was terminated. */
static int
on_block_stop(struct reply *a, const struct json *j)
{
	struct messages *st = a->state;
	int r;

	(void)j;
	if (strcmp(st->type, "text") == 0)
		r = messages_say(st);
	else {
		a->source = &st->text;
		r = messages_item(a, st);
		st->item++;
	}
	st->type[0] = '\0'; /* a second stop means nothing */
	return r;
}

static int
on_message_delta(struct reply *a, const struct json *j)
{
	const struct json *delta = json_member(j, "delta");
	struct messages *st = a->state;

	(void)strlcpy(
	    st->stop, json_str(delta, "stop_reason"), sizeof(st->stop));
	(void)strlcpy(st->why,
	    json_str(json_member(delta, "stop_details"), "explanation"),
	    sizeof(st->why));
	messages_count(a, json_member(j, "usage"));
	return 0;
}

static int
on_message_stop(struct reply *a, const struct json *j)
{
	struct messages *st = a->state;
	int r = messages_said(a);

	(void)j;
	if (r != 0)
		return r;
	st->usage.input += st->usage.cached + st->usage.cache_write;
	a->ops->usage(a->arg, &st->usage);
	a->paused = strcmp(st->stop, "pause_turn") == 0;
	a->end = provider_stop(a, st->stop);
	if (a->end == REPLY_REFUSED && st->why[0] != '\0')
		(void)strlcpy(a->why, st->why, sizeof(a->why));
	return 0;
}

static int
on_error(struct reply *a, const struct json *j)
{
	item_error(a, json_member(j, "error"));
	return 0;
}

static const struct provider_event events[] = {
    {"message_start", .run = on_message_start},
    {"content_block_start", .run = on_block_start},
    {"content_block_delta", .run = on_block_delta},
    {"content_block_stop", .run = on_block_stop},
    {"message_delta", .run = on_message_delta},
    {"message_stop", .run = on_message_stop}, {"error", .run = on_error},
    {.type = NULL}};

static void *
messages_begin(void)
{
	struct messages *st = xcalloc(1, sizeof(*st));

	buf_init(&st->text, ITEM_TEXT_MAX);
	buf_init(&st->message, ITEM_TEXT_MAX);
	buf_init(&st->id, 1024);
	buf_init(&st->name, 1024);
	buf_init(&st->secret, ITEM_TEXT_MAX);
	buf_init(&st->raw, ITEM_TEXT_MAX);
	return st;
}

static int
messages_event(struct reply *a, const char *name, const struct json *j)
{
	return provider_event(a, events, name, j);
}

static void
messages_end(void *state)
{
	struct messages *st = state;

	buf_fini(&st->text);
	buf_fini(&st->message);
	buf_fini(&st->id);
	buf_fini(&st->name);
	buf_fini(&st->secret);
	buf_fini(&st->raw);
	free(st);
}

const struct provider provider_messages = {
    .wire_api = "messages",
    .path = "/messages",
    .header = "x-api-key: ",
    .version = "anthropic-version: 2023-06-01",
    .add = messages_add,
    .head = messages_head,
    .tail = messages_tail,
    .deltas = deltas,
    .event = messages_event,
    .begin = messages_begin,
    .end = messages_end,
};
