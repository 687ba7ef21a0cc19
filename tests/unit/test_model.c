/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: streams of events, and the answers of each API in them, whole
 * and cut at every byte. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"
#include "model/provider.h"
#include "model/sse.h"

#define WORDS_MAX (1u << 20)

/* Events, as "name|data" lines. */
static int
note_event(void *arg, const char *name, struct buf *data)
{
	return buf_addf(arg, "%s|%.*s\n", name, (int)data->len,
	    (const char *)buf_data(data));
}

static void
events_in_any_pieces(void **state)
{
	static const char text[] =
	    "\xEF\xBB\xBF"
	    "data: one\n\n: a comment\nevent: x\r\ndata:two\r\ndata:  three\r\n"
	    "\r\nid: 7\rdata\r\rretry: 5\n\nevent: gone\n\ndata: open";
	static const char want[] = "|one\nx|two\n three\n|\n";
	size_t cut, len = sizeof(text) - 1;
	struct buf out;
	struct sse s;

	(void)state;
	for (cut = 0; cut <= len; cut++) {
		buf_init(&out, WORDS_MAX);
		sse_init(&s, note_event, &out);
		assert_int_equal(sse_feed(&s, text, cut), 0);
		assert_int_equal(sse_feed(&s, text + cut, len - cut), 0);
		assert_string_equal(buf_cstr(&out), want);
		sse_fini(&s);
		buf_fini(&out);
	}
}

static bool
wants_y(void *arg, const char *name, const char **unread)
{
	(void)arg;
	*unread = strcmp(name, "y") == 0 ? "o" : NULL;
	return *unread != NULL;
}

static void
events_that_nobody_wants(void **state)
{
	static const char text[] =
	    "event: x\ndata: many words\ndata: more\n\n"
	    "event: y\ndata: a\ndata: b\n\nevent: x\ndata\n\ndata: c\n\n"
	    "event: y\ndata: {\"o\":[1,\ndata: \"]\"],\ndata: \"p\":[2]}\n\n"
	    "data: \"o\":[3]\n\n";
	static const char want[] = "y|a\nb\n|c\ny|{\"o\":[\n],\n\"p\":[2]}\n"
				   "|\"o\":[3]\n";
	size_t cut, len = sizeof(text) - 1;
	struct buf out;
	struct sse s;

	(void)state;
	for (cut = 0; cut <= len; cut++) {
		buf_init(&out, WORDS_MAX);
		sse_init(&s, note_event, &out);
		s.wants = wants_y;
		assert_int_equal(sse_feed(&s, text, cut), 0);
		assert_int_equal(sse_feed(&s, text + cut, len - cut), 0);
		assert_string_equal(buf_cstr(&out), want);
		sse_fini(&s);
		buf_fini(&out);
	}
}

/* Of whatever kind. */
static void
a_line_without_end(void **state)
{
	static const char *const begins[] = {"", "event: x\ndata: "};
	static char piece[1u << 20];
	struct buf out;
	struct sse s;
	size_t i, n;
	int r;

	(void)state;
	memset(piece, 'a', sizeof(piece));
	for (n = 0; n < sizeof(begins) / sizeof(begins[0]); n++) {
		buf_init(&out, WORDS_MAX);
		sse_init(&s, note_event, &out);
		s.wants = wants_y;
		r = sse_feed(&s, begins[n], strlen(begins[n]));
		for (i = 0; r == 0 && i < 1024; i++)
			r = sse_feed(&s, piece, sizeof(piece));
		assert_int_equal(r, ERR_SPACE);
		assert_int_equal(sse_feed(&s, "\n\n", 2), ERR_SPACE);
		sse_fini(&s);
		buf_fini(&out);
	}
}

/* What an answer told. */
struct told {
	const struct provider *provider;
	struct reply reply;
	struct buf text, words;
	struct usage usage;
	size_t calls;
};

static void
told_text(void *arg, uint32_t item, struct bytes delta)
{
	struct told *t = arg;

	(void)item;
	(void)buf_add(&t->text, delta.p, delta.len);
}

static void
told_reason(void *arg, uint32_t item, struct bytes delta)
{
	(void)arg;
	(void)item;
	(void)delta;
}

static int
told_item(void *arg, uint32_t item, const struct json *j)
{
	struct told *t = arg;
	struct json *args;
	int err;

	(void)item;
	if (json_is(j, "type", "function_call")) {
		struct bytes a = json_text(json_member(j, "arguments"));

		t->calls++;
		args = json_parse(a.p, a.len, WORDS_MAX, &err);
		assert_true(json_is(args, "cmd", "make all"));
		json_free(args);
		assert_string_equal(json_str(j, "call_id"), "c1");
	}
	return t->provider->add(&t->words, j);
}

static void
told_usage(void *arg, const struct usage *u)
{
	struct told *t = arg;

	t->usage = *u;
}

static const struct reply_ops ops = {
    told_text, told_reason, told_item, told_usage};

static int
told_event(void *arg, const char *name, struct buf *data)
{
	struct told *t = arg;

	return provider_read(t->provider, &t->reply, name, data);
}

/* Reads len bytes of the stream, in two pieces, as an answer. */
static void
told_read(struct told *t, const struct provider *p, const char *stream,
    size_t cut, size_t len)
{
	struct sse s;

	memset(t, 0, sizeof(*t));
	t->provider = p;
	t->reply = (struct reply){.ops = &ops, .arg = t};
	buf_init(&t->text, WORDS_MAX);
	buf_init(&t->words, WORDS_MAX);
	sse_init(&s, told_event, t);
	assert_int_equal(sse_feed(&s, stream, cut), 0);
	assert_int_equal(sse_feed(&s, stream + cut, len - cut), 0);
	sse_fini(&s);
	provider_end(p, &t->reply);
}

static void
told_fini(struct told *t)
{
	buf_fini(&t->text);
	buf_fini(&t->words);
}

static const char responses[] =
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi \"}\n\n"
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"you\"}\n\n"
    "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":"
    "\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
    "\"output_text\",\"text\":\"Hi you\"}]}}\n\n"
    "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":"
    "\"function_call\",\"call_id\":\"c1\",\"name\":\"exec_command\","
    "\"arguments\":\"{\\\"cmd\\\":\\\"make all\\\"}\"}}\n\n"
    "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{"
    "\"input_tokens\":11,\"output_tokens\":5}}}\n\n";

static const char chat[] =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi \"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"you\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":"
    "\"c1\",\"function\":{\"name\":\"exec_command\",\"arguments\":"
    "\"{\\\"cmd\\\":\"}}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
    "\"function\":{\"arguments\":\"\\\"make all\\\"}\"}}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}],"
    "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":5}}\n\n";

static const char messages[] =
    "data: {\"type\":\"message_start\",\"message\":{\"usage\":{"
    "\"input_tokens\":1,\"cache_read_input_tokens\":10}}}\n\n"
    "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":"
    "\"text\",\"text\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":"
    "\"text_delta\",\"text\":\"Hi you\"}}\n\n"
    "data: {\"type\":\"content_block_stop\"}\n\n"
    "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":"
    "\"tool_use\",\"id\":\"c1\",\"name\":\"exec_command\",\"input\":{}}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":"
    "\"input_json_delta\",\"partial_json\":\"{\\\"cmd\\\":\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":"
    "\"input_json_delta\",\"partial_json\":\"\\\"make all\\\"}\"}}\n\n"
    "data: {\"type\":\"content_block_stop\"}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"tool_use\"},\"usage\":{\"output_tokens\":5}}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n";

static const struct {
	const struct provider *provider;
	const char *stream;
	size_t len;
} streams[] = {{&provider_responses, responses, sizeof(responses) - 1},
    {&provider_chat, chat, sizeof(chat) - 1},
    {&provider_messages, messages, sizeof(messages) - 1}};
#define STREAMS (sizeof(streams) / sizeof(streams[0]))

static void
answers_in_any_pieces(void **state)
{
	struct told t;
	size_t i, cut;

	(void)state;
	for (i = 0; i < STREAMS; i++)
		for (cut = 0; cut <= streams[i].len; cut++) {
			told_read(&t, streams[i].provider, streams[i].stream,
			    cut, streams[i].len);
			assert_int_equal(t.reply.end, REPLY_DONE);
			assert_int_equal(t.calls, 1);
			assert_string_equal(buf_cstr(&t.text), "Hi you");
			assert_int_equal(t.usage.input, 11);
			assert_int_equal(t.usage.output, 5);
			told_fini(&t);
		}
}

/* Calls are carried out when an answer is done (turn.c): one that was cut
 * anywhere never is. */
static void
a_cut_answer_is_not_done(void **state)
{
	struct told t;
	size_t i, len;

	(void)state;
	for (i = 0; i < STREAMS; i++)
		for (len = 0; len < streams[i].len; len++) {
			told_read(&t, streams[i].provider, streams[i].stream,
			    len, len);
			assert_int_equal(t.reply.end, REPLY_OPEN);
			told_fini(&t);
		}
}

/* All items of an answer stand in one message of the roles' turns. */
static void
an_answer_is_one_message(void **state)
{
	struct told t;

	(void)state;
	told_read(&t, &provider_chat, chat, 0, sizeof(chat) - 1);
	assert_string_equal(buf_cstr(&t.words),
	    "{\"content\":\"Hi you\",\"role\":\"assistant\",\"tool_calls\":[{"
	    "\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"exec_command\",\"arguments\":\"{\\\"cmd\\\":\\\"make all\\\"}\""
	    "}}]}");
	told_fini(&t);
	told_read(&t, &provider_messages, messages, 0, sizeof(messages) - 1);
	assert_string_equal(buf_cstr(&t.words),
	    "{\"content\":[{\"type\":\"text\",\"text\":\"Hi you\"},{\"type\":"
	    "\"tool_use\",\"id\":\"c1\",\"name\":\"exec_command\",\"input\":{"
	    "\"cmd\":\"make all\"}}],\"role\":\"assistant\"}");
	told_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_in_any_pieces),
	    cmocka_unit_test(events_that_nobody_wants),
	    cmocka_unit_test(a_line_without_end),
	    cmocka_unit_test(answers_in_any_pieces),
	    cmocka_unit_test(a_cut_answer_is_not_done),
	    cmocka_unit_test(an_answer_is_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
