/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Login: what an issuer answers.
 *
 * The tokens are JSON Web Tokens, of which two claims are of use: when it
 * expires, and which account it is for.  They are not verified: they came
 * from the issuer itself over TLS, and the provider judges them.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "json/json.h"
#include "login/grant.h"

#define GRANT_JSON_MAX (256u << 10)
#define CLAIM_GROUP    "https://api.openai.com/auth"
#define CLAIM_ACCOUNT  "chatgpt_account_id"

void
grant_init(struct grant *g)
{
	memset(g, 0, sizeof(*g));
	buf_init(&g->access, GRANT_TOKEN_MAX);
	buf_init(&g->refresh, GRANT_TOKEN_MAX);
}

void
grant_fini(struct grant *g)
{
	buf_wipe(&g->access);
	buf_wipe(&g->refresh);
}

int
grant_b64url(struct buf *out, const void *p, size_t len)
{
	size_t from = out->len;
	char *c;

	if (jsonw_b64(out, p, len) != 0)
		return buf_err(out);
	while (out->len > from && buf_data(out)[out->len - 1] == '=')
		out->len--;
	for (c = buf_cstr(out) + from; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return 0;
}

int
grant_form(struct buf *out, const char *name, struct bytes value)
{
	size_t i;

	(void)buf_addf(out, "%s%s=", out->len > 0 ? "&" : "", name);
	for (i = 0; i < value.len; i++)
		if (isalnum(value.p[i]) ||
		    (value.p[i] != '\0' && strchr("-._*", value.p[i]) != NULL))
			(void)buf_addc(out, (char)value.p[i]);
		else
			(void)buf_addf(out, "%%%02X", value.p[i]);
	return buf_err(out);
}

static int
b64url_value(uint8_t c)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c == '\0' ? NULL : strchr(abc, c);

	return at == NULL ? -1 : (int)(at - abc);
}

/* The claims of a JWT: its middle part, decoded and read; NULL if it is none.
 */
static struct json *
grant_claims(struct bytes jwt)
{
	const uint8_t *dot = memchr(jwt.p, '.', jwt.len), *p;
	uint32_t bits = 0;
	struct json *j = NULL;
	struct buf text;
	unsigned n = 0;
	int v, err;

	buf_init(&text, GRANT_TOKEN_MAX);
	for (p = dot == NULL ? jwt.p + jwt.len : dot + 1;
	     p < jwt.p + jwt.len && (v = b64url_value(*p)) >= 0; p++) {
		bits = bits << 6 | (uint32_t)v;
		n += 6;
		if (n >= 8) {
			n -= 8;
			(void)buf_addc(&text, (char)(bits >> n & 0xFF));
		}
	}
	if (p < jwt.p + jwt.len && *p == '.')
		j = json_parse(
		    buf_data(&text), text.len, GRANT_TOKEN_MAX, &err);
	buf_wipe(&text);
	return j;
}

/* A token becomes part of a header and of a line of a file. */
static int
grant_token(struct buf *out, const struct json *j, const char *name)
{
	struct bytes t = json_text(json_member(j, name));
	size_t i;

	for (i = 0; i < t.len; i++)
		if (t.p[i] < 0x21 || t.p[i] > 0x7E)
			return ERR_FORMAT;
	return buf_add(out, t.p, t.len);
}

static void
grant_account(struct grant *g, struct bytes jwt)
{
	struct json *claims = grant_claims(jwt);
	struct bytes id = json_text(
	    json_member(json_member(claims, CLAIM_GROUP), CLAIM_ACCOUNT));
	size_t i;

	for (i = 0; i < id.len && (isalnum(id.p[i]) || id.p[i] == '-'); i++)
		;
	if (i == id.len && i > 0)
		(void)bytes_copy(g->account, sizeof(g->account), id);
	json_free(claims);
}

static void
grant_expiry(struct grant *g, const struct json *j, uint64_t now)
{
	struct bytes access = {buf_data(&g->access), g->access.len};
	struct json *claims = grant_claims(access);
	int64_t in = json_number(json_member(j, "expires_in"));
	int64_t at = json_number(json_member(claims, "exp"));

	if (in > 0 && in < INT32_MAX)
		g->expires = now + (uint64_t)in;
	else if (at > 0)
		g->expires = (uint64_t)at;
	json_free(claims);
}

/* {"error": "...", "error_description": "..."}, or an object of them. */
static void
grant_refusal(struct grant *g, const struct json *j)
{
	const struct json *e = json_member(j, "error");
	const char *code = json_str(j, "error");
	const char *text = json_str(j, "error_description");

	if (json_kind(e) == JSON_T_OBJECT) {
		code = json_str(e, "code");
		text = json_str(e, "message");
	}
	if (*code != '\0' || *text != '\0')
		(void)snprintf(g->why, sizeof(g->why), "%.60s%s%.180s", code,
		    *code != '\0' && *text != '\0' ? ": " : "", text);
}

int
grant_read(struct grant *g, struct bytes text, uint64_t now)
{
	struct json *j;
	int r;

	j = json_parse(text.p, text.len, GRANT_JSON_MAX, &r);
	if (j == NULL)
		return r;
	grant_refusal(g, j);
	r = grant_token(&g->access, j, "access_token");
	if (r == 0)
		r = grant_token(&g->refresh, j, "refresh_token");
	if (r == 0 && g->access.len == 0)
		r = ERR_FORMAT;
	if (r == 0) {
		grant_account(g, json_text(json_member(j, "id_token")));
		if (*g->account == '\0')
			grant_account(g, (struct bytes){buf_data(&g->access),
					     g->access.len});
		grant_expiry(g, j, now);
	}
	json_free(j);
	return r;
}
