/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: the Chat Completions API, as Ollama, LM Studio, llama.cpp, vLLM and
 * gateways speak it.
 *
 * The calls of one answer must stand in one message.  Items come one by one,
 * so a call is put into the message that the words end with; what they end
 * with tells whether that is one of an answer: only those with calls end in
 * CALLS_END, since all others have their role last.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/item.h"
#include "model/provider.h"

#define CALLS_MAX  128 /* of one answer */
#define CALLS_END  "}}]}"
#define ANSWER_END ",\"role\":\"assistant\"}"
#define SHOWN                                                                  \
	",{\"content\":[{\"type\":\"text\",\"text\":\"What the calls "         \
	"showed:\"}"
#define SHOWN_END "],\"role\":\"user\"}"

/* Numbers of an answer's items, for the front. */
enum { ITEM_THOUGHT, ITEM_WORDS, ITEM_CALL };

struct chat_call {
	struct buf id, name, args;
};

struct chat {
	struct buf text, thought;
	struct chat_call calls[CALLS_MAX];
	size_t ncalls;
};

/* The conversation. */

static bool
chat_ends(const struct buf *words, const char *end)
{
	size_t n = strlen(end);

	return words->len >= n &&
	       memcmp(buf_data(words) + words->len - n, end, n) == 0;
}

static void
chat_part(struct jsonw *w, const struct json *part)
{
	jsonw_object(w);
	if (json_is(part, "type", "input_image")) {
		jsonw_kstr(w, "type", "image_url");
		jsonw_name(w, "image_url");
		jsonw_object(w);
		jsonw_kstrn(
		    w, "url", json_text(json_member(part, "image_url")));
		jsonw_end(w);
	} else {
		jsonw_kstr(w, "type", "text");
		jsonw_kstrn(w, "text", json_text(json_member(part, "text")));
	}
	jsonw_end(w);
}

/* Parts only where there are images: many servers know nothing but text. */
static void
chat_content(struct jsonw *w, const struct json *content)
{
	size_t i, n = json_length(content);
	bool images = false;
	struct bytes part;
	struct buf text;

	for (i = 0; i < n; i++)
		if (json_is(json_item(content, i), "type", "input_image"))
			images = true;
	jsonw_name(w, "content");
	if (images) {
		jsonw_array(w);
		for (i = 0; i < n; i++)
			chat_part(w, json_item(content, i));
		jsonw_end(w);
		return;
	}
	if (n == 1) {
		part = json_text(json_member(json_item(content, 0), "text"));
		jsonw_strn(w, part.p, part.len);
		return;
	}
	buf_init(&text, ITEM_TEXT_MAX);
	for (i = 0; i < n; i++) {
		part = json_text(json_member(json_item(content, i), "text"));
		(void)buf_adds(&text, text.len > 0 ? "\n" : "");
		(void)buf_add(&text, part.p, part.len);
	}
	jsonw_strn(w, buf_data(&text), text.len);
	buf_fini(&text);
}

static int
chat_message(struct buf *words, const struct json *item)
{
	bool system = json_is(item, "role", "developer");
	struct jsonw w;

	jsonw_init(&w, words);
	jsonw_object(&w);
	chat_content(&w, json_member(item, "content"));
	jsonw_kstr(&w, "role", system ? "system" : json_str(item, "role"));
	jsonw_end(&w);
	return buf_err(words);
}

/* Where the pictures begin that the words end with, or NULL.  Nothing else is
 * a person's message behind calls, and no text holds its marks. */
static const uint8_t *
chat_shown(const struct buf *words)
{
	const uint8_t *p = buf_data(words);
	size_t n = strlen(SHOWN), i;

	if (!chat_ends(words, SHOWN_END) || words->len < n)
		return NULL;
	for (i = words->len - n + 1; i-- > 0;)
		if (p[i] == SHOWN[0] && memcmp(p + i, SHOWN, n) == 0)
			return p + i;
	return NULL;
}

/* Only a person's message carries pictures, and none may stand between the
 * outputs of an answer's calls: one behind them all has what each shows. */
static int
chat_show(struct buf *words, struct bytes shown, const struct json *output)
{
	size_t i, n = json_length(output);
	struct jsonw w;

	(void)buf_add(words, shown.p, shown.len);
	for (i = 0; i < n; i++) {
		if (!json_is(json_item(output, i), "type", "input_image"))
			continue;
		if (chat_ends(words, SHOWN_END))
			words->len -= strlen(SHOWN_END);
		else
			(void)buf_adds(words, SHOWN);
		(void)buf_addc(words, ',');
		jsonw_init(&w, words);
		chat_part(&w, json_item(output, i));
		(void)buf_adds(words, SHOWN_END);
	}
	return buf_err(words);
}

static void
chat_output_text(struct jsonw *w, const struct json *output)
{
	struct buf text;

	buf_init(&text, ITEM_TEXT_MAX);
	item_text(&text, output);
	if (text.len == 0 && json_kind(output) == JSON_T_ARRAY)
		(void)buf_adds(&text, "The image is shown below.");
	jsonw_name(w, "content");
	jsonw_strn(w, buf_data(&text), text.len);
	buf_fini(&text);
}

static int
chat_output(struct buf *words, const struct json *item)
{
	const struct json *output = json_member(item, "output");
	const uint8_t *at = chat_shown(words);
	struct bytes shown = bytes_of("");
	uint8_t *copy = NULL;
	struct jsonw w;
	int r;

	if (at != NULL) {
		shown.len = words->len - (size_t)(at - buf_data(words));
		shown.p = copy = xmemdup(at, shown.len);
		words->len -= shown.len;
	}
	if (words->len > 0)
		(void)buf_addc(words, ',');
	jsonw_init(&w, words);
	jsonw_object(&w);
	jsonw_kstrn(
	    &w, "tool_call_id", json_text(json_member(item, "call_id")));
	chat_output_text(&w, output);
	jsonw_kstr(&w, "role", "tool");
	jsonw_end(&w);
	r = chat_show(words, shown, output);
	free(copy);
	return r;
}

/* Opens a place for one more call in the answer that the words end with. */
static void
chat_open_call(struct buf *words)
{
	if (chat_ends(words, CALLS_END)) {
		words->len -= 2; /* "]}" */
		(void)buf_addc(words, ',');
	} else if (chat_ends(words, ANSWER_END)) {
		words->len -= 1; /* "}" */
		(void)buf_adds(words, ",\"tool_calls\":[");
	} else
		(void)buf_addf(words,
		    "%s{\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[",
		    words->len > 0 ? "," : "");
}

static int
chat_call(struct buf *words, const struct json *item)
{
	struct jsonw w;
	struct buf args;

	buf_init(&args, ITEM_TEXT_MAX);
	item_arguments(&args, item);
	chat_open_call(words);
	jsonw_init(&w, words);
	jsonw_object(&w);
	jsonw_kstrn(&w, "id", json_text(json_member(item, "call_id")));
	jsonw_kstr(&w, "type", "function");
	jsonw_name(&w, "function");
	jsonw_object(&w);
	jsonw_kstrn(&w, "name", json_text(json_member(item, "name")));
	jsonw_name(&w, "arguments");
	jsonw_strn(&w, buf_data(&args), args.len);
	jsonw_end(&w);
	jsonw_end(&w);
	buf_fini(&args);
	return buf_adds(words, "]}");
}

struct chat_item {
	const char *type;
	int (*add)(struct buf *words, const struct json *item);
	bool joins; /* sees to its comma itself */
};

static const struct chat_item items[] = {{"message", chat_message, false},
    {"function_call", chat_call, true}, {"custom_tool_call", chat_call, true},
    {"function_call_output", chat_output, true},
    {"custom_tool_call_output", chat_output, true}};

/* Thoughts and searches are not sent back: the API has no place for them. */
static int
chat_add(struct buf *words, const struct json *item)
{
	size_t i;

	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		if (!json_is(item, "type", items[i].type))
			continue;
		if (!items[i].joins && words->len > 0)
			(void)buf_addc(words, ',');
		return items[i].add(words, item);
	}
	return 0;
}

/* The request. */

static int
chat_head(struct buf *out, const struct request *r)
{
	const struct settings *s = r->settings;
	struct jsonw w;

	provider_open(&w, out, r);
	jsonw_name(&w, "stream_options");
	jsonw_object(&w);
	jsonw_kbool(&w, "include_usage", true);
	jsonw_end(&w);
	if (*s->effort != '\0')
		jsonw_kstr(&w, "reasoning_effort", s->effort);
	if (*s->verbosity != '\0')
		jsonw_kstr(&w, "verbosity", s->verbosity);
	if (s->max_output_tokens > 0)
		jsonw_ku64(&w, "max_tokens", s->max_output_tokens);
	if (r->schema.len > 0) {
		jsonw_name(&w, "response_format");
		jsonw_object(&w);
		provider_schema(&w, "json_schema", r);
		jsonw_end(&w);
	}
	return buf_adds(out, ",\"messages\":[");
}

static int
chat_tool(void *arg, const char *key, const struct json *value)
{
	struct buf *out = arg;

	if (strcmp(key, "type") == 0)
		return 0;
	(void)buf_addf(out,
	    "%s\"%s\":", buf_data(out)[out->len - 1] == '{' ? "" : ",", key);
	return json_write(out, value);
}

static int
chat_tail(struct buf *out, const struct request *r)
{
	struct json *j;
	size_t i, n = 0;
	int err;

	(void)buf_addc(out, ']');
	j = json_parse(r->tools.p, r->tools.len, ITEM_TEXT_MAX, &err);
	for (i = 0; i < json_length(j); i++) {
		if (!json_is(json_item(j, i), "type", "function"))
			continue;
		(void)buf_adds(out, n++ == 0 ? ",\"tools\":[" : ",");
		(void)buf_adds(out, "{\"type\":\"function\",\"function\":{");
		(void)json_each(json_item(j, i), chat_tool, out);
		(void)buf_adds(out, "}}");
	}
	json_free(j);
	return buf_adds(out, n > 0 ? "]}" : "}");
}

/* The answer. */

static struct chat_call *
chat_new_call(struct chat *st)
{
	struct chat_call *c;

	if (st->ncalls == CALLS_MAX)
		return NULL;
	c = &st->calls[st->ncalls++];
	buf_init(&c->id, 1024);
	buf_init(&c->name, 1024);
	buf_init(&c->args, ITEM_TEXT_MAX);
	return c;
}

/* A piece belongs to the call of its index; there are servers that give
 * every call the index 0, but then its own id. */
static int
chat_delta_call(struct chat *st, const struct json *d)
{
	const struct json *f = json_member(d, "function");
	struct bytes id = json_text(json_member(d, "id"));
	struct bytes name = json_text(json_member(f, "name"));
	struct bytes args = json_text(json_member(f, "arguments"));
	int64_t index = json_number(json_member(d, "index"));
	struct chat_call *c = NULL;

	if (index >= 0 && (size_t)index < st->ncalls)
		c = &st->calls[index];
	if (c != NULL && id.len > 0 && c->id.len > 0 &&
	    !bytes_eq(id, (struct bytes){buf_data(&c->id), c->id.len}))
		c = NULL;
	if (c == NULL && name.len == 0 && st->ncalls > 0)
		c = &st->calls[st->ncalls - 1];
	if (c == NULL)
		c = chat_new_call(st);
	if (c == NULL)
		return ERR_SPACE;
	if (c->id.len == 0)
		(void)buf_add(&c->id, id.p, id.len);
	if (c->name.len == 0)
		(void)buf_add(&c->name, name.p, name.len);
	return buf_add(&c->args, args.p, args.len);
}

static int
on_words(void *arg, struct bytes text)
{
	struct reply *a = arg;
	struct chat *st = a->state;

	provider_text(a, ITEM_WORDS, text);
	return buf_add(&st->text, text.p, text.len);
}

static int
on_thought(void *arg, struct bytes text)
{
	struct reply *a = arg;
	struct chat *st = a->state;

	provider_reason(a, ITEM_THOUGHT, text);
	return buf_add(&st->thought, text.p, text.len);
}

#define DELTA "choices.0.delta."

static const struct json_glance deltas[] = {
    {DELTA "reasoning_content", .run = on_thought},
    {DELTA "reasoning", .run = on_thought, .again = true},
    {DELTA "content", .run = on_words},
    {DELTA "refusal", .run = on_words, .again = true},
    {DELTA "tool_calls", .run = NULL}, {"choices.0.finish_reason", .run = NULL},
    {"usage", .run = NULL}, {"error", .run = NULL}, {.path = NULL}};

/* Content in parts, as Mistral has it: thoughts are among them. */
static int
chat_delta_part(struct reply *a, const struct json *part)
{
	const struct json *thoughts = json_member(part, "thinking");
	struct bytes text = json_text(json_member(part, "text"));
	size_t i, n = json_length(thoughts);
	int r = on_words(a, text);

	for (i = 0; r == 0 && i < n; i++)
		r = on_thought(
		    a, json_text(json_member(json_item(thoughts, i), "text")));
	return r;
}

static int
chat_delta(struct reply *a, const struct json *j, const struct json *delta)
{
	const struct json *parts = json_member(delta, "content");
	const struct json *calls = json_member(delta, "tool_calls");
	size_t i, n = json_length(parts);
	int r = json_glance_all(j, deltas, a);

	for (i = 0; r == 0 && i < n; i++)
		r = chat_delta_part(a, json_item(parts, i));
	n = json_length(calls);
	for (i = 0; r == 0 && i < n; i++)
		r = chat_delta_call(a->state, json_item(calls, i));
	return r;
}

static struct bytes
chat_bytes(const struct buf *b)
{
	return (struct bytes){buf_data(b), b->len};
}

/* The answer has ended: only now is any of it an item, and its calls only if
 * it is whole. */
static int
chat_items(struct reply *a)
{
	struct chat *st = a->state;
	size_t i, n = a->end == REPLY_DONE ? st->ncalls : 0;
	int r = 0;

	a->source = &st->thought;
	if (st->thought.len > 0)
		r = item_reasoning(a, ITEM_THOUGHT, chat_bytes(&st->thought),
		    NULL, bytes_of(""));
	a->source = &st->text;
	if (r == 0 && st->text.len > 0)
		r = item_message(a, ITEM_WORDS, chat_bytes(&st->text));
	a->source = NULL;
	for (i = 0; r == 0 && i < n; i++)
		r = item_call(a, ITEM_CALL + (uint32_t)i,
		    chat_bytes(&st->calls[i].id),
		    chat_bytes(&st->calls[i].name),
		    chat_bytes(&st->calls[i].args));
	return r;
}

static int
chat_finish(struct reply *a, const char *reason)
{
	a->end = provider_stop(a, reason);
	return chat_items(a);
}

static void
chat_usage(struct reply *a, const struct json *u)
{
	const struct json *in = json_member(u, "prompt_tokens_details");
	const struct json *out = json_member(u, "completion_tokens_details");
	struct usage usage = {
	    .input = (uint64_t)json_number(json_member(u, "prompt_tokens")),
	    .cached = (uint64_t)json_number(json_member(in, "cached_tokens")),
	    .output =
		(uint64_t)json_number(json_member(u, "completion_tokens")),
	    .reasoning =
		(uint64_t)json_number(json_member(out, "reasoning_tokens"))};

	a->ops->usage(a->arg, &usage);
}

static int
chat_event(struct reply *a, const char *name, const struct json *j)
{
	const struct json *error = json_member(j, "error");
	const struct json *usage = json_member(j, "usage");
	const struct json *choice = json_item(json_member(j, "choices"), 0);
	const char *reason = json_str(choice, "finish_reason");
	int r = 0;

	(void)name;
	if (json_kind(error) == JSON_T_OBJECT && a->end == REPLY_OPEN) {
		item_error(a, error);
		return 0;
	}
	if (json_kind(usage) == JSON_T_OBJECT) /* also behind the end */
		chat_usage(a, usage);
	if (a->end != REPLY_OPEN)
		return 0;
	r = chat_delta(a, j, json_member(choice, "delta"));
	return r == 0 && *reason != '\0' ? chat_finish(a, reason) : r;
}

static void *
chat_begin(void)
{
	struct chat *st = xcalloc(1, sizeof(*st));

	buf_init(&st->text, ITEM_TEXT_MAX);
	buf_init(&st->thought, ITEM_TEXT_MAX);
	return st;
}

static void
chat_end(void *state)
{
	struct chat *st = state;
	size_t i;

	buf_fini(&st->text);
	buf_fini(&st->thought);
	for (i = 0; i < st->ncalls; i++) {
		buf_fini(&st->calls[i].id);
		buf_fini(&st->calls[i].name);
		buf_fini(&st->calls[i].args);
	}
	free(st);
}

const struct provider provider_chat = {
    .wire_api = "chat",
    .path = "/chat/completions",
    .header = "Authorization: Bearer ",
    .add = chat_add,
    .head = chat_head,
    .tail = chat_tail,
    .deltas = deltas,
    .event = chat_event,
    .begin = chat_begin,
    .end = chat_end,
};
