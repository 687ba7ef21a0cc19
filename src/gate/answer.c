/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: what the model and the front are told about a call. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define ANSWER_MAX    (24u * 1024 * 1024) /* bytes of one RESULT, images too */
#define INLINE_MAX    60000               /* beyond, it travels as a memfd */
#define LIST_BYTES    24000               /* of names in one BEGIN or DONE */
#define DENIALS_SHOWN 1500                /* bytes of denials for the model */

/* A list within what a frame takes; what does not fit is left out. */
static struct msg_list
list_of(char *const *v, size_t n, size_t max)
{
	struct msg_list l = {.v = xcalloc(n + 1, sizeof(struct bytes))};
	size_t bytes = 0;

	while (l.n < n && l.n < max && bytes < LIST_BYTES) {
		l.v[l.n] = bytes_of(v[l.n]);
		bytes += l.v[l.n].len + 4;
		if (bytes < LIST_BYTES)
			l.n++;
	}
	return l;
}

/* Every word, or the frame is too long and nobody is asked: what is shown is
 * what will run. */
static struct msg_list
list_whole(char *const *v, size_t n)
{
	struct msg_list l = {.v = xcalloc(n + 1, sizeof(struct bytes))};

	for (; l.n < n; l.n++)
		l.v[l.n] = bytes_of(v[l.n]);
	return l;
}

/* A list out of lines. */
static struct msg_list
list_lines(struct bytes text, size_t max)
{
	struct msg_list l = {.v = xcalloc(max, sizeof(struct bytes))};
	const uint8_t *nl;

	if (text.len > LIST_BYTES)
		text.len = LIST_BYTES;
	while (text.len > 0 && l.n < max) {
		nl = memchr(text.p, '\n', text.len);
		if (nl == NULL)
			break;
		l.v[l.n].p = text.p;
		l.v[l.n++].len = (size_t)(nl - text.p);
		text.len -= (size_t)(nl + 1 - text.p);
		text.p = nl + 1;
	}
	return l;
}

enum result_status
answer_status(const struct call *c)
{
	if (c->state == CALL_REFUSED)
		return c->cancelled ? RESULT_CANCELLED : RESULT_REFUSED;
	/* A patch may have been past the point where it can be undone. */
	if (c->exit.how == EXIT_STATUS && c->exit.status == 0 &&
	    (!c->cancelled || c->tool == TOOL_PATCH))
		return RESULT_OK;
	if (c->cancelled)
		return RESULT_CANCELLED;
	if (c->exit.how == EXIT_NOSTART)
		return RESULT_ERROR;
	return RESULT_FAILED;
}

/* As a shell would give it. */
static int
exit_code(const struct call *c)
{
	int st = (int)c->exit.status;

	if (c->exit.how == EXIT_NOTFOUND)
		return 127;
	if (c->exit.how == EXIT_NOEXEC)
		return 126;
	if (c->exit.how == EXIT_TIMEOUT)
		return 124;
	return WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
}

/* What people are shown: of a file tool its name for the model instead of the
 * program that we run for it. */
static struct msg_list
shown_argv(const struct subject *s)
{
	struct msg_list l = list_of(s->argv, s->argc, 1024);

	if (s->file_tool && l.n >= 2) {
		l.v[1] = bytes_of(s->tool);
		memmove(l.v, l.v + 1, --l.n * sizeof(*l.v));
	}
	return l;
}

void
answer_begin(struct gate *g, struct call *c)
{
	struct msg_begin m = {
	    .call = bytes_of(c->ident == NULL ? "" : c->ident),
	    .tool = (uint8_t)c->tool,
	    .argv = shown_argv(&c->subject),
	    .cwd = bytes_of(c->tool == TOOL_PATCH    ? g->cwd
			    : c->subject.cwd == NULL ? ""
						     : c->subject.cwd),
	    .changes = list_of(c->changes, c->nchanges, 2048),
	    .verdict = (uint8_t)c->verdict,
	    .outside = judge_outside(&g->judge, &c->subject) &&
		       c->subject.widen == NULL,
	    .rule = bytes_of(c->decision.rule),
	    .seq = c->seq,
	    .patch = c->tool == TOOL_PATCH ? c->input_fd : -1,
	};

	if (!c->own && !c->begun)
		(void)gate_send(g, ROLE_UI, c->id, MSG_BEGIN, &m);
	c->begun = true;
	free(m.argv.v);
	free(m.changes.v);
}

void
answer_done(struct gate *g, struct call *c, enum result_status status,
    const char *reason)
{
	struct bytes denials = {buf_data(&c->denials), c->denials.len};
	bool changed = status == RESULT_OK;
	struct msg_done m = {
	    .status = (uint8_t)status,
	    .exit = (uint32_t)exit_code(c) << 8,
	    .wall_us = (clock_mono_ns() - c->started) / 1000,
	    .bytes = c->output.total,
	    .seq = c->seq,
	    .denials = list_lines(denials, 256),
	    .changes = list_of(c->changes, changed ? c->nchanges : 0, 2048),
	    .asked = c->questions,
	};

	if (reason == NULL)
		reason = c->error == NULL ? "" : c->error;
	m.reason = bytes_of(reason);
	if (m.reason.len > 2000)
		m.reason.len = 2000;
	if (!c->own && c->begun)
		(void)gate_send(g, ROLE_UI, c->id, MSG_DONE, &m);
	free(m.denials.v);
	free(m.changes.v);
}

static void
send_result(struct gate *g, uint32_t id, enum result_status status,
    const struct buf *text, const char *mime, uint64_t seq)
{
	struct msg_result m = {
	    .status = (uint8_t)status,
	    .whole = -1,
	    .mime = bytes_of(mime),
	    .seq = seq,
	};

	if (g->cell_gone)
		return;
	if (text->len <= INLINE_MAX && *mime == '\0')
		m.text = (struct bytes){buf_data(text), text->len};
	else
		m.whole = fd_memfd("result", buf_data(text), text->len);
	(void)gate_send(g, ROLE_MODEL, id, MSG_RESULT, &m);
	fd_close(&m.whole);
}

void
call_answer(
    struct gate *g, uint32_t id, enum result_status status, const char *text)
{
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	(void)buf_adds(&b, text);
	send_result(g, id, status, &b, "", 0);
	buf_fini(&b);
}

static double
seconds_since(uint64_t ns)
{
	return (double)(clock_mono_ns() - ns) / 1e9;
}

/* How it ended, where the exit code alone does not say. */
static const char *
end_remark(const struct call *c)
{
	static const char *const remarks[] = {
	    [EXIT_STATUS] = NULL,
	    [EXIT_NOTFOUND] = "the program was not found",
	    [EXIT_NOEXEC] = "the program could not be executed",
	    [EXIT_NOSTART] = "the command could not be started",
	    [EXIT_TIMEOUT] = "ended: the time limit was reached",
	    [EXIT_MEMORY] = "ended: the memory limit was reached",
	    [EXIT_PROCS] = "ended: the process limit was reached",
	    [EXIT_FSIZE] = "ended: the file size limit was reached",
	    [EXIT_KILLED] = "ended: it was stopped",
	    [EXIT_OUTPUT] = "ended: too much output",
	};

	return remarks[c->exit.how];
}

static void
add_remarks(struct buf *b, const struct call *c)
{
	const char *remark = end_remark(c);
	size_t n = c->denials.len;

	if (remark != NULL)
		(void)buf_addf(b, "[cordon: %s%s%s]\n", remark,
		    c->error == NULL ? "" : ": ",
		    c->error == NULL ? "" : c->error);
	if (c->subject.widen != NULL)
		(void)buf_addf(b,
		    "[cordon: run again, where it may write %s, too]\n",
		    c->subject.widen);
	if (n == 0)
		return;
	if (n > DENIALS_SHOWN)
		n = DENIALS_SHOWN;
	(void)buf_adds(b, "[cordon: denied by the sandbox]\n");
	(void)buf_add(b, buf_data(&c->denials), n);
}

/* The text of exec_command and write_stdin. */
static void
add_chunk(struct buf *b, const struct call *to, struct call *from, bool ended)
{
	(void)buf_addf(b, "Chunk ID: %06x\nWall time: %.4f seconds\n",
	    arc4random() & 0xffffff, seconds_since(to->looked));
	if (ended)
		(void)buf_addf(
		    b, "Process exited with code %d\n", exit_code(from));
	else
		(void)buf_addf(
		    b, "Process running with session ID %u\n", from->session);
	(void)buf_addf(b, "Original token count: %" PRIu64 "\nOutput:\n",
	    output_tokens(from->output.bytes));
	output_format(&from->output, to->tokens, b);
	if (ended)
		add_remarks(b, from);
	output_clear(&from->output);
}

void
answer_chunk(struct gate *g, struct call *to, struct call *from)
{
	bool ended;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	if (to->cancelled || from == NULL) {
		(void)buf_adds(&b,
		    from == NULL ? "write_stdin failed: the process has ended"
				 : "cancelled");
		send_result(g, to->id,
		    from == NULL ? RESULT_ERROR : RESULT_CANCELLED, &b, "",
		    to->seq);
	} else {
		ended = from->state == CALL_RESULT;
		add_chunk(&b, to, from, ended);
		send_result(g, to->id, ended ? answer_status(from) : RESULT_OK,
		    &b, "", to->seq);
	}
	buf_fini(&b);
}

static void
add_patch_answer(struct buf *b, const struct call *c)
{
	bool ok = answer_status(c) == RESULT_OK;

	if (c->shell_form)
		(void)buf_addf(b, "Wall time: %.4f seconds\nOutput:\n",
		    seconds_since(c->started));
	if (ok)
		(void)buf_addf(b,
		    "Exit code: 0\nWall time: %.1f seconds\nOutput:\n",
		    seconds_since(c->started));
	output_kept(&c->output, b);
	if (c->left_out != NULL)
		(void)buf_addf(
		    b, "[cordon: left out, since refused: %s]\n", c->left_out);
	if (!ok)
		add_remarks(b, c);
}

/* The image tool's first line is "TYPE WIDTH HEIGHT LENGTH". */
static bool
split_image(struct buf *b, char *mime, size_t size)
{
	const uint8_t *nl = memchr(buf_data(b), '\n', b->len);
	const uint8_t *sp;

	if (nl == NULL)
		return false;
	sp = memchr(buf_data(b), ' ', (size_t)(nl - buf_data(b)));
	if (sp == NULL ||
	    bytes_copy(mime, size,
		(struct bytes){buf_data(b), (size_t)(sp - buf_data(b))}) != 0)
		return false;
	buf_drain(b, (size_t)(nl + 1 - buf_data(b)));
	return true;
}

/* What our own calls were for. */
static void
answer_own(struct gate *g, struct call *c)
{
	bool looked = c->tool == TOOL_IMAGE || c->tool == TOOL_READ;
	char mime[64] = "";
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	if (answer_status(c) == RESULT_OK || looked)
		output_kept(&c->output, &b);
	if (c->tool == TOOL_IMAGE)
		(void)split_image(&b, mime, sizeof(mime));
	if (looked)
		person_look_done(g, c, mime, &b);
	else if (c->tool == TOOL_CONTEXT)
		own_context_done(g, &b);
	else if (c->tool == TOOL_CHANGED)
		changes_done(g, c, &b);
	else if (c->tool == TOOL_FILES)
		own_files_done(g, &b);
	else if (c->tool == TOOL_CONNECT)
		connect_refuse(g, c);
	else if (c->tool == TOOL_SERVER)
		mcp_over(g, c);
	else
		own_digest_done(g, c, &b);
	buf_fini(&b);
}

void
answer_result(struct gate *g, struct call *c)
{
	enum result_status status = answer_status(c);
	char mime[64] = "";
	struct buf b;

	if (c->own) {
		answer_own(g, c);
		return;
	}
	if (c->user || c->first != NULL)
		return;
	buf_init(&b, ANSWER_MAX);
	switch (c->tool) {
	case TOOL_PATCH:
		add_patch_answer(&b, c);
		break;
	case TOOL_IMAGE:
		output_kept(&c->output, &b);
		if (status == RESULT_OK && !split_image(&b, mime, sizeof(mime)))
			status = RESULT_FAILED;
		break;
	case TOOL_READ:
	case TOOL_LIST:
	case TOOL_GREP:
	case TOOL_MCP:
		output_format(&c->output, c->tokens, &b);
		add_remarks(&b, c);
		break;
	case TOOL_EXEC:
	case TOOL_ARGV:
	case TOOL_STDIN:
	case TOOL_CONTEXT:
	case TOOL_USER:
	case TOOL_DIGEST:
	case TOOL_CHANGED:
	case TOOL_FILES:
	case TOOL_CONNECT:
	case TOOL_SERVER:
	case TOOL_COUNT:
		add_chunk(&b, c, c, true);
		break;
	}
	send_result(g, c->id, status, &b, mime, c->seq);
	buf_fini(&b);
}

void
answer_refused(struct gate *g, struct call *c)
{
	enum result_status status = answer_status(c);
	struct buf b;

	answer_begin(g, c);
	answer_done(g, c, status, c->decision.why);
	if (c->own) {
		answer_own(g, c);
		return;
	}
	if (c->user || c->first != NULL)
		return;
	buf_init(&b, ANSWER_MAX);
	if (status == RESULT_CANCELLED)
		(void)buf_adds(&b, c->decision.why);
	else if (c->tool == TOOL_PATCH)
		(void)buf_addf(&b, "patch rejected: %s", c->decision.why);
	else
		(void)buf_addf(&b, "rejected: %s", c->decision.why);
	if (c->decision.rule[0] != '\0')
		(void)buf_addf(&b, " (rule %s)", c->decision.rule);
	send_result(g, c->id, status, &b, "", c->seq);
	buf_fini(&b);
}

/* The hosts that a yes gives: that of a connection, or those that the rule
 * names which has the command asked about. */
static struct msg_list
asked_hosts(const struct call *c)
{
	const struct rule *r = c->decision.said.rule;

	if (c->tool == TOOL_CONNECT)
		return list_of(c->subject.argv, 1, 1);
	if (c->decision.grant.net != SPEC_NET_PROXY || r == NULL)
		return list_of(NULL, 0, 0);
	return list_of(r->net.v, r->net.n, 64);
}

/* What a yes for the session would be, where that is not exactly this. */
static void
asked_scope(const struct call *c, char *scope, size_t size)
{
	const struct subject *s = &c->subject;

	if (s->widen != NULL && strlen(s->widen) < size / 2)
		(void)snprintf(scope, size,
		    "run again what cannot write below %s, where it can",
		    s->widen);
	if (c->tool == TOOL_CONNECT)
		(void)snprintf(scope, size,
		    "connect to %s, whatever command wants it", s->argv[0]);
	if (c->tool == TOOL_MCP)
		(void)snprintf(
		    scope, size, "call %s, with whatever arguments", s->mcp);
}

int
answer_ask(struct call *c, struct chan *whom)
{
	static const enum ask_what what[TOOL_COUNT] = {
	    [TOOL_EXEC] = ASK_EXEC,
	    [TOOL_ARGV] = ASK_EXEC,
	    [TOOL_PATCH] = ASK_PATCH,
	    [TOOL_READ] = ASK_READ,
	    [TOOL_LIST] = ASK_READ,
	    [TOOL_GREP] = ASK_READ,
	    [TOOL_IMAGE] = ASK_READ,
	    [TOOL_USER] = ASK_EXEC,
	    [TOOL_CONNECT] = ASK_NET,
	    [TOOL_SERVER] = ASK_EXEC,
	    [TOOL_MCP] = ASK_TOOL,
	};
	bool connect = c->tool == TOOL_CONNECT;
	/* Of a connection, the command that wants it is shown. */
	const struct subject *s = connect ? &c->target->subject : &c->subject;
	const struct decision *d = &c->decision;
	char scope[512] = "";
	struct msg_ask m = {
	    .what = (uint8_t)(s->widen != NULL ? ASK_WRITE
			      : s->escalate    ? ASK_ESCALATE
					       : what[c->tool]),
	    .argv = list_whole(s->argv, s->argc),
	    .cwd = bytes_of(s->cwd),
	    .writes = list_of(s->writes, s->nwrites, 256),
	    .reads = list_of(s->reads, s->nreads, 256),
	    .hosts = asked_hosts(c),
	    .links = links_list(connect ? c->target : c),
	    .rule = bytes_of(d->rule),
	    .rule_file = bytes_of(d->file),
	    .rule_line = d->line,
	    .why = bytes_of(d->why),
	    .words = bytes_of(s->words == NULL ? "" : s->words),
	    .hash = {c->hash, sizeof(c->hash)},
	    .granted = c->granted,
	    .patch = c->input_fd,
	};
	char *top = widen_top(gate_self(), c);
	int r;

	if (top != NULL)
		m.top = bytes_of(top);
	asked_scope(c, scope, sizeof(scope));
	m.scope = bytes_of(scope);
	if (m.words.len > 2000)
		m.words.len = 2000;
	r = whom == NULL ? ERR_EOF : chan_send(whom, c->id, MSG_ASK, &m);
	free(m.argv.v);
	free(m.writes.v);
	free(m.reads.v);
	free(m.hosts.v);
	free(m.links.v);
	free(top);
	return r;
}
