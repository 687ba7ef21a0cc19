/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: grammars of bash's builtins.
 *
 * Some of them take text for the name of a variable, and the subscript in
 * such a name is code: test -v, printf -v and printf %n.  Those that run,
 * define or export anything have no grammar here.
 */

#include "config.h"

#include <string.h>

#include "shell/readonly.h"

/* One directive; at stands behind its %.  Returns its end, or NULL. */
static const char *
printf_directive(const char *at)
{
	at += strspn(at, "-+ #0'I");
	at += *at == '*' ? 1 : strspn(at, "0123456789");
	if (*at == '.') {
		at++;
		at += *at == '*' ? 1 : strspn(at, "0123456789");
	}
	if (*at == '(') { /* %(FORMAT)T shows a time */
		at += strcspn(at, ")");
		return at[0] == ')' && at[1] == 'T' ? at + 2 : NULL;
	}
	at += strspn(at, "hjlLtz");
	if (*at == '\0' || strchr("diouxXeEfFgGaAcsbq%", *at) == NULL)
		return NULL;
	return at + 1;
}

static const char *
check_printf(const struct program_args *a)
{
	const char *s;
	size_t first = 0, i;

	if (a->noperands > 0 && strcmp(a->operands[0]->s, "--") == 0)
		first = 1;
	if (a->noperands == first)
		return "there is no format";
	s = a->operands[first]->s;
	if ((a->operands[first]->flags & (SHELL_GLOB | SHELL_TILDE)) != 0)
		return "the format is not literal";
	if (first == 0 && s[0] == '-')
		return "an option is not known to be harmless";
	/* For %d other shells evaluate the text. */
	for (i = first + 1; i < a->noperands; i++)
		if (strpbrk(a->operands[i]->s, "$`") != NULL)
			return "an argument could be evaluated as a number";
	while ((s = strchr(s, '%')) != NULL)
		if ((s = printf_directive(s + 1)) == NULL)
			return "a directive is not known to be harmless";
	return NULL;
}

static bool
is_number(const char *s)
{
	s += *s == '-' || *s == '+';
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* bash takes numbers alone beside -eq; other shells evaluate what is there,
 * subscripts included. */
static bool
test_numbers(const struct program_args *a, size_t n)
{
	static const char *const numeric[] = {
	    "-eq", "-ge", "-gt", "-le", "-lt", "-ne", NULL};
	size_t i;

	for (i = 0; i < n; i++)
		if (readonly_one_of(a->operands[i]->s, numeric) &&
		    (i == 0 || i + 1 == n ||
			!is_number(a->operands[i - 1]->s) ||
			!is_number(a->operands[i + 1]->s)))
			return false;
	return true;
}

/* Words with a dash are taken for operators wherever they stand. */
static const char *
check_test(const struct program_args *a)
{
	static const char *const operators[] = {"-a", "-b", "-c", "-d", "-e",
	    "-f", "-g", "-h", "-k", "-n", "-o", "-p", "-r", "-s", "-t", "-u",
	    "-w", "-x", "-z", "-G", "-L", "-N", "-O", "-S", "-ef", "-eq", "-ge",
	    "-gt", "-le", "-lt", "-ne", "-nt", "-ot", NULL};
	const struct shell_word *w;
	size_t i, n = a->noperands;

	if (a->program->name[0] == '[') {
		if (n == 0 || strcmp(a->operands[n - 1]->s, "]") != 0)
			return "] is missing";
		n--;
	}
	for (i = 0; i < n; i++) {
		w = a->operands[i];
		if ((w->flags & SHELL_GLOB) != 0)
			return "a pattern as an operand";
		if (w->s[0] == '-' && w->len > 1 &&
		    !readonly_one_of(w->s, operators))
			return "an operator is not known to be harmless";
	}
	return test_numbers(a, n) ? NULL : "an operand is no number";
}

/* Behind its first operand nothing is an option of its own. */
static const char *
check_command(const struct program_args *a)
{
	static const char *const looks[] = {"-v", "-V", NULL};

	return a->noperands > 0 && readonly_one_of(a->operands[0]->s, looks)
		   ? NULL
		   : "without -v it runs its operand";
}

/* Where "-" leads is not known here, nor is what paths then mean. */
static const char *
check_cd(const struct program_args *a)
{
	return a->noperands > 0 && strcmp(a->operands[0]->s, "-") == 0
		   ? "it leads to nobody knows where"
		   : NULL;
}

const struct program readonly_builtins[] = {
    {":", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, NULL},
    {"[", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_test},
    {"cd", "LP", NULL, 1, 0, check_cd},
    {"command", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_command},
    {"echo", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, NULL},
    {"exit", NULL, NULL, 1, 0, NULL},
    {"false", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, NULL},
    {"printf", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_printf},
    {"pwd", "LP", NULL, 0, 0, NULL},
    {"test", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_test},
    {"true", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, NULL},
    {"type", "afpPt", NULL, OPERANDS_ANY, 0, NULL},
    {NULL, NULL, NULL, 0, 0, NULL},
};
