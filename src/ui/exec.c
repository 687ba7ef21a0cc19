/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, headless: what plain and JSON output have in common.
 *
 * One prompt is sent, everything that happens is kept until it is shown, and
 * the turn's end is the command's end.  Nobody is there to answer: an ASK
 * that still comes is answered with no.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"

#include "ui/exec.h"

#define EXIT_INTERRUPTED 130
#define SETTLE_MS        3000 /* for the last look, at most */

struct exec *
exec_of(struct front *f)
{
	if (f->state == NULL)
		f->state = xcalloc(1, sizeof(struct exec));
	return f->state;
}

void
exec_shown(struct front *f, const void *p, size_t len)
{
	fd_map_leave(&exec_of(f)->map, p, len);
	fd_map_leave(&exec_of(f)->last_map, p, len);
}

int
exec_conf(struct front *f, const char *key, struct bytes value)
{
	struct exec *e = exec_of(f);

	if (strcmp(key, "front.color") == 0)
		e->color = bytes_is(value, "1");
	else if (strcmp(key, "session.danger") == 0)
		e->danger = bytes_is(value, "1");
	else if (str_starts(key, "front.image."))
		return images_conf(key + strlen("front.image."), value);
	return 0;
}

static void
on_interrupt(void *arg, int signo)
{
	struct front *f = arg;
	struct exec *e = exec_of(f);

	(void)signo;
	front_send(f, ROLE_GATE, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	front_send(f, ROLE_MODEL, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	if (e->code == EXIT_INTERRUPTED) /* again: the model does not listen */
		front_exit(f, e->code);
	e->code = EXIT_INTERRUPTED;
}

int
exec_start(struct front *f)
{
	struct msg_prompt m = {
	    .text = FRONT_FD_PROMPT, .images = images_send(f, "")};

	front_send(f, ROLE_MODEL, 0, MSG_PROMPT, &m);
	(void)close(m.text);
	return loop_signal(f->proc.loop, SIGINT, on_interrupt, f);
}

static void
call_free(struct exec_call *c)
{
	size_t i;

	for (i = 0; i < c->nchanges; i++)
		free(c->changes[i]);
	free(c->changes);
	free(c->command);
	free(c->cwd);
	free(c->tool_name);
	free(c->arguments);
	buf_fini(&c->output);
	free(c);
}

/* What still comes, such as the end of the model, means nothing any more. */
void
exec_stop(struct front *f)
{
	exec_of(f)->over = exec_of(f)->finished = true;
}

/* -o FILE: the last message as it is, without a newline of ours. */
static int
write_last(const struct exec *e)
{
	if (fcntl(FRONT_FD_LAST, F_GETFD) == -1)
		return 0;
	if (e->last == NULL)
		return 0;
	if (e->last_map.len > 0)
		return fd_write_map(FRONT_FD_LAST, &e->last_map);
	return fd_write_all(FRONT_FD_LAST, e->last, e->last_len);
}

void
exec_unwritten(struct front *f)
{
	struct exec *e = exec_of(f);

	if (e->code != EX_IOERR)
		log_error("standard output: %s", err_sys(errno));
	e->code = EX_IOERR;
}

static void
exec_finish(struct front *f)
{
	struct exec *e = exec_of(f);

	if (e->finished)
		return;
	e->finished = true;
	e->ops->over(f, e->phase);
	if (write_last(e) != 0) {
		log_error("--output-last-message: the last message could not "
			  "be written; is there room?");
		if (e->code == 0)
			e->code = EX_IOERR;
	}
	front_exit(f, e->code);
}

static void
on_settle_time(void *arg)
{
	exec_finish(arg);
}

/* Before the last words: what was left running ends, and what commands have
 * changed is looked at. */
static void
exec_settle(struct front *f)
{
	struct exec *e = exec_of(f);

	if (e->calls != NULL)
		return;
	if (!e->commands || e->looking) {
		exec_finish(f);
		return;
	}
	e->looking = true;
	front_send(f, ROLE_GATE, 1, MSG_CHANGES, &(struct msg_changes){});
}

static void
exec_over(struct front *f, const struct exec_ops *ops, enum turn_phase phase)
{
	struct exec *e = exec_of(f);

	if (e->over)
		return;
	e->over = true;
	e->ops = ops;
	e->phase = phase;
	if (phase == TURN_CUT && e->code == 0)
		e->code = EXIT_INTERRUPTED;
	if (phase == TURN_FAILED && e->code == 0)
		e->code = 1;
	if (phase != TURN_COMPLETED && e->error == NULL)
		e->error = xstrdup(
		    phase == TURN_CUT ? "interrupted" : "the turn failed");
	if (e->calls != NULL)
		front_send(
		    f, ROLE_GATE, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	(void)loop_timer(f->proc.loop, SETTLE_MS, on_settle_time, f);
	exec_settle(f);
}

void
exec_lost(struct front *f, const struct exec_ops *ops, enum role peer)
{
	struct exec *e = exec_of(f);

	if (peer != ROLE_MODEL || e->over)
		return;
	e->code = EX_SOFTWARE;
	e->lost = true;
	free(e->error);
	e->error = xstrdup("the model process ended");
	exec_over(f, ops, TURN_FAILED);
}

/* Takes a message over: a long one stays where it is mapped. */
static void
keep_last(struct exec *e, struct bytes text)
{
	struct bytes *map = &e->map;

	if (e->last_map.len > 0)
		fd_unmap(&e->last_map);
	else
		free((void *)(uintptr_t)e->last);
	e->last =
	    map->len > 0 ? (const char *)map->p : xmemdup(text.p, text.len);
	e->last_len = text.len;
	e->last_map = *map;
	*map = bytes_of("");
}

int
exec_item(struct front *f, const struct exec_ops *ops, struct msg_item *m)
{
	struct exec *e = exec_of(f);
	struct bytes text = m->text;
	int r = 0;

	if (m->whole != -1) {
		r = fd_map_memfd(m->whole, EXEC_MESSAGE_MAX, &e->map);
		(void)close(m->whole);
		text = e->map;
	}
	if (r == 0 && !e->over) {
		ops->message(
		    f, (enum item_kind)m->kind, (const char *)text.p, text.len);
		if (m->kind == ITEM_MESSAGE)
			keep_last(e, text);
	}
	fd_unmap(&e->map);
	return r;
}

int
exec_usage(struct front *f, uint32_t id, struct msg_usage *m)
{
	(void)id;
	exec_of(f)->usage = *m;
	return 0;
}

int
exec_turn(struct front *f, const struct exec_ops *ops, struct msg_turn *m)
{
	if (m->phase != TURN_STARTED)
		exec_over(f, ops, (enum turn_phase)m->phase);
	return 0;
}

int
exec_fail(struct front *f, const struct exec_ops *ops, struct msg_fail *m)
{
	struct exec *e = exec_of(f);
	char *text = bytes_dup(m->text);

	if (m->retrying) {
		ops->failing(f, text);
		free(text);
		return 0;
	}
	free(e->error);
	e->error = text;
	if (e->code == 0)
		e->code = m->code == 0 ? 1 : m->code;
	return 0;
}

int
exec_question(struct front *f, uint32_t id, struct msg_question *m)
{
	struct msg_reply reply = {
	    .id = m->id,
	    .answer = bytes_of("Nobody is there to answer: this run is not "
			       "interactive. Decide yourself."),
	};

	front_send(f, ROLE_MODEL, id, MSG_REPLY, &reply);
	return 0;
}

int
exec_ask(struct front *f, uint32_t id, struct msg_ask *m)
{
	struct msg_answer no = {.answer = ANSWER_NO,
	    .channel = CHANNEL_PRESET,
	    .hash = m->hash,
	    .message = bytes_of("nobody is there to ask")};

	fd_close(&m->patch);
	front_send(f, ROLE_GATE, id, MSG_ANSWER, &no);
	return 0;
}

/* Words that a POSIX shell reads back as exactly these bytes. */
static char *
quoted(const struct msg_list *argv)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+-./:=@_,%^";
	struct buf b;
	char *s;
	size_t i, j;

	buf_init(&b, 8 * (size_t)MSG_FRAME_MAX);
	for (i = 0; i < argv->n; i++) {
		char *word = bytes_dup(argv->v[i]);
		bool bare = *word != '\0' && word[strspn(word, plain)] == '\0';

		(void)buf_adds(&b, i > 0 ? " " : "");
		if (bare) {
			(void)buf_adds(&b, word);
			free(word);
			continue;
		}
		(void)buf_addc(&b, '\'');
		for (j = 0; word[j] != '\0'; j++)
			if (word[j] == '\'')
				(void)buf_adds(&b, "'\\''");
			else
				(void)buf_addc(&b, word[j]);
		(void)buf_addc(&b, '\'');
		free(word);
	}
	s = xstrdup(buf_cstr(&b) == NULL ? "" : buf_cstr(&b));
	buf_fini(&b);
	return s;
}

static struct exec_call *
call_find(struct exec *e, uint32_t id)
{
	struct exec_call *c;

	for (c = e->calls; c != NULL && c->id != id; c = c->next)
		;
	return c;
}

int
exec_begin(struct front *f, const struct exec_ops *ops, uint32_t id,
    struct msg_begin *m)
{
	struct exec *e = exec_of(f);
	struct exec_call *c;
	size_t i;

	fd_close(&m->patch);
	if (m->tool >= TOOL_COUNT || call_find(e, id) != NULL)
		return ERR_STATE;
	c = xcalloc(1, sizeof(*c));
	c->id = id;
	c->tool = (enum tool)m->tool;
	c->command = quoted(&m->argv);
	c->cwd = bytes_dup(m->cwd);
	c->verdict = (enum verdict)m->verdict;
	c->outside = m->outside;
	c->seq = m->seq;
	(void)bytes_copy(c->rule, sizeof(c->rule), m->rule);
	if (c->tool == TOOL_MCP && m->argv.n == 2) {
		c->tool_name = bytes_dup(m->argv.v[0]);
		c->arguments = bytes_dup(m->argv.v[1]);
	}
	c->changes = xcalloc(m->changes.n + 1, sizeof(*c->changes));
	for (i = 0; i < m->changes.n; i++)
		c->changes[c->nchanges++] = bytes_dup(m->changes.v[i]);
	buf_init(&c->output, EXEC_OUTPUT_MAX);
	c->next = e->calls;
	e->calls = c;
	e->ncalls++;
	e->commands |=
	    c->tool == TOOL_EXEC || c->tool == TOOL_ARGV || c->tool == TOOL_MCP;
	ops->begun(f, c);
	return 0;
}

/* The session goes on without it. */
int
exec_server(struct front *f, const struct exec_ops *ops, struct msg_server *m)
{
	char *text;

	if (m->last || m->state != SERVER_ENDED)
		return 0;
	text = xasprintf("MCP server %.*s: %.*s", (int)m->name.len,
	    (const char *)m->name.p, (int)m->says.len, (const char *)m->says.p);
	ops->message(f, ITEM_WARNING, text, strlen(text));
	free(text);
	return 0;
}

int
exec_output(struct front *f, uint32_t id, struct msg_output *m)
{
	struct exec_call *c = call_find(exec_of(f), id);
	size_t n = m->data.len;

	if (c == NULL)
		return ERR_STATE;
	if (n > EXEC_OUTPUT_MAX - c->output.len)
		n = EXEC_OUTPUT_MAX - c->output.len;
	return buf_add(&c->output, m->data.p, n);
}

/* What is known of a file and what is seen of it later, as one kind; 0: it is
 * as if nothing had been. */
static char
kind_after(char known, char seen)
{
	if (seen == 'D')
		return known == 'A' ? 0 : 'D';
	return known == 'D' && seen == 'A' ? 'M' : known;
}

static void
note_file(struct exec *e, struct bytes change)
{
	struct exec_file *file;
	size_t i;

	char kind;

	if (change.len < 3 || change.p[1] != ' ' || change.p[0] == '\0' ||
	    strchr("ADMR", change.p[0]) == NULL)
		return;
	kind = (char)(change.p[0] == 'R' ? 'D' : change.p[0]);
	for (i = 0; i < e->nfiles; i++)
		if (bytes_is((struct bytes){change.p + 2, change.len - 2},
			e->files[i].path))
			break;
	if (i == e->nfiles) {
		e->files =
		    xreallocarray(e->files, e->nfiles + 1, sizeof(*e->files));
		file = &e->files[e->nfiles++];
		file->path =
		    xstrndup((const char *)change.p + 2, change.len - 2);
		file->kind = kind;
		return;
	}
	file = &e->files[i];
	file->kind = kind_after(file->kind, kind);
	if (file->kind == 0) {
		free(file->path);
		*file = e->files[--e->nfiles];
	}
}

int
exec_done(struct front *f, const struct exec_ops *ops, uint32_t id,
    struct msg_done *m)
{
	struct exec *e = exec_of(f);
	struct exec_call **at, *c;
	size_t i;

	for (at = &e->calls; *at != NULL && (*at)->id != id; at = &(*at)->next)
		;
	c = *at;
	if (c == NULL)
		return ERR_STATE;
	*at = c->next;
	for (i = 0; i < m->changes.n; i++)
		note_file(e, m->changes.v[i]);
	e->asked += m->asked;
	if (m->status == RESULT_REFUSED)
		e->refused++;
	if (m->seq > e->seq)
		e->seq = m->seq;
	ops->done(f, c, m);
	call_free(c);
	if (e->over)
		exec_settle(f);
	return 0;
}

int
exec_changed(struct front *f, uint32_t id, struct msg_changed *m)
{
	struct exec *e = exec_of(f);
	size_t i;

	(void)id;
	for (i = 0; i < m->files.n; i++)
		note_file(e, m->files.v[i]);
	if (e->over)
		exec_finish(f);
	return 0;
}

int
exec_exit_code(uint32_t status)
{
	int st = (int)status;

	if (WIFEXITED(st))
		return WEXITSTATUS(st);
	return WIFSIGNALED(st) ? 128 + WTERMSIG(st) : -1;
}
