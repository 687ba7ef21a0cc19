/* SPDX-License-Identifier: Apache-2.0 */

/* Model: its settings, by key. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "model/settings.h"

#define NUMBER_MAX INT64_MAX

enum setting_kind { TEXT, NUMBER, SMALL, FLAG, DOLLARS };

struct setting {
	const char *key;
	enum setting_kind kind;
	size_t offset;
};

#define AT(member) offsetof(struct settings, member)

static const struct setting table[] = {{"model", TEXT, AT(model)},
    {"provider.base_url", TEXT, AT(base_url)},
    {"provider.wire_api", TEXT, AT(wire_api)},
    {"provider.query", TEXT, AT(query)},
    {"provider.request_max_retries", SMALL, AT(request_retries)},
    {"provider.stream_max_retries", SMALL, AT(stream_retries)},
    {"provider.stream_idle_timeout_ms", NUMBER, AT(idle_ms)},
    {"provider.token", FLAG, AT(wants_token)},
    {"provider.refresh_interval_ms", NUMBER, AT(refresh_ms)},
    {"model_reasoning_effort", TEXT, AT(effort)},
    {"model_reasoning_summary", TEXT, AT(summary)},
    {"model_verbosity", TEXT, AT(verbosity)},
    {"model_max_output_tokens", NUMBER, AT(max_output_tokens)},
    {"model_context_window", NUMBER, AT(window)},
    {"model_auto_compact_token_limit", NUMBER, AT(compact_at)},
    {"model_auto_compact_percent", NUMBER, AT(compact_percent)},
    {"session.instructions", TEXT, AT(instructions)},
    {"developer_instructions", TEXT, AT(developer)},
    {"web_search", TEXT, AT(web_search)},
    {"tool_output_token_limit", NUMBER, AT(output_tokens)},
    {"budget.tokens", NUMBER, AT(budget_tokens)},
    {"budget.wall_ms", NUMBER, AT(budget_ms)},
    {"budget.usd", DOLLARS, AT(budget_microusd)},
    {"session.cwd", TEXT, AT(cwd)}, {"session.shell", TEXT, AT(shell)},
    {"session.headless", FLAG, AT(headless)},
    {"session.resume", FLAG, AT(resume)}};

#define ROWS (sizeof(table) / sizeof(table[0]))

static char **
settings_text(struct settings *s, const struct setting *row)
{
	return (char **)(void *)((char *)s + row->offset);
}

void
settings_init(struct settings *s)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < ROWS; i++)
		if (table[i].kind == TEXT)
			*settings_text(s, &table[i]) = xstrdup("");
	s->request_retries = 4;
	s->stream_retries = 5;
	s->idle_ms = 300000;
	s->connect_ms = 30000;
	s->compact_percent = 90;
}

/* "1.25" is 1250000 millionths. */
static int
settings_dollars(const char *text, uint64_t *micro)
{
	uint64_t whole = 0, part = 0, unit = 1000000;

	for (; *text >= '0' && *text <= '9'; text++) {
		if (whole > NUMBER_MAX / 100000000)
			return ERR_RANGE;
		whole = whole * 10 + (uint64_t)(*text - '0');
	}
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++) {
			unit /= 10;
			part += unit * (uint64_t)(*text - '0');
		}
	*micro = whole * 1000000 + part;
	return *text == '\0' ? 0 : ERR_FORMAT;
}

static int
settings_row(struct settings *s, const struct setting *row, const char *text)
{
	char *at = (char *)s + row->offset;
	const char *why = NULL;
	uint64_t n = 0;
	uint32_t small;
	int r = 0;

	switch (row->kind) {
	case TEXT:
		free(*settings_text(s, row));
		*settings_text(s, row) = xstrdup(text);
		return 0;
	case FLAG:
		*(bool *)at =
		    strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
		return 0;
	case DOLLARS:
		r = settings_dollars(text, &n);
		memcpy(at, &n, sizeof(n));
		return r;
	case NUMBER:
	case SMALL:
		n = (uint64_t)strtonum(text, 0,
		    row->kind == SMALL ? UINT32_MAX : NUMBER_MAX, &why);
		small = (uint32_t)n;
		if (row->kind == SMALL)
			memcpy(at, &small, sizeof(small));
		else
			memcpy(at, &n, sizeof(n));
		break;
	}
	return why == NULL ? 0 : ERR_RANGE;
}

/* "MODEL\nINPUT\nCACHED\nOUTPUT", of which the numbers may be empty: 0. */
static int
settings_add_price(struct settings *s, char *text)
{
	struct price *p = &s->prices[s->nprices];
	uint64_t *const to[] = {&p->in, &p->cached, &p->out};
	const char *model = strsep(&text, "\n"), *word;
	size_t i;

	if (s->nprices == SETTINGS_PRICES_MAX)
		return ERR_SPACE;
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		word = strsep(&text, "\n");
		if (word == NULL || settings_dollars(word, to[i]) != 0)
			return ERR_FORMAT;
	}
	p->model = xstrdup(model);
	s->nprices++;
	return 0;
}

const struct price *
settings_price(const struct settings *s, const char *model)
{
	uint32_t i;

	for (i = 0; i < s->nprices; i++)
		if (strcmp(s->prices[i].model, model) == 0)
			return &s->prices[i];
	return NULL;
}

int
settings_set(struct settings *s, struct bytes key, struct bytes value)
{
	char *text;
	size_t i;
	int r = 0;

	text = xmemdup(value.p, value.len);
	if (bytes_is(key, "provider.header")) {
		if (s->nheaders == SETTINGS_HEADERS_MAX) {
			free(text);
			return ERR_SPACE;
		}
		s->headers[s->nheaders++] = text;
		return 0;
	}
	for (i = 0; i < ROWS && !bytes_is(key, table[i].key); i++)
		;
	if (bytes_is(key, "model_price"))
		r = settings_add_price(s, text);
	else if (i < ROWS)
		r = settings_row(s, &table[i], text);
	free(text);
	return r;
}
