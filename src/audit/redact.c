/* SPDX-License-Identifier: Apache-2.0 */

/* Library: keys that must not stay in a log. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "audit/redact.h"

enum charset { WORD, UPPER, HEX, TOKEN };

/* A key: its prefix, and at least min more characters of one set. */
struct form {
	const char *name; /* what stands in its place */
	const char *prefix;
	enum charset set;
	size_t min;
};

static const struct form forms[] = {
    {"Anthropic key", "sk-ant-", TOKEN, 20},
    {"OpenAI key", "sk-proj-", TOKEN, 20},
    {"OpenRouter key", "sk-or-", TOKEN, 20},
    {"API key", "sk-", WORD, 20},
    {"Stripe key", "sk_live_", WORD, 16},
    {"Stripe key", "rk_live_", WORD, 16},
    {"GitHub token", "ghp_", WORD, 30},
    {"GitHub token", "gho_", WORD, 30},
    {"GitHub token", "ghu_", WORD, 30},
    {"GitHub token", "ghs_", WORD, 30},
    {"GitHub token", "ghr_", WORD, 30},
    {"GitHub token", "github_pat_", TOKEN, 20},
    {"GitLab token", "glpat-", TOKEN, 16},
    {"Slack token", "xoxb-", TOKEN, 10},
    {"Slack token", "xoxp-", TOKEN, 10},
    {"Slack token", "xoxa-", TOKEN, 10},
    {"Slack token", "xoxs-", TOKEN, 10},
    {"AWS key id", "AKIA", UPPER, 16},
    {"AWS key id", "ASIA", UPPER, 16},
    {"Google key", "AIza", TOKEN, 35},
    {"Google token", "ya29.", TOKEN, 20},
    {"npm token", "npm_", WORD, 36},
    {"PyPI token", "pypi-", TOKEN, 30},
    {"Hugging Face token", "hf_", WORD, 30},
    {"DigitalOcean token", "dop_v1_", HEX, 64},
};

/* With what any of them begins. */
static const bool first[256] = {['s'] = true,
    ['r'] = true,
    ['g'] = true,
    ['x'] = true,
    ['A'] = true,
    ['y'] = true,
    ['n'] = true,
    ['p'] = true,
    ['h'] = true,
    ['d'] = true,
    ['e'] = true,
    ['-'] = true};

static const char jwt_prefix[] = "eyJ";
static const char pem_prefix[] = "-----BEGIN ";
static const char pem_key[] = "PRIVATE KEY-----";

static bool
is_in(enum charset set, uint8_t c)
{
	bool digit = c >= '0' && c <= '9';
	bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';

	switch (set) {
	case UPPER:
		return digit || upper;
	case HEX:
		return digit || (c >= 'a' && c <= 'f');
	case TOKEN:
		return digit || upper || lower || c == '_' || c == '-';
	case WORD:
		break;
	}
	return digit || upper || lower;
}

static size_t
run_of(enum charset set, const uint8_t *p, size_t len)
{
	size_t n;

	for (n = 0; n < len && is_in(set, p[n]); n++)
		;
	return n;
}

static bool
begins(const uint8_t *p, size_t len, const char *text)
{
	size_t n = strlen(text);

	return len >= n && memcmp(p, text, n) == 0;
}

/* Three runs joined by dots (RFC 7519). */
static size_t
jwt(const uint8_t *p, size_t len)
{
	size_t n = 0, run;
	int part;

	if (!begins(p, len, jwt_prefix))
		return 0;
	for (part = 0; part < 3; part++) {
		run = run_of(TOKEN, p + n, len - n);
		if (run < 10)
			return 0;
		n += run;
		if (part < 2 && (n == len || p[n++] != '.'))
			return 0;
	}
	return n;
}

/* To the end of the block, or of the JSON string if that comes first. */
static size_t
pem(const uint8_t *p, size_t len)
{
	static const char end[] = "-----END ";
	const uint8_t *label, *stop;
	size_t n, head;

	if (!begins(p, len, pem_prefix))
		return 0;
	head = len < 64 ? len : 64;
	label = memmem(p, head, pem_key, sizeof(pem_key) - 1);
	if (label == NULL || memchr(p, '"', (size_t)(label - p)) != NULL)
		return 0;
	for (n = (size_t)(label - p); n < len && p[n] != '"'; n++) {
		if (p[n] == '\\' && n + 1 < len)
			n++;
		else if (begins(p + n, len - n, end)) {
			head = len - n < 64 ? len - n : 64;
			stop =
			    memmem(p + n, head, pem_key, sizeof(pem_key) - 1);
			if (stop != NULL)
				return (size_t)(stop - p) + sizeof(pem_key) - 1;
		}
	}
	return n < len ? n : len;
}

/* The length of the key at p and its name, or 0. */
static size_t
match(const uint8_t *p, size_t len, const char **name)
{
	size_t i, n, run;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].prefix[0] != (char)*p ||
		    !begins(p, len, forms[i].prefix))
			continue;
		n = strlen(forms[i].prefix);
		run = run_of(forms[i].set, p + n, len - n);
		*name = forms[i].name;
		if (run >= forms[i].min)
			return n + run;
	}
	*name = "JSON Web Token";
	n = jwt(p, len);
	if (n == 0) {
		*name = "private key";
		n = pem(p, len);
	}
	return n;
}

int
redact(struct buf *out, struct bytes json)
{
	size_t at, n, from = 0;
	const char *name;
	bool word = false;
	int found = 0;

	for (at = 0; at < json.len; at += n) {
		n = 1;
		/* A key begins where no word goes on. */
		if (!word && first[json.p[at]]) {
			n = match(json.p + at, json.len - at, &name);
			if (n > 0) {
				(void)buf_add(out, json.p + from, at - from);
				(void)buf_addf(out, "[redacted: %s]", name);
				from = at + n;
				found++;
				continue;
			}
			n = 1;
		}
		word = is_in(WORD, json.p[at]);
		if (word)
			n = run_of(WORD, json.p + at, json.len - at);
		if (json.p[at] == '\\' && at + 1 < json.len) {
			n = 2; /* \n is no letter */
			word = false;
		}
	}
	(void)buf_add(out, json.p + from, json.len - from);
	return buf_err(out) != 0 ? buf_err(out) : found;
}
