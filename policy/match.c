/* SPDX-License-Identifier: Apache-2.0 */

/* Library: whether a rule speaks of a command.  Paths: match_path.c. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "policy/decide.h"

/* Options that stand before a program's sub-command and are skipped, so that
 * `git -C dir push` is a push.  value: the next word belongs to it. */
struct leading {
	const char *program;
	const char *option;
	bool value;
};

static const struct leading leadings[] = {{"git", "-C", true},
    {"git", "-c", true}, {"git", "--git-dir", true},
    {"git", "--work-tree", true}, {"git", "--namespace", true},
    {"git", "--exec-path", false}, {"git", "-p", false},
    {"git", "--paginate", false}, {"git", "-P", false},
    {"git", "--no-pager", false}, {"git", "--bare", false},
    {"git", "--no-replace-objects", false},
    {"git", "--literal-pathspecs", false},
    {"git", "--no-optional-locks", false}, {"git", "--config-env", true},
    {"git", "--super-prefix", true}, {"git", "--attr-source", true},
    {"git", "--glob-pathspecs", false}, {"git", "--noglob-pathspecs", false},
    {"git", "--icase-pathspecs", false}, {"git", "--no-lazy-fetch", false},
    {"git", "--no-advice", false}, {"docker", "-H", true},
    {"docker", "--host", true}, {"docker", "-c", true},
    {"docker", "--context", true}, {"docker", "--config", true},
    {"docker", "-l", true}, {"docker", "-D", false},
    {"podman", "--remote", false}, {"podman", "--log-level", true},
    {"kubectl", "-n", true}, {"kubectl", "--namespace", true},
    {"kubectl", "--context", true}, {"kubectl", "--kubeconfig", true},
    {"kubectl", "-s", true}, {"npm", "--prefix", true}, {"npm", "-C", true},
    {"npm", "--silent", false}, {"npm", "-s", false},
    {"cargo", "--color", true}, {"cargo", "--config", true},
    {"cargo", "-q", false}, {"cargo", "-v", false},
    {"cargo", "--frozen", false}, {"cargo", "--locked", false},
    {"cargo", "--offline", false}, {"go", "-C", true},
    {"systemctl", "--user", false}, {"apt-get", "-y", false},
    {"apt-get", "-q", false}, {"apt-get", "-qq", false}, {"make", "-C", true}};

#define LEADINGS (sizeof(leadings) / sizeof(leadings[0]))

/* Programs that run what their operands say, and how many come before it. */
struct wrapper {
	const char *program;
	unsigned operands;
};

static const struct wrapper wrappers[] = {{"builtin", 0}, {"busybox", 0},
    {"chronic", 0}, {"chrt", 1}, {"command", 0}, {"doas", 0}, {"env", 0},
    {"eval", 0}, {"exec", 0}, {"flock", 1}, {"ionice", 0}, {"ltrace", 0},
    {"nice", 0}, {"nohup", 0}, {"parallel", 0}, {"setsid", 0}, {"stdbuf", 0},
    {"strace", 0}, {"sudo", 0}, {"taskset", 1}, {"time", 0}, {"timeout", 1},
    {"unbuffer", 0}, {"watch", 0}, {"xargs", 0}};

/* Words that are looked at for a command behind options or a wrapper. */
#define MATCH_AHEAD    16
#define MATCH_WRAPPERS 4 /* within each other */

static const struct leading *
find_leading(const char *program, const struct shell_word *w)
{
	size_t i, len = strcspn(w->s, "=");

	for (i = 0; i < LEADINGS; i++)
		if (strcmp(leadings[i].program, program) == 0 &&
		    strlen(leadings[i].option) == len &&
		    memcmp(leadings[i].option, w->s, len) == 0)
			return &leadings[i];
	return NULL;
}

/* The index of the first word behind the leading options. */
static size_t
skip_leading(const char *program, const struct shell_word *w, size_t n)
{
	const struct leading *l;
	size_t i = 1;

	while (i < n && w[i].s[0] == '-') {
		l = find_leading(program, &w[i]);
		if (l == NULL)
			break;
		i += l->value && strchr(w[i].s, '=') == NULL ? 2 : 1;
	}
	return i < n ? i : n;
}

static bool
arg_matches(const struct arg_pattern *a, const char *word)
{
	size_t i;

	if (a->kind != ARG_WORDS)
		return true;
	for (i = 0; i < a->words.n; i++)
		if (strcmp(a->words.v[i], word) == 0)
			return true;
	return false;
}

/*
 * Patterns against words.  Only the last ARG_REST seen is tried again with a
 * word more: it takes what an earlier one could, so this is complete, and the
 * work is bounded by the product of both lengths.
 */
static bool
args_match(const struct arg_pattern *a, size_t na, const struct shell_word *w,
    size_t nw)
{
	size_t i = 0, j = 0, rest = na, from = 0;

	while (j < nw) {
		if (i < na && a[i].kind == ARG_REST) {
			rest = i++;
			from = j;
		} else if (i < na && arg_matches(&a[i], w[j].s)) {
			i++;
			j++;
		} else if (rest < na) {
			i = rest + 1;
			j = ++from;
		} else
			return false;
	}
	while (i < na && a[i].kind == ARG_REST)
		i++;
	return i == na;
}

static bool
program_matches(const struct rule *r, const char *word)
{
	const char *name = rule_program(word);
	size_t i;

	for (i = 0; i < r->program.n; i++)
		if (strcmp(r->program.v[i], name) == 0 ||
		    strcmp(r->program.v[i], word) == 0 ||
		    strcmp(r->program.v[i], "*") == 0)
			return true;
	return false;
}

/*
 * Behind every row of options that could come first, each perhaps with a
 * value: what is to be forbidden or asked about is not hidden by an option
 * that the table does not have.
 */
static bool
behind_options(const struct rule *r, const struct shell_word *w, size_t n)
{
	const char *name = rule_program(w[0].s);
	bool reached[MATCH_AHEAD + 2] = {false, true};
	const struct leading *l;
	size_t i;

	for (i = 1; i < n && i < MATCH_AHEAD; i++) {
		if (!reached[i])
			continue;
		if (args_match(r->args, r->nargs, w + i, n - i))
			return true;
		if (w[i].s[0] != '-')
			continue;
		l = find_leading(name, &w[i]);
		reached[i + 1] = l == NULL || !l->value;
		reached[i + 2] = reached[i + 2] || l == NULL || l->value;
	}
	return false;
}

/* w are the program and its words. */
static bool
words_match(const struct rule *r, const struct shell_word *w, size_t n)
{
	size_t skip;

	if (!program_matches(r, w[0].s))
		return false;
	/* As written, or behind the options that come before the rest. */
	if (r->any_args || args_match(r->args, r->nargs, w + 1, n - 1))
		return true;
	skip = skip_leading(rule_program(w[0].s), w, n);
	if (skip > 1 && args_match(r->args, r->nargs, w + skip, n - skip))
		return true;
	return r->effect > EFFECT_ALLOW && behind_options(r, w, n);
}

/* NULL if the program only does what it is known for; command -v looks. */
static const struct wrapper *
find_wrapper(const struct shell_word *w, size_t n)
{
	const char *name = rule_program(w[0].s);
	size_t i;

	if (strcmp(name, "command") == 0 && n > 1 &&
	    (str_starts(w[1].s, "-v") || str_starts(w[1].s, "-V")))
		return NULL;
	for (i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (strcmp(wrappers[i].program, name) == 0)
			return &wrappers[i];
	return NULL;
}

/*
 * Where the command may begin that a wrapper runs: behind its options, each
 * perhaps with a value, assignments, and its own operands, of which reached
 * counts those that are still due, and one.
 */
static void
wrapped_at(const struct wrapper *wr, const struct shell_word *w, size_t n,
    unsigned reached[MATCH_AHEAD + 2])
{
	size_t i, next, last;

	memset(reached, 0, sizeof(unsigned) * (MATCH_AHEAD + 2));
	reached[1] = wr->operands + 1;
	for (i = 1; i < n && i < MATCH_AHEAD; i++) {
		if (reached[i] == 0)
			continue;
		last = w[i].s[0] == '-' ? i + 2 : i + 1;
		if (w[i].s[0] != '-' && strchr(w[i].s, '=') == NULL) {
			if (reached[i] > 1 && reached[i + 1] < reached[i] - 1)
				reached[i + 1] = reached[i] - 1;
			continue;
		}
		for (next = i + 1; next <= last; next++)
			if (reached[next] < reached[i])
				reached[next] = reached[i];
	}
}

static bool
wrapped_match(
    const struct rule *r, const struct shell_word *w, size_t n, unsigned depth)
{
	const struct wrapper *wr = find_wrapper(w, n);
	unsigned reached[MATCH_AHEAD + 2];
	size_t i;

	if (wr == NULL || depth == MATCH_WRAPPERS)
		return false;
	wrapped_at(wr, w, n, reached);
	for (i = 1; i < n && i < MATCH_AHEAD; i++)
		if (reached[i] > 0 &&
		    (words_match(r, w + i, n - i) ||
			wrapped_match(r, w + i, n - i, depth + 1)))
			return true;
	return false;
}

bool
rule_matches_command(const struct rule *r, const struct shell_command *cmd)
{
	size_t n = cmd->nwords - cmd->nassign;
	const struct shell_word *w = cmd->words + cmd->nassign;

	if (r->program.n == 0 || n == 0)
		return false;
	/* What is permitted is permitted as it is written. */
	return words_match(r, w, n) ||
	       (r->effect != EFFECT_ALLOW && wrapped_match(r, w, n, 0));
}

bool
command_wrapped(const struct shell_command *cmd)
{
	return cmd->nwords > cmd->nassign &&
	       find_wrapper(cmd->words + cmd->nassign,
		   cmd->nwords - cmd->nassign) != NULL;
}

/* Behind the shell's name, the line that -c or the like is followed by. */
static const char *
shell_operand(const struct shell_word *w, size_t n)
{
	static const char *const shells[] = {
	    "ash", "bash", "dash", "ksh", "rbash", "sh", "zsh"};
	const char *name = rule_program(w[0].s);
	size_t i;

	if (strcmp(name, "eval") == 0 && n == 2)
		return w[1].s;
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i], name) == 0)
			break;
	if (i == sizeof(shells) / sizeof(shells[0]))
		return NULL;
	for (i = 1; i + 1 < n && w[i].s[0] == '-'; i++)
		if (w[i].s[1] != '-' && strchr(w[i].s, 'c') != NULL)
			return w[i + 1].s;
	return NULL;
}

static const char *
nested_at(const struct shell_word *w, size_t n, unsigned depth)
{
	const struct wrapper *wr = find_wrapper(w, n);
	const char *line = shell_operand(w, n);
	unsigned reached[MATCH_AHEAD + 2];
	size_t i;

	if (line != NULL || wr == NULL || depth == MATCH_WRAPPERS)
		return line;
	wrapped_at(wr, w, n, reached);
	for (i = 1; i < n && i < MATCH_AHEAD && line == NULL; i++)
		if (reached[i] > 0)
			line = nested_at(w + i, n - i, depth + 1);
	return line;
}

const char *
command_nested(const struct shell_command *cmd)
{
	if (cmd->nwords <= cmd->nassign)
		return NULL;
	return nested_at(
	    cmd->words + cmd->nassign, cmd->nwords - cmd->nassign, 0);
}

const char *
rule_example(const struct rule *r, bool *should)
{
	const struct words *const lists[] = {&r->match, &r->not_match};
	struct shell_split sp;
	size_t k, i, j;
	bool hit;

	for (k = 0; k < 2; k++)
		for (i = 0; i < lists[k]->n; i++) {
			shell_split(
			    &sp, lists[k]->v[i], strlen(lists[k]->v[i]));
			for (hit = false, j = 0; j < sp.ncommands; j++)
				hit = hit ||
				      rule_matches_command(r, &sp.commands[j]);
			shell_split_fini(&sp);
			if (hit != (k == 0)) {
				*should = k == 0;
				return lists[k]->v[i];
			}
		}
	return NULL;
}
