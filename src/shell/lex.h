/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include "shell/split.h"

/* Inside src/shell: the bytes of a line, and words taken from them. */
struct lexer {
	const char *p; /* borrowed: the line */
	size_t len;
	size_t pos;  /* first byte not yet taken */
	char *text;  /* borrowed from the split: room for all words */
	size_t used; /* of text */
	struct shell_split *sp; /* borrowed: gets the reason */
	bool stop;              /* nothing behind pos can be trusted */
	bool heredoc;           /* the body of one is yet to come */
	/* of the last word */
	bool assign;    /* NAME=... or NAME+=... */
	size_t glob_at; /* bytes before its first * ? [ */
};

/* What bash ends a word by, when not quoted. */
bool lex_meta(char c);
/* The byte n behind pos, or NUL at the end. */
char lex_peek(const struct lexer *lx, size_t n);
/* A backslash and a newline stand n bytes behind pos. */
bool lex_continued(const struct lexer *lx, size_t n);

/* The line is not understood; the first reason stays. */
void lex_unclear(struct lexer *lx, size_t off, const char *why);
/* The same, and there is no use in reading on. */
void lex_stop(struct lexer *lx, size_t off, const char *why);

/* Takes blanks, comments and lines that continue. */
void lex_blanks(struct lexer *lx);
/* Takes one word; at pos stands a byte that can start one. */
void lex_word(struct lexer *lx, struct shell_word *w);
/* Takes the body of a here-document, up to the line that is end. */
void lex_heredoc(struct lexer *lx, struct shell_word *body, const char *end,
    bool literal, bool strip_tabs);

#endif /* SHELL_LEX_H */
