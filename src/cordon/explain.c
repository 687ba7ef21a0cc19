/* SPDX-License-Identifier: Apache-2.0 */

/* Part of cordon policy: a decision in words and as JSON. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "cordon/explain.h"

#define EXPLAIN_MAX (1u << 20)

/* How a command that is not known to only read runs all the same. */
static const char *
explain_runs(const struct policy_decision *d)
{
	if (d->effect == EFFECT_FORBID)
		return "not";
	if (d->effect == EFFECT_ASK)
		return "asked";
	return d->unasked || d->grant != GRANT_SESSION ? "unasked" : "sandbox";
}

static enum effect
explain_verdict(const struct policy_decision *d, bool command)
{
	if (command && d->effect == EFFECT_ALLOW && d->grant == GRANT_SESSION)
		return EFFECT_ASK;
	return d->effect;
}

static const char *
explain_reason(const struct policy_decision *d)
{
	if (d->why[0] != '\0')
		return d->why;
	if (d->rule != NULL)
		return "a rule decides";
	return d->unasked ? "reads only, by all that is known of its programs"
			  : "no rule speaks of it";
}

static void
explain_rule(struct jsonw *w, const struct rule *r)
{
	jsonw_object(w);
	jsonw_kstr(w, "id", r->id);
	jsonw_kstr(w, "effect", effect_name(r->effect));
	jsonw_kstr(w, "layer", policy_layer_name(r->layer));
	jsonw_kstr(w, "file", r->file);
	jsonw_ku64(w, "line", r->line);
	jsonw_end(w);
}

static void
explain_json(const struct policy_decision *d, bool command, struct buf *out)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_kstr(&w, "verdict", effect_name(explain_verdict(d, command)));
	jsonw_kstr(&w, "reason", explain_reason(d));
	if (command) {
		jsonw_kstr(&w, "class", shell_class_str(d->class));
		jsonw_kstr(&w, "runs", explain_runs(d));
	}
	jsonw_name(&w, "rules");
	jsonw_array(&w);
	for (i = 0; i < d->nmatches; i++)
		explain_rule(&w, d->matches[i]);
	jsonw_end(&w);
	jsonw_end(&w);
	(void)buf_addc(out, '\n');
}

static void
explain_print(const char *label, const char *text)
{
	char safe[2048];

	(void)vis_str(safe, sizeof(safe), text);
	(void)printf("%-9s %s\n", label, safe);
}

static void
explain_text(const struct policy_decision *d, bool command)
{
	static const char *const hows[] = {
	    [GRANT_NARROW] = "kernel: no write, no network",
	    [GRANT_RULE] = "kernel: what the rule names, no more",
	    [GRANT_SESSION] = "kernel: the session's own cell"};
	char where[4200];
	size_t i;

	explain_print("verdict", effect_name(explain_verdict(d, command)));
	explain_print("reason", explain_reason(d));
	if (command)
		explain_print("runs", explain_runs(d));
	for (i = 0; i < d->nmatches; i++) {
		(void)snprintf(where, sizeof(where), "%s, %s by %s%s%s:%u",
		    d->matches[i]->id, effect_name(d->matches[i]->effect),
		    policy_layer_name(d->matches[i]->layer),
		    *d->matches[i]->file == '\0' ? "" : " ",
		    d->matches[i]->file, d->matches[i]->line);
		explain_print("rule", where);
	}
	if (d->effect == EFFECT_ALLOW)
		explain_print("held by", hows[d->grant]);
	else
		explain_print("held by", "gate: nothing starts");
	if (d->effect != EFFECT_ALLOW)
		explain_print("to change",
		    d->rule != NULL
			? "the rule above, in a layer that is trusted"
			: "a rule of your own with effect = \"allow\", or "
			  "defaults.exec");
}

int
explain_request(const struct policy *p, const struct request *rq, bool json)
{
	bool command = rq->line != NULL || rq->argc > 0;
	struct policy_decision d = {.effect = EFFECT_NONE};
	struct buf out;

	policy_decide(p, rq, &d);
	if (!json) {
		explain_text(&d, command);
		return EX_OK;
	}
	buf_init(&out, EXPLAIN_MAX);
	explain_json(&d, command, &out);
	(void)fwrite(buf_data(&out), 1, out.len, stdout);
	buf_fini(&out);
	return EX_OK;
}

/* A JSON string (RFC 8259, 7), strictly; main links no JSON reader, and this
 * is all it ever reads.  ERR_FORMAT. */
static int
unquote_hex(const char **p, const char *end, uint32_t *cp)
{
	uint8_t b[2];
	char hex[5] = "";

	if (end - *p < 4)
		return ERR_FORMAT;
	memcpy(hex, *p, 4);
	if (str_unhex(b, sizeof(b), hex) != 0)
		return ERR_FORMAT;
	*cp = (uint32_t)b[0] << 8 | b[1];
	*p += 4;
	return 0;
}

static int
unquote_escape(const char **p, const char *end, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t enc[UTF8_MAX];
	const char *at;
	uint32_t cp, low;

	if (*p == end)
		return ERR_FORMAT;
	at = strchr(from, **p);
	if (at != NULL && **p != '\0') {
		(*p)++;
		return buf_addc(out, to[at - from]);
	}
	if (*(*p)++ != 'u' || unquote_hex(p, end, &cp) != 0)
		return ERR_FORMAT;
	if (cp >= 0xD800 && cp < 0xDC00) {
		if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
			return ERR_FORMAT;
		*p += 2;
		if (unquote_hex(p, end, &low) != 0 || low < 0xDC00 ||
		    low > 0xDFFF)
			return ERR_FORMAT;
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
	} else if (cp >= 0xDC00 && cp <= 0xDFFF)
		return ERR_FORMAT;
	return buf_add(out, enc, utf8_encode(enc, cp));
}

static int
unquote(const char *p, size_t len, struct buf *out)
{
	const char *end = p + len;
	int r = 0;

	while (end > p && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (end - p < 2 || *p != '"' || end[-1] != '"')
		return ERR_FORMAT;
	end--;
	for (p++; r == 0 && p < end;) {
		if (*p == '"' || (unsigned char)*p < 0x20)
			return ERR_FORMAT;
		if (*p == '\\') {
			p++;
			r = unquote_escape(&p, end, out);
		} else
			r = buf_addc(out, *p++);
	}
	return r;
}

int
explain_json_line(const struct policy *p, const char *home,
    const char *workspace, const char *line, size_t len)
{
	struct request rq = {.home = home, .workspace = workspace};
	struct policy_decision d = {.effect = EFFECT_NONE};
	struct buf text, out;
	int r;

	buf_init(&text, EXPLAIN_MAX);
	buf_init(&out, EXPLAIN_MAX);
	r = unquote(line, len, &text);
	if (r != 0)
		(void)buf_adds(&out, "{\"verdict\":\"forbid\",\"reason\":"
				     "\"the line is no JSON string\"}\n");
	else if (memchr(buf_data(&text), '\0', text.len) != NULL)
		(void)buf_adds(&out, "{\"verdict\":\"forbid\",\"reason\":"
				     "\"a NUL ends the line for bash, and for "
				     "nobody who reads it\"}\n");
	else {
		rq.line = buf_cstr(&text);
		policy_decide(p, &rq, &d);
		explain_json(&d, true, &out);
	}
	(void)fwrite(buf_data(&out), 1, out.len, stdout);
	buf_fini(&text);
	buf_fini(&out);
	return r;
}

void
explain_defaults(const struct policy *p)
{
	static const char *const execs[] = {"ask", "sandbox", "ask", "forbid"};
	static const char *const threes[] = {"unset", "no", "ask", "yes"};

	(void)printf("otherwise exec %s, write %s, net %s, escalate %s\n",
	    execs[p->defaults.exec], threes[p->defaults.write],
	    threes[p->defaults.net], threes[p->defaults.escalate]);
}
