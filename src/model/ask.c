/* SPDX-License-Identifier: Apache-2.0 */

/* Model: one request to the provider, and its answer as it comes. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/model.h"

#define URL_MAX        4096
#define HEAD_MAX       (4u << 20)
#define ERROR_BODY_MAX (64u << 10)

/* The answer's parts. */

static void
on_text(void *arg, uint32_t item, struct bytes delta)
{
	struct model *m = arg;

	if (m->compact.asking) /* shown when it is whole */
		return;
	front_delta(m, MSG_TEXT, m->item_base + item, delta);
}

static void
on_reason(void *arg, uint32_t item, struct bytes delta)
{
	struct model *m = arg;

	front_delta(m, MSG_REASON, m->item_base + item, delta);
}

/* The texts of an item's parts, joined. */
static void
item_texts(struct buf *out, const struct json *parts, const char *between)
{
	size_t i, n = json_length(parts);
	struct bytes text;

	for (i = 0; i < n; i++) {
		text = json_text(json_member(json_item(parts, i), "text"));
		if (text.len == 0)
			text = json_text(
			    json_member(json_item(parts, i), "refusal"));
		if (text.len > 0 && out->len > 0)
			(void)buf_adds(out, between);
		(void)buf_add(out, text.p, text.len);
	}
}

static void
item_show(struct model *m, uint32_t item, const struct json *j)
{
	const struct json *content = json_member(j, "content");
	struct buf text;

	buf_init(&text, HISTORY_MAX);
	if (json_is(j, "type", "message") && json_length(content) == 1 &&
	    json_is(json_item(content, 0), "type", "output_text")) {
		/* As nearly always; a long one is not copied for it. */
		front_item(m, m->item_base + item, ITEM_MESSAGE,
		    json_text(json_member(json_item(content, 0), "text")));
	} else if (json_is(j, "type", "message")) {
		item_texts(&text, content, "");
		front_item(m, m->item_base + item, ITEM_MESSAGE,
		    (struct bytes){buf_data(&text), text.len});
	} else if (json_is(j, "type", "reasoning")) {
		item_texts(&text, json_member(j, "summary"), "\n");
		if (text.len > 0)
			front_item(m, m->item_base + item, ITEM_REASONING,
			    (struct bytes){buf_data(&text), text.len});
	} else if (json_is(j, "type", "web_search_call"))
		front_item(m, m->item_base + item, ITEM_WEB_SEARCH,
		    json_text(json_member(json_member(j, "action"), "query")));
	buf_fini(&text);
}

static int
item_call(struct model *m, const struct json *j)
{
	struct model_call *c;

	if (m->ncalls == MODEL_CALLS_MAX)
		return ERR_SPACE;
	c = &m->calls[m->ncalls];
	memset(c, 0, sizeof(*c));
	c->id = m->next_frame++;
	c->call_id = xstrdup(json_str(j, "call_id"));
	c->custom = json_is(j, "type", "custom_tool_call");
	buf_init(&c->output, HISTORY_MAX);
	buf_init(&c->replies, HEAD_MAX);
	m->ncalls++;
	return buf_addf(&m->pending, "%s", m->pending.len == 0 ? "[" : ",") == 0
		   ? json_write(&m->pending, j)
		   : ERR_SPACE;
}

static bool
is_call(const struct json *j)
{
	return json_is(j, "type", "function_call") ||
	       json_is(j, "type", "custom_tool_call");
}

/* A call that came before in this answer, whose id is its key. */
static bool
is_repeated(const struct model *m, const struct json *j)
{
	size_t i;

	for (i = 0; i < m->ncalls; i++)
		if (json_is(j, "call_id", m->calls[i].call_id))
			return true;
	return false;
}

static int
on_item(void *arg, uint32_t item, const struct json *j)
{
	struct model *m = arg;
	int r;

	if (m->compact.asking) {
		compact_item(m, j);
		return 0;
	}
	if (is_call(j) && is_repeated(m, j))
		return 0;
	if (is_call(j)) {
		r = history_add_answer(m, j, NULL);
		return r == 0 ? item_call(m, j) : r;
	}
	item_show(m, item, j);
	return history_add_answer(m, j, m->reply.source);
}

static void
on_usage(void *arg, const struct usage *u)
{
	struct model *m = arg;

	m->used.input += u->input;
	m->used.cached += u->cached;
	m->used.cache_write += u->cache_write;
	m->used.output += u->output;
	m->used.reasoning += u->reasoning;
	m->cost += front_cost(m, u);
	m->window_used = u->input + u->output;
	front_usage(m);
}

static const struct reply_ops seen = {on_text, on_reason, on_item, on_usage},
			      unseen = {NULL, NULL, on_item, on_usage};

/* The request. */

static void
on_wanted(void *arg, const char *host, uint16_t port)
{
	struct msg_connect msg = {bytes_of(host), port};
	struct model *m = arg;
	struct chan *net = m->proc.peers[ROLE_NET];

	m->connect = m->next_frame++;
	if (net == NULL ||
	    chan_send(net, (uint32_t)m->connect, MSG_CONNECT, &msg) != 0)
		http_fail(m->request, "no way to connect");
}

static void
on_status(void *arg, int status, const char *content_type)
{
	struct model *m = arg;

	m->status = status;
	m->stream =
	    status == 200 && str_starts(content_type, "text/event-stream");
}

static int
on_event(void *arg, const char *name, struct buf *data)
{
	struct model *m = arg;

	return provider_read(m->provider, &m->reply, name, data);
}

static bool
on_name(void *arg, const char *name, const char **unread)
{
	const struct model *m = arg;

	return m->provider->wants(&m->reply, name, unread);
}

static int
on_body(void *arg, const void *p, size_t len)
{
	struct model *m = arg;
	size_t said = m->sse.said;
	int r;

	if (m->stream) {
		r = sse_feed(&m->sse, p, len);
		front_flush(m);
		return r == 0 && m->sse.said == said ? HTTP_SILENCE : r;
	}
	return m->body.len + len <= ERROR_BODY_MAX ? buf_add(&m->body, p, len)
						   : ERR_SPACE;
}

/* The words of an error body, {"error":{"message":...}} by the APIs; servers
 * that only resemble them have text elsewhere. */
static const char *
ask_words(const struct json *body)
{
	static const char *const keys[] = {"error", "detail", "message"};
	const char *words = json_str(json_member(body, "error"), "message");
	size_t i;

	for (i = 0; *words == '\0' && i < sizeof(keys) / sizeof(keys[0]); i++)
		words = json_str(body, keys[i]);
	return words;
}

/* What helps where a server says no more than a number. */
static const char *
ask_remedy(int status)
{
	if (status == 429 || status >= 500)
		return "try again later";
	return status == 404 ? "check base_url and model" : "check base_url";
}

/* An answer that is no stream: its words, or else ours. */
static enum reply_end
ask_error(struct model *m)
{
	const struct json *e;
	struct json *j;
	const char *code = "";
	enum reply_end end;
	int err;

	j = json_parse(buf_data(&m->body), m->body.len, ERROR_BODY_MAX, &err);
	e = json_member(j, "error");
	if (e != NULL)
		code = *json_str(e, "code") != '\0' ? json_str(e, "code")
						    : json_str(e, "type");
	if (j != NULL)
		(void)strlcpy(m->reply.why, ask_words(j), sizeof(m->reply.why));
	if (m->reply.why[0] == '\0' && m->status == 200)
		(void)strlcpy(m->reply.why,
		    "the server did not answer with an event stream; check "
		    "base_url and wire_api",
		    sizeof(m->reply.why));
	else if (m->reply.why[0] == '\0')
		(void)snprintf(m->reply.why, sizeof(m->reply.why),
		    "the server answered %d; %s", m->status,
		    ask_remedy(m->status));
	end = provider_error(code, m->status == 200 ? 500 : m->status);
	json_free(j);
	return end;
}

static void
ask_clear(struct model *m)
{
	provider_end(m->provider, &m->reply);
	sse_fini(&m->sse);
	buf_clear(&m->body);
}

/* Translates how the answer ended into an event of the turn. */
static enum turn_event
ask_result(struct model *m, int err, const char *why)
{
	struct reply *a = &m->reply;

	if (m->status != 0 && !m->stream)
		a->end = m->status == 401 ? REPLY_DENIED : ask_error(m);
	if (m->status == 401)
		return TE_DENIED;
	if (a->end == REPLY_OPEN) {
		(void)snprintf(a->why, sizeof(a->why),
		    "stream disconnected before completion: %s",
		    err == 0 ? "stream closed before the answer was complete"
		    : err == ERR_FORMAT ? err_str(m->sse.err)
					: why);
		a->end = REPLY_BROKEN;
	}
	switch (a->end) {
	case REPLY_DONE:
		return TE_ANSWER;
	case REPLY_LATER:
	case REPLY_BROKEN:
		return TE_BROKEN;
	case REPLY_OPEN:
	case REPLY_LENGTH:
	case REPLY_REFUSED:
	case REPLY_CONTEXT:
	case REPLY_DENIED:
		break;
	}
	return TE_FAILED;
}

static void
on_done(void *arg, int err, const char *why)
{
	struct model *m = arg;
	enum turn_event ev;
	long after = http_retry_after(m->request);

	ev = ask_result(m, err, why);
	if (http_reached(m->request))
		m->unreached = 0;
	if (after > 0)
		m->reply.after_ms = (uint64_t)after * 1000;
	m->request = NULL; /* http frees it */
	ask_clear(m);
	turn_event(m, ev);
}

static const struct http_ops http_ops = {
    on_wanted, on_status, on_body, on_done};

/* Head and tail do not change from one request to the next, unless a setting
 * does; the conversation between them only grows. */
static int
ask_around(struct model *m)
{
	const struct request request = {.settings = &m->settings,
	    .session = m->proc.session,
	    .schema = {buf_data(&m->schema), m->schema.len},
	    .tools = {buf_data(&m->tools), m->tools.len}};
	int r;

	buf_clear(&m->head);
	buf_clear(&m->tail);
	r = m->provider->head(&m->head, &request);
	return r == 0 ? m->provider->tail(&m->tail, &request) : r;
}

size_t
ask_headers(const struct model *m, const char **headers)
{
	size_t n = 0;
	uint32_t i;

	headers[n++] = "Content-Type: application/json";
	headers[n++] = "Accept: text/event-stream";
	headers[n++] = "User-Agent: cordon/" PACKAGE_VERSION;
	if (m->provider->version != NULL)
		headers[n++] = m->provider->version;
	if (m->account[0] != '\0')
		headers[n++] = m->account;
	for (i = 0; i < m->settings.nheaders; i++)
		headers[n++] = m->settings.headers[i];
	headers[n] = NULL;
	return n;
}

/* What is left of the time to reach anybody, which a row of tries shares. */
static uint64_t
ask_connect_ms(struct model *m)
{
	uint64_t now = clock_mono_ms(), limit = m->settings.connect_ms;

	if (m->unreached == 0)
		m->unreached = now;
	return now - m->unreached < limit ? limit - (now - m->unreached) : 1;
}

void
ask_start(struct model *m)
{
	const char *headers[ASK_HEADERS];
	const struct settings *s = &m->settings;
	struct http_spec spec = {.headers = headers,
	    .connect_ms = ask_connect_ms(m),
	    .idle_ms = s->idle_ms,
	    .nparts = 4};
	char url[URL_MAX];

	(void)ask_headers(m, headers);
	m->reply =
	    (struct reply){.ops = s->headless ? &unseen : &seen, .arg = m};
	m->answer_mark = m->history.len;
	m->status = 0;
	m->stream = false;
	buf_clear(&m->pending);
	sse_init(&m->sse, on_event, m);
	if (m->provider->wants != NULL)
		m->sse.wants = on_name;
	if (str_fmt(url, sizeof(url), "%s%s%s%s", s->base_url,
		m->provider->path, *s->query == '\0' ? "" : "?",
		s->query) != 0 ||
	    ask_around(m) != 0) {
		turn_fail(m, EX_CONFIG, false, "the request is too long");
		return;
	}
	spec.url = url;
	spec.parts[0] = (struct bytes){buf_data(&m->head), m->head.len};
	spec.parts[1] = (struct bytes){buf_data(&m->history), m->history.len};
	if (m->compact.asking)
		spec.parts[2] = (struct bytes){
		    buf_data(&m->compact.wish), m->compact.wish.len};
	spec.parts[3] = (struct bytes){buf_data(&m->tail), m->tail.len};
	if (token_there(m->token))
		spec.secret = token_head(m->token, m->provider->header);
	m->request = http_start(m->http, &spec, &http_ops, m);
	token_unhead(m->token);
	if (m->request == NULL)
		turn_fail(m, EX_CONFIG, false, "%s is no address of a server",
		    s->base_url);
}

void
ask_stop(struct model *m)
{
	if (m->request == NULL)
		return;
	http_cancel(m->request);
	m->request = NULL;
	ask_clear(m);
}
