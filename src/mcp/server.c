/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Mcp: the conversation with a server.
 *
 * The other side is hostile until proved otherwise: a line has a length that
 * it may have, what nobody asked for is counted, each wait has an end, and
 * what a server says of its tools counts once.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"

#include "mcp/rpc.h"
#include "mcp/server.h"

#define PIECE      65536      /* bytes of one read */
#define READS_MAX  4          /* before others get their turn */
#define OUT_MAX    (1u << 20) /* bytes that a server has not read yet */
#define TEXT_MAX   (4u << 20) /* bytes of a result */
#define LINES_MAX  4096       /* in LINES_MS */
#define LINES_MS   10000
#define PAGES_MAX  64          /* of the list of tools */
#define PARAMS_MAX (128 << 10) /* bytes of what a request says */
#define SAYS_SIZE  200

/* Revisions of the protocol that we speak, the newest first: that one we ask
 * for, and take any. */
static const char *const revisions[] = {
    "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", NULL};

enum phase { WAITING, GREETING, LISTING, SERVING, OVER };

/* A call that has no answer yet. */
struct open_call {
	struct server *server; /* borrowed */
	int64_t id;            /* of the request; 0: the slot is free */
	uint32_t call;
	int timer;
};

struct server {
	struct loop *loop; /* borrowed, as are the next four */
	struct offers *offers;
	const struct server_ops *ops;
	void *arg;
	int in, out; /* owned; -1 */
	enum phase phase;
	struct buf input, output;
	size_t looked;          /* bytes of input without a newline */
	int64_t next_id, asked; /* asked: of our own request, not of a call */
	uint64_t counted;       /* since when, monotonic ms */
	unsigned lines, pages;
	uint32_t startup_ms;
	int timer;
	char says[SAYS_SIZE];
	struct open_call calls[SERVER_CALLS_MAX];
};

struct server *
server_new(struct loop *loop, int in, int out, struct offers *offers,
    const struct server_ops *ops, void *arg)
{
	struct server *s = xcalloc(1, sizeof(*s));
	size_t i;

	*s = (struct server){.loop = loop,
	    .offers = offers,
	    .ops = ops,
	    .arg = arg,
	    .in = in,
	    .out = out};
	for (i = 0; i < SERVER_CALLS_MAX; i++)
		s->calls[i].server = s;
	buf_init(&s->input, RPC_LINE_MAX + PIECE);
	buf_init(&s->output, OUT_MAX);
	return s;
}

static void
hang_up(struct server *s)
{
	if (s->in != -1)
		loop_fd_del(s->loop, s->in);
	if (s->out != -1)
		loop_fd_del(s->loop, s->out);
	fd_close(&s->in);
	fd_close(&s->out);
	if (s->timer > 0)
		loop_timer_del(s->loop, s->timer);
	s->timer = 0;
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	hang_up(s);
	buf_fini(&s->input);
	buf_fini(&s->output);
	free(s);
}

const char *
server_says(const struct server *s)
{
	return s->says;
}

/* The call's slot is free before anybody hears of it. */
static void
settle(struct open_call *c, enum mcp_how how, struct bytes text)
{
	struct server *s = c->server;

	if (c->timer > 0)
		loop_timer_del(s->loop, c->timer);
	c->timer = 0;
	c->id = 0;
	s->ops->answered(s->arg, c->call, how, text);
}

static void
server_over(struct server *s, const char *why)
{
	size_t i;

	if (s->phase == OVER)
		return;
	s->phase = OVER;
	for (i = 0; i < SERVER_CALLS_MAX; i++)
		if (s->calls[i].id != 0)
			settle(&s->calls[i], MCP_ENDED, bytes_of(why));
	/* First the reason, or the server's own end is heard of before. */
	s->ops->ended(s->arg, why);
	hang_up(s);
}

/* Sending. */

static void flush(struct server *s);

static void
on_writable(void *arg, int fd, short events)
{
	(void)fd;
	(void)events;
	flush(arg);
}

static void
flush(struct server *s)
{
	ssize_t n;

	if (buf_err(&s->output) != 0) {
		server_over(s, "it does not read what it is sent");
		return;
	}
	while (s->phase != OVER && s->output.len > 0) {
		n = write(s->out, buf_data(&s->output), s->output.len);
		if (n > 0)
			buf_drain(&s->output, (size_t)n);
		else if (n == -1 && errno == EAGAIN) {
			(void)loop_fd(s->loop, s->out, POLLOUT, on_writable, s);
			return;
		} else if (errno != EINTR)
			server_over(s, "it has ended");
	}
	if (s->phase != OVER)
		loop_fd_del(s->loop, s->out);
}

/* A request of our own, of which one is open at a time. */
static void
ask(struct server *s, const char *method, struct bytes params)
{
	s->asked = ++s->next_id;
	(void)rpc_request(&s->output, s->asked, method, params);
	flush(s);
}

static void
greet(struct server *s)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, PARAMS_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "protocolVersion", revisions[0]);
	jsonw_name(&w, "capabilities");
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_name(&w, "clientInfo");
	jsonw_object(&w);
	jsonw_kstr(&w, "name", "cordon");
	jsonw_kstr(&w, "version", PACKAGE_VERSION);
	jsonw_end(&w);
	jsonw_end(&w);
	s->phase = GREETING;
	ask(s, "initialize", (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
}

static void
list(struct server *s, struct bytes cursor)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, PARAMS_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	if (cursor.len > 0)
		jsonw_kstrn(&w, "cursor", cursor);
	jsonw_end(&w);
	s->phase = LISTING;
	if (buf_err(&b) != 0 || ++s->pages > PAGES_MAX)
		server_over(s, "its list of tools has no end");
	else
		ask(s, "tools/list", (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
}

/* Receiving. */

static void
greeted(struct server *s, const struct json *result)
{
	const struct json *info = json_member(result, "serverInfo");
	const char *revision = json_str(result, "protocolVersion");
	size_t i;

	for (i = 0; revisions[i] != NULL; i++)
		if (strcmp(revisions[i], revision) == 0)
			break;
	if (revisions[i] == NULL) {
		server_over(s, "it speaks no revision of MCP that we know");
		return;
	}
	(void)snprintf(s->says, sizeof(s->says), "%.100s %.60s",
	    json_str(info, "name"), json_str(info, "version"));
	(void)rpc_notice(&s->output, "notifications/initialized", bytes_of(""));
	list(s, bytes_of(""));
}

static void
listed(struct server *s, const struct json *result)
{
	struct bytes cursor = json_text(json_member(result, "nextCursor"));

	if (offers_add(s->offers, result) != 0) {
		server_over(s, "it lists no tools");
		return;
	}
	if (cursor.len > 0) {
		list(s, cursor);
		return;
	}
	s->phase = SERVING;
	loop_timer_del(s->loop, s->timer);
	s->timer = 0;
	s->ops->ready(s->arg);
}

/* To what we asked ourselves. */
static void
on_own_answer(struct server *s, const struct rpc *r)
{
	s->asked = 0;
	if (r->error != NULL && s->phase == GREETING)
		server_over(s, "it refuses to be initialized");
	else if (r->error != NULL)
		server_over(s, "it refuses to list its tools");
	else if (s->phase == GREETING)
		greeted(s, r->result);
	else if (s->phase == LISTING)
		listed(s, r->result);
}

static void
on_call_answer(struct open_call *c, const struct rpc *r)
{
	enum mcp_how how = MCP_FAILED;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	if (r->error != NULL)
		(void)buf_addf(&text, "%.4000s", json_str(r->error, "message"));
	else if (offer_result(&text, r->result))
		how = MCP_OK;
	settle(c, how, (struct bytes){buf_data(&text), text.len});
	buf_fini(&text);
}

static void
on_answer(struct server *s, const struct rpc *r)
{
	size_t i;

	if (s->asked != 0 && r->number == s->asked) {
		on_own_answer(s, r);
		return;
	}
	for (i = 0; i < SERVER_CALLS_MAX; i++)
		if (s->calls[i].id != 0 && s->calls[i].id == r->number) {
			on_call_answer(&s->calls[i], r);
			return;
		}
}

/* Every line counts, since an answer to each call is but one. */
static bool
too_many(struct server *s)
{
	uint64_t now = clock_mono_ms();

	if (now - s->counted > LINES_MS) {
		s->counted = now;
		s->lines = 0;
	}
	return ++s->lines > LINES_MAX;
}

static void
on_line(struct server *s, struct bytes line)
{
	struct rpc r;

	if (too_many(s)) {
		server_over(s, "it says too much at once");
		return;
	}
	rpc_read(&r, line);
	if (r.kind == RPC_ANSWER)
		on_answer(s, &r);
	else if (r.kind == RPC_REQUEST) {
		(void)rpc_answer(&s->output, &r, strcmp(r.method, "ping") == 0);
		flush(s);
	}
	rpc_fini(&r);
}

static void
on_input(struct server *s)
{
	const uint8_t *nl;
	size_t n;

	while (s->phase != OVER) {
		nl = memchr(buf_data(&s->input) + s->looked, '\n',
		    s->input.len - s->looked);
		if (nl == NULL)
			break;
		n = (size_t)(nl - buf_data(&s->input));
		if (n > 0)
			on_line(s, (struct bytes){buf_data(&s->input), n});
		buf_drain(&s->input, n + 1);
		s->looked = 0;
	}
	s->looked = s->input.len;
	if (s->looked > RPC_LINE_MAX)
		server_over(s, "a line of it is longer than 4 MiB");
}

static void
on_readable(void *arg, int fd, short events)
{
	struct server *s = arg;
	uint8_t *room;
	ssize_t n;
	int i;

	(void)events;
	for (i = 0; i < READS_MAX && s->phase != OVER; i++) {
		room = buf_reserve(&s->input, PIECE);
		n = room == NULL ? 0 : read(fd, room, PIECE);
		if (n > 0) {
			buf_commit(&s->input, (size_t)n);
			on_input(s);
		} else if (n == -1 && errno == EAGAIN)
			return;
		else if (n != -1 || errno != EINTR)
			server_over(s, "it has ended");
	}
}

static void
on_startup_time(void *arg)
{
	struct server *s = arg;
	char why[64];

	s->timer = 0;
	(void)snprintf(why, sizeof(why), "it was not ready within %g s",
	    (double)s->startup_ms / 1000);
	server_over(s, why);
}

void
server_begin(struct server *s, uint32_t startup_ms)
{
	s->startup_ms = startup_ms;
	s->timer = loop_timer(s->loop, startup_ms, on_startup_time, s);
	if (loop_fd(s->loop, s->in, POLLIN, on_readable, s) != 0)
		server_over(s, "it cannot be listened to");
	else
		greet(s);
}

/* Calls. */

/* The server is told not to go on with it. */
static void
give_up(struct open_call *c, enum mcp_how how)
{
	struct server *s = c->server;
	char params[64];

	(void)snprintf(
	    params, sizeof(params), "{\"requestId\":%lld}", (long long)c->id);
	(void)rpc_notice(
	    &s->output, "notifications/cancelled", bytes_of(params));
	settle(c, how, bytes_of(""));
	flush(s);
}

static void
on_call_time(void *arg)
{
	struct open_call *c = arg;

	c->timer = 0;
	give_up(c, MCP_TIMEOUT);
}

void
server_call(struct server *s, uint32_t call, const char *tool,
    struct bytes arguments, uint32_t ms)
{
	struct open_call *c = s->calls;
	struct jsonw w;
	struct buf b;

	while (c < s->calls + SERVER_CALLS_MAX && c->id != 0)
		c++;
	if (s->phase != SERVING || c == s->calls + SERVER_CALLS_MAX) {
		s->ops->answered(s->arg, call, MCP_FAILED,
		    bytes_of(s->phase != SERVING
				 ? "the server takes no calls"
				 : "too many calls of it are open"));
		return;
	}
	buf_init(&b, PARAMS_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "name", tool);
	jsonw_name(&w, "arguments");
	jsonw_raw(&w, arguments.p, arguments.len);
	jsonw_end(&w);
	c->id = ++s->next_id;
	c->call = call;
	c->timer = loop_timer(s->loop, ms, on_call_time, c);
	(void)rpc_request(&s->output, c->id, "tools/call",
	    (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	flush(s);
}

void
server_cancel(struct server *s, uint32_t call)
{
	size_t i;

	for (i = 0; i < SERVER_CALLS_MAX; i++)
		if (s->calls[i].id != 0 && s->calls[i].call == call)
			give_up(&s->calls[i], MCP_CANCELLED);
}
