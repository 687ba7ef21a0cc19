/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_OPTIONS_H
#define SHELL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/split.h"

/*
 * The grammar of what is allowed of one program: the options that can
 * neither write, execute, connect nor name a file to be read, and how many
 * operands.  What is not in it is not allowed.
 *
 * shorts is in getopt's notation: "n:" takes a value, "n::" one that is
 * attached.  longs are names with a blank between, each with one of
 *	=	a value, attached by = or the next word
 *	!	a value, attached by =
 *	?	perhaps a value, attached by =
 *	%	a value as for =, unless it is the last word
 * Rows name every option at its full length.  Abbreviations are accepted
 * only under PROGRAM_WHOLE, for elsewhere they may mean an option that is
 * not in the row.
 */
enum program_flag {
	PROGRAM_WHOLE = 1,     /* the row has every option of the program */
	PROGRAM_NUMBER = 2,    /* -40 is an option */
	PROGRAM_PLAIN = 4,     /* no getopt: words with - are operands too */
	PROGRAM_DASHED = 8,    /* values may start with - */
	PROGRAM_DASHED_E = 16, /* the value of -e, --regexp may */
	PROGRAM_SUB = 32,      /* a sub-command comes before all options */
};

#define OPERANDS_ANY SHELL_WORDS_MAX

struct program_args;

struct program {
	const char *name; /* or "git log" for a subcommand */
	const char *shorts;
	const char *longs;
	size_t operands; /* at most; 0 unless said otherwise */
	unsigned flags;
	/* Looks at what was read; NULL or why it is not allowed. */
	const char *(*check)(const struct program_args *a);
};

struct program_option {
	char letter;       /* NUL for a long one */
	const char *name;  /* borrowed from the grammar: of a long one */
	size_t len;        /* of name */
	const char *value; /* borrowed from the word, or NULL */
};

/* A command, taken apart as its grammar says. */
struct program_args {
	const struct program *program;  /* borrowed */
	struct program_option *options; /* owned array */
	size_t noptions;
	const struct shell_word **operands; /* owned array of borrowed words */
	size_t noperands;
	bool dashes;              /* there was a -- */
	bool late;                /* an option stood behind an operand */
	char why[SHELL_WHY_SIZE]; /* after a failure */
};

/*
 * Takes the n words behind the program's name apart.  Returns true if all of
 * them are allowed; else why is filled.  program_fini is due in either case.
 */
bool program_match(struct program_args *a, const struct program *p,
    const struct shell_word *words, size_t n);
void program_fini(struct program_args *a);

/* Was either name of an option given?  letter may be NUL, name NULL. */
bool program_has(const struct program_args *a, char letter, const char *name);
/* The value of the i-th option if it is this one, else NULL. */
const char *program_value(
    const struct program_args *a, size_t i, char letter, const char *name);

#endif /* SHELL_OPTIONS_H */
