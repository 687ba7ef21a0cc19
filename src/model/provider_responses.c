/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: the Responses API.  Its items are the canonical form, so they are
 * sent back as they came: with their ids and encrypted reasoning.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/item.h"
#include "model/provider.h"

struct responses {
	uint32_t items; /* seen; the number of the one under way */
};

/* What everybody's conversation has; all else the API knows by its id. */
static const char *const common[] = {"message", "function_call",
    "function_call_output", "custom_tool_call", "custom_tool_call_output"};

/* Thoughts and searches of another API have no id, and would be refused. */
static bool
responses_known(const struct json *item)
{
	size_t i;

	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (json_is(item, "type", common[i]))
			return true;
	return *json_str(item, "id") != '\0';
}

static int
responses_add(struct buf *words, const struct json *item)
{
	if (!responses_known(item))
		return 0;
	if (words->len > 0)
		(void)buf_addc(words, ',');
	return json_write(words, item);
}

static void
responses_reasoning(struct jsonw *w, const struct settings *s)
{
	if (*s->effort == '\0' && *s->summary == '\0')
		return;
	jsonw_name(w, "reasoning");
	jsonw_object(w);
	if (*s->effort != '\0')
		jsonw_kstr(w, "effort", s->effort);
	if (*s->summary != '\0' && strcmp(s->summary, "none") != 0)
		jsonw_kstr(w, "summary", s->summary);
	jsonw_end(w);
}

static void
responses_text(struct jsonw *w, const struct request *r)
{
	const char *verbosity = r->settings->verbosity;

	if (*verbosity == '\0' && r->schema.len == 0)
		return;
	jsonw_name(w, "text");
	jsonw_object(w);
	if (*verbosity != '\0')
		jsonw_kstr(w, "verbosity", verbosity);
	if (r->schema.len > 0) {
		jsonw_name(w, "format");
		jsonw_object(w);
		provider_schema(w, NULL, r);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Everything but input and tools, and at its end the opened input. */
static int
responses_head(struct buf *out, const struct request *r)
{
	const struct settings *s = r->settings;
	struct jsonw w;

	provider_open(&w, out, r);
	jsonw_kbool(&w, "store", false);
	jsonw_name(&w, "include");
	jsonw_array(&w);
	jsonw_str(&w, "reasoning.encrypted_content");
	jsonw_end(&w);
	jsonw_kstr(&w, "tool_choice", "auto");
	jsonw_kbool(&w, "parallel_tool_calls", true);
	responses_reasoning(&w, s);
	responses_text(&w, r);
	if (s->max_output_tokens > 0)
		jsonw_ku64(&w, "max_output_tokens", s->max_output_tokens);
	jsonw_kstr(&w, "prompt_cache_key", r->session);
	return buf_adds(out, ",\"input\":[");
}

static int
responses_tail(struct buf *out, const struct request *r)
{
	(void)buf_adds(out, "],\"tools\":");
	(void)buf_add(out, r->tools.p, r->tools.len);
	return buf_addc(out, '}');
}

static int
on_delta(void *arg, struct bytes text)
{
	struct reply *a = arg;
	const struct responses *st = a->state;

	provider_text(a, st->items, text);
	return 0;
}

static const struct json_glance deltas[] = {
    {"type", .is = "response.output_text.delta"}, {"delta", .run = on_delta},
    {.path = NULL}};

static int
on_text(struct reply *a, const struct json *j)
{
	return json_glance_all(j, deltas, a);
}

static int
on_reason(struct reply *a, const struct json *j)
{
	struct responses *st = a->state;

	provider_reason(a, st->items, json_text(json_member(j, "delta")));
	return 0;
}

static int
on_item(struct reply *a, const struct json *j)
{
	const struct json *item = json_member(j, "item");
	struct responses *st = a->state;

	if (json_kind(item) != JSON_T_OBJECT)
		return ERR_FORMAT;
	return a->ops->item(a->arg, st->items++, item);
}

static void
responses_usage(struct reply *a, const struct json *u)
{
	const struct json *in = json_member(u, "input_tokens_details");
	const struct json *out = json_member(u, "output_tokens_details");
	struct usage usage = {
	    .input = (uint64_t)json_number(json_member(u, "input_tokens")),
	    .cached = (uint64_t)json_number(json_member(in, "cached_tokens")),
	    .output = (uint64_t)json_number(json_member(u, "output_tokens")),
	    .reasoning =
		(uint64_t)json_number(json_member(out, "reasoning_tokens"))};

	a->ops->usage(a->arg, &usage);
}

static int
on_completed(struct reply *a, const struct json *j)
{
	const struct json *r = json_member(j, "response");

	responses_usage(a, json_member(r, "usage"));
	a->end = REPLY_DONE;
	return 0;
}

static int
on_incomplete(struct reply *a, const struct json *j)
{
	const struct json *r = json_member(j, "response");
	const char *why =
	    json_str(json_member(r, "incomplete_details"), "reason");

	responses_usage(a, json_member(r, "usage"));
	a->end = provider_stop(a, why);
	if (a->end == REPLY_DONE) {
		a->end = REPLY_BROKEN;
		(void)snprintf(a->why, sizeof(a->why),
		    "the answer is incomplete: %.100s", why);
	}
	return 0;
}

static int
on_failed(struct reply *a, const struct json *j)
{
	item_error(a, json_member(json_member(j, "response"), "error"));
	return 0;
}

static int
on_error(struct reply *a, const struct json *j)
{
	const struct json *error = json_member(j, "error");

	item_error(a, error == NULL ? j : error);
	return 0;
}

static const struct provider_event events[] = {
    {"response.output_text.delta", on_text, .shows = true},
    {"response.refusal.delta", on_text, .shows = true},
    {"response.reasoning_summary_text.delta", on_reason, .shows = true},
    {"response.output_text.done", .run = NULL},
    {"response.content_part.done", .run = NULL},
    {"response.function_call_arguments.delta", .run = NULL},
    {"response.function_call_arguments.done", .run = NULL},
    {"response.output_item.done", .run = on_item},
    {"response.completed", .run = on_completed, .repeats = "output"},
    {"response.incomplete", .run = on_incomplete, .repeats = "output"},
    {"response.failed", .run = on_failed}, {"error", .run = on_error},
    {.type = NULL}};

static bool
responses_wants(const struct reply *a, const char *name, const char **unread)
{
	return provider_wants(a, events, name, unread);
}

static int
responses_event(struct reply *a, const char *name, const struct json *j)
{
	return provider_event(a, events, name, j);
}

static void *
responses_begin(void)
{
	return xcalloc(1, sizeof(struct responses));
}

const struct provider provider_responses = {
    .wire_api = "responses",
    .path = "/responses",
    .header = "Authorization: Bearer ",
    .custom_tools = true,
    .add = responses_add,
    .head = responses_head,
    .tail = responses_tail,
    .wants = responses_wants,
    .deltas = deltas,
    .event = responses_event,
    .begin = responses_begin,
    .end = free,
};
