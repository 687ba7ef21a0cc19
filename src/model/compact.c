/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: compaction.  A conversation that grows too long is handed to the
 * model once more, with the wish for a summary; the opening and that summary
 * are then the whole conversation.  The person is shown the summary, and the
 * transcript keeps what was before.
 */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "json/json.h"
#include "model/item.h"
#include "model/model.h"

#define COMPACT_WINDOW   200000 /* tokens, where the window is not known */
#define COMPACT_WISH_MAX 4096   /* bytes */
#define COMPACT_LINE_MAX 256

static const char wish[] =
    "The conversation is about to be cut; what you write now is all that "
    "will be kept of it. Write, for whoever goes on with the work: what the "
    "person asked for, in their words where they matter; what was done and "
    "what was found, with paths, commands and results; what is still open "
    "and the next step. Only the summary, no tool calls.";

static const char preface[] =
    "What follows is a summary of this conversation so far. Go on from "
    "there.\n\n";

bool
compact_due(const struct model *m)
{
	const struct settings *s = &m->settings;
	uint64_t window = s->window > 0 ? s->window : COMPACT_WINDOW;
	uint64_t limit = s->compact_at > 0 ? s->compact_at
					   : window / 100 * s->compact_percent;

	return m->compact.wanted ||
	       (m->window_used >= limit && m->history.len > m->opening.len);
}

/* The wish is no part of the conversation, so it is a piece of its own. */
int
compact_ask(struct model *m)
{
	struct json *item;
	struct jsonw w;
	struct buf b, words;
	int r;

	buf_clear(&m->compact.text);
	buf_clear(&m->compact.wish);
	buf_init(&words, COMPACT_WISH_MAX);
	buf_init(&b, COMPACT_WISH_MAX);
	(void)buf_adds(&b, "{\"type\":\"message\",\"role\":\"user\","
			   "\"content\":[{\"type\":\"input_text\",\"text\":");
	jsonw_init(&w, &b);
	jsonw_str(&w, wish);
	(void)buf_adds(&b, "}]}");
	item = json_parse(buf_data(&b), b.len, b.len, &r);
	if (item != NULL)
		r = m->provider->add(&words, item);
	(void)buf_addc(&m->compact.wish, ',');
	(void)buf_add(&m->compact.wish, buf_data(&words), words.len);
	json_free(item);
	buf_fini(&words);
	buf_fini(&b);
	return r;
}

/* Of the answer only its words count. */
void
compact_item(struct model *m, const struct json *item)
{
	if (json_is(item, "type", "message"))
		item_text(&m->compact.text, json_member(item, "content"));
}

int
compact_done(struct model *m)
{
	struct buf text;
	int r;

	m->compact.asking = m->compact.wanted = false;
	if (m->compact.text.len == 0)
		return ERR_FORMAT;
	front_item(m, m->item_base, ITEM_REASONING,
	    (struct bytes){buf_data(&m->compact.text), m->compact.text.len});
	buf_init(&text, COMPACT_LINE_MAX);
	(void)buf_adds(&text, "{\"type\":\"compaction\"}");
	(void)notes_add(m, &text, false);
	history_reopen(m);
	m->window_used = 0;
	buf_init(&text, HISTORY_MAX);
	(void)buf_adds(&text, preface);
	(void)buf_add(&text, buf_data(&m->compact.text), m->compact.text.len);
	r = buf_err(&text);
	if (r == 0)
		r = history_message(
		    m, "user", (struct bytes){buf_data(&text), text.len});
	buf_fini(&text);
	return r;
}
