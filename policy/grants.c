/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what a person has granted in a session.
 *
 * A grant is bound to the hash that the question had, so it is for exactly
 * what was shown and nothing that resembles it; unless the person has named
 * the first words of a command, with which others may begin.  Time and hashes
 * are the caller's.
 */

#include "config.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "shell/classify.h"

#include "policy/decide.h"
#include "policy/grants.h"

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
grants_next(const struct grants *gs, const struct grant *g)
{
	size_t i = g == NULL ? 0 : (size_t)(g - gs->v) + 1;

	for (; i < GRANTS_MAX; i++)
		if (gs->v[i].number != 0 && gs->v[i].call == 0)
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

/* No redirection, no pattern, nothing that a shell would put something else
 * for. */
static bool
is_plain(const struct shell_verdict *v)
{
	const struct shell_command *c = v->split.commands;
	size_t i;

	if (v->class < SHELL_OTHER || v->split.ncommands != 1 ||
	    c->nassign > 0 || c->nredirs > 0 || c->nwords == 0 || c->group ||
	    c->subshell || c->negated || c->join != SHELL_END)
		return false;
	for (i = 0; i < c->nwords; i++)
		if ((c->words[i].flags & (SHELL_TILDE | SHELL_GLOB)) != 0)
			return false;
	return true;
}

bool
grant_words(const struct request *rq, struct buf *words)
{
	const struct shell_where where = {rq->cwd, rq->workspace};
	struct shell_verdict v;
	bool plain;
	size_t i;

	buf_clear(words);
	if (rq->line != NULL)
		shell_classify(&v, rq->line, strlen(rq->line), &where);
	else
		shell_classify_argv(&v, rq->argv, rq->argc, &where);
	plain = is_plain(&v);
	for (i = 0; plain && i < v.split.commands[0].nwords; i++)
		(void)buf_add(words, v.split.commands[0].words[i].s,
		    v.split.commands[0].words[i].len + 1);
	shell_verdict_fini(&v);
	return plain && buf_err(words) == 0;
}

void
grant_bind(const struct request *rq, const char *rule, struct bytes rights,
    bool tty, uint8_t hash[32])
{
	const char *cwd = rq->cwd == NULL ? rq->workspace : rq->cwd;
	const uint8_t terminal = tty;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)cwd, strlen(cwd) + 1);
	SHA256Update(&ctx, (const uint8_t *)rule, strlen(rule) + 1);
	SHA256Update(&ctx, &terminal, 1);
	SHA256Update(&ctx, rights.p, rights.len);
	SHA256Final(hash, &ctx);
}
