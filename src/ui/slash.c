/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the commands that begin with a slash.
 *
 * One table, slash.def; the section SLASH COMMANDS of cordon(1) is checked
 * against it.  A command that needs the model is a prompt, one that needs files
 * runs in the cell: there is nothing else that this process could do.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/picker.h"
#include "ui/slash.h"
#include "ui/tui.h"

#define MODELS_MAX (1u << 20) /* bytes of their list */

static void
set_model(struct tui *t, const char *name)
{
	struct msg_setting m = {
	    .key = bytes_of("model"), .value = bytes_of(name)};

	front_send(t->f, ROLE_MODEL, 0, MSG_SETTING, &m);
	free(t->conf.model);
	t->conf.model = xstrdup(name);
	tui_notice(t, "from the next turn on: %s", name);
}

static void
cmd_model(struct tui *t, const char *args)
{
	if (*args != '\0')
		set_model(t, args);
	else
		front_send(
		    t->f, ROLE_MODEL, 0, MSG_MODELS, &(struct msg_models){});
}

/* The name stands before the remark. */
static void
picked_model(struct tui *t, const char *line)
{
	char *name = xstrndup(line, strcspn(line, " "));

	set_model(t, name);
	free(name);
}

int
tui_on_model_list(struct front *f, uint32_t id, struct msg_model_list *m)
{
	static const struct picker_what what = {"Which model, from the next "
						"turn on?",
	    "no model is known", 0, picked_model, NULL};
	struct tui *t = f->state;
	struct buf b;
	int r = 0;

	(void)id;
	buf_init(&b, MODELS_MAX);
	if (m->list != -1)
		r = fd_read_memfd(m->list, &b);
	fd_close(&m->list);
	if (r == 0) {
		tui_notice(t, NULL);
		if (m->error.len > 0)
			tui_say(t, ST_DIM, "  %.*s; these are known here",
			    (int)m->error.len, (const char *)m->error.p);
		picker_open(t, &what, (struct bytes){buf_data(&b), b.len});
	}
	buf_fini(&b);
	return r;
}

static void
cmd_effort(struct tui *t, const char *args)
{
	struct msg_setting m = {
	    .key = bytes_of("model_reasoning_effort"), .value = bytes_of(args)};

	if (*args == '\0') {
		tui_notice(t, "/effort low, medium, high or what the provider "
			      "offers");
		return;
	}
	front_send(t->f, ROLE_MODEL, 0, MSG_SETTING, &m);
	free(t->conf.effort);
	t->conf.effort = xstrdup(args);
}

static const char *
fact(const char *value)
{
	return value == NULL ? "(default)" : value;
}

static void
say_fact(struct tui *t, const char *name, const char *value)
{
	tui_say(t, ST_PLAIN, "  %-12s %s", name, fact(value));
}

static void
cmd_status(struct tui *t, const char *args)
{
	const struct msg_usage *u = &t->usage;

	(void)args;
	tui_say(t, ST_HEAD, "Status");
	say_fact(t, "session", t->f->proc.session);
	say_fact(t, "directory", t->conf.cwd);
	say_fact(t, "model", t->conf.model);
	say_fact(t, "effort", t->conf.effort);
	say_fact(t, "sandbox", t->conf.sandbox);
	say_fact(t, "tier", t->conf.tier);
	say_fact(t, "approvals", t->conf.approval);
	tui_say(t, ST_PLAIN, "  %-12s %llu in (%llu cached), %llu out, $%.4f",
	    "tokens", (unsigned long long)u->input,
	    (unsigned long long)u->cached, (unsigned long long)u->output,
	    (double)u->cost_microusd / 1e6);
	if (u->window > 0)
		tui_say(t, ST_PLAIN, "  %-12s %llu of %llu tokens", "context",
		    (unsigned long long)u->window_used,
		    (unsigned long long)u->window);
	tui_gap(t);
}

/* There is one agent: what it was told is what there is to know of it. */
static void
cmd_agents(struct tui *t, const char *args)
{
	(void)args;
	tui_say(t, ST_HEAD, "Instructions of the model");
	tui_say_lines(t, ST_PLAIN, "  ", &t->given);
	if (t->given.len == 0)
		tui_say(t, ST_DIM,
		    "  none; a session that is gone on with has those of its "
		    "beginning");
	tui_say(t, ST_DIM,
	    "  Instructions grant nothing.  There are no other "
	    "agents in a session.");
	tui_gap(t);
}

static void
cmd_compact(struct tui *t, const char *args)
{
	(void)args;
	front_send(t->f, ROLE_MODEL, 0, MSG_COMPACT, &(struct msg_compact){});
	tui_notice(t, "the history is being summarised");
}

static void
send_prompt(struct tui *t, const char *before, const char *args)
{
	char *s = xasprintf("%s%s", before, args);

	tui_prompt(t, s, strlen(s));
	free(s);
}

static void
cmd_plan(struct tui *t, const char *args)
{
	if (*args == '\0')
		tui_notice(t, "/plan TASK");
	else
		send_prompt(t,
		    "Make a plan for this task and show it with update_plan; "
		    "read what you need, change nothing yet, and ask what is "
		    "unclear.\n\n",
		    args);
}

static void
cmd_review(struct tui *t, const char *args)
{
	send_prompt(t,
	    "Review the uncommitted changes (git diff HEAD and the untracked "
	    "files) as a strict but fair colleague: bugs, security holes, "
	    "broken promises of the documentation, missing tests; each with "
	    "file and line and how to mend it, the gravest first. Edit "
	    "nothing. ",
	    args);
}

static void
cmd_init(struct tui *t, const char *args)
{
	send_prompt(t,
	    "Write AGENTS.md for this repository: how to build, test and "
	    "lint it, its layout, its conventions, and what a newcomer "
	    "would get wrong. Read before you write; be short and exact. ",
	    args);
}

static void
user_cmd(struct tui *t, const char *cmd)
{
	struct msg_user_exec m = {.cmd = bytes_of(cmd)};

	front_send(t->f, ROLE_GATE, 0, MSG_USER_EXEC, &m);
}

static void
cmd_diff(struct tui *t, const char *args)
{
	(void)args;
	t->diff_asked = true;
	user_cmd(t, SLASH_DIFF);
}

static void
cmd_grants(struct tui *t, const char *args)
{
	const char *bad = NULL;
	uint32_t revoke = 0;

	if (*args != '\0')
		revoke = (uint32_t)strtonum(args, 1, UINT32_MAX, &bad);
	if (bad != NULL) {
		tui_notice(t, "/grants, or /grants NUMBER to take one back");
		return;
	}
	tui_grants(t, revoke);
}

static void
cmd_approvals(struct tui *t, const char *args)
{
	(void)args;
	say_fact(t, "approvals", t->conf.approval);
	cmd_grants(t, "");
}

static void
cmd_export(struct tui *t, const char *args)
{
	(void)args;
	(void)wish(t, WANT_EXPORT, bytes_of(""));
}

static void
cmd_new(struct tui *t, const char *args)
{
	(void)args;
	tui_go_to(t, NEXT_NEW, "");
}

static void
cmd_fork(struct tui *t, const char *args)
{
	(void)args;
	tui_go_to(t, NEXT_FORK, t->f->proc.session);
}

static void
cmd_resume(struct tui *t, const char *args)
{
	if (*args == '\0')
		(void)wish(t, WANT_SESSIONS, bytes_of(""));
	else if (strlen(args) == strlen(t->f->proc.session))
		tui_go_to(t, NEXT_RESUME, args);
	else
		tui_notice(t, "%s is no session id", args);
}

static void
cmd_logout(struct tui *t, const char *args)
{
	(void)args;
	tui_say(t, ST_DIM,
	    "  In a shell: cordon logout; this session keeps the key that it "
	    "has");
	tui_gap(t);
}

static void
cmd_mention(struct tui *t, const char *args)
{
	(void)args;
	mention_pick(t);
}

static void
cmd_tools(struct tui *t, const char *args)
{
	(void)args;
	tui_say(t, ST_HEAD, "Tools of the model");
	front_send(t->f, ROLE_GATE, 0, MSG_TOOLS, &(struct msg_tools){});
}

int
tui_on_tool(struct front *f, uint32_t id, struct msg_tool *m)
{
	static const char *const verdicts[] = {
	    [VERDICT_ALLOW] = "each call is judged by what it does",
	    [VERDICT_ASK] = "you are asked each time",
	    [VERDICT_FORBID] = "forbidden",
	    [VERDICT_APPROVED] = "approved",
	};
	struct tui *t = f->state;
	struct text line = {0};

	(void)id;
	if (m->last) {
		tui_gap(t);
		return 0;
	}
	text_addf(&line, ST_PLAIN, "  %-20.*s", (int)m->name.len,
	    (const char *)m->name.p);
	text_adds(&line, ST_DIM, verdicts[m->verdict]);
	if (m->rule.len > 0)
		text_addf(&line, ST_DIM, " (rule %.*s, %.*s:%u)",
		    (int)m->rule.len, (const char *)m->rule.p, (int)m->file.len,
		    (const char *)m->file.p, m->line);
	tui_put(t, &line, NULL, NULL);
	text_fini(&line);
	return 0;
}

#define MCP_ASKED 1 /* the answer to /mcp, not the news that one has ended */

static void
cmd_mcp(struct tui *t, const char *args)
{
	(void)args;
	tui_say(t, ST_HEAD, "MCP servers");
	front_send(
	    t->f, ROLE_GATE, MCP_ASKED, MSG_SERVERS, &(struct msg_servers){});
}

int
tui_on_server(struct front *f, uint32_t id, struct msg_server *m)
{
	static const char *const states[] = {
	    [SERVER_STARTING] = "it starts",
	    [SERVER_READY] = "ready: ",
	    [SERVER_ENDED] = "not there: ",
	};
	struct tui *t = f->state;
	uint32_t i;

	if (m->last) {
		if (m->says.len > 0)
			tui_say(t, ST_DIM, "  %.*s", (int)m->says.len,
			    (const char *)m->says.p);
		tui_gap(t);
		return 0;
	}
	if (id != MCP_ASKED) {
		tui_say(t, ST_WARN, "MCP server %.*s: %.*s", (int)m->name.len,
		    (const char *)m->name.p, (int)m->says.len,
		    (const char *)m->says.p);
		return 0;
	}
	tui_say(t, m->state == SERVER_ENDED ? ST_WARN : ST_PLAIN,
	    "  %.*s  %s%.*s", (int)m->name.len, (const char *)m->name.p,
	    states[m->state], (int)m->says.len, (const char *)m->says.p);
	for (i = 0; i < m->tools.n; i++)
		tui_say(t, ST_DIM, "    %.*s", (int)m->tools.v[i].len,
		    (const char *)m->tools.v[i].p);
	return 0;
}

static void
cmd_vim(struct tui *t, const char *args)
{
	(void)args;
	t->conf.vi = !t->conf.vi;
	t->vi_command = false;
	tui_notice(t, t->conf.vi ? "the keys of vi: Esc leaves inserting"
				 : "the keys of /keys");
}

static void
cmd_undo_hint(struct tui *t, const char *args)
{
	(void)args;
	front_send(t->f, ROLE_GATE, 0, MSG_CHANGES, &(struct msg_changes){});
}

static void
cmd_copy(struct tui *t, const char *args)
{
	(void)args;
	if (t->last.len == 0)
		tui_notice(t, "there is no answer yet");
	else if (buf_err(&t->last) != 0 ||
		 term_copy(&t->term, buf_data(&t->last), t->last.len) != 0)
		tui_notice(t, "the answer is too long for a clipboard");
	else
		tui_notice(t, "the last answer was sent to the clipboard");
}

static void
cmd_transcript(struct tui *t, const char *args)
{
	(void)args;
	pager_open(t);
}

static void
cmd_keys(struct tui *t, const char *args)
{
	unsigned a;

	(void)args;
	tui_say(t, ST_HEAD, "Keys");
	for (a = 0; a < ACT_COUNT; a++)
		tui_say(t, ST_PLAIN, "  %-16s %-14s %s", bind_rows[a].name,
		    bind_hint((enum action)a), bind_rows[a].help);
	tui_gap(t);
}

static void
cmd_theme(struct tui *t, const char *args)
{
	if (strcmp(args, "light") == 0)
		t->term.theme = THEME_LIGHT;
	else if (strcmp(args, "dark") == 0)
		t->term.theme = THEME_DARK;
	else if (strcmp(args, "none") == 0)
		t->term.theme = THEME_NONE;
	else
		tui_notice(t, "/theme dark, light or none");
	tui_resized(t);
}

static void
cmd_policy(struct tui *t, const char *args)
{
	(void)args;
	(void)wish(t, WANT_POLICY, bytes_of(""));
}

static void
cmd_audit(struct tui *t, const char *args)
{
	(void)args;
	(void)wish(t, WANT_AUDIT, bytes_of(""));
}

/* What its makers would ask first, and no word of the conversation. */
static void
cmd_feedback_to_file(struct tui *t, const char *args)
{
	char *s;

	if (*args == '\0') {
		tui_notice(t, "/feedback-to-file WORDS");
		return;
	}
	s = xasprintf("session %s, version %s, model %s, sandbox %s, tier %s, "
		      "%ux%u %s\n%s\n\n",
	    t->f->proc.session, fact(t->conf.version), fact(t->conf.model),
	    fact(t->conf.sandbox), fact(t->conf.tier), t->term.cols,
	    t->term.rows, fact(getenv("TERM")), args);
	(void)wish(t, WANT_FEEDBACK, bytes_of(s));
	free(s);
}

static void
cmd_quit(struct tui *t, const char *args)
{
	(void)args;
	tui_quit(t, 0);
}

static void cmd_help(struct tui *t, const char *args);

struct slash_row {
	const char *name;
	const char *args; /* as help shows them; "" if there are none */
	const char *help;
	void (*fn)(struct tui *t, const char *args);
};

static const struct slash_row slash_rows[] = {
#define SLASH(fn, name, args, help) {name, args, help, cmd_##fn},
#include "ui/slash.def"
#undef SLASH
    {NULL, NULL, NULL, NULL},
};

static void
cmd_help(struct tui *t, const char *args)
{
	const struct slash_row *r;
	const struct custom *c;
	char head[64];

	(void)args;
	tui_say(t, ST_HEAD, "Commands");
	for (r = slash_rows; r->name != NULL; r++) {
		(void)snprintf(head, sizeof(head), "/%s %s", r->name, r->args);
		tui_say(t, ST_PLAIN, "  %-24s %s", head, r->help);
	}
	for (c = custom_first(); c != NULL; c = c->next)
		tui_say(t, ST_PLAIN, "  /%-23s %s", c->name,
		    "(your own, from a file)");
	tui_say(t, ST_PLAIN, "  %-24s %s", "!COMMAND",
	    "run a command of your own in the cell");
	tui_say(t, ST_PLAIN, "  %-24s %s", "?",
	    "the keys in short, while the prompt is empty");
	tui_gap(t);
}

bool
slash_run(struct tui *t, const char *line)
{
	size_t n = strcspn(line + 1, " \n\t");
	const char *args = line + 1 + n + strspn(line + 1 + n, " \n\t");
	const struct slash_row *r;
	char *s;

	for (r = slash_rows; r->name != NULL; r++)
		if (strlen(r->name) == n && memcmp(r->name, line + 1, n) == 0) {
			r->fn(t, args);
			return true;
		}
	s = custom_expand(line + 1, n, args);
	if (s != NULL) {
		tui_prompt(t, s, strlen(s));
		free(s);
		return true;
	}
	if (memchr(line + 1, '/', n) != NULL || n == 0)
		return false; /* a path begins a prompt, too */
	tui_notice(
	    t, "there is no command /%.*s; /help lists them", (int)n, line + 1);
	composer_set(&t->composer, line, strlen(line));
	return true;
}

/* The list that goes with what was typed, of which a window is shown. */
struct offers {
	struct lines *rows; /* borrowed */
	const char *typed;  /* borrowed */
	size_t len;
	size_t n, top, max, chosen;
	char *dst; /* borrowed: what the chosen one stands for */
	size_t size;
};

static void
offer(struct offers *o, const char *name, const char *help)
{
	bool chosen = o->n == o->chosen;
	struct text *row;

	if (strncmp(name, o->typed, o->len) != 0)
		return;
	if (chosen)
		(void)snprintf(o->dst, o->size, "/%s ", name);
	if (o->n++ < o->top || o->rows->n == o->max)
		return;
	row = lines_new(o->rows);
	text_adds(row, ST_ACCENT, chosen ? "› " : "  ");
	text_addf(row, chosen ? ST_USER : ST_PLAIN, "/%-17s ", name);
	text_adds(row, ST_DIM, help);
}

size_t
slash_complete(struct tui *t, struct lines *rows, size_t max, size_t chosen,
    size_t *from, char *dst, size_t size)
{
	const struct composer *d = &t->composer;
	struct offers o = {.rows = rows,
	    .max = max,
	    .chosen = chosen,
	    .top = chosen >= max ? chosen - max + 1 : 0,
	    .dst = dst,
	    .size = size};
	const struct slash_row *r;
	const struct custom *c;

	*dst = '\0';
	if (mention_complete(t, rows, max, chosen, from, dst, size) > 0)
		return rows->n;
	*from = 0;
	if (d->len == 0 || d->s[0] != '/' ||
	    memchr(d->s, ' ', d->cur) != NULL ||
	    memchr(d->s, '\n', d->len) != NULL)
		return 0;
	o.typed = d->s + 1;
	o.len = d->cur - 1;
	for (r = slash_rows; r->name != NULL; r++)
		offer(&o, r->name, r->help);
	for (c = custom_first(); c != NULL; c = c->next)
		offer(&o, c->name, "(your own)");
	return o.n;
}
