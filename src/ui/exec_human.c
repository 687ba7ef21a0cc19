/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode human: what happens goes to standard error as it happens; the
 * last message, and nothing else, to standard output, so that it can be
 * captured.  All of it passes vis.
 */

#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "ui/exec.h"

#define NAME_COLS   72 /* of its command line, when it is named again */
#define SHOWN_LINES 30 /* of a command's output */
#define PIECE       (64u << 10) /* bytes that are made printable at once */

enum paint { PLAIN, DIM, BOLD, RED, GREEN, YELLOW };

/* The newest message waits until it is known whether it is the last. */
static bool held;

/* The call whose line was the last thing shown; only compared. */
static const struct exec_call *recent;

static void
put(struct front *f, int fd, const void *p, size_t len, enum paint paint)
{
	static const char *const codes[] = {
	    [PLAIN] = "",
	    [DIM] = "\033[2m",
	    [BOLD] = "\033[1m",
	    [RED] = "\033[31m",
	    [GREEN] = "\033[32m",
	    [YELLOW] = "\033[33m",
	};
	bool color = exec_of(f)->color && paint != PLAIN;
	const uint8_t *at = p;
	struct buf b;
	size_t n;
	int r = 0;

	buf_init(&b, 4 * PIECE + 64);
	if (color)
		(void)buf_adds(&b, codes[paint]);
	for (; len > 0 && r == 0; at += n, len -= n) {
		n = vis_cut(at, len, PIECE);
		(void)vis_add(&b, at, n, VIS_NL | VIS_TAB);
		if (color && n == len)
			(void)buf_adds(&b, "\033[0m");
		r = fd_write_all(fd, buf_data(&b), b.len);
		if (r != 0 && fd == STDOUT_FILENO)
			exec_unwritten(f);
		buf_clear(&b);
		exec_shown(f, at, n);
	}
	buf_fini(&b);
}

static void __attribute__((format(printf, 3, 4)))
say(struct front *f, enum paint paint, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	put(f, STDERR_FILENO, s, strlen(s), paint);
	free(s);
}

static void
release_held(struct front *f)
{
	struct exec *e = exec_of(f);

	if (!held)
		return;
	held = false;
	put(f, STDERR_FILENO, e->last, e->last_len, PLAIN);
	say(f, PLAIN, "\n\n");
}

static void
human_message(
    struct front *f, enum item_kind kind, const char *text, size_t len)
{
	release_held(f);
	if (kind == ITEM_MESSAGE) {
		held = true;
		return;
	}
	if (kind == ITEM_WARNING)
		say(f, YELLOW, "warning: ");
	if (kind == ITEM_WEB_SEARCH)
		say(f, DIM, "searched: ");
	put(f, STDERR_FILENO, text, len, DIM);
	say(f, PLAIN, "\n");
}

static void
human_failing(struct front *f, const char *text)
{
	say(f, YELLOW, "%s\n", text);
}

static void
human_begun(struct front *f, struct exec_call *c)
{
	size_t i;

	release_held(f);
	recent = c;
	if (c->outside)
		say(f, RED, "outside the sandbox: ");
	if (c->tool == TOOL_PATCH) {
		say(f, BOLD, "patch");
		for (i = 0; i < c->nchanges; i++)
			say(f, PLAIN, " %s%s", c->changes[i],
			    i + 1 < c->nchanges ? "," : "");
		say(f, DIM, " in %s\n", c->cwd);
		return;
	}
	if (c->tool == TOOL_MCP)
		say(f, PLAIN, "tool ");
	say(f, BOLD, "%s", c->command);
	if (c->tool == TOOL_MCP)
		say(f, PLAIN, "\n");
	else
		say(f, DIM, " in %s\n", c->cwd);
}

/* Of calls that run beside each other: which one it is about. */
static void
show_which(struct front *f, const struct exec_call *c)
{
	bool patch = c->tool == TOOL_PATCH && c->nchanges > 0;
	const char *name = patch ? c->changes[0] : c->command;
	int len = (int)strcspn(name, "\n");

	if (recent != c)
		say(f, DIM, "of %s%.*s:\n", patch ? "patch " : "",
		    len < NAME_COLS ? len : NAME_COLS, name);
	recent = NULL;
}

/* The last lines; what is left out is counted. */
static void
show_output(struct front *f, const struct exec_call *c)
{
	const uint8_t *p = buf_data(&c->output);
	size_t len = c->output.len, lines = 0, from = 0, i;

	for (i = 0; i < len; i++)
		lines += p[i] == '\n';
	if (lines > SHOWN_LINES) {
		say(f, DIM, "  ... %zu lines\n", lines - SHOWN_LINES);
		for (i = 0, lines -= SHOWN_LINES; lines > 0; i++)
			lines -= p[i] == '\n';
		from = i;
	}
	if (len > from)
		put(f, STDERR_FILENO, p + from, len - from, DIM);
	if (len > from && p[len - 1] != '\n')
		say(f, PLAIN, "\n");
}

static void
human_done(struct front *f, struct exec_call *c, const struct msg_done *m)
{
	double wall = (double)m->wall_us / 1e6;
	int code = exec_exit_code(m->exit);

	release_held(f);
	show_which(f, c);
	show_output(f, c);
	switch ((enum result_status)m->status) {
	case RESULT_OK:
		say(f, GREEN, "ok");
		break;
	case RESULT_FAILED:
		say(f, RED, "exit %d", code);
		break;
	case RESULT_REFUSED:
		say(f, RED, "refused");
		break;
	case RESULT_CANCELLED:
		say(f, YELLOW, "cancelled");
		break;
	case RESULT_ERROR:
		say(f, RED, "error");
		break;
	}
	if (m->reason.len > 0)
		say(f, PLAIN, ": %.*s", (int)m->reason.len,
		    (const char *)m->reason.p);
	say(f, DIM, " (%.2f s, record %llu)\n\n", wall,
	    (unsigned long long)m->seq);
}

static int
human_plan(struct front *f, uint32_t id, struct msg_plan *m)
{
	size_t i;

	(void)id;
	release_held(f);
	for (i = 0; i < m->steps.n && i < m->states.n; i++)
		say(f, DIM, "[%c] %.*s\n",
		    bytes_is(m->states.v[i], "completed")     ? 'x'
		    : bytes_is(m->states.v[i], "in_progress") ? '>'
							      : ' ',
		    (int)m->steps.v[i].len, (const char *)m->steps.v[i].p);
	say(f, PLAIN, "\n");
	return 0;
}

/* On one line, whatever the name holds: a newline in it begins no other. */
static void
say_file(struct front *f, const struct exec_file *file)
{
	struct buf name;

	buf_init(&name, 4 * strlen(file->path) + 1);
	(void)vis_add(&name, file->path, strlen(file->path), 0);
	say(f, PLAIN, "  %c %s\n", file->kind, buf_cstr(&name));
	buf_fini(&name);
}

static int
file_compare(const void *a, const void *b)
{
	const struct exec_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
list_files(struct front *f, bool run)
{
	const struct exec *e = exec_of(f);
	bool any = false;
	size_t i;

	for (i = 0; i < e->nfiles; i++) {
		if (toolchain_runs(e->files[i].path) != run)
			continue;
		if (!any)
			say(f, run ? YELLOW : BOLD, "%s",
			    run ? "changed, and your own tools would run or "
				  "obey it later:\n"
				: "changed:\n");
		any = true;
		say_file(f, &e->files[i]);
	}
}

static void
summary(struct front *f)
{
	const struct exec *e = exec_of(f);
	const struct msg_usage *u = &e->usage;

	if (e->nfiles > 0)
		qsort(e->files, e->nfiles, sizeof(*e->files), file_compare);
	list_files(f, false);
	list_files(f, true);
	say(f, DIM,
	    "%u calls, %u refused, %u asked; tokens %llu in (%llu "
	    "cached), %llu out",
	    e->ncalls, e->refused, e->asked, (unsigned long long)u->input,
	    (unsigned long long)u->cached, (unsigned long long)u->output);
	if (u->cost_microusd > 0)
		say(f, DIM, "; %.4f USD", (double)u->cost_microusd / 1e6);
	say(f, DIM, "; session %s\n", f->proc.session);
}

static void
human_over(struct front *f, enum turn_phase phase)
{
	struct exec *e = exec_of(f);

	if (phase != TURN_COMPLETED) {
		release_held(f);
		if (!e->lost)
			say(f, RED, "error: %s\n", e->error);
	}
	summary(f);
	/* Gate and model are two channels: news of a call may have come after
	 * the last message and released it; it is the result all the same. */
	if (phase == TURN_COMPLETED && e->last != NULL) {
		put(f, STDOUT_FILENO, e->last, e->last_len, PLAIN);
		if (e->last_len == 0 || e->last[e->last_len - 1] != '\n')
			put(f, STDOUT_FILENO, "\n", 1, PLAIN);
	}
	held = false;
}

static const struct exec_ops human_ops = {
    .begun = human_begun,
    .done = human_done,
    .message = human_message,
    .failing = human_failing,
    .over = human_over,
};

static int
human_start(struct front *f)
{
	say(f, DIM, "session %s\n\n", f->proc.session);
	if (exec_of(f)->danger)
		say(f, RED,
		    "danger: no sandbox; commands have all your rights and "
		    "are not asked about\n\n");
	return exec_start(f);
}

static void
human_lost(struct front *f, enum role peer)
{
	exec_lost(f, &human_ops, peer);
}

static int
human_item(struct front *f, uint32_t id, struct msg_item *m)
{
	(void)id;
	return exec_item(f, &human_ops, m);
}

static int
human_turn(struct front *f, uint32_t id, struct msg_turn *m)
{
	(void)id;
	return exec_turn(f, &human_ops, m);
}

static int
human_fail(struct front *f, uint32_t id, struct msg_fail *m)
{
	(void)id;
	return exec_fail(f, &human_ops, m);
}

static int
human_begin(struct front *f, uint32_t id, struct msg_begin *m)
{
	return exec_begin(f, &human_ops, id, m);
}

static int
human_end(struct front *f, uint32_t id, struct msg_done *m)
{
	return exec_done(f, &human_ops, id, m);
}

static int
human_place(struct front *f, uint32_t id, struct msg_place *m)
{
	struct bytes rest, line;
	struct buf given;

	(void)id;
	buf_init(&given, FRONT_GIVEN_MAX);
	front_given(m, &given);
	rest = (struct bytes){buf_data(&given), given.len};
	while (bytes_line(&rest, &line))
		say(f, DIM, "instructions: %.*s\n", (int)line.len,
		    (const char *)line.p);
	if (given.len > 0)
		say(f, DIM, "\n");
	buf_fini(&given);
	return 0;
}

static int
human_server(struct front *f, uint32_t id, struct msg_server *m)
{
	(void)id;
	return exec_server(f, &human_ops, m);
}

const struct front_mode front_human = {
    .name = "human",
    .conf = exec_conf,
    .start = human_start,
    .stop = exec_stop,
    .lost = human_lost,
    .item = human_item,
    .plan = human_plan,
    .usage = exec_usage,
    .turn = human_turn,
    .fail = human_fail,
    .place = human_place,
    .question = exec_question,
    .ask = exec_ask,
    .begin = human_begin,
    .output = exec_output,
    .changed = exec_changed,
    .server = human_server,
    .done = human_end,
};
