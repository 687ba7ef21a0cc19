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

/* git's own options, then its command with a grammar of its own. */
static bool
match_git(const struct shell_word *words, size_t n, enum readonly_place at,
    char why[SHELL_WHY_SIZE])
{
	static const char *const harmless[] = {
	    "--no-pager", "-P", "--no-optional-locks", NULL};
	const struct program *p;
	size_t i = 0;

	if (at != PLACE_SAME)
		return say(why, "git",
		    "another directory may hold another repository");
	while (i < n && readonly_one_of(words[i].s, harmless))
		i++;
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

/* Devices and what the kernel tells of processes: a few are known. */
static bool
odd_special(const char *s)
{
	static const char *const devices[] = {"/dev/full", "/dev/null",
	    "/dev/random", "/dev/stderr", "/dev/stdin", "/dev/stdout",
	    "/dev/tty", "/dev/urandom", "/dev/zero", NULL};
	static const char *const own[] = {"cgroup", "cmdline", "comm", "io",
	    "limits", "mountinfo", "mounts", "stat", "statm", "status", NULL};
	const char *name;

	while (str_starts(s, "//") || str_starts(s, "/./"))
		s += s[1] == '/' ? 1 : 2;
	if (str_starts(s, "/dev/"))
		return !readonly_one_of(s, devices);
	if (!str_starts(s, "/proc/"))
		return false;
	s += strlen("/proc/");
	name = strchr(s, '/');
	if (name == NULL)
		return strspn(s, "abcdefghijklmnopqrstuvwxyz_") != strlen(s) ||
		       s[0] == 'k'; /* kcore, kmsg, kallsyms */
	return !readonly_one_of(name + 1, own) && !str_starts(s, "sys/") &&
	       !str_starts(s, "net/");
}

/* Words that no grammar takes. */
static const char *
odd_word(const struct shell_word *w, enum readonly_place at)
{
	if (hides_path(w, at))
		return "a pattern hides which file it is about";
	if (odd_special(w->s))
		return "a device, a connection or the inside of a process";
	return NULL;
}

enum readonly_place
readonly_cd(const struct shell_command *c, enum readonly_place before)
{
	const char *s;

	if (c->nwords == 0 || strcmp(c->words[0].s, "cd") != 0)
		return before;
	s = c->words[c->nwords - 1].s;
	if (c->nwords == 1 || before == PLACE_AWAY || s[0] == '/' ||
	    s[0] == '~' || s[0] == '-' || strstr(s, "..") != NULL)
		return PLACE_AWAY;
	return PLACE_WITHIN;
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
readonly_command(const struct shell_command *c, enum readonly_place at,
    char why[SHELL_WHY_SIZE])
{
	const struct program *p;
	const char *name, *odd;
	size_t i;

	if (c->nwords == 0)
		return true;
	for (i = 1; i < c->nwords; i++) {
		odd = odd_word(&c->words[i], at);
		if (odd != NULL)
			return say(why, c->words[0].s, odd);
	}
	name = c->words[0].s;
	for (i = 0; folders[i] != NULL; i++)
		if (str_starts(name, folders[i]))
			break;
	if (folders[i] != NULL)
		name += strlen(folders[i]);
	if ((c->words[0].flags & ~(unsigned)SHELL_QUOTED) != 0)
		return say(why, name, "the program's name is not literal");
	if (strcmp(name, "git") == 0)
		return match_git(c->words + 1, c->nwords - 1, at, why);
	p = find_program(name);
	if (p == NULL)
		return say(why, name, "not known to only read");
	return match(p, c->words + 1, c->nwords - 1, why);
}
