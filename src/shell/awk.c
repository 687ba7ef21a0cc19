/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: awk programs that only print.
 *
 * awk runs commands by system() and pipes, writes files by > and >>, and reads
 * others by getline and ARGV.  None of these can be made from a string, except
 * by gawk's indirect calls, which need an @; so a text without the names and
 * signs has none of it, wherever they would stand in it.  Nor may it go round
 * without end, as far as that is plain.
 */

#include "config.h"

#include <string.h>

#include "base/str.h"

#include "shell/readonly.h"

static const char *const names[] = {"system", "getline", "ENVIRON", "ARGV",
    "ARGC", "ARGIND", "PROCINFO", "SYMTAB", "FUNCTAB", "@", "|&", ">>", "while",
    ";;", "\\\n", NULL};

/*
 * A > that is no >=, and a | that is no ||.  Before the first brace nothing is
 * printed, so there they compare and separate alternatives.
 */
static bool
leads_out(const char *s)
{
	size_t i;

	for (i = strcspn(s, "{"); s[i] != '\0'; i++) {
		if (s[i] == '>' && s[i + 1] != '=')
			return true;
		if (s[i] == '|' && s[i + 1] == '|')
			i++;
		else if (s[i] == '|')
			return true;
	}
	return false;
}

const char *
awk_check(const struct program_args *a)
{
	const char *s;
	size_t i;

	if (a->noperands == 0)
		return "there is no program";
	if ((a->operands[0]->flags & (SHELL_GLOB | SHELL_TILDE)) != 0)
		return "the program is not literal";
	s = a->operands[0]->s;
	for (i = 0; names[i] != NULL; i++)
		if (strstr(s, names[i]) != NULL)
			return "the program may do more than print";
	if (leads_out(s))
		return "the program may write or run something";
	for (i = 1; i < a->noperands; i++)
		if (str_starts(a->operands[i]->s, "/inet"))
			return "an operand is a connection";
	return NULL;
}
