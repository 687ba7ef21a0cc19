/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: the conversation.
 *
 * Each item is put into the provider's words once and never again: a request
 * sends those bytes as they lie.  The canonical item goes to the transcript,
 * from which a later run takes the conversation up.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "json/json.h"
#include "model/instructions.h"
#include "model/model.h"
#include "model/tools.h"

#define ITEM_MAX       (64u << 20) /* bytes of one item */
#define LINE_MAX       60000       /* bytes of a line that is no item */
#define TRANSCRIPT_MAX (1u << 30)
#define DOCUMENTS_MAX  (16u << 20)

static void
history_line(struct buf *b, const struct json *item)
{
	char when[CLOCK_RFC3339_SIZE];

	buf_init_bulk(b, ITEM_MAX + 4096);
	clock_rfc3339(when, sizeof(when), clock_wall_ns());
	(void)buf_addf(b, "{\"time\":\"%s\",\"type\":\"item\",\"item\":", when);
	(void)json_write(b, item);
	(void)buf_addc(b, '}');
}

/* The words up to and with the person's first message are the opening. */
static int
history_words(struct model *m, const struct json *item)
{
	int r = m->provider->add(&m->history, item);

	if (r == 0 && m->opening.len == 0 && json_is(item, "role", "user"))
		r = buf_add(&m->opening, buf_data(&m->history), m->history.len);
	return r;
}

int
history_add(struct model *m, const struct json *item)
{
	int r = history_words(m, item);
	struct buf line;

	if (r != 0)
		return r;
	history_line(&line, item);
	r = notes_add(m, &line, false);
	buf_fini(&line);
	return r;
}

int
history_add_answer(struct model *m, const struct json *item, struct buf *from)
{
	struct buf line;
	int r;

	history_line(&line, item);
	r = notes_hold(m, &line);
	buf_fini(&line);
	if (r != 0)
		return r;
	buf_from(&m->history, from);
	r = history_words(m, item);
	buf_from(&m->history, NULL);
	return r;
}

void
history_drop(struct model *m)
{
	m->history.len = m->answer_mark;
	notes_drop(m);
}

void
history_reopen(struct model *m)
{
	buf_clear(&m->history);
	(void)buf_add(&m->history, buf_data(&m->opening), m->opening.len);
}

int
history_add_text(struct model *m, struct bytes text)
{
	struct json *item;
	int r;

	item = json_parse(text.p, text.len, ITEM_MAX, &r);
	if (item != NULL)
		r = history_add(m, item);
	json_free(item);
	return r;
}

int
history_message(struct model *m, const char *role, struct bytes text)
{
	struct jsonw w;
	struct buf b;
	int r;

	buf_init(&b, ITEM_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "message");
	jsonw_kstr(&w, "role", role);
	jsonw_name(&w, "content");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_kstr(&w, "type",
	    strcmp(role, "assistant") == 0 ? "output_text" : "input_text");
	jsonw_kstrn(&w, "text", text);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	r = buf_err(&b);
	if (r == 0)
		r = history_add_text(m, (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	return r;
}

/* The beginning. */

static void
begin_documents(struct buf *out, const struct json *c)
{
	const struct json *docs = json_member(c, "documents"), *d;
	size_t i, n = json_length(docs);

	if (n == 0)
		return;
	(void)buf_addf(out,
	    "# AGENTS.md instructions for %s\n\n"
	    "<INSTRUCTIONS>\n",
	    json_str(c, "cwd"));
	for (i = 0; i < n; i++) {
		struct bytes text;

		d = json_item(docs, i);
		text = json_text(json_member(d, "text"));
		(void)buf_addf(out, "%s<!-- %s -->\n", i == 0 ? "" : "\n\n",
		    json_str(d, "path"));
		(void)buf_add(out, text.p, text.len);
	}
	(void)buf_adds(out, "\n</INSTRUCTIONS>\n\n");
}

static void
begin_environment(struct model *m, struct buf *out, const struct msg_context *c,
    const struct json *facts)
{
	const struct json *git = json_member(facts, "git");
	char date[32] = "", zone[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	uint32_t i;

	(void)localtime_r(&now, &tm);
	(void)strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	(void)strftime(zone, sizeof(zone), "%Z", &tm);
	(void)buf_addf(out,
	    "<environment_context>\n  <cwd>%s</cwd>\n"
	    "  <shell>%.*s</shell>\n  <current_date>%s</current_date>\n"
	    "  <timezone>%s</timezone>\n",
	    m->settings.cwd, (int)c->shell.len, (const char *)c->shell.p, date,
	    zone);
	if (*json_str(git, "branch") != '\0')
		(void)buf_addf(out, "  <git_branch>%s</git_branch>\n",
		    json_str(git, "branch"));
	(void)buf_adds(out, "  <writable_roots>\n");
	for (i = 0; i < c->writable.n; i++)
		(void)buf_addf(out, "    <root>%.*s</root>\n",
		    (int)c->writable.v[i].len,
		    (const char *)c->writable.v[i].p);
	(void)buf_addf(out,
	    "  </writable_roots>\n  <network>%.*s</network>\n"
	    "  <escalation>%.*s</escalation>\n",
	    (int)c->network.len, (const char *)c->network.p,
	    (int)c->escalate.len, (const char *)c->escalate.p);
	(void)buf_addf(out,
	    "  <policy_profile>%.*s</policy_profile>\n"
	    "  <approvals_by>%.*s</approvals_by>\n</environment_context>",
	    (int)c->profile.len, (const char *)c->profile.p,
	    (int)c->approval.len, (const char *)c->approval.p);
}

static int
begin_items(
    struct model *m, const struct msg_context *c, const struct json *facts)
{
	const struct settings *s = &m->settings;
	struct buf text;
	int r;

	r = history_message(m, "developer",
	    bytes_of(*s->instructions != '\0' ? s->instructions
					      : instructions_text));
	if (r == 0 && *s->developer != '\0')
		r = history_message(m, "developer", bytes_of(s->developer));
	buf_init(&text, DOCUMENTS_MAX);
	begin_documents(&text, facts);
	begin_environment(m, &text, c, facts);
	if (r == 0)
		r = buf_err(&text);
	if (r == 0)
		r = history_message(
		    m, "user", (struct bytes){buf_data(&text), text.len});
	buf_fini(&text);
	return r;
}

/* What a thread has used, in its transcript and back again. */
static const struct {
	const char *name;
	size_t at;
} usage_members[] = {{"input", offsetof(struct usage, input)},
    {"cached", offsetof(struct usage, cached)},
    {"cache_write", offsetof(struct usage, cache_write)},
    {"output", offsetof(struct usage, output)},
    {"reasoning", offsetof(struct usage, reasoning)}};
#define USAGE_MEMBERS (sizeof(usage_members) / sizeof(usage_members[0]))

static uint64_t *
usage_member(struct usage *u, size_t i)
{
	return (uint64_t *)((char *)u + usage_members[i].at);
}

void
history_turn_end(struct model *m)
{
	struct jsonw w;
	struct buf b;
	size_t i;

	buf_init(&b, LINE_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "turn_end");
	jsonw_name(&w, "usage");
	jsonw_object(&w);
	for (i = 0; i < USAGE_MEMBERS; i++)
		jsonw_ku64(
		    &w, usage_members[i].name, *usage_member(&m->used, i));
	jsonw_end(&w);
	jsonw_ku64(&w, "microusd", m->cost);
	jsonw_ku64(&w, "window", m->window_used);
	jsonw_end(&w);
	(void)notes_add(m, &b, true);
	buf_fini(&b);
}

static void
resume_usage(struct model *m, const struct json *end)
{
	const struct json *usage = json_member(end, "usage");
	int64_t n = json_number(json_member(end, "window"));
	size_t i;

	m->window_used = n > 0 ? (uint64_t)n : 0;
	n = json_number(json_member(end, "microusd"));
	m->cost = n > 0 ? (uint64_t)n : 0;
	for (i = 0; usage != NULL && i < USAGE_MEMBERS; i++) {
		n = json_number(json_member(usage, usage_members[i].name));
		if (n > 0)
			*usage_member(&m->used, i) = (uint64_t)n;
	}
}

static void
note_session(struct model *m)
{
	char when[CLOCK_RFC3339_SIZE];
	struct jsonw w;
	struct buf b;

	clock_rfc3339(when, sizeof(when), clock_wall_ns());
	buf_init(&b, LINE_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "time", when);
	jsonw_kstr(&w, "type", "session");
	jsonw_kstr(&w, "id", m->proc.session);
	jsonw_kstr(&w, "cwd", m->settings.cwd);
	jsonw_kstr(&w, "model", m->settings.model);
	jsonw_kbool(&w, "resumed", m->settings.resume);
	jsonw_end(&w);
	(void)notes_add(m, &b, false);
	buf_fini(&b);
}

int
history_begin(struct model *m, const struct msg_context *c)
{
	struct json *facts = NULL;
	struct buf text;
	int r, err;

	r = tools_write(&m->tools, &c->tools, m->provider->custom_tools,
	    &m->offers, m->settings.web_search);
	tools_offers_fini(&m->offers);
	if (r != 0)
		return r;
	note_session(m);
	buf_init(&text, DOCUMENTS_MAX);
	if (c->documents != -1 && fd_read_memfd(c->documents, &text) == 0)
		facts =
		    json_parse(buf_data(&text), text.len, DOCUMENTS_MAX, &err);
	front_place(m, facts);
	if (!m->settings.resume) /* the old conversation began with all this */
		r = begin_items(m, c, facts);
	json_free(facts);
	buf_fini(&text);
	return r;
}

static int
resume_item(struct model *m, const struct json *item)
{
	results_resume(m, item);
	return history_words(m, item);
}

/* A transcript's item lines, in order, are the conversation. */
static int
resume_line(struct model *m, const char *line, size_t len)
{
	struct json *j;
	int r = 0;

	j = json_parse(line, len, ITEM_MAX, &r);
	if (j == NULL) {
		/* A crash tore it, and the next run ended it. */
		log_warn(
		    "a line of the transcript is left out: %s", err_str(r));
		return 0;
	}
	if (json_is(j, "type", "item")) {
		r = resume_item(m, json_member(j, "item"));
		past_item(json_member(j, "item"));
	} else if (json_is(j, "type", "compaction")) {
		results_clear(m);
		history_reopen(m);
		m->window_used = 0;
	} else if (json_is(j, "type", "turn_end"))
		resume_usage(m, j);
	json_free(j);
	return r;
}

int
history_resume(struct model *m, int fd, char *why, size_t size)
{
	const char *p, *end, *eol;
	struct buf text;
	size_t n = 0;
	int r;

	buf_init(&text, TRANSCRIPT_MAX);
	r = fd_read_all(fd, &text);
	p = (const char *)buf_data(&text);
	end = p + text.len;
	for (; r == 0 && p < end; p = eol + 1) {
		n++;
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL) /* torn at the end: it was never durable */
			break;
		r = resume_line(m, p, (size_t)(eol - p));
	}
	if (r == 0)
		r = results_resume_end(m);
	if (r == 0)
		past_show(m);
	else
		(void)snprintf(why, size,
		    "the transcript cannot be read (line %zu): %s", n,
		    err_str(r));
	buf_fini(&text);
	return r;
}
