/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: the grants of a person in this session.
 *
 * A grant is bound to the hash that the question had, so it is for exactly
 * what was shown and nothing that resembles it; unless the person has named
 * the first words of a command, with which others may begin.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "gate/grants.h"

static void
grant_free(struct grant *g)
{
	free(g->text);
	free(g->words);
	memset(g, 0, sizeof(*g));
}

void
grants_fini(struct grants *gs)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++)
		grant_free(&gs->v[i]);
}

uint32_t
grants_add(struct grants *gs, const uint8_t hash[32], uint32_t call,
    struct bytes text, uint64_t until)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX && gs->v[i].number != 0; i++)
		;
	if (i == GRANTS_MAX)
		return 0;
	gs->v[i] = (struct grant){.number = ++gs->last,
	    .call = call,
	    .until = until,
	    .text = xstrndup((const char *)text.p, text.len)};
	memcpy(gs->v[i].hash, hash, sizeof(gs->v[i].hash));
	return gs->last;
}

void
grants_widen(struct grants *gs, uint32_t number, const uint8_t hash[32],
    struct bytes words)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		if (number == 0 || gs->v[i].number != number)
			continue;
		memcpy(gs->v[i].hash, hash, sizeof(gs->v[i].hash));
		gs->v[i].words = xmemdup(words.p, words.len);
		gs->v[i].words_len = words.len;
	}
}

uint32_t
grants_begin(
    const struct grants *gs, const uint8_t hash[32], struct bytes words)
{
	const struct grant *g;
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		g = &gs->v[i];
		if (g->words != NULL && g->words_len <= words.len &&
		    memcmp(g->words, words.p, g->words_len) == 0 &&
		    memcmp(g->hash, hash, sizeof(g->hash)) == 0)
			return g->number;
	}
	return 0;
}

bool
grants_have(const struct grants *gs, const uint8_t hash[32], uint32_t call)
{
	const struct grant *g;
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		g = &gs->v[i];
		if (g->number != 0 && (g->call == 0 || g->call == call) &&
		    g->words == NULL &&
		    memcmp(g->hash, hash, sizeof(g->hash)) == 0)
			return true;
	}
	return false;
}

void
grants_forget(struct grants *gs, uint32_t call)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++)
		if (gs->v[i].number != 0 && gs->v[i].call == call)
			grant_free(&gs->v[i]);
}

const struct grant *
grants_find(const struct grants *gs, uint32_t number)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++)
		if (number != 0 && gs->v[i].number == number &&
		    gs->v[i].call == 0)
			return &gs->v[i];
	return NULL;
}

const struct grant *
grants_expired(const struct grants *gs, uint64_t now)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++)
		if (gs->v[i].number != 0 && gs->v[i].until != 0 &&
		    gs->v[i].until <= now)
			return &gs->v[i];
	return NULL;
}

void
grants_remove(struct grants *gs, uint32_t number)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++)
		if (number != 0 && gs->v[i].number == number)
			grant_free(&gs->v[i]);
}

void
grants_tell(
    const struct grants *gs, struct chan *front, uint32_t id, uint64_t now)
{
	const struct grant *g;
	struct msg_grant m;
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		g = &gs->v[i];
		if (g->number == 0 || g->call != 0)
			continue;
		m = (struct msg_grant){.number = g->number,
		    .text = bytes_of(g->text),
		    .minutes = (uint32_t)((g->until - now + 59999) / 60000)};
		(void)chan_send(front, id, MSG_GRANT, &m);
	}
	m = (struct msg_grant){.last = true};
	(void)chan_send(front, id, MSG_GRANT, &m);
}
