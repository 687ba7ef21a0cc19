/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: commands that a person allows by their first words.
 *
 * Only of one plain command is it known which words it has: no redirection, no
 * pattern, nothing that a shell would put something else for.  Everything but
 * the words has to be the same: the folder, the rights, and the rule that
 * asks, so that what another rule asks about is asked about.
 */

#include "config.h"

#include <sha2.h>
#include <string.h>

#include "shell/classify.h"

#include "gate/gate.h"

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
pattern_words(const struct gate *g, const struct call *c, struct buf *words)
{
	const struct subject *s = &c->subject;
	const struct shell_where where = {s->cwd, g->judge.workspace};
	struct shell_verdict v;
	bool plain;
	size_t i;

	buf_clear(words);
	if (s->file_tool || s->escalate || c->tool == TOOL_CONNECT)
		return false;
	if (s->line != NULL)
		shell_classify(&v, s->line, strlen(s->line), &where);
	else
		shell_classify_argv(
		    &v, (const char *const *)s->argv, s->argc, &where);
	plain = is_plain(&v);
	for (i = 0; plain && i < v.split.commands[0].nwords; i++)
		(void)buf_add(words, v.split.commands[0].words[i].s,
		    v.split.commands[0].words[i].len + 1);
	shell_verdict_fini(&v);
	return plain && buf_err(words) == 0;
}

void
pattern_bind(const struct call *c, uint8_t hash[32])
{
	const struct decision *d = &c->decision;
	uint8_t tty = c->subject.tty;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(
	    &ctx, (const uint8_t *)c->subject.cwd, strlen(c->subject.cwd) + 1);
	SHA256Update(&ctx, (const uint8_t *)d->rule, strlen(d->rule) + 1);
	SHA256Update(&ctx, &tty, 1);
	SHA256Update(&ctx, buf_data(&d->grant), d->grant.len);
	SHA256Final(hash, &ctx);
}
