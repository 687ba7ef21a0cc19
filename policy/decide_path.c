/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what is decided about paths, and about words that may be some.
 *
 * Nothing is looked up: the kernel decides in the end.  Here a rule that
 * forbids or asks is heard before anything starts, so every place is
 * considered that a word may stand for.
 */

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "policy/ceiling.h"
#include "policy/deciding.h"

/* A path, and where the patterns that may match it are found. */
struct path_look {
	const char *path;
	bool glob; /* it is a pattern of the shell's */
	/* Hashes of its first name below each base; 0: not below. */
	uint32_t root, home, workspace;
};

static uint32_t
look_below(const char *path, const char *base)
{
	size_t n;

	if (base == NULL)
		return 0;
	n = strcmp(base, "/") == 0 ? 0 : strlen(base);
	if (strncmp(path, base, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return 0;
	return rule_hash(path[n] == '/' ? path + n + 1 : "");
}

static void
look_at(
    struct path_look *l, const char *path, bool glob, const struct request *rq)
{
	l->path = path;
	l->glob = glob;
	l->root = look_below(path, "/");
	l->home = look_below(path, rq->home);
	l->workspace = look_below(path, rq->workspace);
}

static bool
look_hits(const struct path_look *l, const struct rule_key *k)
{
	uint32_t hash = k->base == '/'   ? l->root
			: k->base == '~' ? l->home
			: k->base == '.' ? l->workspace
					 : 0;

	return hash != 0 && (l->glob || k->hash == 0 || k->hash == hash);
}

/* What asks about a name is heard of a pattern that could become it, too; what
 * forbids one is seen to by deciding_searches. */
static bool
look_matches(const struct path_look *l, const struct rule_key *k,
    const struct rule *r, const struct request *rq)
{
	if (path_matches(k->pattern, l->path, rq->home, rq->workspace))
		return true;
	return l->glob && !k->writes && r->effect == EFFECT_ASK &&
	       path_meets(k->pattern, l->path, rq->home, rq->workspace);
}

/* The rules about a path; milder ones too if they may permit. */
static void
path_rules(struct deciding *dc, const struct path_look *l, bool reads,
    bool writes, enum effect least, struct tally *t)
{
	const struct rule_keys *keys = &dc->p->paths;
	const struct rule_key *k;
	const struct rule *r;
	size_t i;

	for (i = 0; i < keys->n; i++) {
		k = &keys->v[i];
		if (!look_hits(l, k) || !(k->writes ? writes : reads))
			continue;
		r = &dc->p->rules[k->rule];
		if (r->effect >= least && look_matches(l, k, r, dc->rq))
			deciding_match(dc, t, r);
	}
}

void
deciding_path(
    struct deciding *dc, const char *path, bool writes, enum effect otherwise)
{
	struct tally t = {0}, hidden = {0};
	const struct rule *r;
	struct path_look l;

	look_at(&l, path, false, dc->rq);
	path_rules(dc, &l, !writes, writes, EFFECT_ALLOW, &t);
	deciding_tally(dc, &t, otherwise);
	if (!writes)
		return;
	/* What the cell does not show is not there to be written. */
	path_rules(dc, &l, true, false, EFFECT_ALLOW, &hidden);
	r = deciding_trusted(&hidden);
	if (r != NULL && r->effect == EFFECT_FORBID)
		deciding_take(dc, r->effect, GRANT_SESSION, r);
	r = hidden.best[POLICY_PROJECT];
	if (r != NULL && r->effect == EFFECT_FORBID)
		deciding_project(dc, &hidden);
}

/* What is done with a word as a path, from every place it may be seen. */
typedef void
place_fn(struct deciding *dc, const char *path, bool writes, void *arg);

/* The folder that a line starts in. */
static const char *
start_of(const struct request *rq)
{
	return rq->cwd == NULL ? rq->workspace : rq->cwd;
}

static void
each_place(
    struct deciding *dc, const char *word, bool writes, place_fn *fn, void *arg)
{
	char path[PATH_MAX];
	size_t i;

	if (path_resolve(
		path, sizeof(path), word, start_of(dc->rq), dc->rq->home))
		fn(dc, path, writes, arg);
	for (i = 0; i < dc->nplaces && word[0] != '/' && word[0] != '~'; i++)
		if (path_resolve(
			path, sizeof(path), word, dc->places[i], dc->rq->home))
			fn(dc, path, writes, arg);
}

static void
place_decide(struct deciding *dc, const char *path, bool writes, void *arg)
{
	struct tally t = {0};
	const struct rule *r;
	struct path_look l;

	look_at(&l, path, *(const bool *)arg, dc->rq);
	path_rules(dc, &l, true, writes, EFFECT_ASK, &t);
	r = deciding_trusted(&t);
	if (r != NULL)
		deciding_take(dc, r->effect, GRANT_SESSION, r);
	deciding_project(dc, &t);
}

static void
decide_word(struct deciding *dc, const struct shell_word *w, bool writes)
{
	bool glob = (w->flags & SHELL_GLOB) != 0;
	const char *word = w->s;

	if (word[0] == '-' && strchr(word, '=') != NULL)
		word = strchr(word, '=') + 1;
	each_place(dc, word, writes, place_decide, &glob);
}

/* git's REVISION:PATH, :PATH, :/PATH and :(MAGIC)PATH as well. */
static void
decide_git_word(struct deciding *dc, const struct shell_word *w)
{
	const char *path = strrchr(w->s, ':'), *end;
	bool glob = true; /* git knows patterns of its own */

	if (path == NULL)
		return;
	path++;
	if (*path == '(' && (end = strchr(path, ')')) != NULL)
		path = end + 1;
	path += strspn(path, "/!^");
	each_place(dc, path, false, place_decide, &glob);
}

static bool
redir_writes(const struct shell_redir *rd)
{
	return rd->op == SHELL_OUT || rd->op == SHELL_CLOBBER ||
	       rd->op == SHELL_APPEND || rd->op == SHELL_RDWR ||
	       rd->op == SHELL_BOTH || rd->op == SHELL_BOTH_APPEND;
}

void
deciding_words(
    struct deciding *dc, const struct shell_command *cmd, bool read_only)
{
	size_t i = cmd->nassign;
	bool git = i < cmd->nwords &&
		   strcmp(rule_program(cmd->words[i].s), "git") == 0;

	for (i++; i < cmd->nwords; i++) {
		decide_word(dc, &cmd->words[i], !read_only);
		if (git)
			decide_git_word(dc, &cmd->words[i]);
	}
	for (i = 0; i < cmd->nredirs; i++)
		if (redir_writes(&cmd->redirs[i]) ||
		    cmd->redirs[i].op == SHELL_IN)
			decide_word(dc, &cmd->redirs[i].word,
			    redir_writes(&cmd->redirs[i]));
}

static void
add_place(struct deciding *dc, const char *to, const char *from)
{
	char path[PATH_MAX];
	size_t i;

	if (!path_resolve(path, sizeof(path), to, from, dc->rq->home)) {
		dc->lost = true;
		return;
	}
	for (i = 0; i < dc->nplaces; i++)
		if (strcmp(dc->places[i], path) == 0)
			return;
	if (dc->nplaces == DECIDING_PLACES)
		dc->lost = true;
	else
		dc->places[dc->nplaces++] = xstrdup(path);
}

void
deciding_cd(struct deciding *dc, const struct shell_command *cmd)
{
	size_t i, n = dc->nplaces;
	const char *to;

	if (cmd->nwords == 0 || strcmp(cmd->words[0].s, "cd") != 0)
		return;
	to = cmd->nwords == 1 ? "~" : cmd->words[cmd->nwords - 1].s;
	add_place(dc, to, start_of(dc->rq));
	for (i = 0; i < n; i++)
		add_place(dc, to, dc->places[i]);
}

void
deciding_forget(struct deciding *dc)
{
	while (dc->nplaces > 0)
		free(dc->places[--dc->nplaces]);
	dc->lost = false;
}

/* Something is forbidden beneath the path, or could be. */
static void
place_above(struct deciding *dc, const char *path, bool writes, void *arg)
{
	const struct rule_keys *keys = &dc->p->paths;
	const struct rule_key *k;
	bool *above = arg;
	size_t i;

	(void)writes;
	/* The workspace is the session's own; the kernel hides what is
	 * forbidden in it. */
	if (dc->rq->workspace != NULL &&
	    path_matches("./", path, NULL, dc->rq->workspace))
		return;
	for (i = 0; i < keys->n && !*above; i++) {
		k = &keys->v[i];
		*above = !k->writes && k->base != '.' &&
			 dc->p->rules[k->rule].effect != EFFECT_ALLOW &&
			 path_above(k->pattern, path, dc->rq->home);
	}
}

/* The pattern could become what is forbidden, and not hidden by the kernel. */
static void
place_meets(struct deciding *dc, const char *path, bool writes, void *arg)
{
	const struct policy_place at = {dc->rq->home, dc->rq->workspace};
	const struct rule_keys *keys = &dc->p->paths;
	const struct rule_key *k;
	char place[PATH_MAX];
	bool *meets = arg;
	size_t i;

	(void)writes;
	for (i = 0; i < keys->n && !*meets; i++) {
		k = &keys->v[i];
		*meets = !k->writes &&
			 dc->p->rules[k->rule].effect == EFFECT_FORBID &&
			 path_meets(k->pattern, path, at.home, at.workspace) &&
			 !policy_path(k->pattern, &at, place, sizeof(place));
	}
}

/* What a pattern could become, and the part of it before the first name that
 * is one. */
static void
search_pattern(struct deciding *dc, const struct shell_word *w, bool *above)
{
	char dir[PATH_MAX];
	size_t n = strcspn(w->s, "*?[");

	each_place(dc, w->s, false, place_meets, above);
	while (n > 0 && w->s[n - 1] != '/')
		n--;
	if (n == 0 || n >= sizeof(dir))
		return; /* of the folder it starts in: no hidden name */
	memcpy(dir, w->s, n);
	dir[n] = '\0';
	each_place(dc, dir, false, place_above, above);
}

/* Looks at what is beneath a folder: grep only if an option says so, and -r,
 * -R, -d and their long names all have one of these letters. */
static bool
goes_deep(const struct shell_command *cmd)
{
	const char *name = rule_program(cmd->words[0].s);
	size_t i;

	if (strcmp(name, "rg") == 0 || strcmp(name, "diff") == 0)
		return true;
	if (strcmp(name, "grep") != 0 && strcmp(name, "egrep") != 0 &&
	    strcmp(name, "fgrep") != 0)
		return false;
	for (i = 1; i < cmd->nwords; i++)
		if (cmd->words[i].s[0] == '-' &&
		    strpbrk(cmd->words[i].s, "rRd") != NULL)
			return true;
	return false;
}

bool
deciding_searches(struct deciding *dc, const struct shell_command *cmd)
{
	bool deep, above = dc->lost;
	size_t i;

	if (cmd->nwords == 0)
		return false;
	deep = goes_deep(cmd);
	if (deep)
		each_place(dc, ".", false, place_above, &above);
	for (i = 1; i < cmd->nwords; i++) {
		if (deep)
			each_place(
			    dc, cmd->words[i].s, false, place_above, &above);
		if ((cmd->words[i].flags & SHELL_GLOB) != 0)
			search_pattern(dc, &cmd->words[i], &above);
	}
	return above;
}
