/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: what was said last in a session that is gone on with, so that the
 * person sees where it stood.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/model.h"

#define PAST_MAX  20      /* messages that are shown again */
#define PAST_TEXT 1000000 /* bytes of one */

static struct {
	enum item_kind kind;
	char *text; /* owned */
	size_t len;
} past[PAST_MAX];
static size_t npast; /* of all, the last PAST_MAX are kept */

/* What we put into the conversation before the person said a word. */
static bool
is_ours(struct bytes text)
{
	static const char *const heads[] = {
	    "# AGENTS.md instructions", "<environment_context>"};
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (text.len > strlen(heads[i]) &&
		    memcmp(text.p, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

void
past_item(const struct json *item)
{
	const struct json *parts = json_member(item, "content");
	bool user = json_is(item, "role", "user");
	struct bytes text;
	size_t i, at;

	if (!user && !json_is(item, "role", "assistant"))
		return;
	for (i = 0; i < json_length(parts); i++) {
		text = json_text(json_member(json_item(parts, i), "text"));
		if (text.len == 0 || text.len > PAST_TEXT || is_ours(text))
			continue;
		at = npast++ % PAST_MAX;
		free(past[at].text);
		past[at].kind = user ? ITEM_USER : ITEM_MESSAGE;
		past[at].text = xmemdup(text.p, text.len);
		past[at].len = text.len;
	}
}

void
past_show(struct model *m)
{
	size_t i = npast > PAST_MAX ? npast - PAST_MAX : 0, at;

	for (; i < npast; i++) {
		at = i % PAST_MAX;
		if (!m->settings.headless)
			front_item(m, 0, past[at].kind,
			    (struct bytes){
				(uint8_t *)past[at].text, past[at].len});
		free(past[at].text);
		past[at].text = NULL;
	}
	npast = 0;
}
