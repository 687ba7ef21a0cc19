/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: from the JSON arguments of a call to a typed frame for gate.
 *
 * Nothing in an argument widens anything: they are words and numbers of what
 * is wished for, and gate judges the wish.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "json/json.h"
#include "model/model.h"
#include "model/tools.h"

#define ARGS_MAX      (16u << 20) /* bytes of a call's arguments */
#define ARGV_MAX      1024
#define QUESTIONS_MAX 3
#define OPTIONS_MAX   16
#define PLAN_MAX      200

struct toolargs {
	struct model *m;
	uint32_t id;
	struct bytes call; /* the provider's id */
	struct bytes raw;  /* of a freeform call */
	const char *name;  /* of the tool */
	const struct json *j;
	struct buf *out; /* an answer of ours */
};

static uint32_t
arg_u32(const struct json *j, const char *name)
{
	int64_t n = json_number(json_member(j, name));

	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static struct bytes
arg_text(const struct json *j, const char *name)
{
	return json_text(json_member(j, name));
}

static enum toolcall
complain(struct toolargs *t, const char *why)
{
	(void)buf_addf(t->out, "failed to parse function arguments: %s", why);
	return TOOLCALL_ANSWER;
}

static enum toolcall
missing(struct toolargs *t, const char *name)
{
	char why[64];

	(void)snprintf(why, sizeof(why), "missing field `%s`", name);
	return complain(t, why);
}

static enum toolcall
sent(struct toolargs *t, enum msg_type type, const void *msg)
{
	struct chan *gate = t->m->proc.peers[ROLE_GATE];
	int r = gate == NULL ? ERR_EOF : chan_send(gate, t->id, type, msg);

	if (r == 0)
		return TOOLCALL_SENT;
	if (r == ERR_RANGE || r == ERR_SPACE || r == ERR_UTF8)
		return complain(t, "an argument is too long");
	return complain(t, err_str(r));
}

static enum toolcall
call_exec(struct toolargs *t)
{
	const struct json *login = json_member(t->j, "login");
	struct msg_call_exec m = {.call = t->call,
	    .cmd = arg_text(t->j, "cmd"),
	    .workdir = arg_text(t->j, "workdir"),
	    .shell = arg_text(t->j, "shell"),
	    .login = login == NULL || json_bool(login),
	    .tty = json_bool(json_member(t->j, "tty")),
	    .yield_ms = arg_u32(t->j, "yield_time_ms"),
	    .max_tokens = arg_u32(t->j, "max_output_tokens"),
	    .escalate =
		json_is(t->j, "sandbox_permissions", "require_escalated"),
	    .reason = arg_text(t->j, "justification")};

	if (m.cmd.len == 0)
		return missing(t, "cmd");
	if (m.max_tokens == 0)
		m.max_tokens = (uint32_t)t->m->settings.output_tokens;
	return sent(t, MSG_CALL_EXEC, &m);
}

/* The shape of older models: a list of words, no shell of ours. */
static enum toolcall
call_shell(struct toolargs *t)
{
	const struct json *words = json_member(t->j, "command");
	struct bytes argv[ARGV_MAX];
	struct msg_call_argv m = {.call = t->call,
	    .workdir = arg_text(t->j, "workdir"),
	    .timeout_ms = arg_u32(t->j, "timeout_ms"),
	    .escalate =
		json_is(t->j, "sandbox_permissions", "require_escalated"),
	    .reason = arg_text(t->j, "justification")};
	size_t i, n = json_length(words);

	if (json_kind(words) != JSON_T_ARRAY || n == 0 || n > ARGV_MAX)
		return missing(t, "command");
	for (i = 0; i < n; i++)
		argv[i] = json_text(json_item(words, i));
	m.argv = (struct msg_list){(uint32_t)n, argv};
	return sent(t, MSG_CALL_ARGV, &m);
}

static enum toolcall
call_stdin(struct toolargs *t)
{
	struct msg_call_stdin m = {.call = t->call,
	    .session = arg_u32(t->j, "session_id"),
	    .chars = arg_text(t->j, "chars"),
	    .yield_ms = arg_u32(t->j, "yield_time_ms"),
	    .max_tokens = arg_u32(t->j, "max_output_tokens")};

	if (json_member(t->j, "session_id") == NULL)
		return missing(t, "session_id");
	if (m.max_tokens == 0)
		m.max_tokens = (uint32_t)t->m->settings.output_tokens;
	return sent(t, MSG_CALL_STDIN, &m);
}

static enum toolcall
call_patch(struct toolargs *t)
{
	struct bytes patch =
	    t->raw.p != NULL ? t->raw : arg_text(t->j, "input");
	struct msg_call_patch m = {.call = t->call, .patch = -1};
	enum toolcall r;

	if (patch.len == 0)
		return missing(t, "input");
	m.patch = fd_memfd("patch", patch.p, patch.len);
	if (m.patch < 0)
		return complain(t, "the patch cannot be passed on");
	r = sent(t, MSG_CALL_PATCH, &m);
	fd_close(&m.patch);
	return r;
}

static enum toolcall
call_read(struct toolargs *t)
{
	struct msg_call_read m = {.call = t->call,
	    .path = arg_text(t->j, "path"),
	    .offset = arg_u32(t->j, "offset"),
	    .limit = arg_u32(t->j, "limit")};

	if (m.path.len == 0)
		return missing(t, "path");
	return sent(t, MSG_CALL_READ, &m);
}

static enum toolcall
call_list(struct toolargs *t)
{
	struct msg_call_list m = {.call = t->call,
	    .path = arg_text(t->j, "path"),
	    .depth = arg_u32(t->j, "depth"),
	    .offset = arg_u32(t->j, "offset"),
	    .limit = arg_u32(t->j, "limit")};

	if (m.path.len == 0)
		m.path = bytes_of(".");
	return sent(t, MSG_CALL_LIST, &m);
}

static enum toolcall
call_grep(struct toolargs *t)
{
	struct msg_call_grep m = {.call = t->call,
	    .pattern = arg_text(t->j, "pattern"),
	    .path = arg_text(t->j, "path"),
	    .glob = arg_text(t->j, "glob"),
	    .limit = arg_u32(t->j, "limit")};

	if (m.pattern.len == 0)
		return missing(t, "pattern");
	if (m.path.len == 0)
		m.path = bytes_of(".");
	return sent(t, MSG_CALL_GREP, &m);
}

static enum toolcall
call_image(struct toolargs *t)
{
	struct msg_call_image m = {
	    .call = t->call, .path = arg_text(t->j, "path")};

	if (m.path.len == 0)
		return missing(t, "path");
	return sent(t, MSG_CALL_IMAGE, &m);
}

/* A tool of an MCP server: what its arguments mean is that one's business. */
static enum toolcall
call_mcp(struct toolargs *t)
{
	struct msg_call_mcp m = {.call = t->call, .name = bytes_of(t->name)};
	enum toolcall r;
	struct buf b;

	buf_init(&b, ARGS_MAX);
	(void)json_write(&b, t->j);
	m.arguments = (struct bytes){buf_data(&b), b.len};
	r = sent(t, MSG_CALL_MCP, &m);
	buf_fini(&b);
	return r;
}

/* The plan is shown to the person and answered at once. */
static enum toolcall
call_plan(struct toolargs *t)
{
	const struct json *plan = json_member(t->j, "plan"), *step;
	struct bytes steps[PLAN_MAX], states[PLAN_MAX];
	struct msg_plan m = {
	    .item = t->id, .explanation = arg_text(t->j, "explanation")};
	size_t i, n = json_length(plan);

	if (json_kind(plan) != JSON_T_ARRAY || n > PLAN_MAX)
		return missing(t, "plan");
	for (i = 0; i < n; i++) {
		step = json_item(plan, i);
		steps[i] = arg_text(step, "step");
		states[i] = arg_text(step, "status");
	}
	m.steps = (struct msg_list){(uint32_t)n, steps};
	m.states = (struct msg_list){(uint32_t)n, states};
	if (t->m->proc.peers[ROLE_UI] != NULL)
		(void)chan_send(t->m->proc.peers[ROLE_UI], 0, MSG_PLAN, &m);
	(void)buf_adds(t->out, "Plan updated");
	return TOOLCALL_ANSWER;
}

static void
question_send(struct toolargs *t, const struct json *q)
{
	const struct json *options = json_member(q, "options");
	struct bytes labels[OPTIONS_MAX], texts[OPTIONS_MAX];
	struct msg_question m = {.id = arg_text(q, "id"),
	    .header = arg_text(q, "header"),
	    .question = arg_text(q, "question")};
	size_t i, n = json_length(options);

	if (n > OPTIONS_MAX)
		n = OPTIONS_MAX;
	for (i = 0; i < n; i++) {
		labels[i] = arg_text(json_item(options, i), "label");
		texts[i] = arg_text(json_item(options, i), "description");
	}
	m.labels = (struct msg_list){(uint32_t)n, labels};
	m.descriptions = (struct msg_list){(uint32_t)n, texts};
	(void)chan_send(t->m->proc.peers[ROLE_UI], t->id, MSG_QUESTION, &m);
}

static enum toolcall
call_question(struct toolargs *t)
{
	const struct json *questions = json_member(t->j, "questions");
	struct model_call *c = results_find(t->m, t->id);
	size_t i, n = json_length(questions);

	if (json_kind(questions) != JSON_T_ARRAY || n == 0 || n > QUESTIONS_MAX)
		return complain(t, "give one to three questions");
	if (t->m->settings.headless || t->m->proc.peers[ROLE_UI] == NULL) {
		(void)buf_adds(t->out, "request_user_input is unavailable: "
				       "nobody is there to answer");
		return TOOLCALL_ANSWER;
	}
	c->questions = (uint32_t)n;
	for (i = 0; i < n; i++)
		question_send(t, json_item(questions, i));
	return TOOLCALL_ASKED;
}

struct toolcall_row {
	const char *name;
	enum toolcall (*run)(struct toolargs *t);
};

static const struct toolcall_row rows[] = {{"exec_command", call_exec},
    {"shell_command", call_exec}, {"shell", call_shell},
    {"local_shell", call_shell}, {"write_stdin", call_stdin},
    {"apply_patch", call_patch}, {"read_file", call_read},
    {"list_dir", call_list}, {"grep", call_grep}, {"view_image", call_image},
    {"update_plan", call_plan}, {"request_user_input", call_question}};

static enum toolcall
toolcall_run(
    struct toolargs *t, const struct toolcall_row *row, struct bytes args)
{
	struct json *j;
	enum toolcall r;
	int err;

	if (t->raw.p != NULL)
		return row->run(t);
	if (args.len == 0) /* as some call what needs no arguments */
		args = bytes_of("{}");
	j = json_parse(args.p, args.len, ARGS_MAX, &err);
	if (j == NULL || json_kind(j) != JSON_T_OBJECT) {
		json_free(j);
		return complain(t, "not a JSON object");
	}
	t->j = j;
	r = row->run(t);
	json_free(j);
	return r;
}

enum toolcall
toolcall_send(
    struct model *m, uint32_t id, const struct json *item, struct buf *out)
{
	bool custom = json_is(item, "type", "custom_tool_call");
	struct toolargs t = {
	    .m = m, .id = id, .call = arg_text(item, "call_id"), .out = out};
	static const struct toolcall_row mcp = {NULL, call_mcp};
	const char *name = json_str(item, "name");
	size_t i;

	t.name = name;
	if (custom)
		t.raw = arg_text(item, "input");
	else if (str_starts(name, "mcp__"))
		return toolcall_run(&t, &mcp, arg_text(item, "arguments"));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0 &&
		    (!custom || strcmp(name, "apply_patch") == 0))
			return toolcall_run(
			    &t, &rows[i], arg_text(item, "arguments"));
	(void)buf_addf(out, "unsupported %scall: %.100s",
	    custom ? "custom tool " : "", name);
	return TOOLCALL_ANSWER;
}
