/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: may a command run as one that only reads?
 *
 * Its one rule: a program is known by its grammar or not at all.  A name
 * with a path counts only if it is one of the system's own folders, for a
 * file of the project may be called ls as well.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#include "shell/readonly.h"

static const struct program *const tables[] = {readonly_builtins, readonly_core,
    readonly_text, readonly_find, readonly_archive, readonly_versions};

static const char *const folders[] = {"/bin/", "/usr/bin/", NULL};

bool
readonly_one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

static bool
say(char why[SHELL_WHY_SIZE], const char *name, const char *text)
{
	(void)snprintf(why, SHELL_WHY_SIZE, "%.60s: %s", name, text);
	return false;
}

static bool
match(const struct program *p, const struct shell_word *words, size_t n,
    char why[SHELL_WHY_SIZE])
{
	struct program_args a;
	bool ok = program_match(&a, p, words, n);

	if (!ok)
		memcpy(why, a.why, SHELL_WHY_SIZE);
	program_fini(&a);
	return ok;
}

static bool
literal(const struct shell_word *w)
{
	return (w->flags & ~(unsigned)SHELL_QUOTED) == 0;
}

/* The word names the workspace by its whole path. */
static bool
is_workspace(const struct readonly_at *at, const struct shell_word *w)
{
	return at->workspace != NULL && literal(w) &&
	       strcmp(w->s, at->workspace) == 0;
}

/* The words of -C that leave git where it is; 0 for any others. */
static size_t
git_stays(
    const struct readonly_at *at, const struct shell_word *words, size_t n)
{
	if (n < 2 || strcmp(words[0].s, "-C") != 0)
		return 0;
	return is_workspace(at, &words[1]) ||
		       (literal(&words[1]) && strcmp(words[1].s, ".") == 0)
		   ? 2
		   : 0;
}

/* git's own options, then its command with a grammar of its own. */
static bool
match_git(const struct shell_word *words, size_t n,
    const struct readonly_at *at, char why[SHELL_WHY_SIZE])
{
	static const char *const harmless[] = {
	    "--no-pager", "-P", "--no-optional-locks", NULL};
	const struct program *p;
	size_t i = 0, skip;

	if (at->place != PLACE_SAME)
		return say(why, "git",
		    "another directory may hold another repository");
	for (; i < n; i += skip) {
		skip = readonly_one_of(words[i].s, harmless)
			   ? 1
			   : git_stays(at, words + i, n - i);
		if (skip == 0)
			break;
	}
	if (i == n)
		return say(why, "git", "there is no command");
	if (n == 1 && (strcmp(words[0].s, "--version") == 0 ||
			  strcmp(words[0].s, "-v") == 0))
		return true;
	if (words[i].s[0] == '-')
		return say(why, "git",
		    "an option before the command is not known to be "
		    "harmless");
	for (p = readonly_git; p->name != NULL; p++)
		if (strcmp(p->name + strlen("git "), words[i].s) == 0)
			return match(p, words + i + 1, n - i - 1, why);
	return say(why, "git", "the command is not known to only read");
}

/*
 * A pattern that looks for hidden names elsewhere, or for anything at all in
 * the system's own folders but /usr, hides which file it is about; rules on
 * paths could not see it.
 */
static bool
hides_path(const struct shell_word *w, enum readonly_place at)
{
	const char *s = w->s, *dot;

	if ((w->flags & SHELL_GLOB) == 0 || str_starts(s, "/usr/"))
		return false;
	if (s[0] == '/' || at == PLACE_AWAY)
		return true;
	if (s[0] != '~' && strstr(s, "..") == NULL)
		return false;
	for (dot = strstr(s, "/."); dot != NULL; dot = strstr(dot + 1, "/."))
		if (dot[2 + strcspn(dot + 2, "*?[/")] != '/' &&
		    dot[2 + strcspn(dot + 2, "*?[/")] != '\0')
			return true;
	return false;
}

/* A path as seen from the root: a device, or what the kernel tells of
 * processes; a few are known.  In /proc, .. may lead back out of a link. */
static bool
special(const char *s)
{
	static const char *const devices[] = {"full", "null", "random",
	    "stderr", "stdin", "stdout", "tty", "urandom", "zero", NULL};
	static const char *const own[] = {"cgroup", "cmdline", "comm", "io",
	    "limits", "mountinfo", "mounts", "stat", "statm", "status", NULL};
	const char *name;

	if (str_starts(s, "dev/"))
		return s[4] != '\0' && !readonly_one_of(s + 4, devices);
	if (!str_starts(s, "proc/"))
		return false;
	s += strlen("proc/");
	if (strstr(s, "..") != NULL)
		return true;
	name = strchr(s, '/');
	if (name == NULL)
		return strspn(s, "abcdefghijklmnopqrstuvwxyz_") != strlen(s) ||
		       s[0] == 'k'; /* kcore, kmsg, kallsyms */
	return !readonly_one_of(name + 1, own) && !str_starts(s, "sys/") &&
	       !str_starts(s, "net/");
}

/* The same of a folder to work in, where the names of all that were hidden. */
static bool
special_place(const char *s)
{
	return str_starts(s, "dev/") || str_starts(s, "proc/") ||
	       strcmp(s, "dev") == 0 || strcmp(s, "proc") == 0;
}

/* The same of a word, wherever its .. lead. */
static bool
odd_special(
    const char *s, enum readonly_place at, bool (*is_special)(const char *))
{
	bool rooted = s[0] == '/' || at == PLACE_AWAY;
	size_t n;

	for (; s != NULL; s = strstr(s, "/../"), rooted = true) {
		while ((n = str_starts(s, "/")     ? 1
			    : str_starts(s, "./")  ? 2
			    : str_starts(s, "../") ? 3
						   : 0) > 0) {
			rooted = rooted || n == 3;
			s += n;
		}
		if (rooted && is_special(s))
			return true;
	}
	return false;
}

/* Words that no grammar takes. */
static const char *
odd_word(const struct shell_command *c, const struct shell_word *w,
    enum readonly_place at)
{
	bool cd = strcmp(c->words[0].s, "cd") == 0;

	if (hides_path(w, at))
		return "a pattern hides which file it is about";
	if (odd_special(w->s, at, cd ? special_place : special))
		return "a device, a connection or the inside of a process";
	if (at == PLACE_AWAY && w->s[0] != '/' && strstr(w->s, "../") != NULL)
		return "a .. that may lead back out of a link";
	return NULL;
}

void
readonly_begin(struct readonly_at *at, const struct shell_where *where)
{
	size_t n;

	at->place = PLACE_SAME;
	at->workspace = where == NULL ? NULL : where->workspace;
	if (where == NULL || where->cwd == NULL)
		return;
	n = at->workspace == NULL ? 0 : strlen(at->workspace);
	if (n == 0 || strncmp(where->cwd, at->workspace, n) != 0)
		at->place = PLACE_AWAY;
	else if (where->cwd[n] != '\0')
		at->place = where->cwd[n] == '/' ? PLACE_WITHIN : PLACE_AWAY;
}

/* A cd may fail, so one to the workspace leads back from nowhere. */
void
readonly_follow(struct readonly_at *at, const struct shell_command *c)
{
	const struct shell_word *w;

	if (c->nwords == 0 || strcmp(c->words[0].s, "cd") != 0)
		return;
	w = &c->words[c->nwords - 1];
	if (c->nwords > 1 && (is_workspace(at, w) || strcmp(w->s, ".") == 0))
		return;
	if (c->nwords == 1 || w->s[0] == '/' || w->s[0] == '~' ||
	    w->s[0] == '-' || strstr(w->s, "..") != NULL)
		at->place = PLACE_AWAY;
	else if (at->place == PLACE_SAME)
		at->place = PLACE_WITHIN;
}

static const struct program *
find_program(const char *name)
{
	const struct program *p;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (p = tables[i]; p->name != NULL; p++)
			if (strcmp(p->name, name) == 0)
				return p;
	return NULL;
}

bool
readonly_command(const struct shell_command *c, const struct readonly_at *at,
    char why[SHELL_WHY_SIZE])
{
	const struct program *p;
	const char *name, *odd;
	size_t i;

	if (c->nwords == 0)
		return true;
	for (i = 1; i < c->nwords; i++) {
		odd = odd_word(c, &c->words[i], at->place);
		if (odd != NULL)
			return say(why, c->words[0].s, odd);
	}
	name = c->words[0].s;
	for (i = 0; folders[i] != NULL; i++)
		if (str_starts(name, folders[i]))
			break;
	if (folders[i] != NULL)
		name += strlen(folders[i]);
	if (!literal(&c->words[0]))
		return say(why, name, "the program's name is not literal");
	if (strcmp(name, "git") == 0)
		return match_git(c->words + 1, c->nwords - 1, at, why);
	p = find_program(name);
	if (p == NULL)
		return say(why, name, "not known to only read");
	return match(p, c->words + 1, c->nwords - 1, why);
}
