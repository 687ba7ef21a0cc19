/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode json: one event a line on standard output, in the shapes that
 * programs written for `codex exec --json` read.  What is ours alone rides
 * in an object "cordon", which they ignore.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/jsonchk.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/exec.h"

#define EVENT_MAX   (256u * 1024 * 1024) /* bytes of a line but its texts */
#define EVENT_PIECE 65536u /* bytes of a text that are escaped at once */

/* The todo_list of the turn; updated in place, completed with the turn. */
static struct {
	bool open;
	unsigned item;
	struct buf items; /* its JSON array */
} todo;

struct event {
	struct buf line; /* what is not written yet */
	struct jsonw w;
	int err; /* the first of writing */
};

static void
event_open(struct event *ev, const char *type)
{
	ev->err = 0;
	buf_init(&ev->line, EVENT_MAX);
	jsonw_init(&ev->w, &ev->line);
	jsonw_object(&ev->w);
	jsonw_kstr(&ev->w, "type", type);
}

static void
event_write(struct event *ev)
{
	if (ev->err == 0)
		ev->err = fd_write_all(
		    STDOUT_FILENO, buf_data(&ev->line), ev->line.len);
	buf_clear(&ev->line);
}

/* A long text is written as it is escaped: it is in memory only once. */
static void
event_text(
    struct front *f, struct event *ev, const char *name, struct bytes text)
{
	size_t n;

	jsonw_name(&ev->w, name);
	jsonw_raw(&ev->w, "\"", 1);
	for (; text.len > 0; text.p += n, text.len -= n) {
		n = text.len;
		if (n > EVENT_PIECE)
			n = utf8_complete(text.p, EVENT_PIECE);
		(void)jsonw_escape(&ev->line, text.p, n);
		if (n < text.len)
			event_write(ev);
		exec_shown(f, text.p, n);
	}
	(void)buf_addc(&ev->line, '"');
}

static void
event_send(struct front *f, struct event *ev)
{
	jsonw_end(&ev->w);
	(void)buf_addc(&ev->line, '\n');
	event_write(ev);
	if (ev->err != 0) {
		exec_unwritten(f);
		front_exit(f, EX_IOERR);
	}
	buf_fini(&ev->line);
}

static void
item_open(struct event *ev, const char *event, unsigned n, const char *type)
{
	char id[32];

	event_open(ev, event);
	(void)str_fmt(id, sizeof(id), "item_%u", n);
	jsonw_name(&ev->w, "item");
	jsonw_object(&ev->w);
	jsonw_kstr(&ev->w, "id", id);
	jsonw_kstr(&ev->w, "type", type);
}

static void
item_send(struct front *f, struct event *ev)
{
	jsonw_end(&ev->w);
	event_send(f, ev);
}

static void
json_error(struct front *f, const char *text)
{
	struct event ev;

	event_open(&ev, "error");
	jsonw_kstr(&ev.w, "message", text);
	event_send(f, &ev);
}

static void
json_message(struct front *f, enum item_kind kind, const char *text, size_t len)
{
	static const struct {
		const char *type, *field;
	} shapes[] = {
	    [ITEM_MESSAGE] = {"agent_message", "text"},
	    [ITEM_REASONING] = {"reasoning", "text"},
	    [ITEM_WEB_SEARCH] = {"web_search", "query"},
	    [ITEM_WARNING] = {"error", "message"},
	};
	struct exec *e = exec_of(f);
	struct event ev;

	if ((size_t)kind >= sizeof(shapes) / sizeof(shapes[0]) ||
	    shapes[kind].type == NULL)
		return;
	item_open(&ev, "item.completed", e->next_item++, shapes[kind].type);
	event_text(f, &ev, shapes[kind].field,
	    (struct bytes){(const uint8_t *)text, len});
	item_send(f, &ev);
}

/* What a decision rested on: of no concern to other programs' readers. */
static void
add_own(struct event *ev, const struct exec_call *c, uint64_t seq,
    struct bytes reason)
{
	static const char *const verdicts[] = {
	    [VERDICT_ALLOW] = "allow",
	    [VERDICT_ASK] = "ask",
	    [VERDICT_FORBID] = "forbid",
	    [VERDICT_APPROVED] = "approved",
	};

	jsonw_name(&ev->w, "cordon");
	jsonw_object(&ev->w);
	jsonw_kstr(&ev->w, "decision", verdicts[c->verdict]);
	if (c->rule[0] != '\0')
		jsonw_kstr(&ev->w, "rule", c->rule);
	jsonw_ku64(&ev->w, "seq", seq);
	if (reason.len > 0)
		jsonw_kstrn(&ev->w, "reason", reason);
	jsonw_end(&ev->w);
}

static void
add_path(struct event *ev, const char *name, const char *cwd, const char *path)
{
	char *whole =
	    *path == '/' ? xstrdup(path) : xasprintf("%s/%s", cwd, path);

	jsonw_kstr(&ev->w, name, whole);
	free(whole);
}

/* A file that is moved is updated, in one; where to is a fact of ours. */
static void
add_changes(struct event *ev, const struct exec_call *c)
{
	const char *s, *kind;
	size_t i;

	jsonw_name(&ev->w, "changes");
	jsonw_array(&ev->w);
	for (i = 0; i < c->nchanges; i++) {
		s = c->changes[i];
		kind = *s == 'A' ? "add" : *s == 'D' ? "delete" : "update";
		jsonw_object(&ev->w);
		add_path(ev, "path", c->cwd, s + 2);
		jsonw_kstr(&ev->w, "kind", kind);
		if (*s == 'R' && i + 1 < c->nchanges) {
			jsonw_name(&ev->w, "cordon");
			jsonw_object(&ev->w);
			add_path(ev, "moved_to", c->cwd, c->changes[++i] + 2);
			jsonw_end(&ev->w);
		}
		jsonw_end(&ev->w);
	}
	jsonw_end(&ev->w);
}

/* What other programs' readers have no item for stays out of their way. */
static bool
silent(const struct exec_call *c)
{
	return c->tool == TOOL_STDIN || c->tool == TOOL_IMAGE ||
	       c->tool == TOOL_CONTEXT;
}

static bool
is_mcp(const struct exec_call *c)
{
	return c->tool == TOOL_MCP && c->tool_name != NULL;
}

/* Tools without an item of their own are commands of ours. */
static const char *
call_type(const struct exec_call *c)
{
	return c->tool == TOOL_PATCH ? "file_change"
	       : is_mcp(c)           ? "mcp_tool_call"
				     : "command_execution";
}

/* SERVER/TOOL, and the arguments as the JSON that they are. */
static void
add_mcp_call(struct event *ev, const struct exec_call *c)
{
	size_t n = strcspn(c->tool_name, "/"), len = strlen(c->arguments);

	jsonw_name(&ev->w, "server");
	jsonw_strn(&ev->w, c->tool_name, n);
	jsonw_kstr(&ev->w, "tool", c->tool_name + n + (c->tool_name[n] != 0));
	jsonw_name(&ev->w, "arguments");
	if (jsonchk_object((const uint8_t *)c->arguments, len))
		jsonw_raw(&ev->w, c->arguments, len);
	else
		jsonw_str(&ev->w, c->arguments);
}

/* What the model was told the server has answered, or why there is none. */
static void
add_mcp_result(struct front *f, struct event *ev, const struct exec_call *c,
    const struct msg_done *m)
{
	bool answered = m != NULL && m->reason.len == 0 &&
			(m->status == RESULT_OK || m->status == RESULT_FAILED);

	jsonw_name(&ev->w, "result");
	if (answered) {
		jsonw_object(&ev->w);
		jsonw_name(&ev->w, "content");
		jsonw_array(&ev->w);
		jsonw_object(&ev->w);
		jsonw_kstr(&ev->w, "type", "text");
		event_text(f, ev, "text",
		    (struct bytes){buf_data(&c->output), c->output.len});
		jsonw_end(&ev->w);
		jsonw_end(&ev->w);
		jsonw_name(&ev->w, "structured_content");
		jsonw_null(&ev->w);
		jsonw_end(&ev->w);
	} else
		jsonw_null(&ev->w);
	jsonw_name(&ev->w, "error");
	if (answered || m == NULL) {
		jsonw_null(&ev->w);
		return;
	}
	jsonw_object(&ev->w);
	jsonw_kstrn(&ev->w, "message",
	    m->reason.len > 0 ? m->reason : bytes_of("it was cancelled"));
	jsonw_end(&ev->w);
}

static void
call_event(struct front *f, struct exec_call *c, const struct msg_done *m,
    const char *status)
{
	struct bytes output = {buf_data(&c->output), c->output.len};
	struct bytes reason = {NULL, 0};
	struct event ev;

	item_open(&ev, m == NULL ? "item.started" : "item.completed", c->item,
	    call_type(c));
	if (c->tool == TOOL_PATCH) {
		add_changes(&ev, c);
	} else if (is_mcp(c)) {
		add_mcp_call(&ev, c);
		add_mcp_result(f, &ev, c, m);
	} else {
		jsonw_kstr(&ev.w, "command", c->command);
		if (m != NULL && m->status == RESULT_ERROR)
			output = m->reason;
		event_text(f, &ev, "aggregated_output", output);
		jsonw_name(&ev.w, "exit_code");
		if (m == NULL)
			jsonw_null(&ev.w);
		else if (m->status == RESULT_ERROR ||
			 m->status == RESULT_REFUSED)
			jsonw_i64(&ev.w, -1); /* it was not started */
		else
			jsonw_i64(&ev.w, exec_exit_code(m->exit));
	}
	jsonw_kstr(&ev.w, "status", status);
	if (m != NULL)
		reason = m->reason;
	add_own(&ev, c, m == NULL ? c->seq : m->seq, reason);
	item_send(f, &ev);
}

static void
json_begun(struct front *f, struct exec_call *c)
{
	if (silent(c))
		return;
	c->item = exec_of(f)->next_item++;
	call_event(f, c, NULL, "in_progress");
}

static void
json_done(struct front *f, struct exec_call *c, const struct msg_done *m)
{
	static const char *const words[] = {
	    [RESULT_OK] = "completed",
	    [RESULT_FAILED] = "failed",
	    [RESULT_REFUSED] = "declined",
	    [RESULT_CANCELLED] = "failed",
	    [RESULT_ERROR] = "failed",
	};
	const char *status = words[m->status];

	/* Neither knows "declined". */
	if ((c->tool == TOOL_PATCH || is_mcp(c)) && m->status == RESULT_REFUSED)
		status = "failed";
	if (!silent(c))
		call_event(f, c, m, status);
}

static void
todo_event(struct front *f, const char *event)
{
	struct event ev;

	item_open(&ev, event, todo.item, "todo_list");
	jsonw_name(&ev.w, "items");
	jsonw_raw(&ev.w, buf_data(&todo.items), todo.items.len);
	item_send(f, &ev);
}

static int
json_plan(struct front *f, uint32_t id, struct msg_plan *m)
{
	struct exec *e = exec_of(f);
	bool first = !todo.open;
	struct jsonw w;
	size_t i;

	(void)id;
	if (first) {
		buf_init(&todo.items, MSG_FRAME_MAX * 8);
		todo.item = e->next_item++;
		todo.open = true;
	}
	buf_clear(&todo.items);
	jsonw_init(&w, &todo.items);
	jsonw_array(&w);
	for (i = 0; i < m->steps.n; i++) {
		jsonw_object(&w);
		jsonw_kstrn(&w, "text", m->steps.v[i]);
		jsonw_kbool(&w, "completed",
		    i < m->states.n && bytes_is(m->states.v[i], "completed"));
		jsonw_end(&w);
	}
	jsonw_end(&w);
	todo_event(f, first ? "item.started" : "item.updated");
	return 0;
}

/* What a person is told at the end. */
static void
add_summary(struct event *ev, const struct exec *e)
{
	static const char *const kinds[] = {
	    ['A'] = "add", ['D'] = "delete", ['M'] = "update"};
	size_t i;

	jsonw_name(&ev->w, "cordon");
	jsonw_object(&ev->w);
	jsonw_ku64(&ev->w, "calls", e->ncalls);
	jsonw_ku64(&ev->w, "refused", e->refused);
	jsonw_ku64(&ev->w, "asked", e->asked);
	jsonw_ku64(&ev->w, "cost_microusd", e->usage.cost_microusd);
	jsonw_name(&ev->w, "files");
	jsonw_array(&ev->w);
	for (i = 0; i < e->nfiles; i++) {
		const struct exec_file *file = &e->files[i];

		jsonw_object(&ev->w);
		jsonw_name(&ev->w, "path");
		jsonw_bytes(&ev->w, file->path, strlen(file->path));
		jsonw_kstr(&ev->w, "kind", kinds[(unsigned char)file->kind]);
		jsonw_kbool(&ev->w, "runs_later", toolchain_runs(file->path));
		jsonw_end(&ev->w);
	}
	jsonw_end(&ev->w);
	jsonw_end(&ev->w);
}

static void
json_completed(struct front *f)
{
	const struct msg_usage *u = &exec_of(f)->usage;
	struct event ev;

	event_open(&ev, "turn.completed");
	jsonw_name(&ev.w, "usage");
	jsonw_object(&ev.w);
	jsonw_ku64(&ev.w, "input_tokens", u->input);
	jsonw_ku64(&ev.w, "cached_input_tokens", u->cached);
	jsonw_ku64(&ev.w, "cache_write_input_tokens", u->cache_write);
	jsonw_ku64(&ev.w, "output_tokens", u->output);
	jsonw_ku64(&ev.w, "reasoning_output_tokens", u->reasoning);
	jsonw_end(&ev.w);
	add_summary(&ev, exec_of(f));
	event_send(f, &ev);
}

static void
json_over(struct front *f, enum turn_phase phase)
{
	struct exec *e = exec_of(f);
	struct event ev;

	if (todo.open)
		todo_event(f, "item.completed");
	todo.open = false;
	if (phase == TURN_COMPLETED) {
		json_completed(f);
		return;
	}
	json_error(f, e->error);
	event_open(&ev, "turn.failed");
	jsonw_name(&ev.w, "error");
	jsonw_object(&ev.w);
	jsonw_kstr(&ev.w, "message", e->error);
	jsonw_end(&ev.w);
	add_summary(&ev, e);
	event_send(f, &ev);
}

static const struct exec_ops json_ops = {
    .begun = json_begun,
    .done = json_done,
    .message = json_message,
    .failing = json_error,
    .over = json_over,
};

static int
json_start(struct front *f)
{
	struct event ev;

	event_open(&ev, "thread.started");
	jsonw_kstr(&ev.w, "thread_id", f->proc.session);
	event_send(f, &ev);
	event_open(&ev, "turn.started");
	event_send(f, &ev);
	return exec_start(f);
}

static void
json_lost(struct front *f, enum role peer)
{
	exec_lost(f, &json_ops, peer);
}

static int
json_item(struct front *f, uint32_t id, struct msg_item *m)
{
	(void)id;
	return exec_item(f, &json_ops, m);
}

static int
json_turn(struct front *f, uint32_t id, struct msg_turn *m)
{
	(void)id;
	return exec_turn(f, &json_ops, m);
}

static int
json_fail(struct front *f, uint32_t id, struct msg_fail *m)
{
	(void)id;
	return exec_fail(f, &json_ops, m);
}

static int
json_begin(struct front *f, uint32_t id, struct msg_begin *m)
{
	return exec_begin(f, &json_ops, id, m);
}

static int
json_end(struct front *f, uint32_t id, struct msg_done *m)
{
	return exec_done(f, &json_ops, id, m);
}

static int
json_server(struct front *f, uint32_t id, struct msg_server *m)
{
	(void)id;
	return exec_server(f, &json_ops, m);
}

const struct front_mode front_json = {
    .name = "json",
    .conf = exec_conf,
    .start = json_start,
    .stop = exec_stop,
    .lost = json_lost,
    .item = json_item,
    .plan = json_plan,
    .usage = exec_usage,
    .turn = json_turn,
    .fail = json_fail,
    .question = exec_question,
    .ask = exec_ask,
    .begin = json_begin,
    .output = exec_output,
    .changed = exec_changed,
    .server = json_server,
    .done = json_end,
};
