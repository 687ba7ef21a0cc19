/* SPDX-License-Identifier: Apache-2.0 */

/* Library: JSON in pieces, of which some is left out. */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "json/skim.h"

#define OTHER SIZE_MAX /* at: the string is not the name */

void
json_skim_init(struct json_skim *s, const char *name)
{
	memset(s, 0, sizeof(*s));
	s->name = name;
}

/* A byte of a string that tells something: all but the plain ones behind what
 * differs from the name. */
static void
skim_string(struct json_skim *s, uint8_t c)
{
	if (s->escaped || c == '\\') {
		s->escaped = !s->escaped;
		s->at = OTHER;
	} else if (c == '"')
		s->state = s->at != OTHER && s->name[s->at] == '\0'
			       ? SKIM_NAME
			       : SKIM_VALUE;
	else if (s->at != OTHER)
		s->at = (uint8_t)s->name[s->at] == c ? s->at + 1 : OTHER;
}

/* A byte outside of strings; true if what is left out begins or ends. */
static bool
skim_mark(struct json_skim *s, uint8_t c)
{
	bool named = s->state == SKIM_COLON && c == '[';

	if (c == '"') {
		s->state = SKIM_STRING;
		s->at = s->depth > 0 ? OTHER : 0;
		return false;
	}
	if (c == ':' && s->state == SKIM_NAME)
		s->state = SKIM_COLON;
	else if (c > ' ')
		s->state = SKIM_VALUE;
	if (s->depth > 0 && (c == '[' || c == '{'))
		s->depth++;
	else if (s->depth > 0 && (c == ']' || c == '}'))
		return --s->depth == 0;
	if (named)
		s->depth = 1;
	return named;
}

int
json_skim(struct json_skim *s, struct buf *out, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i, from = 0;

	for (i = 0; i < len; i++) {
		if (s->state == SKIM_STRING) {
			if (s->at == OTHER && !s->escaped)
				i += utf8_plain(p + i, len - i);
			if (i < len)
				skim_string(s, p[i]);
			continue;
		}
		if (!skim_mark(s, p[i]))
			continue;
		if (s->depth > 0) /* the mark itself stays */
			(void)buf_add(out, p + from, i + 1 - from);
		from = i;
	}
	if (s->depth == 0)
		(void)buf_add(out, p + from, len - from);
	return buf_err(out);
}
