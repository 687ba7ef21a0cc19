/* SPDX-License-Identifier: Apache-2.0 */

/* Writes a rule as the text it could have been read from, so that a test can
 * read it again and compare. */

#include "config.h"

#include "base/buf.h"
#include "policy/rule.h"

#include "tests/helper/rule_toml.h"

/* A TOML basic string (TOML 1.0, "String"). */
static void
print_string(struct buf *out, const char *s)
{
	(void)buf_addc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			(void)buf_addf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7F)
			(void)buf_addf(out, "\\u%04X", (unsigned char)*s);
		else
			(void)buf_addc(out, *s);
	}
	(void)buf_addc(out, '"');
}

static void
print_words(struct buf *out, const struct words *w)
{
	size_t i;

	(void)buf_addc(out, '[');
	for (i = 0; i < w->n; i++) {
		if (i > 0)
			(void)buf_adds(out, ", ");
		print_string(out, w->v[i]);
	}
	(void)buf_addc(out, ']');
}

static void
print_list(struct buf *out, const char *key, const struct words *w)
{
	if (w->n == 0)
		return;
	(void)buf_addf(out, "%s = ", key);
	print_words(out, w);
	(void)buf_addc(out, '\n');
}

static void
print_one_or_list(struct buf *out, const struct words *w)
{
	if (w->n == 1)
		print_string(out, w->v[0]);
	else
		print_words(out, w);
}

static void
print_arg(struct buf *out, const struct arg_pattern *a)
{
	if (a->kind == ARG_ONE)
		print_string(out, "*");
	else if (a->kind == ARG_REST)
		print_string(out, "...");
	else
		print_one_or_list(out, &a->words);
}

static void
print_exec(struct buf *out, const struct rule *r)
{
	size_t i;

	if (r->program.n == 0)
		return;
	(void)buf_adds(out, "exec = { program = ");
	print_one_or_list(out, &r->program);
	if (!r->any_args) {
		(void)buf_adds(out, ", args = [");
		for (i = 0; i < r->nargs; i++) {
			if (i > 0)
				(void)buf_adds(out, ", ");
			print_arg(out, &r->args[i]);
		}
		(void)buf_addc(out, ']');
	}
	(void)buf_adds(out, " }\n");
}

int
rule_toml(const struct rule *r, struct buf *out)
{
	(void)buf_adds(out, "[[rule]]\nid = ");
	print_string(out, r->id);
	(void)buf_addf(out, "\neffect = \"%s\"\n", effect_name(r->effect));
	if (r->reason != NULL) {
		(void)buf_adds(out, "reason = ");
		print_string(out, r->reason);
		(void)buf_addc(out, '\n');
	}
	if (r->locked)
		(void)buf_adds(out, "locked = true\n");
	print_exec(out, r);
	print_list(out, "read", &r->read);
	print_list(out, "write", &r->write);
	print_list(out, "net", &r->net);
	print_list(out, "tool", &r->tool);
	print_list(out, "mcp", &r->mcp);
	print_list(out, "match", &r->match);
	print_list(out, "not_match", &r->not_match);
	return buf_err(out);
}
