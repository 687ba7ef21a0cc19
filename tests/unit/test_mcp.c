/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of src/mcp: the lines, the tools, and the conversation with a
 * server that the test plays.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fdio.h"
#include "base/xmem.h"
#include "json/json.h"

#include "mcp/offer.h"
#include "mcp/rpc.h"
#include "mcp/server.h"

/* Lines. */

static enum rpc_kind
kind_of(const char *line)
{
	enum rpc_kind kind;
	struct rpc r;

	rpc_read(&r, bytes_of(line));
	kind = r.kind;
	rpc_fini(&r);
	return kind;
}

static void
lines_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		enum rpc_kind kind;
	} rows[] = {
	    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", RPC_ANSWER},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}", RPC_ANSWER},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}", RPC_REQUEST},
	    {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"x\"}", RPC_REQUEST},
	    {"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", RPC_NOTICE},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}}", 0},
	    {"{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}", 0},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1.0,\"result\":{}}", 0},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1}", 0},
	    {"{\"jsonrpc\":\"2.0\",\"method\":7,\"id\":1,\"result\":1}", 0},
	    {"{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}", 0},
	    {"{\"id\":1,\"result\":{}}", 0},
	    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"result\":{}}", 0},
	    {"[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", 0},
	    {"server is up", 0},
	    {"", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kind_of(rows[i].line) != rows[i].kind)
			fail_msg("%s", rows[i].line);
}

static void
an_answer_repeats_the_id(void **state)
{
	struct buf out;
	struct rpc r;

	(void)state;
	buf_init(&out, 4096);
	rpc_read(&r, bytes_of("{\"jsonrpc\":\"2.0\",\"id\":\"a\\n\\\"b\","
			      "\"method\":\"ping\"}"));
	assert_int_equal(rpc_answer(&out, &r, true), 0);
	assert_string_equal(buf_cstr(&out),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"a\\n\\\"b\",\"result\":{}}\n");
	buf_clear(&out);
	assert_int_equal(rpc_answer(&out, &r, false), 0);
	assert_non_null(strstr(buf_cstr(&out), "\"code\":-32601"));
	rpc_fini(&r);
	buf_fini(&out);
}

/* Tools. */

static void
names_are_plain_and_differ(void **state)
{
	static const char *const tools[] = {"echo", "a.b", "a/b", "a_b", "a b",
	    "\x1b[2J", "\xd0\xb5", "",
	    "a-tool-whose-name-is-longer-than-any-provider-would-take-it-1",
	    "a-tool-whose-name-is-longer-than-any-provider-would-take-it-2"};
	char names[10][OFFER_NAME_MAX + 1];
	size_t i, j;

	(void)state;
	for (i = 0; i < 10; i++) {
		offer_name(names[i], "srv", tools[i]);
		assert_int_equal(strncmp(names[i], "mcp__srv__", 10), 0);
		assert_true(strlen(names[i]) <= OFFER_NAME_MAX);
		assert_int_equal(
		    strspn(names[i], "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"),
		    strlen(names[i]));
		for (j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	assert_string_equal(names[0], "mcp__srv__echo");
	assert_string_equal(names[3], "mcp__srv__a_b");
}

static void
list(struct offers *o, const char *text)
{
	int err;
	struct json *j = json_parse(text, strlen(text), 1 << 20, &err);

	assert_non_null(j);
	assert_int_equal(offers_add(o, j), 0);
	json_free(j);
}

#define TOOL(name)                                                             \
	"{\"name\":\"" name "\",\"inputSchema\":{\"type\":\"object\"}}"

static void
tools_are_taken_or_counted(void **state)
{
	struct offers o = {.server = "s"};
	int err;
	struct json *none = json_parse("{}", 2, 2, &err);

	(void)state;
	assert_int_not_equal(offers_add(&o, none), 0);
	json_free(none);
	offers_named(&o, false, "c");
	list(&o, "{\"tools\":[" TOOL("a") "," TOOL("b") "," TOOL("c") "]}");
	list(&o, "{\"tools\":[" TOOL("a") ",{\"name\":\"d\"},7]}");
	assert_int_equal(o.n, 2);
	assert_int_equal(o.left_out, 3);
	assert_string_equal(o.v[1].tool, "b");
	offers_fini(&o);

	o.server = "s";
	offers_named(&o, true, "b");
	list(&o, "{\"tools\":[" TOOL("a") "," TOOL("b") "]}");
	assert_int_equal(o.n, 1);
	assert_int_equal(o.left_out, 0);
	offers_fini(&o);
}

static void
results_are_text(void **state)
{
	static const struct {
		const char *json, *text;
		bool ok;
	} rows[] = {
	    {"{\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
	     "{\"type\":\"text\",\"text\":\"b\"}]}",
		"a\nb", true},
	    {"{\"content\":[{\"type\":\"text\",\"text\":\"no\"}],"
	     "\"isError\":true}",
		"no", false},
	    {"{\"content\":[],\"structuredContent\":{\"a\":1}}", "{\"a\":1}",
		true},
	    {"{\"content\":[{\"type\":\"image\",\"data\":\"AA==\","
	     "\"mimeType\":\"image/png\"}]}",
		"[image image/png, not shown]", true},
	    {"{\"content\":[{\"type\":\"resource\",\"resource\":"
	     "{\"uri\":\"x:\",\"text\":\"t\"}},"
	     "{\"type\":\"resource_link\",\"uri\":\"y:\"}]}",
		"t\n[resource: y:]", true},
	    {"{\"content\":\"x\"}", "", true},
	    {"{}", "", true},
	};
	struct json *j;
	struct buf out;
	size_t i;
	int err;

	(void)state;
	buf_init(&out, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&out);
		j = json_parse(
		    rows[i].json, strlen(rows[i].json), 1 << 20, &err);
		assert_int_equal(offer_result(&out, j), rows[i].ok);
		assert_string_equal(
		    out.len == 0 ? "" : buf_cstr(&out), rows[i].text);
		json_free(j);
	}
	buf_fini(&out);
}

/* The conversation. */

static struct {
	struct loop *loop;
	struct server *server;
	struct offers offers;
	int in, out; /* the server's ends */
	bool ready;
	char ended[128];
	char answers[512]; /* "CALL HOW TEXT;" each */
} t;

static void
on_ready(void *arg)
{
	(void)arg;
	t.ready = true;
}

static void
on_answered(void *arg, uint32_t call, enum mcp_how how, struct bytes text)
{
	size_t n = strlen(t.answers);

	(void)arg;
	(void)snprintf(t.answers + n, sizeof(t.answers) - n, "%u %d %.*s;",
	    call, how, (int)text.len, (const char *)text.p);
}

static void
on_ended(void *arg, const char *why)
{
	(void)arg;
	(void)strlcpy(t.ended, why, sizeof(t.ended));
}

static const struct server_ops ops = {on_ready, on_answered, on_ended};

static int
setup(void **state)
{
	int to[2], from[2];

	(void)state;
	memset(&t, 0, sizeof(t));
	if (fd_pair(to) != 0 || fd_pair(from) != 0)
		return -1;
	t.loop = loop_new();
	t.in = to[0];
	t.out = from[1];
	t.offers.server = "s";
	t.server = server_new(t.loop, from[0], to[1], &t.offers, &ops, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	server_free(t.server);
	offers_fini(&t.offers);
	loop_free(t.loop);
	fd_close(&t.in);
	fd_close(&t.out);
	return 0;
}

static void
turn(int n)
{
	while (n-- > 0)
		(void)loop_once(t.loop, 20);
}

static void
say(const char *line)
{
	assert_int_equal(
	    write(t.out, line, strlen(line)), (ssize_t)strlen(line));
	turn(2);
}

/* What we have said since, all of it. */
static const char *
heard(void)
{
	static char text[65536];
	ssize_t n;

	turn(1);
	n = read(t.in, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
begin(void)
{
	server_begin(t.server, 60000);
	assert_non_null(strstr(heard(), "\"method\":\"initialize\""));
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":"
	    "\"2025-06-18\",\"serverInfo\":{\"name\":\"n\","
	    "\"version\":\"1\"}}}\n");
	assert_non_null(strstr(heard(), "\"method\":\"tools/list\""));
	say("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[" TOOL(
	    "a") "]}}\n");
	assert_true(t.ready);
	assert_string_equal(server_says(t.server), "n 1");
}

static void
a_call_and_its_answer(void **state)
{
	(void)state;
	begin();
	server_call(t.server, 7, "a", bytes_of("{\"x\":1}"), 60000);
	assert_non_null(strstr(heard(),
	    "\"method\":\"tools/call\",\"params\":{\"name\":\"a\","
	    "\"arguments\":{\"x\":1}}"));
	say("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n");
	assert_string_equal(t.answers, "");
	say("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":"
	    "[{\"type\":\"text\",\"text\":\"hi\"}]}}\n");
	assert_string_equal(t.answers, "7 0 hi;");
	say("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n");
	assert_string_equal(t.answers, "7 0 hi;");
}

static void
a_call_that_is_given_up(void **state)
{
	(void)state;
	begin();
	server_call(t.server, 7, "a", bytes_of("{}"), 60000);
	server_cancel(t.server, 7);
	assert_string_equal(t.answers, "7 3 ;");
	assert_non_null(
	    strstr(heard(), "\"method\":\"notifications/cancelled\",\"params\":"
			    "{\"requestId\":3}"));
	server_call(t.server, 8, "a", bytes_of("{}"), 1);
	turn(3);
	assert_string_equal(t.answers, "7 3 ;8 2 ;");
}

static void
calls_when_it_ends(void **state)
{
	(void)state;
	begin();
	server_call(t.server, 7, "a", bytes_of("{}"), 60000);
	fd_close(&t.out);
	turn(2);
	assert_string_equal(t.answers, "7 4 it has ended;");
	assert_string_equal(t.ended, "it has ended");
	server_call(t.server, 8, "a", bytes_of("{}"), 60000);
	assert_non_null(strstr(t.answers, "8 1 the server takes no calls;"));
}

static void
calls_beyond_the_limit(void **state)
{
	uint32_t i;

	(void)state;
	begin();
	for (i = 0; i < SERVER_CALLS_MAX; i++)
		server_call(t.server, i, "a", bytes_of("{}"), 60000);
	assert_string_equal(t.answers, "");
	server_call(t.server, i, "a", bytes_of("{}"), 60000);
	assert_non_null(strstr(t.answers, "32 1 too many"));
}

static void
a_revision_that_is_not_known(void **state)
{
	(void)state;
	server_begin(t.server, 60000);
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":"
	    "\"1999-01-01\"}}\n");
	assert_non_null(strstr(t.ended, "no revision"));
	assert_false(t.ready);
}

static void
a_start_that_takes_too_long(void **state)
{
	(void)state;
	server_begin(t.server, 1);
	turn(3);
	assert_string_equal(t.ended, "it was not ready within 0.001 s");
}

/* It cannot have us wait for it to read what it asks for. */
static void
requests_that_are_not_read(void **state)
{
	static char line[65536];
	int i;

	(void)state;
	begin();
	(void)snprintf(line, sizeof(line),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"%060000d\",\"method\":\"ping\"}\n",
	    7);
	for (i = 0; i < 60 && t.ended[0] == '\0'; i++) {
		if (write(t.out, line, strlen(line)) == -1)
			break;
		turn(2);
	}
	assert_string_equal(t.ended, "it does not read what it is sent");
}

int
main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_told_apart),
	    cmocka_unit_test(an_answer_repeats_the_id),
	    cmocka_unit_test(names_are_plain_and_differ),
	    cmocka_unit_test(tools_are_taken_or_counted),
	    cmocka_unit_test(results_are_text),
	    TEST(a_call_and_its_answer),
	    TEST(a_call_that_is_given_up),
	    TEST(calls_when_it_ends),
	    TEST(calls_beyond_the_limit),
	    TEST(a_revision_that_is_not_known),
	    TEST(a_start_that_takes_too_long),
	    TEST(requests_that_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
