/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the tests of find that only look and the actions that only print.
 *
 * Not here: -exec, -ok and their like, -delete, the actions that print into
 * a file, and -files0-from.  And of fd, which lists the same with other words,
 * without -x and -X, which run a program, and -l, which runs ls.
 */

#include "config.h"

#include <string.h>

#include "shell/readonly.h"

/* A word of an expression and how many words it takes. */
struct predicate {
	const char *name;
	size_t values;
};

static const struct predicate predicates[] = {
    {"!", 0},
    {"(", 0},
    {")", 0},
    {",", 0},
    {"-H", 0},
    {"-L", 0},
    {"-O1", 0},
    {"-O2", 0},
    {"-O3", 0},
    {"-P", 0},
    {"-a", 0},
    {"-amin", 1},
    {"-and", 0},
    {"-anewer", 1},
    {"-atime", 1},
    {"-cmin", 1},
    {"-cnewer", 1},
    {"-ctime", 1},
    {"-daystart", 0},
    {"-depth", 0},
    {"-empty", 0},
    {"-executable", 0},
    {"-false", 0},
    {"-follow", 0},
    {"-fstype", 1},
    {"-gid", 1},
    {"-group", 1},
    {"-ignore_readdir_race", 0},
    {"-ilname", 1},
    {"-iname", 1},
    {"-inum", 1},
    {"-ipath", 1},
    {"-iregex", 1},
    {"-iwholename", 1},
    {"-links", 1},
    {"-lname", 1},
    {"-ls", 0},
    {"-maxdepth", 1},
    {"-mindepth", 1},
    {"-mmin", 1},
    {"-mount", 0},
    {"-mtime", 1},
    {"-name", 1},
    {"-newer", 1},
    {"-newermt", 1},
    {"-nogroup", 0},
    {"-noleaf", 0},
    {"-not", 0},
    {"-nouser", 0},
    {"-o", 0},
    {"-or", 0},
    {"-path", 1},
    {"-perm", 1},
    {"-print", 0},
    {"-print0", 0},
    {"-printf", 1},
    {"-prune", 0},
    {"-quit", 0},
    {"-readable", 0},
    {"-regex", 1},
    {"-regextype", 1},
    {"-samefile", 1},
    {"-size", 1},
    {"-true", 0},
    {"-type", 1},
    {"-uid", 1},
    {"-used", 1},
    {"-user", 1},
    {"-warn", 0},
    {"-nowarn", 0},
    {"-wholename", 1},
    {"-writable", 0},
    {"-xdev", 0},
    {"-xtype", 1},
    {"--help", 0},
    {"--version", 0},
    {"-help", 0},
    {"-version", 0},
};

static const struct predicate *
find_predicate(const char *s)
{
	size_t i;

	for (i = 0; i < sizeof(predicates) / sizeof(predicates[0]); i++)
		if (strcmp(predicates[i].name, s) == 0)
			return &predicates[i];
	return NULL;
}

/* Words that a pattern outside quotes becomes begin as it does; find takes
 * those behind the first for starting points, and refuses them. */
static bool
loose_value(const struct shell_word *w)
{
	return (w->flags & SHELL_GLOB) != 0 &&
	       strchr("*?[-(),!+", w->s[0]) != NULL;
}

/* Starting points may stand anywhere: find refuses those it does not like. */
static const char *
check_find(const struct program_args *a)
{
	const struct predicate *p;
	const struct shell_word *w;
	size_t i, n;

	for (i = 0; i < a->noperands; i++) {
		w = a->operands[i];
		p = find_predicate(w->s);
		if (p == NULL) {
			if (w->s[0] == '-')
				return "an action or option is not known to "
				       "be harmless";
			continue;
		}
		for (n = p->values; n > 0; n--)
			if (++i == a->noperands || loose_value(a->operands[i]))
				return "a test lacks its value, or that is a "
				       "pattern outside quotes";
	}
	return NULL;
}

#define FD(name_)                                                              \
	{                                                                      \
		name_, "HIusiFaLpd:t:e:E:S:g0c:1qhV",                          \
		    "hidden no-hidden no-ignore ignore no-ignore-vcs "         \
		    "no-ignore-parent unrestricted case-sensitive "            \
		    "ignore-case glob regex fixed-strings absolute-path "      \
		    "relative-path follow no-follow full-path max-depth= "     \
		    "min-depth= exact-depth= prune type= extension= size= "    \
		    "exclude= changed-within= changed-before= print0 color= "  \
		    "max-results= quiet show-errors one-file-system help "     \
		    "version",                                                 \
		    OPERANDS_ANY, 0, NULL                                      \
	}

const struct program readonly_find[] = {
    FD("fd"),
    FD("fdfind"),
    {"find", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_find},
    {NULL, NULL, NULL, 0, 0, NULL},
};
