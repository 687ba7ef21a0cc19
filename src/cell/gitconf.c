/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the cell: what a command may write to a configuration of git's.
 *
 * A list of what git executes would grow with every version of git, so this
 * is one of what it does not.  The text is read as git reads it (git-config(1)
 * and its config.c), and what git would call an error is refused too.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cell/gitconf.h"

#define NAME_SIZE 64 /* bytes of a section's name, or a key's */
#define END       (-1)

struct text {
	const unsigned char *p, *end; /* borrowed */
	char section[NAME_SIZE], key[NAME_SIZE];
	char *worktree; /* borrowed */
	size_t size;    /* of worktree */
};

/* Each list begins and ends with a blank; NULL is every key. */
static const struct {
	const char *section, *keys;
} allowed[] = {
    {"core", " abbrev autocrlf bare bigfilethreshold checkstat commentchar "
	     "compression eol filemode ignorecase logallrefupdates longpaths "
	     "precomposeunicode preloadindex protecthfs protectntfs quotepath "
	     "repositoryformatversion safecrlf sharedrepository sparsecheckout "
	     "sparsecheckoutcone symlinks trustctime untrackedcache whitespace "
	     "worktree "},
    {"advice", NULL}, {"branch", NULL}, {"color", NULL}, {"column", NULL},
    {"extensions", NULL}, {"feature", NULL}, {"index", NULL}, {"status", NULL},
    {"checkout", " defaultremote guess workers "},
    {"commit", " cleanup gpgsign status verbose "},
    {"diff", " algorithm colormoved context indentheuristic mnemonicprefix "
	     "noprefix renamelimit renames submodule "},
    {"fetch", " fsckobjects output parallel prune prunetags "
	      "recursesubmodules writecommitgraph "},
    {"gc", " auto autodetach autopacklimit pruneexpire reflogexpire "
	   "reflogexpireunreachable worktreepruneexpire writecommitgraph "},
    {"init", " defaultbranch defaultobjectformat "},
    {"lfs", " repositoryformatversion "},
    {"log", " abbrevcommit date decorate follow "},
    {"maintenance", " auto strategy "},
    {"merge", " autostash conflictstyle ff log renamelimit renames stat "},
    {"pack", " threads usebitmaps windowmemory writebitmaphashcache "},
    {"pull", " ff octopus rebase twohead "},
    {"push", " autosetupremote default followtags gpgsign "
	     "recursesubmodules "},
    {"rebase", " autosquash autostash updaterefs "},
    {"receive", " autogc denycurrentbranch denydeletecurrent denydeletes "
		"denynonfastforwards fsckobjects "},
    {"remote", " fetch followremotehead mirror partialclonefilter promisor "
	       "prune prunetags push pushdefault pushurl skipdefaultupdate "
	       "skipfetchall tagopt url "},
    {"rerere", " autoupdate enabled "},
    {"submodule", " active branch fetchrecursesubmodules ignore path recurse "
		  "shallow url "},
    {"tag", " forcesignannotated gpgsign sort "},
    {"transfer", " fsckobjects hiderefs "},
    {"uploadpack", " allowanysha1inwant allowfilter allowreachablesha1inwant "
		   "allowtipsha1inwant "},
    {"user", " email name useconfigonly "}};

static int
next(struct text *t)
{
	int c = t->p < t->end ? *t->p++ : END;

	if (c == '\r' && t->p < t->end && *t->p == '\n')
		c = *t->p++;
	return c;
}

static int
next_solid(struct text *t)
{
	int c;

	do
		c = next(t);
	while (c == ' ' || c == '\t');
	return c;
}

/* A name that begins with c; what follows it, or END, and no name, if it is
 * too long. */
static int
name(struct text *t, int c, char *dst)
{
	size_t n;

	for (n = 0; c != END && (isalnum(c) || c == '-'); c = next(t)) {
		if (n == NAME_SIZE - 1) {
			dst[0] = '\0';
			return END;
		}
		dst[n++] = (char)tolower(c);
	}
	dst[n] = '\0';
	return c;
}

/* Behind "[". */
static bool
section(struct text *t)
{
	int c = name(t, next(t), t->section);

	while (c == '.' || isalnum(c) || c == '-')
		c = next(t); /* what is behind a dot is a subsection */
	if (c == ']')
		return true;
	if ((c != ' ' && c != '\t') || next_solid(t) != '"')
		return false;
	for (c = next(t); c != '"'; c = next(t)) {
		if (c == '\\')
			c = next(t);
		if (c == '\n' || c == END || c == '\0')
			return false;
	}
	return next(t) == ']';
}

/* Behind "=", to the end of the line; it may go on on the next. */
static bool
value(struct text *t)
{
	bool quote = false;
	int c;

	for (c = next_solid(t); c != '\n' && c != END; c = next(t)) {
		if (!quote && (c == '#' || c == ';')) {
			while (c != '\n' && c != END)
				c = next(t);
			return true;
		}
		if (c == '"')
			quote = !quote;
		if (c == '\0' || (c == '\\' && next(t) == END))
			return false;
	}
	return !quote;
}

/* The same of one that leads to a folder, and is to be read: it has nothing
 * that would need to be unquoted. */
static bool
folder(struct text *t)
{
	size_t n = 0;
	int c;

	for (c = next_solid(t); c != '\n' && c != END; c = next(t)) {
		if (strchr("\"\\#;", c) != NULL || n + 1 >= t->size)
			return false;
		t->worktree[n++] = (char)c;
	}
	while (n > 0 && isspace((unsigned char)t->worktree[n - 1]))
		n--;
	t->worktree[n] = '\0';
	return true;
}

static bool
is_allowed(const struct text *t)
{
	char word[NAME_SIZE + 2];
	size_t i;

	(void)snprintf(word, sizeof(word), " %s ", t->key);
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strcmp(allowed[i].section, t->section) == 0)
			return allowed[i].keys == NULL ||
			       strstr(allowed[i].keys, word) != NULL;
	return false;
}

/* A key that begins with c. */
static bool
assignment(struct text *t, int c)
{
	c = name(t, c, t->key);
	if (c == ' ' || c == '\t')
		c = next_solid(t);
	if (!is_allowed(t) || (c != '=' && c != '\n' && c != END))
		return false;
	if (c != '=') /* a boolean */
		return true;
	return strcmp(t->section, "core") == 0 &&
		       strcmp(t->key, "worktree") == 0
		   ? folder(t)
		   : value(t);
}

bool
gitconf_harmless(const void *text, size_t len, char *worktree, size_t size)
{
	struct text t = {.p = text, .worktree = worktree, .size = size};
	bool good = true;
	int c;

	worktree[0] = '\0';
	t.end = t.p + len;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		t.p += 3;
	while (good && (c = next(&t)) != END) {
		if (c == '#' || c == ';')
			while (c != '\n' && c != END)
				c = next(&t);
		else if (c == '[')
			good = section(&t);
		else if (strchr(" \t\r\n", c) == NULL || c == '\0')
			good = isalpha(c) && assignment(&t, c);
	}
	return good;
}
