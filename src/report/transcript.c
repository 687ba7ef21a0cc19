/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the lines of a transcript. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "report/lines.h"
#include "report/transcript.h"

/* The texts of a message's parts, one below the other. */
static void
add_content(struct buf *out, const struct json *content)
{
	struct bytes text = json_text(content);
	size_t i;

	(void)buf_add(out, text.p, text.len);
	for (i = 0;
	     json_kind(content) == JSON_T_ARRAY && i < json_length(content);
	     i++) {
		text = json_text(json_member(json_item(content, i), "text"));
		if (out->len > 0 && text.len > 0)
			(void)buf_addc(out, '\n');
		(void)buf_add(out, text.p, text.len);
	}
}

/* What the person did not write: it stands before the first prompt. */
static bool
is_context(const struct buf *text)
{
	static const char *const begins[] = {"# AGENTS.md instructions",
	    "<environment_context>", "<INSTRUCTIONS>"};
	size_t i, n;

	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		n = strlen(begins[i]);
		if (text->len >= n && memcmp(buf_data(text), begins[i], n) == 0)
			return true;
	}
	return false;
}

static enum note_kind
item_kind_of(struct note *n, const struct json *item)
{
	if (json_is(item, "type", "message")) {
		add_content(&n->text, json_member(item, "content"));
		if (json_is(item, "role", "assistant"))
			return NOTE_ASSISTANT;
		return json_is(item, "role", "user") && !is_context(&n->text)
			   ? NOTE_USER
			   : NOTE_OTHER;
	}
	n->name = json_str(item, "name");
	if (json_is(item, "type", "function_call")) {
		add_content(&n->text, json_member(item, "arguments"));
		return NOTE_CALL;
	}
	if (json_is(item, "type", "custom_tool_call")) {
		add_content(&n->text, json_member(item, "input"));
		return NOTE_CALL;
	}
	if (json_is(item, "type", "function_call_output") ||
	    json_is(item, "type", "custom_tool_call_output")) {
		add_content(&n->text, json_member(item, "output"));
		return NOTE_RESULT;
	}
	return NOTE_OTHER;
}

static void
note_init(struct note *n, struct bytes line)
{
	struct json *j;
	int err;

	memset(n, 0, sizeof(*n));
	n->raw = line;
	n->time = n->name = "";
	buf_init(&n->text, NOTE_TEXT_MAX);
	n->line = j = json_parse(line.p, line.len, NOTE_TEXT_MAX, &err);
	if (json_kind(j) != JSON_T_OBJECT)
		return;
	n->time = json_str(j, "time");
	if (json_is(j, "type", "item"))
		n->kind = item_kind_of(n, json_member(j, "item"));
	else if (json_is(j, "type", "session"))
		n->kind = NOTE_SESSION;
	else if (json_is(j, "type", "turn_end"))
		n->kind = NOTE_TURN_END;
	else if (json_is(j, "type", "archive"))
		n->kind = NOTE_ARCHIVE;
	else if (json_is(j, "type", "title")) {
		n->kind = NOTE_TITLE;
		add_content(&n->text, json_member(j, "text"));
	}
}

int
note_each(int fd, note_fn *fn, void *arg)
{
	struct bytes line;
	struct lines l;
	struct note n;
	int r, stop = 0;

	lines_init(&l, fd, LINES_MAX);
	while (stop == 0 && (r = lines_next(&l, &line.p, &line.len)) == 1) {
		note_init(&n, line);
		stop = fn(arg, &n);
		json_free(n.line);
		buf_fini(&n.text);
	}
	lines_fini(&l);
	return stop != 0 ? stop : r;
}

const char *
note_word(enum note_kind kind)
{
	static const char *const words[] = {[NOTE_USER] = "you",
	    [NOTE_ASSISTANT] = "model",
	    [NOTE_CALL] = "call",
	    [NOTE_RESULT] = "result",
	    [NOTE_ARCHIVE] = NULL};

	return words[kind];
}

/* The first line of a text, as much of it as fits. */
static void
set_title(struct summary *s, const struct buf *text)
{
	struct bytes rest = {buf_data(text), text->len}, line = {NULL, 0};

	while (rest.len > 0 && (*rest.p == '\n' || *rest.p == ' ')) {
		rest.p++;
		rest.len--;
	}
	(void)bytes_line(&rest, &line);
	if (line.len > sizeof(s->title) - 1)
		line.len = utf8_complete(line.p, sizeof(s->title) - 1);
	(void)snprintf(s->title, sizeof(s->title), "%.*s", (int)line.len,
	    (const char *)line.p);
}

void
summary_add(struct summary *s, const struct note *n)
{
	if (*n->time != '\0') {
		if (s->created[0] == '\0')
			(void)strlcpy(s->created, n->time, sizeof(s->created));
		(void)strlcpy(s->updated, n->time, sizeof(s->updated));
	}
	if (n->kind == NOTE_SESSION) {
		(void)strlcpy(s->cwd, json_str(n->line, "cwd"), sizeof(s->cwd));
		(void)strlcpy(
		    s->model, json_str(n->line, "model"), sizeof(s->model));
	} else if (n->kind == NOTE_TITLE) {
		set_title(s, &n->text);
		s->named = true;
	} else if (n->kind == NOTE_USER && s->title[0] == '\0')
		set_title(s, &n->text);
	else if (n->kind == NOTE_TURN_END)
		s->turns++;
	else if (n->kind == NOTE_ARCHIVE)
		s->archived = json_bool(json_member(n->line, "archived"));
}
