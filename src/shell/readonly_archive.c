/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: grammars of programs that say what is in an archive, or unpack it to
 * their output: with -c they write nothing else.
 *
 * Left out on purpose: what unpacks into files, and all of tar's options but
 * the letters of a list, for among them are several that run a program
 * (--to-command, -I, -F, --checkpoint-action, --rsh-command).
 */

#include "config.h"

#include <string.h>

#include "shell/readonly.h"

/* "tf", "-tvf", "tzf": a list is asked for, and the file comes next. */
static bool
tar_letters(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strlen(s);
	return n >= 2 && s[n - 1] == 'f' && strchr(s, 't') != NULL &&
	       strspn(s, "tvzjJa") == n - 1;
}

/* A name with a colon is a file on another machine. */
static const char *
check_tar(const struct program_args *a)
{
	size_t i;

	if (a->noperands < 2 || !tar_letters(a->operands[0]->s))
		return "only a list (tf) is known to be harmless";
	if (strchr(a->operands[1]->s, ':') != NULL)
		return "an archive with a colon is on another machine";
	for (i = 1; i < a->noperands; i++)
		if (a->operands[i]->s[0] == '-' ||
		    (a->operands[i]->flags & SHELL_GLOB) != 0)
			return "an option or a pattern behind the archive";
	return NULL;
}

/* unzip takes what stands behind the archive for names in it to unpack, and so
 * do some packers for files. */
static const char *
check_early(const struct program_args *a)
{
	return a->late ? "an option behind an operand may be a name" : NULL;
}

static const char *
check_list(const struct program_args *a)
{
	if (a->late)
		return check_early(a);
	return program_has(a, 'l', "list") ? NULL
					   : "without -l it unpacks or packs";
}

/* Of -l, -t and -d xz and bzip2 obey the last, so -d is taken with -c only. */
static const char *
check_stdout(const struct program_args *a)
{
	if (a->late)
		return check_early(a);
	if (program_has(a, 'c', "stdout"))
		return NULL;
	if (program_has(a, 'd', "decompress"))
		return "without -c it replaces the file";
	return program_has(a, 'l', "list") || program_has(a, 't', "test")
		   ? NULL
		   : "without -c, -l or -t it replaces the file";
}

#define PACKER(name_)                                                          \
	{                                                                      \
		name_, "cdklqtv",                                              \
		    "stdout decompress keep list quiet test verbose",          \
		    OPERANDS_ANY, 0, check_stdout                              \
	}

const struct program readonly_archive[] = {
    PACKER("bunzip2"),
    {"bzcat", "", NULL, OPERANDS_ANY, 0, NULL},
    PACKER("bzip2"),
    PACKER("gunzip"),
    PACKER("gzip"),
    {"tar", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_tar},
    PACKER("unxz"),
    {"unzip", "lvq", NULL, OPERANDS_ANY, 0, check_list},
    PACKER("xz"),
    {"xzcat", "", NULL, OPERANDS_ANY, 0, NULL},
    {"zcat", "", NULL, OPERANDS_ANY, 0, NULL},
    {NULL, NULL, NULL, 0, 0, NULL},
};
