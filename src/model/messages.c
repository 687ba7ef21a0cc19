/* SPDX-License-Identifier: Apache-2.0 */

/* Model: what stands around the conversation in a request of the Messages
 * API. */

#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "json/json.h"
#include "model/instructions.h"
#include "model/item.h"
#include "model/messages.h"

#define MAX_TOKENS 32000 /* of an answer, where none are set */

/* Those before this API let them think as long as they see fit. */
static const char *const budgeted[] = {"claude-3", "claude-opus-4-0",
    "claude-opus-4-1", "claude-opus-4-2", "claude-opus-4-5",
    "claude-sonnet-4-0", "claude-sonnet-4-2", "claude-sonnet-4-5",
    "claude-haiku-4-5"};

/* How long each effort may think there, in tokens. */
static const struct {
	const char *effort;
	uint64_t budget;
} budgets[] = {{"minimal", 1024}, {"low", 4096}, {"medium", 10000},
    {"high", 20000}, {"xhigh", 28000}, {"max", 31000}};

static bool
messages_budgeted(const char *model)
{
	size_t i;

	for (i = 0; i < sizeof(budgeted) / sizeof(budgeted[0]); i++)
		if (str_starts(model, budgeted[i]))
			return true;
	return false;
}

static void
messages_budget(struct jsonw *w, const struct settings *s, uint64_t max)
{
	size_t i;

	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
		if (strcmp(s->effort, budgets[i].effort) != 0 ||
		    budgets[i].budget >= max)
			continue;
		jsonw_name(w, "thinking");
		jsonw_object(w);
		jsonw_kstr(w, "type", "enabled");
		jsonw_ku64(w, "budget_tokens", budgets[i].budget);
		jsonw_end(w);
	}
}

/* Without an effort the model does not think aloud. */
static bool
messages_thinks(const struct settings *s)
{
	return *s->effort != '\0' && strcmp(s->effort, "none") != 0;
}

static void
messages_adaptive(struct jsonw *w, const struct settings *s)
{
	jsonw_name(w, "thinking");
	jsonw_object(w);
	jsonw_kstr(w, "type", "adaptive");
	jsonw_kstr(w, "display",
	    strcmp(s->summary, "none") == 0 ? "omitted" : "summarized");
	jsonw_end(w);
}

/* The effort, where it stands alone, and the shape of the answer. */
static void
messages_output_config(struct jsonw *w, const char *effort, struct bytes schema)
{
	if (effort == NULL && schema.len == 0)
		return;
	jsonw_name(w, "output_config");
	jsonw_object(w);
	if (effort != NULL)
		jsonw_kstr(w, "effort",
		    strcmp(effort, "minimal") == 0 ? "low" : effort);
	if (schema.len > 0) {
		jsonw_name(w, "format");
		jsonw_object(w);
		jsonw_kstr(w, "type", "json_schema");
		jsonw_name(w, "schema");
		jsonw_raw(w, schema.p, schema.len);
		jsonw_end(w);
	}
	jsonw_end(w);
}

int
messages_head(struct buf *out, const struct request *r)
{
	const struct settings *s = r->settings;
	uint64_t max =
	    s->max_output_tokens > 0 ? s->max_output_tokens : MAX_TOKENS;
	bool adaptive = messages_thinks(s) && !messages_budgeted(s->model);
	struct jsonw w;

	provider_open(&w, out, r);
	jsonw_ku64(&w, "max_tokens", max);
	/* The conversation may be kept up to its last block. */
	jsonw_name(&w, "cache_control");
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "ephemeral");
	jsonw_end(&w);
	if (adaptive)
		messages_adaptive(&w, s);
	else
		messages_budget(&w, s, max);
	messages_output_config(&w, adaptive ? s->effort : NULL, r->schema);
	return buf_adds(out, ",\"messages\":[");
}

static void
messages_tool(struct jsonw *w, const struct json *tool)
{
	jsonw_object(w);
	if (json_is(tool, "type", "web_search")) {
		jsonw_kstr(w, "type", "web_search_20250305");
		jsonw_kstr(w, "name", "web_search");
		jsonw_end(w);
		return;
	}
	jsonw_kstr(w, "name", json_str(tool, "name"));
	jsonw_kstr(w, "description", json_str(tool, "description"));
	jsonw_name(w, "input_schema");
	/* jsonw took the name; the value is written past it. */
	(void)json_write(w->out, json_member(tool, "parameters"));
	(void)buf_addc(w->out, '}');
}

/* There is no searching here without looking at the web of today. */
static bool
messages_offers(const struct json *tool)
{
	return !json_is(tool, "type", "web_search") ||
	       json_bool(json_member(tool, "external_web_access"));
}

/* The last block of what never changes carries the mark up to which the
 * provider may keep it. */
static void
messages_system(struct buf *out, const struct settings *s)
{
	struct jsonw w;

	(void)buf_adds(out, "],\"system\":");
	jsonw_init(&w, out);
	jsonw_array(&w);
	if (*s->developer != '\0') {
		jsonw_object(&w);
		jsonw_kstr(&w, "type", "text");
		jsonw_kstr(&w, "text", s->developer);
		jsonw_end(&w);
	}
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "text");
	jsonw_kstr(&w, "text",
	    *s->instructions != '\0' ? s->instructions : instructions_text);
	jsonw_name(&w, "cache_control");
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "ephemeral");
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
}

int
messages_tail(struct buf *out, const struct request *r)
{
	struct jsonw w;
	struct json *j;
	size_t i, n = 0;
	int err;

	messages_system(out, r->settings);
	j = json_parse(r->tools.p, r->tools.len, ITEM_TEXT_MAX, &err);
	for (i = 0; i < json_length(j); i++) {
		if (!messages_offers(json_item(j, i)))
			continue;
		(void)buf_adds(out, n++ == 0 ? ",\"tools\":[" : ",");
		jsonw_init(&w, out);
		messages_tool(&w, json_item(j, i));
	}
	json_free(j);
	return buf_adds(out, n > 0 ? "]}" : "}");
}
