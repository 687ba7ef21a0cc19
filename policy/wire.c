/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: rules on their way from cordon-load to main and gate.
 *
 * A body is a kind and then fields, each a tag, a length and bytes, in any
 * order; a list repeats its tag.  The reader takes nothing for granted: the
 * sender has parsed files that others wrote.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "policy/rule.h"

enum body_kind { BODY_RULE = 1, BODY_DEFAULTS = 2, BODY_TEST = 3 };

enum tag {
	T_ID = 1,
	T_REASON,
	T_FILE,
	T_LINE,
	T_LAYER,
	T_EFFECT,
	T_LOCKED,
	T_PROGRAM,
	T_ARG, /* a new argument pattern: its kind */
	T_ARG_WORD,
	T_READ,
	T_WRITE,
	T_NET,
	T_TOOL,
	T_MCP,
	T_MATCH,
	T_NOT_MATCH,
	T_EXEC,
	T_D_WRITE,
	T_D_NET,
	T_ESCALATE,
	T_LIMITS,
	T_ENV,
	T_GIVEN,
	T_RUN,
	T_DENIED,
	T_ARGS, /* args were given, perhaps none */
	T_END
};

static void
put(struct buf *out, enum tag tag, const void *p, size_t len)
{
	(void)buf_add_u8(out, (uint8_t)tag);
	(void)buf_add_u32(out, (uint32_t)len);
	(void)buf_add(out, p, len);
}

static void
put_text(struct buf *out, enum tag tag, const char *s)
{
	if (s != NULL)
		put(out, tag, s, strlen(s));
}

static void
put_byte(struct buf *out, enum tag tag, unsigned n)
{
	uint8_t b = (uint8_t)n;

	put(out, tag, &b, 1);
}

static void
put_line(struct buf *out, enum tag tag, uint32_t n)
{
	(void)buf_add_u8(out, (uint8_t)tag);
	(void)buf_add_u32(out, sizeof(n));
	(void)buf_add_u32(out, n);
}

static void
put_words(struct buf *out, enum tag tag, const struct words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		put_text(out, tag, w->v[i]);
}

int
rule_encode(const struct rule *r, struct buf *out)
{
	size_t i;

	(void)buf_add_u8(out, BODY_RULE);
	put_text(out, T_ID, r->id);
	put_text(out, T_REASON, r->reason);
	put_text(out, T_FILE, r->file);
	put_line(out, T_LINE, r->line);
	put_byte(out, T_LAYER, r->layer);
	put_byte(out, T_EFFECT, r->effect);
	put_byte(out, T_LOCKED, r->locked);
	put_words(out, T_PROGRAM, &r->program);
	if (!r->any_args)
		put_byte(out, T_ARGS, 1);
	for (i = 0; i < r->nargs; i++) {
		put_byte(out, T_ARG, r->args[i].kind);
		put_words(out, T_ARG_WORD, &r->args[i].words);
	}
	put_words(out, T_READ, &r->read);
	put_words(out, T_WRITE, &r->write);
	put_words(out, T_NET, &r->net);
	put_words(out, T_TOOL, &r->tool);
	put_words(out, T_MCP, &r->mcp);
	put_words(out, T_MATCH, &r->match);
	put_words(out, T_NOT_MATCH, &r->not_match);
	return buf_err(out);
}

int
defaults_encode(
    const struct defaults *d, enum policy_layer layer, struct buf *out)
{
	struct spec limits = {.limits = d->limits};
	struct buf b;

	(void)buf_add_u8(out, BODY_DEFAULTS);
	put_byte(out, T_LAYER, layer);
	put_byte(out, T_EXEC, d->exec);
	put_byte(out, T_D_WRITE, d->write);
	put_byte(out, T_D_NET, d->net);
	put_byte(out, T_ESCALATE, d->escalate);
	put_words(out, T_ENV, &d->env);
	buf_init(&b, 4096);
	if (spec_encode(&limits, &b) == 0)
		put(out, T_LIMITS, buf_data(&b), b.len);
	buf_fini(&b);
	return buf_err(out);
}

int
policy_test_encode(const struct policy_test *t, struct buf *out)
{
	(void)buf_add_u8(out, BODY_TEST);
	put_text(out, T_FILE, t->file);
	put_line(out, T_LINE, t->line);
	put_byte(out, T_EFFECT, t->expect);
	put_text(out, T_GIVEN, t->given);
	put_text(out, T_RUN, t->run);
	put_words(out, T_DENIED, &t->denied);
	return buf_err(out);
}

/* Decoding: one struct holds whatever kind it turns out to be. */
struct body {
	struct rule rule;
	struct defaults defaults;
	struct policy_test test;
	enum policy_layer layer;
};

static int
take_text(char **dst, struct bytes b)
{
	if (*dst != NULL || !utf8_valid_str(b.p, b.len))
		return ERR_FORMAT;
	*dst = xmemdup(b.p, b.len);
	return 0;
}

static int
take_word(struct words *w, struct bytes b)
{
	if (w->n == POLICY_WORDS_MAX || !utf8_valid_str(b.p, b.len))
		return ERR_FORMAT;
	words_add(w, b);
	return 0;
}

static int
take_byte(unsigned *n, struct bytes b, unsigned max)
{
	if (b.len != 1 || b.p[0] > max)
		return ERR_FORMAT;
	*n = b.p[0];
	return 0;
}

static int
take_line(uint32_t *line, struct bytes b)
{
	uint64_t n;

	if (b.len != sizeof(*line) || bytes_take_number(&b, b.len, &n) != 0)
		return ERR_FORMAT;
	*line = (uint32_t)n;
	return 0;
}

static int
take_arg(struct rule *r, struct bytes b)
{
	unsigned kind;

	if (r->nargs == POLICY_WORDS_MAX || take_byte(&kind, b, ARG_REST) != 0)
		return ERR_FORMAT;
	r->args = xreallocarray(r->args, r->nargs + 1, sizeof(r->args[0]));
	r->args[r->nargs++] =
	    (struct arg_pattern){(enum arg_kind)kind, {NULL, 0}};
	return 0;
}

static int
take_limits(struct defaults *d, struct bytes b)
{
	struct spec s;
	int r = spec_decode(&s, b);

	if (r != 0)
		return r;
	d->limits = s.limits;
	spec_fini(&s);
	return 0;
}

/* Tags whose value is a list of the rule, default or test. */
static struct words *
body_list(struct body *b, unsigned tag)
{
	switch (tag) {
	case T_PROGRAM:
		return &b->rule.program;
	case T_READ:
		return &b->rule.read;
	case T_WRITE:
		return &b->rule.write;
	case T_NET:
		return &b->rule.net;
	case T_TOOL:
		return &b->rule.tool;
	case T_MCP:
		return &b->rule.mcp;
	case T_MATCH:
		return &b->rule.match;
	case T_NOT_MATCH:
		return &b->rule.not_match;
	case T_ENV:
		return &b->defaults.env;
	case T_DENIED:
		return &b->test.denied;
	default:
		return b->rule.nargs > 0 && tag == T_ARG_WORD
			   ? &b->rule.args[b->rule.nargs - 1].words
			   : NULL;
	}
}

static int
body_number(struct body *b, unsigned tag, struct bytes v)
{
	unsigned n = 0;
	int r = ERR_FORMAT;

	if (tag == T_LAYER && (r = take_byte(&n, v, POLICY_PROJECT)) == 0)
		b->layer = b->rule.layer = (enum policy_layer)n;
	else if (tag == T_EFFECT && (r = take_byte(&n, v, EFFECT_FORBID)) == 0)
		b->rule.effect = b->test.expect = (enum effect)n;
	else if (tag == T_LOCKED && (r = take_byte(&n, v, 1)) == 0)
		b->rule.locked = n == 1;
	else if (tag == T_ARGS && (r = take_byte(&n, v, 1)) == 0)
		b->rule.any_args = false;
	else if (tag == T_EXEC && (r = take_byte(&n, v, EXEC_FORBID)) == 0)
		b->defaults.exec = (enum exec_default)n;
	else if (tag == T_D_WRITE && (r = take_byte(&n, v, THREE_YES)) == 0)
		b->defaults.write = (enum three)n;
	else if (tag == T_D_NET && (r = take_byte(&n, v, THREE_YES)) == 0)
		b->defaults.net = (enum three)n;
	else if (tag == T_ESCALATE && (r = take_byte(&n, v, THREE_YES)) == 0)
		b->defaults.escalate = (enum three)n;
	return r;
}

static int
body_field(struct body *b, unsigned tag, struct bytes v)
{
	struct words *list = body_list(b, tag);

	if (list != NULL)
		return take_word(list, v);
	switch (tag) {
	case T_ID:
		return take_text(&b->rule.id, v);
	case T_REASON:
		return take_text(&b->rule.reason, v);
	case T_FILE:
		if (take_text(&b->rule.file, v) != 0)
			return ERR_FORMAT;
		return take_text(&b->test.file, v);
	case T_LINE:
		(void)take_line(&b->test.line, v);
		return take_line(&b->rule.line, v);
	case T_ARG:
		return take_arg(&b->rule, v);
	case T_GIVEN:
		return take_text(&b->test.given, v);
	case T_RUN:
		return take_text(&b->test.run, v);
	case T_LIMITS:
		return take_limits(&b->defaults, v);
	default:
		return body_number(b, tag, v);
	}
}

static void
body_fini(struct body *b)
{
	rule_fini(&b->rule);
	words_fini(&b->defaults.env);
	free(b->test.file);
	free(b->test.given);
	free(b->test.run);
	words_fini(&b->test.denied);
}

static int
body_keep(struct policy *p, struct body *b, unsigned kind)
{
	if (kind == BODY_DEFAULTS) {
		policy_defaults(p, b->layer, &b->defaults);
		return 0;
	}
	if (kind == BODY_TEST) {
		if (b->test.given == NULL && b->test.run == NULL)
			return ERR_FORMAT;
		policy_test_add(p, &b->test);
		return 0;
	}
	if (b->rule.id == NULL || b->rule.file == NULL ||
	    b->rule.effect == EFFECT_NONE)
		return ERR_FORMAT;
	return policy_add(p, &b->rule);
}

int
policy_decode(struct policy *p, struct bytes body)
{
	struct bytes value;
	struct body b;
	uint64_t kind, tag;
	int r;

	memset(&b, 0, sizeof(b));
	rule_init(&b.rule);
	r = bytes_take_number(&body, 1, &kind);
	if (r == 0 && (kind < BODY_RULE || kind > BODY_TEST))
		r = ERR_FORMAT;
	while (r == 0 && body.len > 0) {
		r = bytes_take_number(&body, 1, &tag);
		if (r == 0)
			r = bytes_take(&body, &value);
		if (r == 0)
			r = body_field(&b, (unsigned)tag, value);
	}
	if (r == 0)
		r = body_keep(p, &b, (unsigned)kind);
	body_fini(&b);
	return r;
}
