/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: asking the policy, and the grants of a person in this session. */

#include "config.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"

#include "gate/judge.h"

void
judge_init(struct judge *j)
{
	memset(j, 0, sizeof(*j));
}

void
judge_fini(struct judge *j)
{
	size_t i;

	for (i = 0; i < j->ngrants; i++)
		free(j->grants[i].text);
}

int
judge_rule(struct judge *j, struct bytes body)
{
	(void)j;
	(void)body;
	return 0;
}

int
judge_conf(struct judge *j, const char *key, struct bytes value)
{
	(void)j;
	(void)key;
	(void)value;
	return 0;
}

int
judge_ready(struct judge *j, const char *cwd)
{
	(void)j;
	(void)cwd;
	return 0;
}

static void
hash_word(SHA2_CTX *ctx, const char *s)
{
	SHA256Update(ctx, (const uint8_t *)s, strlen(s) + 1);
}

static void
hash_list(SHA2_CTX *ctx, char *const *v, size_t n)
{
	uint32_t count = (uint32_t)n;
	size_t i;

	SHA256Update(ctx, (const uint8_t *)&count, sizeof(count));
	for (i = 0; i < n; i++)
		hash_word(ctx, v[i]);
}

void
subject_hash(
    const struct subject *s, const struct decision *d, uint8_t hash[32])
{
	uint8_t flags = (uint8_t)(s->tty | s->escalate << 1);
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	hash_word(&ctx, s->tool);
	hash_word(&ctx, s->cwd);
	hash_list(&ctx, s->argv, s->argc);
	hash_list(&ctx, s->reads, s->nreads);
	hash_list(&ctx, s->writes, s->nwrites);
	SHA256Update(&ctx, &flags, 1);
	SHA256Update(&ctx, buf_data(&d->grant), d->grant.len);
	SHA256Final(hash, &ctx);
}

static const struct session_grant *
granted(const struct judge *j, const uint8_t hash[32])
{
	size_t i;

	for (i = 0; i < j->ngrants; i++)
		if (j->grants[i].number != 0 &&
		    memcmp(j->grants[i].hash, hash, 32) == 0)
			return &j->grants[i];
	return NULL;
}

void
judge_decide(const struct judge *j, const struct subject *s, struct decision *d)
{
	uint8_t hash[32];

	d->verdict = VERDICT_ALLOW;
	subject_hash(s, d, hash);
	if (d->verdict == VERDICT_ASK && granted(j, hash) != NULL)
		d->verdict = VERDICT_APPROVED;
}

void
decision_fini(struct decision *d)
{
	buf_fini(&d->grant);
}

void
judge_grant(struct judge *j, const struct subject *s, const struct decision *d,
    struct bytes scope)
{
	struct session_grant *g;

	if (j->ngrants == JUDGE_GRANTS_MAX)
		return; /* it was for this once, then */
	g = &j->grants[j->ngrants++];
	g->number = (uint32_t)j->ngrants;
	g->text = xstrndup((const char *)scope.p, scope.len);
	subject_hash(s, d, g->hash);
}

void
judge_revoke(struct judge *j, uint32_t number)
{
	if (number >= 1 && number <= j->ngrants)
		j->grants[number - 1].number = 0;
}

void
judge_grants(const struct judge *j, struct chan *front, uint32_t id)
{
	struct msg_grant m;
	size_t i;

	for (i = 0; i < j->ngrants; i++) {
		if (j->grants[i].number == 0)
			continue;
		m = (struct msg_grant){.number = j->grants[i].number,
		    .text = bytes_of(j->grants[i].text)};
		(void)chan_send(front, id, MSG_GRANT, &m);
	}
	m = (struct msg_grant){.last = true};
	(void)chan_send(front, id, MSG_GRANT, &m);
}

void
judge_context(const struct judge *j, struct msg_context *m)
{
	(void)j;
	(void)m;
}

void
judge_print_grant(const struct decision *d, struct jsonw *w)
{
	jsonw_ku64(w, "grant_bytes", d->grant.len);
}
