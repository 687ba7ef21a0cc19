/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the verdict on a command line.
 *
 * Its one rule: the worst part decides.  Every command of a line and every
 * redirection has to be harmless for the line to be.
 */

#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "shell/classify.h"
#include "shell/look.h"
#include "shell/readonly.h"

/* Outside quotes or within, more blanks in a row than this want a look. */
#define CLASSIFY_BLANKS_MAX 64

static const char *const class_names[] = {[SHELL_DECEPTIVE] = "deceptive",
    [SHELL_UNCLEAR] = "not understood",
    [SHELL_OTHER] = "not read-only",
    [SHELL_READ_ONLY] = "read-only"};

const char *shell_class_str(enum shell_class class)
{
	return class_names[class];
}

static void
worse(struct shell_verdict *v, enum shell_class class, size_t off,
    const char *why)
{
	if (v->class <= class)
		return;
	v->class = class;
	v->off = off;
	(void)strlcpy(v->why, why, sizeof(v->why));
}

static bool
is_null(const struct shell_word *w)
{
	return strcmp(w->s, "/dev/null") == 0 &&
	       (w->flags & ~(unsigned)SHELL_QUOTED) == 0;
}

static const char *
check_redir(const struct shell_redir *r)
{
	switch (r->op) {
	case SHELL_HEREDOC:
	case SHELL_HERESTR:
		return NULL;
	case SHELL_DUP_IN:
	case SHELL_DUP_OUT:
		/* What is behind higher numbers is not known here. */
		return r->word.s[0] == '-' || r->word.s[0] < '3'
			   ? NULL
			   : "a descriptor that may be anything";
	case SHELL_IN:
		if (!str_starts(r->word.s, "/dev/") || is_null(&r->word))
			return NULL;
		return "a device, or a connection that the shell opens";
	case SHELL_OUT:
	case SHELL_CLOBBER:
	case SHELL_APPEND:
	case SHELL_BOTH:
	case SHELL_BOTH_APPEND:
		return is_null(&r->word) ? NULL : "output goes to a file";
	case SHELL_RDWR:
		break;
	}
	return "a file is opened for writing";
}

/* A run of letters in which some could be mistaken for others; ASCII that is
 * no letter ends a run, so that a name and its extension may differ. */
static bool
mixed_scripts(const struct shell_word *w)
{
	size_t i, from = 0;

	for (i = 0; i <= w->len; i++)
		if (i == w->len || ((unsigned char)w->s[i] < 0x80 &&
				       !isalpha((unsigned char)w->s[i]))) {
			if (i > from && vis_mixed_script(w->s + from, i - from))
				return true;
			from = i + 1;
		}
	return false;
}

static bool
check_redirs(struct shell_verdict *v, const struct shell_command *c)
{
	const char *text;
	bool harmless = true;
	size_t i;

	for (i = 0; i < c->nredirs; i++) {
		text = check_redir(&c->redirs[i]);
		if (text == NULL)
			continue;
		harmless = false;
		worse(v, SHELL_OTHER, c->redirs[i].word.off, text);
	}
	return harmless;
}

static void
check_command(struct shell_verdict *v, struct shell_command *c,
    const struct readonly_at *at)
{
	char why[SHELL_WHY_SIZE];
	const struct shell_word *w;
	size_t i, off = c->nwords > 0 ? c->words[0].off : 0;

	if (c->nwords > 0 && vis_mixed_script(c->words[0].s, c->words[0].len))
		worse(v, SHELL_DECEPTIVE, off,
		    "a program's name in letters of several scripts");
	for (i = 1; i < c->nwords; i++) {
		w = &c->words[i];
		if (mixed_scripts(w))
			worse(v, SHELL_OTHER, w->off,
			    "a word in letters of several scripts");
		if ((w->flags & SHELL_QUOTED) == 0 &&
		    look_mistaken(w->s, w->len))
			worse(v, SHELL_OTHER, w->off,
			    "a sign that looks like one of the shell's");
	}
	c->reads = readonly_command(c, at, why);
	if (!c->reads)
		worse(v, SHELL_OTHER, off, why);
	c->reads = check_redirs(v, c) && c->reads;
	if (c->join == SHELL_BACKGROUND)
		worse(v, SHELL_OTHER, off, "a command is left running");
}

static void
check_split(struct shell_verdict *v, const struct shell_where *where)
{
	struct shell_command *c;
	struct readonly_at at;
	size_t i;

	readonly_begin(&at, where);
	if (!v->split.understood)
		worse(v, SHELL_UNCLEAR, v->split.off, v->split.why);
	for (i = 0; i < v->split.ncommands; i++) {
		c = &v->split.commands[i];
		check_command(v, c, &at);
		readonly_follow(&at, c);
	}
	if (v->split.ncommands == 0)
		worse(v, SHELL_OTHER, 0, "there is no command");
}

void
shell_classify(struct shell_verdict *v, const char *line, size_t len,
    const struct shell_where *where)
{
	const char *why;
	size_t off = 0;

	memset(v, 0, sizeof(*v));
	v->class = SHELL_READ_ONLY;
	if (len <= SHELL_LINE_MAX && look_deceptive(line, len, &why, &off)) {
		worse(v, SHELL_DECEPTIVE, off, why);
		return;
	}
	if (look_blanks(line, len, &off) > CLASSIFY_BLANKS_MAX)
		worse(v, SHELL_UNCLEAR, off, "a long run of blanks");
	shell_split(&v->split, line, len);
	check_split(v, where);
}

const char *
shell_line(const char *const *argv, size_t argc)
{
	static const char *const shells[] = {"bash", "sh", "/bin/bash",
	    "/bin/sh", "/usr/bin/bash", "/usr/bin/sh", NULL};

	if (argc < 3 || !readonly_one_of(argv[0], shells))
		return NULL;
	if (argc == 3 &&
	    (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "-lc") == 0))
		return argv[2];
	if (argc == 4 && strcmp(argv[1], "-l") == 0 &&
	    strcmp(argv[2], "-c") == 0)
		return argv[3];
	return NULL;
}

/* One command whose words are argv. */
static void
split_argv(struct shell_split *sp, const char *const *argv, size_t argc)
{
	struct shell_word *w;
	size_t i, n = 1;
	char *at;

	memset(sp, 0, sizeof(*sp));
	sp->understood = argc > 0;
	if (argc == 0)
		return;
	for (i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	at = sp->text = xmalloc(n);
	sp->words = xcalloc(argc, sizeof(*sp->words));
	for (; sp->nwords < argc; sp->nwords++) {
		w = &sp->words[sp->nwords];
		w->s = at;
		w->len = strlen(argv[sp->nwords]);
		w->flags = SHELL_QUOTED;
		memcpy(at, argv[sp->nwords], w->len + 1);
		at += w->len + 1;
	}
	sp->commands = xcalloc(1, sizeof(*sp->commands));
	sp->ncommands = 1;
	sp->commands[0].words = sp->words;
	sp->commands[0].nwords = argc;
}

void
shell_classify_argv(struct shell_verdict *v, const char *const *argv,
    size_t argc, const struct shell_where *where)
{
	const char *line = shell_line(argv, argc), *why;
	size_t i, off;

	if (line != NULL) {
		shell_classify(v, line, strlen(line), where);
		return;
	}
	memset(v, 0, sizeof(*v));
	v->class = SHELL_READ_ONLY;
	for (i = 0; i < argc; i++) {
		assert(argv[i] != NULL);
		if (look_deceptive(argv[i], strlen(argv[i]), &why, &off)) {
			worse(v, SHELL_DECEPTIVE, 0, why);
			return;
		}
	}
	if (argc > SHELL_WORDS_MAX) {
		worse(v, SHELL_UNCLEAR, 0, "too many words");
		return;
	}
	split_argv(&v->split, argv, argc);
	check_split(v, where);
}

void
shell_verdict_fini(struct shell_verdict *v)
{
	shell_split_fini(&v->split);
}
