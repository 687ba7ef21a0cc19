/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: a write that the sandbox refused.
 *
 * Of a command that failed the cell may guess where it could not write.  Then
 * a person is asked whether it may run again, from its beginning, in a cell of
 * its own that may write that folder, too; the first cell is never loosened.
 * The second is a `cordon sandbox`, whose words main named at the start: all of
 * them are asked about, and the open cell runs nothing but what the front has
 * permitted.  Where the person has granted a folder for the session, the front
 * is asked all the same, and answers by itself if it knows of that.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "sandbox/names.h"

#include "gate/gate.h"

int
widen_conf(struct gate *g, struct bytes word)
{
	if (g->nwiden == GATE_WIDEN_MAX)
		return ERR_SPACE;
	g->widen[g->nwiden++] = bytes_dup(word);
	return 0;
}

/* The path in "CALL PATH: ERROR", where it is refused for what the cell may,
 * has no byte that is shown as another, and leads nowhere but down. */
static char *
refused_path(struct bytes guess)
{
	static const int errors[] = {EROFS, EACCES};
	char line[PATH_MAX + 256], *path, *end = NULL;
	size_t i;

	if (bytes_copy(line, sizeof(line), guess) != 0 ||
	    strchr(line, '\\') != NULL)
		return NULL;
	path = strchr(line, ' ');
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]) && end == NULL; i++)
		if (str_ends(line, strerror(errors[i])))
			end = line + strlen(line) - strlen(strerror(errors[i]));
	if (path == NULL || path[1] != '/' || end < path + 5 ||
	    strncmp(end - 2, ": ", 2) != 0)
		return NULL;
	end[-2] = '\0';
	return strstr(path, "/..") != NULL ? NULL : xstrdup(path + 1);
}

void
widen_note(struct call *c, const struct msg_list *guesses)
{
	size_t i;

	for (i = 0; i < guesses->n && c->refused == NULL; i++)
		c->refused = refused_path(guesses->v[i]);
}

/* Never what is protected or hidden, nor what holds the home or the session's
 * folder; and what can be written was refused for another reason. */
static bool
may_be_written(const struct judge *j, const char *path)
{
	static const char *const never[] = {"/proc", "/sys", "/dev", "/run"};
	const unsigned not = SPEC_PROTECT | SPEC_HIDE | SPEC_WRITE;
	size_t i;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (spec_beneath(path, never[i]))
			return false;
	return (spec_access(&j->ceiling, path) & not ) == 0 &&
	       !names_in_git(path) && !spec_beneath(j->workspace, path) &&
	       (j->home == NULL || !spec_beneath(j->home, path));
}

/* The folder of the refused path, or NULL where nobody is asked about it. */
static char *
folder_of(const struct gate *g, const struct call *c)
{
	char *folder;

	if (c->refused == NULL || !may_be_written(&g->judge, c->refused))
		return NULL;
	folder = xstrdup(c->refused);
	*strrchr(folder, '/') = '\0';
	if (*folder != '\0' && may_be_written(&g->judge, folder))
		return folder;
	free(folder);
	return NULL;
}

/* Whether c is a command that failed in the cell, in the session's own folder,
 * as the second cell would have it. */
static bool
can_run_again(const struct gate *g, const struct call *c)
{
	const struct subject *s = &c->subject;

	return g->nwiden > 0 && g->answers == ANSWERS_PERSON && g->judge.open &&
	       !g->lost && !g->stopping && !c->own && !c->answered &&
	       !c->cancelled && !s->file_tool && !s->escalate && !s->tty &&
	       strcmp(s->cwd, g->cwd) == 0 && c->exit.how == EXIT_STATUS &&
	       c->exit.status != 0;
}

/* The words of the second cell, and behind them those of the command. */
static void
wrap(const struct gate *g, struct subject *s, const struct subject *of)
{
	const char *const more[] = {"--write", s->widen, "-C", of->cwd, "--"};
	size_t i;

	subject_fresh(s);
	for (i = 0; i < g->nwiden; i++)
		subject_args(s, g->widen[i]);
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		subject_args(s, more[i]);
	s->wrapped = s->argc;
	for (i = 0; i < of->argc; i++)
		subject_args(s, of->argv[i]);
	subject_write(s, s->widen);
}

void
widen_bind(const struct call *w, uint8_t hash[32])
{
	const struct decision *d = &w->decision;
	const struct request rq = {.tool = "widen", .cwd = w->subject.cwd};

	/* What a rule asks about is asked about unless that rule was seen. */
	grant_bind(&rq, GRANT_FOR_WRITES,
	    d->said.effect == EFFECT_ASK ? d->rule : "",
	    (struct bytes){NULL, 0}, false, hash);
}

/* It would run where it may write this. */
static bool
settle(struct gate *g, struct call *w, const char *folder)
{
	struct subject *s = &w->subject;
	char *copy = xstrdup(folder);

	free(s->widen);
	s->widen = copy;
	wrap(g, s, &w->first->subject);
	judge_decide(&g->judge, s, &w->decision);
	w->verdict = w->decision.verdict;
	return w->verdict != VERDICT_FORBID;
}

bool
widen_settle(struct gate *g, struct call *w)
{
	const char *place = links_real(w, w->subject.widen);
	const struct grant *gr;
	uint8_t hash[32];

	if (w->first == NULL || !may_be_written(&g->judge, place) ||
	    !settle(g, w, place))
		return false;
	approve_expire(g);
	widen_bind(w, hash);
	gr = grants_find(&g->judge.grants,
	    grants_cover(&g->judge.grants, hash,
		(struct bytes){(const uint8_t *)w->subject.widen,
		    strlen(w->subject.widen) + 1}));
	return gr == NULL || settle(g, w, gr->names);
}

char *
widen_top(const struct gate *g, const struct call *w)
{
	char *top, *up, *slash;

	if (w->subject.widen == NULL)
		return NULL;
	top = xstrdup(w->subject.widen);
	for (;;) {
		up = xstrdup(top);
		slash = strrchr(up, '/');
		*slash = '\0';
		if (slash == up || !may_be_written(&g->judge, up))
			break;
		free(top);
		top = up;
	}
	free(up);
	return top;
}

bool
widen_may_grant(
    const struct gate *g, const struct call *w, const struct msg_list *names)
{
	char folder[PATH_MAX];

	return w->subject.widen != NULL && names->n == 1 &&
	       bytes_copy(folder, sizeof(folder), names->v[0]) == 0 &&
	       folder[0] == '/' && strstr(folder, "/..") == NULL &&
	       !str_ends(folder, "/") && may_be_written(&g->judge, folder) &&
	       spec_beneath(w->subject.widen, folder);
}

bool
widen_offer(struct gate *g, struct call *c)
{
	char *folder = can_run_again(g, c) ? folder_of(g, c) : NULL;
	struct subject *s;
	struct call *w;

	if (folder == NULL)
		return false;
	w = call_new(g, TOOL_ARGV, g->next_own);
	if (w == NULL) {
		free(folder);
		return false;
	}
	g->next_own++;
	w->order = c->order;
	w->tokens = c->tokens;
	s = &w->subject;
	s->tool = c->subject.tool;
	s->widen = folder;
	s->escalate = true;
	s->cwd = xstrdup(c->subject.cwd);
	if (c->subject.line != NULL)
		s->line = xstrdup(c->subject.line);
	if (c->subject.words != NULL)
		s->words = xstrdup(c->subject.words);
	wrap(g, s, &c->subject);
	judge_decide(&g->judge, s, &w->decision);
	if (w->decision.verdict == VERDICT_FORBID) {
		call_free(g, w);
		return false;
	}
	w->first = c;
	c->state = CALL_WIDENING;
	call_go(g, w);
	return true;
}

/* Of a run that took place the model is told instead of the first, of a no
 * besides. */
void
widen_take(struct call *w)
{
	struct call *c = w->first;
	struct output output = c->output;
	struct buf denials = c->denials;
	char *error = c->error;

	if (w->state != CALL_RESULT) {
		(void)buf_addf(&c->denials, "write %s: %s\n", w->subject.widen,
		    w->decision.why);
		return;
	}
	c->output = w->output;
	w->output = output;
	c->denials = w->denials;
	w->denials = denials;
	c->error = w->error;
	w->error = error;
	c->exit = w->exit;
	c->seq = w->seq;
	c->subject.widen = w->subject.widen;
	w->subject.widen = NULL;
}

struct call *
widen_second(struct gate *g, const struct call *c)
{
	struct call *w = NULL;

	while ((w = call_next(g, w)) != NULL && w->first != c)
		;
	return w;
}
