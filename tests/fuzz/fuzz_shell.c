/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: any bytes as a command line.  What holds of every split and
 * verdict: the parts lie where they say, a line that is not understood says
 * why, one that is has nothing to expand, and only that can be read-only.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shell/classify.h"

#include "fuzz.h"

static void
must(bool holds)
{
	if (!holds)
		fuzz_abort();
}

static void
check_word(const struct shell_split *sp, const struct shell_word *w, size_t len)
{
	must(w->off <= len && w->len <= len && w->s[w->len] == '\0');
	must(strlen(w->s) == w->len);
	must(!sp->understood || (w->flags & SHELL_DYNAMIC) == 0);
}

static void
check_split(const struct shell_split *sp, size_t len)
{
	const struct shell_command *c;
	size_t i, j, nwords = 0, nredirs = 0;

	must(sp->understood == (sp->why[0] == '\0') && sp->off <= len);
	for (i = 0; i < sp->ncommands; i++) {
		c = &sp->commands[i];
		must(c->words == sp->words + nwords);
		must(c->redirs == sp->redirs + nredirs);
		must(c->nassign <= c->nwords && c->depth <= SHELL_DEPTH_MAX);
		must(!sp->understood || c->nassign == 0);
		must(!sp->understood || c->nwords + c->nredirs > 0 || c->group);
		for (j = 0; j < c->nwords; j++)
			check_word(sp, &c->words[j], len);
		for (j = 0; j < c->nredirs; j++)
			check_word(sp, &c->redirs[j].word, len);
		nwords += c->nwords;
		nredirs += c->nredirs;
	}
	must(nwords <= sp->nwords && nredirs <= sp->nredirs);
	must(!sp->understood || nwords == sp->nwords);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shell_split sp;
	struct shell_verdict v;

	shell_split(&sp, (const char *)data, size);
	check_split(&sp, size);
	shell_classify(&v, (const char *)data, size, NULL);
	must((v.class == SHELL_READ_ONLY) == (v.why[0] == '\0'));
	must(v.class != SHELL_READ_ONLY || (sp.understood && sp.ncommands > 0));
	must(v.class != SHELL_OTHER || sp.understood);
	shell_verdict_fini(&v);
	shell_split_fini(&sp);
	return 0;
}
