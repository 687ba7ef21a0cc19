/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode plain: a person at a pipe, a dumb terminal or a screen reader.
 *
 * Lines in, lines out, words instead of signs, and nothing is drawn twice.
 * A question is answered by a whole word on a line that came after it.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/slash.h"
#include "ui/tui.h"
#include "ui/words.h"

#define LINE_CAP    (1u << 20)  /* bytes of a typed line */
#define MESSAGE_CAP (64u << 20) /* bytes of one message of the model */

struct waiting {
	struct asked q;       /* of the gate; without a text: of the model */
	char *question;       /* owned: the model's id of it */
	struct lines asked;   /* the question, and what may be answered */
	struct waiting *next; /* owned */
};

static const struct msg_list none; /* of a patch's files is refused alone */

static struct {
	struct buf line;
	struct waiting *waiting; /* owned: what the next line answers */
	bool running;
} plain;

static const struct text nothing;

/* Cells without their styles; first is what stands before them. */
static void
put(const struct text *t, const struct text *first)
{
	struct buf b;
	size_t i;

	buf_init(&b, MESSAGE_CAP);
	for (i = 0; i < first->n; i++)
		(void)buf_add(&b, first->c[i].g, first->c[i].len);
	for (i = 0; i < t->n; i++)
		(void)buf_add(&b, t->c[i].g, t->c[i].len);
	(void)buf_addc(&b, '\n');
	(void)fd_write_all(STDOUT_FILENO, buf_data(&b), b.len);
	buf_fini(&b);
}

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	struct text t = {0};
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	text_add(&t, ST_PLAIN, s, strlen(s), 0);
	put(&t, &nothing);
	text_fini(&t);
	free(s);
}

static void
say_bytes(struct bytes b)
{
	struct lines l = {0};
	size_t i;

	lines_split(&l, ST_PLAIN, b, TEXT_TABS);
	for (i = 0; i < l.n; i++)
		put(&l.v[i], &nothing);
	lines_fini(&l);
}

static void
md_put(void *arg, const struct text *t, const struct text *first,
    const struct text *rest)
{
	(void)arg;
	(void)rest;
	put(t, first == NULL ? &nothing : first);
}

static int
plain_item(struct front *f, uint32_t id, struct msg_item *m)
{
	struct buf b;
	struct md md;
	int r = 0;

	(void)f;
	(void)id;
	buf_init(&b, MESSAGE_CAP);
	if (m->whole != -1)
		r = fd_read_memfd(m->whole, &b);
	else
		r = buf_add(&b, m->text.p, m->text.len);
	fd_close(&m->whole);
	if (r == 0 && b.len > 0) {
		if (m->kind == ITEM_WARNING)
			say("Warning:");
		if (m->kind == ITEM_USER)
			say("You said:");
		if (m->kind == ITEM_REASONING)
			say("Thinking:");
		md_init(&md, md_put, NULL, 0);
		md_feed(&md, buf_data(&b), b.len);
		md_end(&md);
		md_fini(&md);
		say("%s", "");
	}
	buf_fini(&b);
	return r;
}

static int
plain_plan(struct front *f, uint32_t id, struct msg_plan *m)
{
	size_t i;

	(void)f;
	(void)id;
	say("Plan:");
	for (i = 0; i < m->steps.n && i < m->states.n; i++)
		say("  %.*s: %.*s", (int)m->states.v[i].len,
		    (const char *)m->states.v[i].p, (int)m->steps.v[i].len,
		    (const char *)m->steps.v[i].p);
	return 0;
}

static int
plain_turn(struct front *f, uint32_t id, struct msg_turn *m)
{
	static const char *const ends[] = {
	    [TURN_COMPLETED] = "Done. Type the next prompt.",
	    [TURN_FAILED] = "The turn failed. Type the next prompt.",
	    [TURN_CUT] = "Interrupted. Type the next prompt.",
	};

	(void)f;
	(void)id;
	plain.running = m->phase == TURN_STARTED;
	if (!plain.running)
		say("%s", ends[m->phase]);
	return 0;
}

static int
plain_fail(struct front *f, uint32_t id, struct msg_fail *m)
{
	(void)f;
	(void)id;
	say("%s: %.*s", m->retrying ? "Trying again" : "Failed",
	    (int)m->text.len, (const char *)m->text.p);
	return 0;
}

static int
plain_begin(struct front *f, uint32_t id, struct msg_begin *m)
{
	struct text t = {0};
	size_t i;

	(void)f;
	(void)id;
	fd_close(&m->patch);
	if (m->outside)
		text_adds(&t, ST_PLAIN, "OUTSIDE the cordon! ");
	text_adds(
	    &t, ST_PLAIN, m->tool == TOOL_PATCH ? "Editing: " : "Running: ");
	if (m->tool == TOOL_PATCH)
		for (i = 0; i < m->changes.n; i++) {
			text_adds(&t, ST_PLAIN, i > 0 ? ", " : "");
			text_add(&t, ST_PLAIN, m->changes.v[i].p,
			    m->changes.v[i].len, 0);
		}
	else
		words_add(&t, ST_PLAIN, &m->argv, true, 0);
	put(&t, &nothing);
	text_fini(&t);
	return 0;
}

static int
plain_output(struct front *f, uint32_t id, struct msg_output *m)
{
	(void)f;
	(void)id;
	say_bytes(m->data);
	return 0;
}

static int
plain_done(struct front *f, uint32_t id, struct msg_done *m)
{
	static const char *const words[] = {"succeeded", "failed",
	    "was refused", "was cancelled", "could not be tried"};

	(void)f;
	(void)id;
	if (m->status > RESULT_ERROR)
		return ERR_TYPE;
	say("It %s%s%.*s", words[m->status], m->reason.len > 0 ? ": " : ".",
	    (int)m->reason.len, (const char *)m->reason.p);
	return 0;
}

/* Nothing that was typed before a question may answer it. */
static void
forget_typed(void)
{
	char mem[4096];
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	if (flags == -1 || !isatty(STDIN_FILENO))
		return;
	(void)fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK);
	while (read(STDIN_FILENO, mem, sizeof(mem)) > 0)
		;
	(void)fcntl(STDIN_FILENO, F_SETFL, flags);
	buf_clear(&plain.line);
}

static const char *
answers(const struct waiting *w)
{
	if (w->q.text == NULL)
		return "Type an answer.";
	return asked_lasts(&w->q) ? "Type yes, session or no."
				  : "Type yes or no.";
}

/* One question at a time, so that an answer is to the one that was read. */
static void
wait_show(const struct waiting *w)
{
	size_t i;

	for (i = 0; w->q.text != NULL && i < w->q.text->n; i++)
		put(&w->q.text->v[i].text, &w->q.text->v[i].lead);
	for (i = 0; i < w->asked.n; i++)
		put(&w->asked.v[i], &nothing);
	forget_typed();
	say("%s", answers(w));
}

static void
wait_add(struct waiting *w)
{
	struct waiting **at = &plain.waiting;

	while (*at != NULL)
		at = &(*at)->next;
	*at = w;
	if (plain.waiting == w)
		wait_show(w);
}

static void
wait_end(struct waiting **at)
{
	struct waiting *w = *at;
	bool shown = w == plain.waiting;

	*at = w->next;
	asked_fini(&w->q);
	lines_fini(&w->asked);
	free(w->question);
	free(w);
	if (shown && plain.waiting != NULL)
		wait_show(plain.waiting);
}

static void
wait_over(void)
{
	wait_end(&plain.waiting);
}

static int
plain_withdraw(struct front *f, uint32_t id, struct msg_withdraw *m)
{
	struct waiting **at = &plain.waiting;

	(void)f;
	(void)m;
	while (*at != NULL && ((*at)->q.text == NULL || (*at)->q.id != id))
		at = &(*at)->next;
	if (*at == NULL)
		return 0;
	if (*at == plain.waiting)
		say("It is not asked any more.");
	wait_end(at);
	return 0;
}

static int
plain_ask(struct front *f, uint32_t id, struct msg_ask *m)
{
	struct waiting *w = xcalloc(1, sizeof(*w));
	struct buf patch;
	int r;

	if (asked_known(f, id, m)) {
		free(w);
		return 0;
	}
	r = asked_init(&w->q, f, id, m, &patch);
	buf_fini(&patch);
	if (r == 1 && isatty(STDIN_FILENO)) {
		wait_add(w);
		return 0;
	}
	if (r == 1) /* what comes out of a pipe is no person's answer */
		asked_send(&w->q, f, ANSWER_NO,
		    "there is no terminal to ask a person at", none);
	asked_fini(&w->q);
	free(w);
	return r < 0 ? r : 0;
}

static int
plain_question(struct front *f, uint32_t id, struct msg_question *m)
{
	struct waiting *w = xcalloc(1, sizeof(*w));
	size_t i;

	(void)f;
	w->q.id = id;
	w->question = bytes_dup(m->id);
	text_adds(lines_new(&w->asked), ST_PLAIN, "The model asks:");
	lines_split(&w->asked, ST_PLAIN, m->question, TEXT_TABS);
	for (i = 0; i < m->labels.n; i++)
		text_addf(lines_new(&w->asked), ST_PLAIN, "  %.*s",
		    (int)m->labels.v[i].len, (const char *)m->labels.v[i].p);
	wait_add(w);
	return 0;
}

static void
approve(struct front *f, struct waiting *w, const char *line)
{
	static const struct {
		const char *word;
		enum answer answer;
	} words[] = {{"no", ANSWER_NO}, {"yes", ANSWER_ONCE},
	    {"session", ANSWER_SESSION}};
	size_t i, n = asked_lasts(&w->q) ? 3 : 2;

	for (i = 0; i < n && strcmp(words[i].word, line) != 0; i++)
		;
	if (i == n) {
		say("%s", answers(w));
		return;
	}
	asked_send(&w->q, f, words[i].answer, "", none);
	wait_over();
}

static void
send_prompt(struct front *f, const char *line, size_t len)
{
	struct msg_prompt prompt = {.images = 0};
	struct msg_steer steer;
	int fd = fd_memfd("prompt", line, len);

	if (fd < 0) {
		say("The prompt cannot be passed on.");
		return;
	}
	if (plain.running) {
		steer.text = fd;
		front_send(f, ROLE_MODEL, 0, MSG_STEER, &steer);
	} else {
		prompt.text = fd;
		prompt.images = images_send(f, "");
		front_send(f, ROLE_MODEL, 0, MSG_PROMPT, &prompt);
		plain.running = true;
	}
	(void)close(fd);
}

/* The commands that need no screen. */

static void
cmd_quit(struct front *f, const char *args)
{
	(void)args;
	front_exit(f, 0);
}

static void
set(struct front *f, const char *key, const char *value)
{
	struct msg_setting m = {.key = bytes_of(key), .value = bytes_of(value)};

	if (*value == '\0') {
		say("Type a value behind it.");
		return;
	}
	front_send(f, ROLE_MODEL, 0, MSG_SETTING, &m);
	say("From the next turn on: %s.", value);
}

static void
cmd_model(struct front *f, const char *args)
{
	set(f, "model", args);
}

static void
cmd_effort(struct front *f, const char *args)
{
	set(f, "model_reasoning_effort", args);
}

static void
cmd_compact(struct front *f, const char *args)
{
	(void)args;
	front_send(f, ROLE_MODEL, 0, MSG_COMPACT, &(struct msg_compact){});
	say("The history is being summarised.");
}

static void
user_exec(struct front *f, const char *cmd)
{
	struct msg_user_exec m = {.cmd = bytes_of(cmd)};

	front_send(f, ROLE_GATE, 0, MSG_USER_EXEC, &m);
}

static void
cmd_diff(struct front *f, const char *args)
{
	(void)args;
	user_exec(f, SLASH_DIFF);
}

static void
cmd_grants(struct front *f, const char *args)
{
	const char *bad = NULL;
	struct msg_grants m = {0};

	if (*args != '\0')
		m.revoke = (uint32_t)strtonum(args, 1, UINT32_MAX, &bad);
	if (bad != NULL)
		say("%s is no number of a grant.", args);
	else
		front_send(f, ROLE_GATE, 0, MSG_GRANTS, &m);
}

static int
plain_grant(struct front *f, uint32_t id, struct msg_grant *m)
{
	(void)f;
	(void)id;
	if (m->last)
		say("That is all you granted; /grants NUMBER takes one back.");
	else
		say("%u: %.*s, for %u minutes.", m->number, (int)m->text.len,
		    (const char *)m->text.p, m->minutes);
	return 0;
}

static void cmd_help(struct front *f, const char *args);

static const struct {
	const char *name;
	void (*fn)(struct front *f, const char *args);
	const char *help;
} commands[] = {
    {"compact", cmd_compact, "summarise the history now"},
    {"diff", cmd_diff, "what is not committed"},
    {"effort", cmd_effort, "LEVEL: how long the model may think"},
    {"grants", cmd_grants, "what you granted; NUMBER: take one back"},
    {"help", cmd_help, "this list"},
    {"model", cmd_model, "NAME: another model"},
    {"quit", cmd_quit, "leave"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
cmd_help(struct front *f, const char *args)
{
	const struct custom *c;
	size_t i;

	(void)f;
	(void)args;
	for (i = 0; i < COMMANDS; i++)
		say("/%s: %s", commands[i].name, commands[i].help);
	for (c = custom_first(); c != NULL; c = c->next)
		say("/%s: your own, from a file", c->name);
	say("!COMMAND: run a command of your own in the cell");
}

/* False if the line is a prompt. */
static bool
command(struct front *f, const char *line)
{
	size_t n = strcspn(line + 1, " \t"), i;
	const char *args = line + 1 + n + strspn(line + 1 + n, " \t");
	char *s;

	for (i = 0; i < COMMANDS; i++)
		if (strlen(commands[i].name) == n &&
		    memcmp(commands[i].name, line + 1, n) == 0) {
			commands[i].fn(f, args);
			return true;
		}
	s = custom_expand(line + 1, n, args);
	if (s != NULL) {
		send_prompt(f, s, strlen(s));
		free(s);
		return true;
	}
	if (n == 0 || memchr(line + 1, '/', n) != NULL)
		return false; /* a path begins a prompt, too */
	say("There is no /%.*s in plain lines; /help lists what there is.",
	    (int)n, line + 1);
	return true;
}

static void
typed(struct front *f, const char *line)
{
	struct waiting *w = plain.waiting;
	struct msg_reply m;

	if (w != NULL && w->q.text != NULL)
		approve(f, w, line);
	else if (w != NULL) {
		m = (struct msg_reply){bytes_of(w->question), bytes_of(line)};
		front_send(f, ROLE_MODEL, w->q.id, MSG_REPLY, &m);
		wait_over();
	} else if (*line == '\0' ||
		   !utf8_valid_str((const uint8_t *)line, strlen(line)))
		return;
	else if (*line == '!' && strlen(line) < 60000)
		user_exec(f, line + 1);
	else if (*line != '/' || !command(f, line))
		send_prompt(f, line, strlen(line));
}

static void
on_stdin(void *arg, int fd, short events)
{
	struct front *f = arg;
	char mem[4096], *nl, *line;
	ssize_t n = read(fd, mem, sizeof(mem));

	(void)events;
	if (n <= 0) {
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		loop_fd_del(f->proc.loop, fd);
		front_exit(f, 0);
		return;
	}
	if (buf_add(&plain.line, mem, (size_t)n) != 0) {
		say("That line is too long.");
		buf_clear(&plain.line);
	}
	while (plain.line.len > 0 && (nl = memchr(buf_cstr(&plain.line), '\n',
					  plain.line.len)) != NULL) {
		size_t len = (size_t)(nl - buf_cstr(&plain.line));

		line = xstrndup(buf_cstr(&plain.line), len);
		buf_drain(&plain.line, len + 1);
		typed(f, line);
		free(line);
	}
}

static void
on_interrupt(void *arg, int signo)
{
	struct front *f = arg;

	(void)signo;
	if (!plain.running) {
		front_exit(f, 0);
		return;
	}
	front_send(f, ROLE_GATE, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	front_send(f, ROLE_MODEL, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
}

static int
plain_server(struct front *f, uint32_t id, struct msg_server *m)
{
	(void)f;
	(void)id;
	if (!m->last && m->state == SERVER_ENDED)
		say("warning: MCP server %.*s: %.*s", (int)m->name.len,
		    (const char *)m->name.p, (int)m->says.len,
		    (const char *)m->says.p);
	return 0;
}

static int
plain_start(struct front *f)
{
	struct buf b;
	int r;

	buf_init(&plain.line, LINE_CAP);
	say("Cordon. Type a prompt; /help lists commands, /quit leaves.");
	buf_init(&b, MESSAGE_CAP);
	if (fcntl(FRONT_FD_PROMPT, F_GETFD) != -1) {
		if (fd_read_memfd(FRONT_FD_PROMPT, &b) == 0 && b.len > 0)
			send_prompt(f, buf_cstr(&b), b.len);
		(void)close(FRONT_FD_PROMPT);
	}
	buf_fini(&b);
	r = loop_fd(f->proc.loop, STDIN_FILENO, POLLIN, on_stdin, f);
	return r != 0 ? r : loop_signal(f->proc.loop, SIGINT, on_interrupt, f);
}

static int
plain_place(struct front *f, uint32_t id, struct msg_place *m)
{
	struct bytes rest, line;
	struct buf given;

	(void)f;
	(void)id;
	buf_init(&given, FRONT_GIVEN_MAX);
	front_given(m, &given);
	rest = (struct bytes){buf_data(&given), given.len};
	while (bytes_line(&rest, &line))
		say("Instructions: %.*s", (int)line.len, (const char *)line.p);
	buf_fini(&given);
	return 0;
}

const struct front_mode front_plain = {
    .name = "plain",
    .start = plain_start,
    .item = plain_item,
    .plan = plain_plan,
    .turn = plain_turn,
    .fail = plain_fail,
    .place = plain_place,
    .question = plain_question,
    .ask = plain_ask,
    .withdraw = plain_withdraw,
    .begin = plain_begin,
    .output = plain_output,
    .done = plain_done,
    .grant = plain_grant,
    .server = plain_server,
};
