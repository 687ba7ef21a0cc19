/* SPDX-License-Identifier: Apache-2.0 */

/* Library: keys that must not stay in a log. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "audit/redact.h"

enum charset { WORD, UPPER, HEX, TOKEN, DOTTED, BASE64, ADDRESS };

/* A key: its prefix, and at least min more characters of one set.  apart: the
 * prefix alone is too common, so no letter or digit may stand before it. */
struct form {
	const char *name; /* what stands in its place */
	const char *prefix;
	enum charset set;
	size_t min;
	bool apart;
};

/* clang-format off */
static const struct form forms[] = {
    {"Anthropic key", "sk-ant-", TOKEN, 20, true},
    {"OpenAI key", "sk-proj-", TOKEN, 20, true},
    {"OpenRouter key", "sk-or-", TOKEN, 20, true},
    {"OpenAI key", "sk-svcacct-", TOKEN, 20, true},
    {"OpenAI key", "sk-admin-", TOKEN, 20, true},
    {"API key", "sk-", WORD, 20, true},
    {"Cerebras key", "csk-", WORD, 40, true},
    {"NVIDIA key", "nvapi-", TOKEN, 40, false},
    {"LangSmith key", "lsv2_", TOKEN, 40, false},
    {"Groq key", "gsk_", WORD, 40, false},
    {"xAI key", "xai-", WORD, 60, false},
    {"Perplexity key", "pplx-", WORD, 40, false},
    {"Replicate token", "r8_", WORD, 36, true},
    {"Hugging Face token", "hf_", WORD, 30, true},
    {"Hugging Face token", "api_org_", WORD, 30, true},
    {"Stripe key", "sk_live_", WORD, 16, false},
    {"Stripe key", "rk_live_", WORD, 16, false},
    {"Stripe key", "sk_test_", WORD, 16, false},
    {"Stripe key", "rk_test_", WORD, 16, false},
    {"Stripe key", "sk_prod_", WORD, 16, false},
    {"Stripe key", "rk_prod_", WORD, 16, false},
    {"Stripe secret", "whsec_", WORD, 30, false},
    {"Square token", "sq0atp-", TOKEN, 20, false},
    {"Square secret", "sq0csp-", TOKEN, 20, false},
    {"Square token", "EAAA", TOKEN, 56, true},
    {"GitHub token", "ghp_", WORD, 30, false},
    {"GitHub token", "gho_", WORD, 30, false},
    {"GitHub token", "ghu_", WORD, 30, false},
    {"GitHub token", "ghs_", WORD, 30, false},
    {"GitHub token", "ghr_", WORD, 30, false},
    {"GitHub token", "github_pat_", TOKEN, 20, false},
    {"GitLab token", "glpat-", TOKEN, 16, false},
    {"GitLab token", "gldt-", TOKEN, 16, false},
    {"GitLab token", "glrt-", TOKEN, 16, false},
    {"GitLab token", "glptt-", TOKEN, 16, false},
    {"GitLab token", "glcbt-", TOKEN, 16, false},
    {"GitLab token", "glffct-", TOKEN, 16, false},
    {"GitLab token", "glft-", TOKEN, 16, false},
    {"GitLab token", "glimt-", TOKEN, 16, false},
    {"GitLab token", "glagent-", TOKEN, 16, false},
    {"GitLab token", "gloas-", TOKEN, 16, false},
    {"GitLab token", "glsoat-", TOKEN, 16, false},
    {"GitLab token", "GR1348941", TOKEN, 20, true},
    {"GitLab session", "_gitlab_session=", WORD, 32, false},
    {"Bitbucket token", "ATBB", WORD, 28, true},
    {"Atlassian token", "ATATT3", TOKEN, 60, true},
    {"Slack token", "xoxb-", TOKEN, 10, false},
    {"Slack token", "xoxp-", TOKEN, 10, false},
    {"Slack token", "xoxa-", TOKEN, 10, false},
    {"Slack token", "xoxs-", TOKEN, 10, false},
    {"Slack token", "xoxe-", TOKEN, 10, false},
    {"Slack token", "xoxr-", TOKEN, 10, false},
    {"Slack token", "xoxo-", TOKEN, 10, false},
    {"Slack token", "xapp-", TOKEN, 20, false},
    {"Slack address", "hooks.slack.com/services/", BASE64, 30, false},
    {"Slack address", "hooks.slack.com/workflows/", BASE64, 30, false},
    {"Slack address", "hooks.slack.com/triggers/", BASE64, 30, false},
    {"Teams address", "webhook.office.com/webhookb2/", ADDRESS, 60, false},
    {"AWS key id", "AKIA", UPPER, 16, true},
    {"AWS key id", "ASIA", UPPER, 16, true},
    {"AWS key id", "ABIA", UPPER, 16, true},
    {"AWS key id", "ACCA", UPPER, 16, true},
    {"AWS Bedrock key", "ABSK", BASE64, 100, true},
    {"AWS Bedrock key", "bedrock-api-key-", BASE64, 20, false},
    {"AWS secret", "aws_secret_access_key=", BASE64, 40, false},
    {"AWS secret", "aws_secret_access_key = ", BASE64, 40, false},
    {"AWS secret", "AWS_SECRET_ACCESS_KEY=", BASE64, 40, false},
    {"AWS token", "aws_session_token=", BASE64, 100, false},
    {"AWS token", "aws_session_token = ", BASE64, 100, false},
    {"AWS token", "AWS_SESSION_TOKEN=", BASE64, 100, false},
    {"Alibaba key id", "LTAI", WORD, 20, true},
    {"Azure key", "AccountKey=", BASE64, 40, false},
    {"Azure key", "SharedAccessKey=", BASE64, 40, false},
    {"Google key", "AIza", TOKEN, 35, true},
    {"Google token", "ya29.", TOKEN, 20, true},
    {"Google secret", "GOCSPX-", TOKEN, 20, false},
    {"npm token", "npm_", WORD, 36, true},
    {"npm token", "_authToken=", TOKEN, 30, false},
    {"PyPI token", "pypi-", TOKEN, 30, false},
    {"Clojars token", "CLOJARS_", WORD, 60, false},
    {"Artifactory key", "AKCp", WORD, 69, true},
    {"Artifactory token", "cmVmd", WORD, 59, true},
    {"RubyGems key", "rubygems_", HEX, 48, false},
    {"crates.io token", "cio", WORD, 32, true},
    {"Docker token", "dckr_pat_", TOKEN, 20, false},
    {"Docker token", "dckr_oat_", TOKEN, 20, false},
    {"OpenShift token", "sha256~", TOKEN, 43, false},
    {"Octopus key", "API-", UPPER, 26, true},
    {"DigitalOcean token", "dop_v1_", HEX, 64, false},
    {"DigitalOcean token", "doo_v1_", HEX, 64, false},
    {"DigitalOcean token", "dor_v1_", HEX, 64, false},
    {"Cloudflare key", "v1.0-", TOKEN, 100, true},
    {"Heroku key", "HRKU-", TOKEN, 36, true},
    {"Netlify token", "nfp_", WORD, 36, true},
    {"PlanetScale token", "pscale_tkn_", DOTTED, 32, false},
    {"PlanetScale token", "pscale_oauth_", DOTTED, 32, false},
    {"PlanetScale password", "pscale_pw_", DOTTED, 32, false},
    {"Tailscale key", "tskey-", TOKEN, 20, false},
    {"Doppler token", "dp.pt.", WORD, 40, true},
    {"Doppler token", "dp.st.", DOTTED, 40, true},
    {"Dynatrace token", "dt0c01.", DOTTED, 80, false},
    {"Fly.io token", "fo1_", TOKEN, 43, true},
    {"Fly.io token", "fm1r_", BASE64, 40, true},
    {"Fly.io token", "fm1a_", BASE64, 40, true},
    {"Fly.io token", "fm2_", BASE64, 40, true},
    {"Databricks token", "dapi", HEX, 32, true},
    {"Vault token", "hvs.", TOKEN, 24, true},
    {"Vault token", "hvb.", TOKEN, 100, true},
    {"Pulumi token", "pul-", HEX, 40, true},
    {"SendGrid key", "SG.", DOTTED, 60, true},
    {"Mailgun key", "key-", HEX, 32, true},
    {"Brevo key", "xkeysib-", TOKEN, 64, false},
    {"Twilio key", "SK", HEX, 32, true},
    {"Shopify token", "shpat_", WORD, 32, false},
    {"Shopify token", "shpca_", WORD, 32, false},
    {"Shopify token", "shppa_", WORD, 32, false},
    {"Shopify secret", "shpss_", WORD, 32, false},
    {"Shippo token", "shippo_live_", WORD, 40, false},
    {"Shippo token", "shippo_test_", WORD, 40, false},
    {"EasyPost key", "EZAK", WORD, 54, true},
    {"EasyPost key", "EZTK", WORD, 54, true},
    {"Flutterwave key", "FLWSECK", TOKEN, 12, false},
    {"Facebook token", "EAAC", WORD, 100, true},
    {"Facebook token", "EAAM", WORD, 100, true},
    {"Linear key", "lin_api_", WORD, 32, false},
    {"Linear key", "lin_oauth_", WORD, 32, false},
    {"1Password token", "ops_", BASE64, 100, true},
    {"Adobe secret", "p8e-", WORD, 32, true},
    {"Airtable token", "pat", DOTTED, 78, true},
    {"Harness token", "pat.", DOTTED, 68, true},
    {"Harness token", "sat.", DOTTED, 68, true},
    {"Notion token", "ntn_", WORD, 40, false},
    {"Notion token", "secret_", WORD, 43, true},
    {"Figma token", "figd_", TOKEN, 36, false},
    {"Grafana token", "glsa_", TOKEN, 30, false},
    {"Grafana token", "glc_", BASE64, 32, true},
    {"Grafana key", "eyJrIjoi", BASE64, 60, true},
    {"New Relic key", "NRAK-", WORD, 24, false},
    {"Sentry token", "sntrys_", BASE64, 40, false},
    {"Sentry token", "sntryu_", HEX, 64, false},
    {"Sourcegraph token", "sgp_", TOKEN, 40, true},
    {"Prefect key", "pnu_", WORD, 36, true},
    {"ReadMe key", "rdme_", WORD, 70, true},
    {"Infracost key", "ico-", WORD, 32, true},
    {"Scalingo token", "tk-us-", TOKEN, 48, true},
    {"Duffel token", "duffel_live_", DOTTED, 43, false},
    {"Duffel token", "duffel_test_", DOTTED, 43, false},
    {"Frame.io token", "fio-u-", DOTTED, 64, true},
    {"SettleMint token", "sm_aat_", WORD, 16, true},
    {"SettleMint token", "sm_pat_", WORD, 16, true},
    {"SettleMint token", "sm_sat_", WORD, 16, true},
    {"Postman key", "PMAK-", TOKEN, 50, false},
    {"Supabase key", "sbp_", HEX, 40, false},
    {"age key", "AGE-SECRET-KEY-1", UPPER, 58, false},
    {"bearer token", "Bearer ", DOTTED, 20, true},
};
/* clang-format on */

static const char jwt_prefix[] = "eyJ";
static const char pem_prefix[] = "-----BEGIN ";
static const char pem_key[] = "PRIVATE KEY-----";
static const char pgp_key[] = "PRIVATE KEY BLOCK-----";

static bool
is_in(enum charset set, uint8_t c)
{
	bool digit = c >= '0' && c <= '9';
	bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';

	switch (set) {
	case UPPER:
		return digit || upper;
	case HEX:
		return digit || (c >= 'a' && c <= 'f') ||
		       (c >= 'A' && c <= 'F');
	case TOKEN:
		return digit || upper || lower || c == '_' || c == '-';
	case DOTTED:
		return is_in(TOKEN, c) || c == '.' || c == '=';
	case BASE64:
		return digit || upper || lower || strchr("+/=_-", c) != NULL;
	case ADDRESS:
		return is_in(TOKEN, c) || c == '/' || c == '@';
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

/* Behind what says that this is a private key, of either kind. */
static const uint8_t *
pem_label(const uint8_t *p, size_t len)
{
	const uint8_t *at = memmem(p, len, pem_key, sizeof(pem_key) - 1);

	if (at != NULL)
		return at + sizeof(pem_key) - 1;
	at = memmem(p, len, pgp_key, sizeof(pgp_key) - 1);
	return at == NULL ? NULL : at + sizeof(pgp_key) - 1;
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
	label = pem_label(p, head);
	if (label == NULL || memchr(p, '"', (size_t)(label - p)) != NULL)
		return 0;
	for (n = (size_t)(label - p); n < len && p[n] != '"'; n++) {
		if (p[n] == '\\' && n + 1 < len)
			n++;
		else if (begins(p + n, len - n, end)) {
			head = len - n < 64 ? len - n : 64;
			stop = pem_label(p + n, head);
			if (stop != NULL)
				return (size_t)(stop - p);
		}
	}
	return n < len ? n : len;
}

/* The password in a URL, between user: and @; n is where it begins. */
static size_t
url_password(const uint8_t *p, size_t len, size_t *n)
{
	static const char stops[] = "/@\"\\ ?#'<>";
	size_t end;

	if (!begins(p, len, "://"))
		return 0;
	for (*n = 3; *n < len && p[*n] != ':'; (*n)++)
		if (strchr(stops, p[*n]) != NULL)
			return 0;
	for (end = ++*n; end < len && strchr(stops, p[end]) == NULL; end++)
		;
	return end < len && p[end] == '@' && end > *n ? end - *n : 0;
}

/* The length of the key at p and its name, or 0; len is 2 at least. */
static size_t
match(const uint8_t *p, size_t len, bool word, const char **name)
{
	size_t i, n, run;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (memcmp(p, forms[i].prefix, 2) != 0 ||
		    (word && forms[i].apart) ||
		    !begins(p, len, forms[i].prefix))
			continue;
		n = strlen(forms[i].prefix);
		run = run_of(forms[i].set, p + n, len - n);
		*name = forms[i].name;
		if (run >= forms[i].min)
			return n + run;
	}
	*name = "JSON Web Token";
	n = word ? 0 : jwt(p, len);
	if (n == 0) {
		*name = "private key";
		n = pem(p, len);
	}
	return n;
}

/*
 * The length of what stands between words though it has letters: an escape of
 * JSON, of JSON within JSON (where the backslash itself is escaped), and the
 * terminal's sequence that an escape character begins.
 */
static size_t
gap(const uint8_t *p, size_t len)
{
	size_t n = 0, i;

	while (n < len && p[n] == '\\')
		n++;
	if (n == 0 || n == len)
		return n;
	if (p[n] != 'u' || len - n < 5)
		return n % 2 == 1 || strchr("nrtbf", p[n]) != NULL ? n + 1 : n;
	n += 5;
	if (memcmp(p + n - 4, "001b", 4) != 0 || n == len || p[n] != '[')
		return n;
	for (i = n + 1; i < len && strchr("0123456789;?", p[i]) != NULL; i++)
		;
	return i < len ? i + 1 : n;
}

typedef bool pairs[256][256];

/* The two bytes with which anything of interest begins, for most are none. */
static const pairs *
interesting(void)
{
	static pairs table;
	size_t i;

	if (table[':']['/'])
		return &table;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		table[(uint8_t)forms[i].prefix[0]]
		     [(uint8_t)forms[i].prefix[1]] = true;
	table[(uint8_t)jwt_prefix[0]][(uint8_t)jwt_prefix[1]] = true;
	table[(uint8_t)pem_prefix[0]][(uint8_t)pem_prefix[1]] = true;
	memset(table['\\'], true, sizeof(table['\\']));
	table[':']['/'] = true;
	return &table;
}

int
redact(struct buf *out, struct bytes json)
{
	const pairs *table = interesting();
	size_t at, n, skip, from = 0;
	const char *name;
	bool word = false;
	int found = 0;

	for (at = 0; at < json.len; at += n) {
		const uint8_t *p = json.p + at;
		size_t left = json.len - at;

		n = 1;
		if (left < 2 || !(*table)[p[0]][p[1]]) {
			word = is_in(WORD, *p);
			continue;
		}
		n = gap(p, left);
		if (n > 0) {
			word = false;
			continue;
		}
		skip = 0;
		n = match(p, left, word, &name);
		if (n == 0 && *p == ':') {
			name = "password";
			n = url_password(p, left, &skip);
		}
		if (n == 0) {
			word = is_in(WORD, *p);
			n = 1;
			continue;
		}
		at += skip;
		(void)buf_add(out, json.p + from, at - from);
		(void)buf_addf(out, "[redacted: %s]", name);
		from = at + n;
		word = true;
		found++;
	}
	(void)buf_add(out, json.p + from, json.len - from);
	return buf_err(out) != 0 ? buf_err(out) : found;
}
