/* SPDX-License-Identifier: Apache-2.0 */

/* Model: the providers, and what their errors mean. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "json/json.h"
#include "model/provider.h"

#define LENGTH_WHY "the answer is incomplete: it reached its length limit"

static const struct provider *const providers[] = {
    &provider_responses, &provider_chat, &provider_messages};

const struct provider *
provider_find(const char *wire_api)
{
	size_t i;

	for (i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
		if (strcmp(providers[i]->wire_api, wire_api) == 0)
			return providers[i];
	return NULL;
}

void
provider_open(struct jsonw *w, struct buf *out, const struct request *r)
{
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_kstr(w, "model", r->settings->model);
	jsonw_kbool(w, "stream", true);
}

void
provider_schema(struct jsonw *w, const char *object, const struct request *r)
{
	jsonw_kstr(w, "type", "json_schema");
	if (object != NULL) {
		jsonw_name(w, object);
		jsonw_object(w);
	}
	jsonw_kstr(w, "name", "output");
	jsonw_kbool(w, "strict", true);
	jsonw_name(w, "schema");
	jsonw_raw(w, r->schema.p, r->schema.len);
	if (object != NULL)
		jsonw_end(w);
}

struct meaning {
	const char *code;
	enum reply_end end;
};

static const struct meaning meanings[] = {{"rate_limit_exceeded", REPLY_LATER},
    {"rate_limit_error", REPLY_LATER}, {"server_is_overloaded", REPLY_LATER},
    {"overloaded_error", REPLY_LATER}, {"slow_down", REPLY_LATER},
    {"server_error", REPLY_BROKEN}, {"api_error", REPLY_BROKEN},
    {"timeout_error", REPLY_BROKEN}, {"context_length_exceeded", REPLY_CONTEXT},
    {"insufficient_quota", REPLY_DENIED}, {"usage_limit_reached", REPLY_DENIED},
    {"billing_error", REPLY_DENIED}, {"permission_error", REPLY_DENIED},
    {"not_found_error", REPLY_DENIED}, {"authentication_error", REPLY_DENIED},
    {"invalid_api_key", REPLY_DENIED}, {"invalid_prompt", REPLY_REFUSED},
    {"content_filter", REPLY_REFUSED}, {"cyber_policy", REPLY_REFUSED},
    {"invalid_request_error", REPLY_REFUSED}};

enum reply_end
provider_error(const char *code, int status)
{
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].code, code) == 0)
			return meanings[i].end;
	if (status == 429 || status == 503 || status == 529)
		return REPLY_LATER;
	if (status == 0 || status == 408 || status == 409 || status >= 500)
		return REPLY_BROKEN;
	return REPLY_DENIED;
}

/* Its last row, without a type, if there is none of that name. */
static const struct provider_event *
event_find(const struct provider_event *table, const char *name)
{
	while (table->type != NULL && strcmp(table->type, name) != 0)
		table++;
	return table;
}

bool
provider_wants(const struct reply *a, const struct provider_event *table,
    const char *name, const char **unread)
{
	const struct provider_event *row = event_find(table, name);

	*unread = row->repeats;
	return row->type == NULL ||
	       (row->run != NULL && !(row->shows && a->ops->text == NULL));
}

int
provider_event(struct reply *a, const struct provider_event *table,
    const char *name, const struct json *j)
{
	const struct provider_event *row = event_find(table, name);

	if (*json_str(j, "type") != '\0')
		row = event_find(table, json_str(j, "type"));
	return a->end == REPLY_OPEN && row->run != NULL ? row->run(a, j) : 0;
}

/* What is malformed is no reason to give up; Chat Completions even end so. */
int
provider_read(const struct provider *p, struct reply *a, const char *name,
    struct buf *data)
{
	struct json *j;
	int r;

	if (a->state == NULL)
		a->state = p->begin();
	if (a->end == REPLY_OPEN && json_glance(data, p->deltas, a, &r))
		return r;
	j = json_parse_buf(data, JSON_LONG, EVENT_MAX, &r);
	if (j == NULL)
		return r == ERR_FORMAT ? 0 : r;
	a->source = data;
	r = p->event(a, name, j);
	a->source = NULL;
	json_free(j);
	return r;
}

void
provider_end(const struct provider *p, struct reply *a)
{
	if (a->state != NULL)
		p->end(a->state);
	a->state = NULL;
}

void
provider_text(struct reply *a, uint32_t item, struct bytes delta)
{
	if (a->ops->text != NULL && delta.len > 0)
		a->ops->text(a->arg, item, delta);
}

void
provider_reason(struct reply *a, uint32_t item, struct bytes delta)
{
	if (a->ops->reason != NULL && delta.len > 0)
		a->ops->reason(a->arg, item, delta);
}

static const struct {
	const char *reason;
	enum reply_end end;
	const char *why;
} stops[] = {{"length", REPLY_LENGTH, LENGTH_WHY},
    {"max_tokens", REPLY_LENGTH, LENGTH_WHY},
    {"max_output_tokens", REPLY_LENGTH, LENGTH_WHY},
    {"content_filter", REPLY_REFUSED, "the provider's filter cut the answer"},
    {"refusal", REPLY_REFUSED, "the model will not answer this"},
    {"model_context_window_exceeded", REPLY_CONTEXT,
	"the conversation is longer than the model can read"}};

enum reply_end
provider_stop(struct reply *a, const char *reason)
{
	size_t i;

	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (strcmp(stops[i].reason, reason) == 0) {
			(void)strlcpy(a->why, stops[i].why, sizeof(a->why));
			return stops[i].end;
		}
	return REPLY_DONE;
}
