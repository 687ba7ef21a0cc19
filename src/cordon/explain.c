/* SPDX-License-Identifier: Apache-2.0 */

/* Part of cordon policy: a decision in words and as JSON. */

#include "config.h"

#include <limits.h>
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
#include "policy/ceiling.h"
#include "policy/net.h"

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
		return "a rule says so";
	return d->unasked ? "reads only, by all that is known of its programs"
			  : "no rule speaks of it";
}

/* A decision on its way to a person or a program. */
struct explained {
	const struct policy *p; /* borrowed, as is the rest */
	const struct request *rq;
	const struct policy_decision *d;
	bool command;
};

static const char *
explain_verdict_word(const struct explained *e)
{
	return effect_name(explain_verdict(e->d, e->command));
}

/* Does the kernel keep to the rule: is there one place that it names? */
static bool
explain_place(const struct explained *e)
{
	const struct policy_place at = {e->rq->home, e->rq->workspace};
	const struct words *w;
	char path[PATH_MAX];
	size_t i, k;

	for (k = 0; k < 2; k++) {
		w = k == 0 ? &e->d->rule->read : &e->d->rule->write;
		for (i = 0; i < w->n; i++)
			if (policy_path(w->v[i], &at, path, sizeof(path)))
				return true;
	}
	return false;
}

static const char *
explain_net(enum spec_net net, enum effect effect)
{
	if (net == SPEC_NET_HOST)
		return "kernel: the cell has the host's network";
	if (net == SPEC_NET_NONE)
		return "kernel: the cell has no network but its own";
	if (effect == EFFECT_FORBID)
		return "kernel: no network but a proxy; gate: which refuses it";
	return effect == EFFECT_ASK
		   ? "kernel: no network but a proxy; gate: which asks first"
		   : "kernel: no network but a proxy, which connects to it";
}

/* Which walls stand behind the verdict. */
static const char *
explain_wall(const struct explained *e)
{
	static const char *const allowed[] = {
	    [GRANT_NARROW] = "kernel: no write, no network",
	    [GRANT_RULE] = "kernel: what the rule names, no more",
	    [GRANT_SESSION] = "kernel: the session's own cell"};
	const struct policy_decision *d = e->d;
	bool paths = d->rule != NULL && d->rule->program.n == 0 &&
		     d->rule->read.n + d->rule->write.n > 0;

	if (e->rq->host != NULL)
		return explain_net(policy_net(e->p), d->effect);
	if (e->rq->mcp != NULL && d->effect != EFFECT_ASK)
		return d->effect == EFFECT_FORBID
			   ? "gate: the call is not made"
			   : "kernel: what the server has, no more";
	if (d->effect == EFFECT_ALLOW)
		return allowed[e->command ? d->grant : GRANT_SESSION];
	if (d->effect == EFFECT_FORBID && paths)
		return explain_place(e)
			   ? "gate: nothing starts; kernel: no command gets "
			     "at the place"
			   : "gate alone: nothing starts; to the kernel the "
			     "pattern names no one place";
	if (d->effect == EFFECT_FORBID && !e->command)
		return "gate: the file tools; kernel: every command";
	return d->effect == EFFECT_FORBID
		   ? "gate: nothing starts"
		   : "gate: nothing starts before a person says so";
}

/* What would have to be otherwise; empty if nothing has to. */
static void
explain_change(const struct explained *e, char *dst, size_t size)
{
	const struct rule *r = e->d->rule;

	dst[0] = '\0';
	if (e->d->effect == EFFECT_ALLOW)
		return;
	if (e->d->class == SHELL_DECEPTIVE && e->command)
		(void)strlcpy(
		    dst, "the line, which is not what it looks like", size);
	else if (r == NULL && e->rq->host != NULL)
		(void)strlcpy(dst, "defaults.net, or a rule with net", size);
	else if (r == NULL && e->rq->mcp != NULL)
		(void)strlcpy(dst, "a rule with mcp", size);
	else if (r == NULL && !e->command)
		(void)strlcpy(dst,
		    "defaults.write; outside of the workspace, what the "
		    "configuration names as writable_roots",
		    size);
	else if (r == NULL)
		(void)strlcpy(dst,
		    "defaults.exec, or a rule of your own with effect = "
		    "\"allow\"",
		    size);
	else if (r->locked)
		(void)snprintf(dst, size,
		    "rule %s of %s:%u, which is locked: the system's alone",
		    r->id, r->file, r->line);
	else if (r->layer == POLICY_BUILTIN)
		(void)snprintf(dst, size,
		    "a rule of a file that --policy names, which stands in "
		    "for the built-in rule %s",
		    r->id);
	else
		(void)snprintf(
		    dst, size, "rule %s, %s:%u", r->id, r->file, r->line);
}

static void
explain_rule(struct jsonw *w, const struct rule *r)
{
	jsonw_object(w);
	jsonw_kstr(w, "id", r->id);
	jsonw_kstr(w, "effect", effect_name(r->effect));
	jsonw_kstr(w, "layer", policy_layer_name(r->layer));
	jsonw_kstr(w, "file", rule_file(r));
	jsonw_ku64(w, "line", r->line);
	if (r->locked)
		jsonw_kbool(w, "locked", true);
	jsonw_end(w);
}

static void
explain_json(const struct explained *e, struct buf *out)
{
	char change[4400];
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_kstr(&w, "verdict", explain_verdict_word(e));
	jsonw_kstr(&w, "reason", explain_reason(e->d));
	if (e->command) {
		jsonw_kstr(&w, "class", shell_class_str(e->d->class));
		jsonw_kstr(&w, "runs", explain_runs(e->d));
	}
	jsonw_kstr(&w, "held_by", explain_wall(e));
	explain_change(e, change, sizeof(change));
	if (change[0] != '\0')
		jsonw_kstr(&w, "to_change", change);
	jsonw_name(&w, "rules");
	jsonw_array(&w);
	for (i = 0; i < e->d->nmatches; i++)
		explain_rule(&w, e->d->matches[i]);
	jsonw_end(&w);
	jsonw_end(&w);
	(void)buf_addc(out, '\n');
}

static void
explain_print(const char *label, const char *text)
{
	char safe[8192];

	(void)vis_str(safe, sizeof(safe), text);
	(void)printf("%-9s %s\n", label, safe);
}

static void
explain_text(const struct explained *e)
{
	const struct policy_decision *d = e->d;
	char text[4400];
	size_t i;

	explain_print("verdict", explain_verdict_word(e));
	explain_print("reason", explain_reason(d));
	if (e->command)
		explain_print("runs", explain_runs(d));
	for (i = 0; i < d->nmatches; i++) {
		(void)snprintf(text, sizeof(text), "%s, %s by %s%s%s:%u%s",
		    d->matches[i]->id, effect_name(d->matches[i]->effect),
		    policy_layer_name(d->matches[i]->layer),
		    *d->matches[i]->file == '\0' ? "" : " ",
		    d->matches[i]->file, d->matches[i]->line,
		    d->matches[i]->locked ? ", locked" : "");
		explain_print("rule", text);
	}
	explain_print("held by", explain_wall(e));
	explain_change(e, text, sizeof(text));
	if (text[0] != '\0')
		explain_print("to change", text);
}

/* No rule gives what the cell does not have. */
static void
explain_outside(const struct request *rq, struct policy_decision *d)
{
	static const char *const own[] = {"/tmp", "/var/tmp"};
	const char *path;
	size_t i, j;

	for (i = 0; i < rq->nwrites && d->effect != EFFECT_FORBID; i++) {
		path = rq->writes[i];
		for (j = 0; j < sizeof(own) / sizeof(own[0]); j++)
			if (spec_beneath(path, own[j]))
				break;
		if (j < sizeof(own) / sizeof(own[0]) ||
		    spec_beneath(path, rq->workspace))
			continue;
		d->effect = EFFECT_FORBID;
		d->rule = NULL;
		(void)snprintf(d->why, sizeof(d->why),
		    "outside of the workspace nothing is written");
	}
}

int
explain_request(const struct policy *p, const struct request *rq, bool json)
{
	struct policy_decision d = {.effect = EFFECT_NONE};
	struct explained e = {p, rq, &d, rq->line != NULL || rq->argc > 0};
	struct buf out;

	policy_decide(p, rq, &d);
	explain_outside(rq, &d);
	if (!json) {
		explain_text(&e);
		return EX_OK;
	}
	buf_init(&out, EXPLAIN_MAX);
	explain_json(&e, &out);
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
	return buf_add(out, enc, utf8_put(enc, cp));
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
explain_json_line(const struct policy *p, const struct request *where,
    const char *line, size_t len)
{
	struct request rq = *where;
	struct policy_decision d = {.effect = EFFECT_NONE};
	struct explained e = {p, &rq, &d, true};
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
		explain_json(&e, &out);
	}
	(void)fwrite(buf_data(&out), 1, out.len, stdout);
	buf_fini(&text);
	buf_fini(&out);
	return r;
}
