/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_SPLIT_H
#define SHELL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/* Above any of these a line is not understood. */
#define SHELL_LINE_MAX     65536 /* bytes of a line */
#define SHELL_WORDS_MAX    4096  /* words of a line, redirections included */
#define SHELL_COMMANDS_MAX 256   /* simple commands of a line */
#define SHELL_DEPTH_MAX    16    /* groups and subshells within each other */

#define SHELL_WHY_SIZE 192

/*
 * What is known of a word beyond its bytes.  Quotes and backslashes are gone;
 * the bytes are what the program gets, unless one of these is set.
 */
enum shell_word_flag {
	SHELL_QUOTED = 1,  /* some of it stood in quotes or behind \ */
	SHELL_TILDE = 2,   /* starts with ~ or ~/, which becomes HOME */
	SHELL_GLOB = 4,    /* a pattern: may become any number of words, each
			      beginning with the bytes before the first * ? [ */
	SHELL_DYNAMIC = 8, /* as spelled, for bash would put something else;
			      only in a split that is not understood */
};

struct shell_word {
	const char *s; /* borrowed from the split; NUL behind */
	size_t len;
	size_t off; /* where it starts in the line */
	unsigned flags;
};

enum shell_redir_op {
	SHELL_IN,          /* <  */
	SHELL_OUT,         /* >  */
	SHELL_CLOBBER,     /* >| */
	SHELL_APPEND,      /* >> */
	SHELL_RDWR,        /* <> */
	SHELL_BOTH,        /* &> and >& with a file: 1 and 2 */
	SHELL_BOTH_APPEND, /* &>> */
	SHELL_DUP_IN,      /* <& with a digit, or - to close */
	SHELL_DUP_OUT,     /* >& with a digit, or - to close */
	SHELL_HEREDOC,     /* << and <<-; the word is the body */
	SHELL_HERESTR,     /* <<< */
};

struct shell_redir {
	enum shell_redir_op op;
	int fd;                 /* that it is for: 0 to 9 */
	struct shell_word word; /* target, digit, or text */
};

/* How a command is joined to the one behind it. */
enum shell_join {
	SHELL_END, /* the last of the line, or of its group */
	SHELL_SEQ, /* ; or a newline */
	SHELL_AND,
	SHELL_OR,
	SHELL_PIPE,
	SHELL_PIPE_BOTH, /* |& */
	SHELL_BACKGROUND,
};

/*
 * One simple command.  words may be empty: redirections alone, or those of a
 * group, which follows the commands within it (group is set then).
 */
struct shell_command {
	const struct shell_word *words; /* borrowed from the split */
	size_t nwords;
	size_t nassign; /* of words: assignments before the program's name;
			   above 0 only in a split that is not understood */
	const struct shell_redir *redirs; /* borrowed from the split */
	size_t nredirs;
	enum shell_join join;
	unsigned depth; /* groups and subshells around it */
	bool group;
	bool subshell; /* some group around it is one with parentheses */
	bool negated;  /* ! stands before its pipeline */
	bool reads;    /* known to only read; shell_classify says so */
};

/*
 * What `bash -c LINE` would run.  understood is true only if every byte of
 * the line has been given its meaning and nothing is expanded: then commands
 * are all that runs, in order, and their words are exact up to the flags
 * above.  Otherwise why and off say what stopped it first, and commands are
 * what was seen nevertheless: enough to refuse or to ask by, never to allow.
 */
struct shell_split {
	bool understood;
	char why[SHELL_WHY_SIZE];       /* empty if understood */
	size_t off;                     /* of the byte that why is about */
	struct shell_command *commands; /* owned array */
	size_t ncommands;
	struct shell_word *words; /* owned array */
	size_t nwords;
	struct shell_redir *redirs; /* owned array */
	size_t nredirs;
	char *text; /* owned: the bytes of all words */
};

/*
 * Splits a line; never fails, never expands, looks at nothing outside.
 * shell_split_fini is due afterwards.
 */
void shell_split(struct shell_split *sp, const char *line, size_t len);
void shell_split_fini(struct shell_split *sp);

#endif /* SHELL_SPLIT_H */
