/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what a person has granted in a session.
 *
 * A grant is bound to the hash that the question had, so it is for exactly
 * what was shown and nothing that resembles it; unless the person has named
 * what else it is for.  Time and hashes
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
#include "policy/net.h"

#define HOST_SIZE 256 /* bytes of a name, with its NUL */

static void
grant_free(struct grant *g)
{
	free(g->text);
	free(g->names);
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

/* Words, each with a NUL behind. */
static const char *
next_name(struct bytes *rest)
{
	const char *name = (const char *)rest->p;
	size_t n = rest->len == 0 ? 0 : strlen(name) + 1;

	rest->p += n;
	rest->len -= n;
	return n == 0 ? NULL : name;
}

static bool
host_covers(const char *pattern, const char *place)
{
	char host[HOST_SIZE];
	unsigned port;

	return policy_host(place, host, sizeof(host), &port) &&
	       host_matches(pattern, host, port);
}

static bool
path_covers(const char *pattern, const char *path)
{
	return strcmp(pattern, path) == 0 ||
	       (str_ends(pattern, "/") && str_starts(path, pattern));
}

/* Each that is asked about by one of names. */
static bool
covers(enum grant_for kind, struct bytes names, struct bytes asked)
{
	const char *pattern, *name;
	struct bytes rest;

	if (kind == GRANT_FOR_WORDS)
		return names.len > 0 && names.len <= asked.len &&
		       memcmp(names.p, asked.p, names.len) == 0;
	if (asked.len == 0)
		return false;
	if (kind == GRANT_FOR_WRITES) /* as the gate has asked about it */
		return names.len > 0 && spec_beneath((const char *)asked.p,
					    (const char *)names.p);
	while ((name = next_name(&asked)) != NULL) {
		rest = names;
		while ((pattern = next_name(&rest)) != NULL)
			if (kind == GRANT_FOR_HOSTS
				? host_covers(pattern, name)
				: path_covers(pattern, name))
				break;
		if (pattern == NULL)
			return false;
	}
	return true;
}

void
grants_widen(struct grants *gs, uint32_t number, enum grant_for kind,
    const uint8_t hash[32], struct bytes names, struct bytes asked)
{
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		if (number == 0 || gs->v[i].number != number ||
		    !covers(kind, names, asked))
			continue;
		memcpy(gs->v[i].hash, hash, sizeof(gs->v[i].hash));
		gs->v[i].kind = kind;
		gs->v[i].names = xmemdup(names.p, names.len);
		gs->v[i].names_len = names.len;
	}
}

uint32_t
grants_cover(
    const struct grants *gs, const uint8_t hash[32], struct bytes asked)
{
	const struct grant *g;
	struct bytes names;
	size_t i;

	for (i = 0; i < GRANTS_MAX; i++) {
		g = &gs->v[i];
		names = (struct bytes){(const uint8_t *)g->names, g->names_len};
		if (g->kind != GRANT_FOR_EXACT &&
		    memcmp(g->hash, hash, sizeof(g->hash)) == 0 &&
		    covers(g->kind, names, asked))
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
		    g->kind == GRANT_FOR_EXACT &&
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
grant_bind(const struct request *rq, enum grant_for kind, const char *rule,
    struct bytes rights, bool tty, uint8_t hash[32])
{
	const char *tool = rq->tool == NULL ? "" : rq->tool;
	const char *cwd = rq->cwd == NULL ? rq->workspace : rq->cwd;
	const uint8_t how[] = {(uint8_t)kind, tty};
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)tool, strlen(tool) + 1);
	SHA256Update(&ctx, (const uint8_t *)cwd, strlen(cwd) + 1);
	SHA256Update(&ctx, (const uint8_t *)rule, strlen(rule) + 1);
	SHA256Update(&ctx, how, sizeof(how));
	SHA256Update(&ctx, rights.p, rights.len);
	SHA256Final(hash, &ctx);
}
