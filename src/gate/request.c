/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: the requests of the model, each turned into a subject for the
 * policy.
 *
 * A field of a request says what to run and where to begin; none says with
 * which rights.  Those follow from the policy alone.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "patch/patch.h"
#include "shell/classify.h"

#include "gate/gate.h"

#define CMD_MAX      49152 /* bytes of one command line */
#define YIELD_MS     10000 /* unless the model says */
#define YIELD_MIN_MS 250
#define YIELD_MAX_MS 30000
#define POLL_MS      5000
#define POLL_MAX_MS  300000

/* FNV-1a, never 0. */
static uint64_t
hash_of(struct bytes b)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < b.len; i++)
		h = (h ^ b.p[i]) * 1099511628211u;
	return h == 0 ? 1 : h;
}

/* A provider's call id that was seen before is not carried out again. */
static bool
seen(struct gate *g, struct bytes ident)
{
	uint64_t h = hash_of(ident);
	size_t i;

	for (i = 0; i < g->nids && i < GATE_IDS_MAX; i++)
		if (g->ids[i] == h)
			return true;
	if (g->ids == NULL)
		g->ids = xcalloc(GATE_IDS_MAX, sizeof(*g->ids));
	g->ids[g->nids++ % GATE_IDS_MAX] = h;
	return false;
}

struct call *
request_new(
    struct gate *g, enum tool tool, uint32_t id, struct bytes ident, int *err)
{
	struct call *c;

	*err = 0;
	if (id == 0 || id >= GATE_OWN_IDS || call_find(g, id) != NULL) {
		*err = ERR_STATE;
		return NULL;
	}
	if (g->lost || g->stopping) {
		call_answer(g, id, RESULT_ERROR,
		    g->lost ? "nothing runs any more: the audit log cannot be "
			      "written"
			    : "the session ends");
		return NULL;
	}
	if (ident.len > 0 && seen(g, ident)) {
		call_answer(
		    g, id, RESULT_ERROR, "this call id was carried out before");
		return NULL;
	}
	c = call_new(g, tool, id);
	if (c == NULL) {
		call_answer(g, id, RESULT_ERROR,
		    "too many commands run; end some with write_stdin "
		    "(\\u0003) first");
		return NULL;
	}
	c->ident = xstrndup((const char *)ident.p, ident.len);
	return c;
}

int
request_bad(struct gate *g, struct call *c, const char *why)
{
	call_answer(g, c->id, RESULT_ERROR, why);
	call_free(g, c);
	return 0;
}

bool
request_cwd(struct gate *g, struct call *c, struct bytes workdir)
{
	c->subject.cwd =
	    workdir.len == 0 ? xstrdup(g->cwd) : subject_path(g->cwd, workdir);
	return c->subject.cwd != NULL;
}

static uint32_t
within(uint32_t n, uint32_t unset, uint32_t min, uint32_t max)
{
	if (n == 0)
		n = unset;
	return n < min ? min : n > max ? max : n;
}

static void
set_tokens(struct call *c, uint32_t tokens)
{
	c->tokens = within(tokens, OUTPUT_TOKENS, 1, OUTPUT_TOKENS_MAX);
}

static void
set_words(struct call *c, struct bytes words)
{
	if (words.len > 0)
		c->subject.words = xstrndup((const char *)words.p, words.len);
}

/* The program of a file tool. */
void
request_tool(struct gate *g, struct call *c, const char *tool)
{
	c->subject.file_tool = true;
	subject_args(&c->subject, g->tool);
	subject_args(&c->subject, tool);
}

/* Of our own: all of the session's folder, by the program's word for it. */
void
request_tree(struct gate *g, struct call *c)
{
	subject_read(&c->subject, g->cwd);
	request_tool(g, c, c->subject.tool);
}

void
request_number(struct call *c, const char *option, uint64_t n)
{
	char text[24];

	if (n == 0)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	subject_args(&c->subject, option);
	subject_args(&c->subject, text);
}

/* Commands. */

static bool
is_command(struct bytes cmd)
{
	return cmd.len > 0 && cmd.len <= CMD_MAX &&
	       memchr(cmd.p, '\0', cmd.len) == NULL;
}

static char *
shell_path(struct gate *g, struct bytes shell)
{
	if (shell.len == 0)
		return xstrdup(g->shell);
	if (memchr(shell.p, '/', shell.len) != NULL)
		return subject_path("/", shell);
	return xasprintf("/bin/%.*s", (int)shell.len, (const char *)shell.p);
}

/* A patch that comes as a command line is a patch all the same. */
static bool
is_patch(struct gate *g, struct call *c, struct bytes cmd, struct bytes workdir)
{
	struct bytes text;

	if (!patch_in_command(cmd, &text))
		return false;
	c->shell_form = true;
	(void)patches_request(g, c, text, workdir);
	return true;
}

static int
request_exec(struct gate *g, struct call *c, const struct msg_call_exec *m)
{
	struct subject *s = &c->subject;
	char *shell;

	if (!is_command(m->cmd))
		return request_bad(g, c,
		    "exec_command failed: cmd is empty, holds NUL or is over "
		    "48 KiB; put a long script into a file");
	if (m->escalate && m->tty && !g->judge.danger)
		return request_bad(g, c,
		    "exec_command failed: outside the sandbox there is no "
		    "tty: what is typed into it would not be approved");
	if (!m->escalate && is_patch(g, c, m->cmd, m->workdir))
		return 0;
	shell = shell_path(g, m->shell);
	if (shell == NULL || !request_cwd(g, c, m->workdir)) {
		free(shell);
		return request_bad(
		    g, c, "exec_command failed: workdir or shell is no path");
	}
	subject_args(s, shell);
	subject_args(s, m->login ? "-lc" : "-c");
	subject_arg(s, m->cmd);
	free(shell);
	/* Judged as a line of bash only where bash or sh reads it: what the
	 * model names may be any program. */
	if (shell_line((const char *const *)s->argv, s->argc) != NULL)
		s->line = xstrndup((const char *)m->cmd.p, m->cmd.len);
	s->tty = m->tty;
	s->escalate = m->escalate;
	set_words(c, m->reason);
	set_tokens(c, m->max_tokens);
	c->yield_ms = within(m->yield_ms, YIELD_MS, YIELD_MIN_MS, YIELD_MAX_MS);
	call_go(g, c);
	return 0;
}

static int
on_exec(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_call_exec *m = msg;
	struct call *c;
	int err;

	(void)ch;
	c = request_new(g, TOOL_EXEC, id, m->call, &err);
	return c == NULL ? err : request_exec(g, c, m);
}

static int
on_argv(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_call_argv *m = msg;
	struct call *c;
	size_t i;
	int err;

	(void)ch;
	c = request_new(g, TOOL_ARGV, id, m->call, &err);
	if (c == NULL)
		return err;
	if (m->argv.n == 0 || !request_cwd(g, c, m->workdir))
		return request_bad(g, c,
		    "shell failed: command is empty or workdir is no path");
	for (i = 0; i < m->argv.n; i++) {
		if (memchr(m->argv.v[i].p, '\0', m->argv.v[i].len) != NULL)
			return request_bad(g, c, "shell failed: NUL in argv");
		subject_arg(&c->subject, m->argv.v[i]);
	}
	if (m->argv.n == 2 && bytes_is(m->argv.v[0], "apply_patch")) {
		subject_fini(&c->subject);
		return patches_request(g, c, m->argv.v[1], m->workdir);
	}
	c->subject.escalate = m->escalate;
	set_words(c, m->reason);
	c->limit_ms = m->timeout_ms;
	call_go(g, c);
	return 0;
}

static int
on_stdin(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_call_stdin *m = msg;
	struct call *c, *target = call_session(g, m->session);
	char why[64];
	int err;

	(void)ch;
	c = request_new(g, TOOL_STDIN, id, m->call, &err);
	if (c == NULL)
		return err;
	if (target == NULL) {
		(void)snprintf(why, sizeof(why),
		    "write_stdin failed: Unknown process id %u", m->session);
		return request_bad(g, c, why);
	}
	if (m->chars.len > 0 && target->in == -1)
		return request_bad(g, c,
		    "write_stdin failed: stdin is closed for this session; "
		    "rerun exec_command with tty=true to keep stdin open");
	c->target = target;
	c->chars = xmemdup(m->chars.p, m->chars.len);
	c->chars_len = m->chars.len;
	set_tokens(c, m->max_tokens);
	if (m->chars.len > 0)
		c->yield_ms = within(
		    m->yield_ms, YIELD_MIN_MS, YIELD_MIN_MS, YIELD_MAX_MS);
	else
		c->yield_ms =
		    within(m->yield_ms, POLL_MS, YIELD_MIN_MS, POLL_MAX_MS);
	call_go(g, c);
	return 0;
}

/* Reading tools. */

/* As the session sees a path: from its folder, ~ being home.  NULL if it is
 * none; owned. */
static char *
request_place(const struct gate *g, struct bytes path)
{
	if (g->judge.home != NULL && path.len >= 2 && path.p[0] == '~' &&
	    path.p[1] == '/') /* as a shell would have it */
		return subject_path(
		    g->judge.home, (struct bytes){path.p + 2, path.len - 2});
	return subject_path(g->cwd, path.len == 0 ? bytes_of(".") : path);
}

int
request_reading(struct gate *g, struct call *c, const struct reading *r)
{
	struct subject *s = &c->subject;
	char *path = request_place(g, r->path);
	size_t i;

	if (path == NULL)
		return ERR_FORMAT;
	if (s->cwd == NULL)
		s->cwd = xstrdup(g->cwd);
	subject_read(s, path);
	request_tool(g, c, r->word);
	for (i = 0; i < READING_NUMBERS && r->numbers[i].option != NULL; i++)
		request_number(c, r->numbers[i].option, r->numbers[i].n);
	if (r->glob.len > 0) {
		subject_args(s, "-g");
		subject_arg(s, r->glob);
	}
	if (c->tool != TOOL_IMAGE)
		subject_args(s, "--");
	else
		c->output.head.cap = IMAGE_BYTES_MAX;
	if (c->tool == TOOL_GREP)
		subject_arg(s, r->pattern);
	subject_args(s, c->tool == TOOL_GREP && r->path.len == 0 ? "." : path);
	free(path);
	call_go(g, c);
	return 0;
}

static int
read_for_model(struct gate *g, enum tool tool, uint32_t id, struct bytes ident,
    const struct reading *r)
{
	int err;
	struct call *c = request_new(g, tool, id, ident, &err);

	if (c == NULL)
		return err;
	return request_reading(g, c, r) == 0
		   ? 0
		   : request_bad(g, c, "path is no path");
}

static int
on_read(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_call_read *m = msg;

	(void)ch;
	return read_for_model(arg, TOOL_READ, id, m->call,
	    &(struct reading){.word = "read",
		.path = m->path,
		.numbers = {{"-o", m->offset}, {"-n", m->limit}}});
}

static int
on_list(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_call_list *m = msg;

	(void)ch;
	return read_for_model(arg, TOOL_LIST, id, m->call,
	    &(struct reading){.word = "list",
		.path = m->path,
		.numbers = {
		    {"-d", m->depth}, {"-o", m->offset}, {"-n", m->limit}}});
}

static int
on_grep(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_call_grep *m = msg;

	(void)ch;
	return read_for_model(arg, TOOL_GREP, id, m->call,
	    &(struct reading){.word = "grep",
		.path = m->path,
		.numbers = {{"-n", m->limit}},
		.glob = m->glob,
		.pattern = m->pattern});
}

static int
on_image(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_call_image *m = msg;

	(void)ch;
	return read_for_model(arg, TOOL_IMAGE, id, m->call,
	    &(struct reading){.word = "image", .path = m->path});
}

static int
on_cancel(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct call *c = call_find(g, id);

	(void)ch;
	(void)msg;
	/* Its RESULT may have been on the way already. */
	if (c != NULL && !c->answered)
		(void)call_event(g, c, EV_CANCEL);
	return 0;
}

const struct chan_handler gate_from_model[] = {{MSG_CALL_EXEC, on_exec},
    {MSG_CALL_ARGV, on_argv}, {MSG_CALL_STDIN, on_stdin},
    {MSG_CALL_PATCH, patches_on_call}, {MSG_CALL_READ, on_read},
    {MSG_CALL_LIST, on_list}, {MSG_CALL_GREP, on_grep},
    {MSG_CALL_IMAGE, on_image}, {MSG_CALL_MCP, mcp_on_call},
    {MSG_CANCEL, on_cancel}, {0, NULL}};

/* The front's. */

static int
on_interrupt(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)ch;
	(void)id;
	(void)msg;
	call_stop_all(arg);
	return 0;
}

/* A command of the person's own: in the cell like any other. */
static int
on_user_exec(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_user_exec *m = msg;
	struct call *c;

	(void)ch;
	(void)id;
	if (!is_command(m->cmd))
		return ERR_LENGTH;
	c = call_new(g, TOOL_USER, g->next_own++);
	if (c == NULL)
		return 0;
	c->user = true;
	c->subject.cwd = xstrdup(g->cwd);
	subject_args(&c->subject, g->shell);
	subject_args(&c->subject, "-lc");
	subject_arg(&c->subject, m->cmd);
	c->subject.line = xstrndup((const char *)m->cmd.p, m->cmd.len);
	call_go(g, c);
	return 0;
}

const struct chan_handler gate_from_front[] = {{MSG_ANSWER, approve_on_answer},
    {MSG_INTERRUPT, on_interrupt}, {MSG_GRANTS, approve_on_grants},
    {MSG_USER_EXEC, on_user_exec}, {MSG_CHANGES, changes_on_ask},
    {MSG_FILES, own_on_files}, {MSG_LOOK, person_on_look},
    {MSG_TOOLS, person_on_tools}, {MSG_SERVERS, mcp_on_servers}, {0, NULL}};
