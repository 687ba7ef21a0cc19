/* SPDX-License-Identifier: Apache-2.0 */

/* Library: a rule on one line, for lists. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "policy/rule.h"

/* "read X", "read { X Y }". */
static void
line_words(struct buf *out, const char *what, const struct words *w)
{
	size_t i;

	if (w->n == 0)
		return;
	(void)buf_addf(out, " %s%s", what, w->n > 1 ? " {" : "");
	for (i = 0; i < w->n; i++)
		(void)buf_addf(out, " %s", w->v[i]);
	if (w->n > 1)
		(void)buf_adds(out, " }");
}

static void
line_arg(struct buf *out, const struct arg_pattern *a)
{
	size_t i;

	if (a->kind == ARG_ONE)
		(void)buf_adds(out, " *");
	else if (a->kind == ARG_REST)
		(void)buf_adds(out, " ...");
	else
		for (i = 0; i < a->words.n; i++)
			(void)buf_addf(
			    out, "%c%s", i == 0 ? ' ' : '|', a->words.v[i]);
}

int
rule_line(const struct rule *r, struct buf *out)
{
	size_t i;

	(void)buf_addf(out, "%s", effect_name(r->effect));
	for (i = 0; i < r->program.n; i++)
		(void)buf_addf(
		    out, "%s%s", i == 0 ? " exec " : "|", r->program.v[i]);
	if (r->program.n > 0 && r->any_args)
		(void)buf_adds(out, " ...");
	for (i = 0; i < r->nargs; i++)
		line_arg(out, &r->args[i]);
	line_words(out, "read", &r->read);
	line_words(out, "write", &r->write);
	line_words(out, "net", &r->net);
	line_words(out, "tool", &r->tool);
	line_words(out, "mcp", &r->mcp);
	return buf_addf(out, "%s  # %s, %s%s%s:%u", r->locked ? " locked" : "",
	    r->id, policy_layer_name(r->layer), *r->file == '\0' ? "" : " ",
	    r->file, r->line);
}
