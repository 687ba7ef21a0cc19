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

/* Behind a string that begins at s, or NULL if some awk might see its end
 * elsewhere. */
static const char *
string_end(const char *s)
{
	for (s++; *s != '"'; s++)
		if (*s == '\0' || *s == '\n' || (*s == '\\' && *++s == '\0'))
			return NULL;
	return s + 1;
}

/*
 * The same of a program whose strings can be told from the rest, as nothing in
 * it could be a regular expression or a comment: there it leads nowhere in a
 * string, nor does a > in parentheses.
 */
static bool
surely_stays(const char *s)
{
	unsigned depth = 0;
	bool braced = false;

	while (*s != '\0') {
		if (*s == '"') {
			s = string_end(s);
			if (s == NULL)
				return false;
			continue;
		}
		if (*s == '/' || *s == '#' || (*s == ')' && depth == 0))
			return false;
		depth += *s == '(';
		depth -= *s == ')';
		braced = braced || *s == '{';
		if (braced && *s == '|' && s[1] != '|')
			return false;
		if (braced && *s == '>' && s[1] != '=' && depth == 0)
			return false;
		s += (s[0] == '|' && s[1] == '|') ? 2 : 1;
	}
	return true;
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
	if (leads_out(s) && !surely_stays(s))
		return "the program may write or run something";
	for (i = 1; i < a->noperands; i++)
		if (str_starts(a->operands[i]->s, "/inet"))
			return "an operand is a connection";
	return NULL;
}
