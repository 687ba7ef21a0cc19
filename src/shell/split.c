/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what `bash -c LINE` would run.
 *
 * The part of the grammar that is modelled: simple commands, lists,
 * pipelines, groups, subshells, redirections, here-documents, comments.  Its
 * one rule: what is not modelled stops the reading, so that no byte of an
 * understood line is without meaning.  lex.c knows what a word is.  The test
 * that runs lines with the real bash and compares is tests/helper/shelldiff.c.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "shell/lex.h"
#include "shell/split.h"

#define PENDING_MAX                                                            \
	16 /* here-documents that wait for the end of their line               \
	    */

/* Where in a command reading is. */
enum phase {
	PHASE_START,  /* nothing of it is read */
	PHASE_SIMPLE, /* words or redirections are */
	PHASE_CLOSED, /* it was a group: only redirections may follow */
};

struct group {
	char kind; /* ( or { */
	bool bang;
};

struct pending {
	struct shell_redir *redir; /* borrowed from the split */
	const char *end;           /* borrowed from the split */
	bool literal;
	bool strip_tabs;
};

struct splitter {
	struct lexer lx;
	struct shell_split *sp;    /* borrowed */
	struct shell_command *cur; /* borrowed: being read, not yet counted */
	enum phase phase;
	bool must; /* a command has to follow */
	bool bang; /* the pipeline is negated */
	bool pipe; /* the pipeline goes on */
	struct group groups[SHELL_DEPTH_MAX];
	unsigned depth;
	struct pending pending[PENDING_MAX];
	size_t npending;
};

struct connector {
	const char *op;
	enum shell_join join;
	bool must; /* a command has to follow */
};

/* The longer before what they start with. */
static const struct connector connectors[] = {
    {"&&", SHELL_AND, true},
    {"||", SHELL_OR, true},
    {"|&", SHELL_PIPE_BOTH, true},
    {"|", SHELL_PIPE, true},
    {"&", SHELL_BACKGROUND, false},
    {";", SHELL_SEQ, false},
};

struct redirection {
	const char *op;
	enum shell_redir_op code;
	int fd; /* unless a digit stands before it */
};

static const struct redirection redirections[] = {
    {"<<<", SHELL_HERESTR, 0},
    {"<<", SHELL_HEREDOC, 0},
    {"<&", SHELL_DUP_IN, 0},
    {"<>", SHELL_RDWR, 0},
    {"<", SHELL_IN, 0},
    {"&>>", SHELL_BOTH_APPEND, 1},
    {"&>", SHELL_BOTH, 1},
    {">>", SHELL_APPEND, 1},
    {">&", SHELL_DUP_OUT, 1},
    {">|", SHELL_CLOBBER, 1},
    {">", SHELL_OUT, 1},
};

/* Where a command begins, these do not name a program. */
static const char *const reserved[] = {"!", "[[", "]]", "case", "coproc", "do",
    "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}"};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void
stop(struct splitter *st, const char *why)
{
	lex_stop(&st->lx, st->lx.pos, why);
}

static bool
at(const struct splitter *st, const char *op)
{
	size_t n = strlen(op);

	return st->lx.len - st->lx.pos >= n &&
	       memcmp(st->lx.p + st->lx.pos, op, n) == 0;
}

/*
 * Takes an operator.  bash removes a continued line before it looks for the
 * longest operator, so that one right behind could still be part of it.
 */
static void
take_operator(struct splitter *st, const char *op)
{
	st->lx.pos += strlen(op);
	if (lex_continued(&st->lx, 0))
		stop(st, "an operator that is continued on the next line");
}

static void
command_begin(struct splitter *st)
{
	struct shell_split *sp = st->sp;
	struct shell_command *c;
	unsigned i;

	if (st->phase != PHASE_START)
		return;
	if (sp->ncommands == SHELL_COMMANDS_MAX) {
		stop(st, "too many commands");
		return;
	}
	c = st->cur = &sp->commands[sp->ncommands];
	memset(c, 0, sizeof(*c));
	c->words = sp->words + sp->nwords;
	c->redirs = sp->redirs + sp->nredirs;
	c->depth = st->depth;
	c->negated = st->bang;
	for (i = 0; i < st->depth; i++)
		c->subshell = c->subshell || st->groups[i].kind == '(';
	st->phase = PHASE_SIMPLE;
	st->must = false;
}

static void
command_end(struct splitter *st, enum shell_join join)
{
	if (st->phase == PHASE_START)
		return;
	st->cur->join = join;
	st->sp->ncommands++;
	st->phase = PHASE_START;
	st->pipe = join == SHELL_PIPE || join == SHELL_PIPE_BOTH;
	if (!st->pipe)
		st->bang = false;
}

static void
group_open(struct splitter *st, char kind)
{
	struct group *g;

	if (st->depth == SHELL_DEPTH_MAX) {
		stop(st, "groups are nested too deep");
		return;
	}
	g = &st->groups[st->depth++];
	g->kind = kind;
	g->bang = st->bang;
	st->bang = st->pipe = false;
	st->must = true;
}

static void
group_close(struct splitter *st, char kind)
{
	if (st->must || st->depth == 0 ||
	    st->groups[st->depth - 1].kind != kind) {
		stop(st, "a group is closed that cannot end here");
		return;
	}
	command_end(st, SHELL_END);
	st->bang = st->groups[--st->depth].bang;
	command_begin(st);
	if (st->lx.stop)
		return;
	st->cur->group = true;
	st->phase = PHASE_CLOSED;
}

static void
read_paren(struct splitter *st)
{
	bool open = lex_peek(&st->lx, 0) == '(';

	if (open && st->phase != PHASE_START)
		stop(st, "a function, an array or an extended pattern");
	else if (open && lex_peek(&st->lx, 1) == '(')
		stop(st, "arithmetic ((...))");
	else if (open) {
		take_operator(st, "(");
		group_open(st, '(');
	} else {
		st->lx.pos++;
		group_close(st, '(');
	}
}

/* The newline is taken.  Here-documents stand between it and what follows. */
static void
read_bodies(struct splitter *st)
{
	const struct pending *p;
	size_t i;

	st->lx.heredoc = false;
	for (i = 0; i < st->npending && !st->lx.stop; i++) {
		p = &st->pending[i];
		lex_heredoc(&st->lx, &p->redir->word, p->end, p->literal,
		    p->strip_tabs);
	}
	st->npending = 0;
}

static void
read_newline(struct splitter *st)
{
	st->lx.pos++;
	if (st->bang && st->phase == PHASE_START && st->must)
		stop(st, "a newline behind !");
	command_end(st, SHELL_SEQ);
	read_bodies(st);
}

static void
read_connector(struct splitter *st)
{
	const struct connector *c = connectors;

	while (!at(st, c->op))
		c++;
	if (st->phase == PHASE_START) {
		stop(st, "an operator without a command before it");
		return;
	}
	take_operator(st, c->op);
	if (c->join == SHELL_SEQ && (at(st, ";") || at(st, "&"))) {
		stop(st, "an operator of case");
		return;
	}
	command_end(st, c->join);
	st->must = c->must;
}

/* The word behind <& or >&.  A file that is named there bash expands twice,
 * so that quotes do not protect what is in it. */
static void
check_dup(struct splitter *st, struct shell_redir *r, bool numbered)
{
	const struct shell_word *w = &r->word;

	if (w->flags == 0 && w->len == 1 &&
	    (w->s[0] == '-' || (w->s[0] >= '0' && w->s[0] <= '9')))
		return;
	if (r->op != SHELL_DUP_OUT || numbered || w->len == 0 ||
	    w->s[0] == '-' || (w->s[0] >= '0' && w->s[0] <= '9') ||
	    w->s[w->len - 1] == '-') /* one that is moved */
		lex_stop(&st->lx, w->off, "a descriptor that is no digit");
	else if (w->flags != 0)
		lex_stop(
		    &st->lx, w->off, "a quoted or expanded word behind >&");
	else
		r->op = SHELL_BOTH;
}

static void
heredoc_wait(struct splitter *st, struct shell_redir *r, bool strip_tabs)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const struct shell_word *w = &r->word;
	struct pending *p;

	if ((w->flags & ~(unsigned)SHELL_QUOTED) != 0 || w->len == 0 ||
	    strspn(w->s, plain) != w->len) {
		lex_stop(&st->lx, w->off, "an odd end of a here-document");
		return;
	}
	if (st->npending == PENDING_MAX) {
		stop(st, "too many here-documents");
		return;
	}
	p = &st->pending[st->npending++];
	p->redir = r;
	p->end = w->s;
	p->literal = (w->flags & SHELL_QUOTED) != 0;
	p->strip_tabs = strip_tabs;
	st->lx.heredoc = true;
}

static bool
word_room(struct splitter *st)
{
	if (st->sp->nwords + st->sp->nredirs < SHELL_WORDS_MAX)
		return true;
	stop(st, "too many words");
	return false;
}

/* The target of a redirection; at pos stands what follows the operator. */
static void
read_target(struct splitter *st, struct shell_redir *r)
{
	char c;

	lex_blanks(&st->lx);
	c = lex_peek(&st->lx, 0);
	if (c == '\0' || lex_meta(c)) {
		stop(st, c == '(' ? "a process substitution"
				  : "a redirection without its target");
		return;
	}
	lex_word(&st->lx, &r->word);
	c = lex_peek(&st->lx, 0);
	if ((c == '<' || c == '>') && r->word.flags == 0 &&
	    strspn(r->word.s, "0123456789") == r->word.len &&
	    r->op != SHELL_DUP_IN && r->op != SHELL_DUP_OUT)
		stop(st, "a number that belongs to a redirection");
	if ((r->word.flags & SHELL_GLOB) != 0 && r->op != SHELL_HEREDOC)
		lex_unclear(&st->lx, r->word.off, "a pattern in a redirection");
}

static void
read_redirect(struct splitter *st)
{
	const struct redirection *d = redirections;
	struct shell_redir *r;
	bool numbered, strip = false;
	char digit = lex_peek(&st->lx, 0);

	numbered = digit >= '0' && digit <= '9';
	st->lx.pos += numbered;
	while (!at(st, d->op))
		d++;
	command_begin(st);
	if (st->lx.stop || !word_room(st))
		return;
	r = &st->sp->redirs[st->sp->nredirs];
	memset(r, 0, sizeof(*r));
	r->op = d->code;
	r->fd = numbered ? digit - '0' : d->fd;
	take_operator(st, d->op);
	if (r->op == SHELL_HEREDOC && lex_peek(&st->lx, 0) == '-') {
		strip = true;
		take_operator(st, "-");
	}
	if (!st->lx.stop)
		read_target(st, r);
	if (st->lx.stop)
		return;
	st->sp->nredirs++;
	st->cur->nredirs++;
	if (r->op == SHELL_DUP_IN || r->op == SHELL_DUP_OUT)
		check_dup(st, r, numbered);
	else if (r->op == SHELL_HEREDOC)
		heredoc_wait(st, r, strip);
}

/* A redirection starts here, or a number that belongs to one. */
static bool
at_redirect(struct splitter *st)
{
	size_t n = 0;
	char c;

	while ((c = lex_peek(&st->lx, n)) >= '0' && c <= '9')
		n++;
	if (n == 0 && c == '&')
		return lex_peek(&st->lx, 1) == '>';
	if (c != '<' && c != '>')
		return false;
	if (n > 1)
		stop(st, "a descriptor of several digits");
	return true;
}

/* A word that may be reserved: true if it has been dealt with. */
static bool
take_reserved(struct splitter *st, const struct shell_word *w)
{
	char next = lex_peek(&st->lx, 0);
	size_t i;

	for (i = 0; i < LENGTH(reserved); i++)
		if (strcmp(w->s, reserved[i]) == 0)
			break;
	/* [[ is marked as a pattern, and is none. */
	if (i == LENGTH(reserved) || (w->flags & SHELL_QUOTED) != 0)
		return false;
	if (st->phase != PHASE_START) {
		lex_stop(&st->lx, w->off, "a reserved word behind others");
	} else if (strcmp(w->s, "{") == 0) {
		group_open(st, '{');
	} else if (strcmp(w->s, "}") == 0) {
		group_close(st, '{');
	} else if (strcmp(w->s, "!") == 0 && !st->bang && !st->pipe &&
		   (next == ' ' || next == '\t')) {
		st->bang = true;
		st->must = true;
	} else {
		lex_stop(&st->lx, w->off, "a keyword that is not modelled");
	}
	return true;
}

/*
 * Could the pattern turn into an option, so that the command changes?  Not
 * when it is one already, of which only the value is a pattern.
 */
static bool
loose_glob(const struct splitter *st, const struct shell_word *w)
{
	size_t i, n = st->lx.glob_at;

	if (n > 0 && w->s[0] != '-' && w->s[0] != '+')
		return false;
	if (n > 3 && memcmp(w->s, "--", 2) == 0 && memchr(w->s, '=', n) != NULL)
		return false;
	for (i = 0; i < st->cur->nwords; i++)
		if (strcmp(st->cur->words[i].s, "--") == 0)
			return false;
	return true;
}

static void
read_word(struct splitter *st)
{
	struct shell_word w;
	bool first =
	    st->phase == PHASE_START || st->cur->nwords == st->cur->nassign;

	if (st->phase == PHASE_CLOSED) {
		stop(st, "a word behind a group");
		return;
	}
	if (!word_room(st))
		return;
	lex_word(&st->lx, &w);
	if (first && !st->lx.stop && take_reserved(st, &w))
		return;
	command_begin(st);
	if (st->phase == PHASE_START)
		return;
	if ((w.flags & SHELL_GLOB) != 0 && (first || loose_glob(st, &w)))
		lex_unclear(&st->lx, w.off,
		    first ? "a pattern as a program's name"
			  : "a pattern that could become an option");
	if (first && st->lx.assign) {
		lex_unclear(&st->lx, w.off, "an assignment");
		st->cur->nassign++;
	}
	st->sp->words[st->sp->nwords++] = w;
	st->cur->nwords++;
}

static void
finish(struct splitter *st)
{
	if (!st->lx.stop) {
		if (st->depth > 0)
			stop(st, "a group is not closed");
		else if (st->must)
			stop(st, "the line ends where a command must follow");
		else if (st->npending > 0)
			stop(st, "a here-document without its body");
	}
	command_end(st, SHELL_END);
}

static void
split_run(struct splitter *st)
{
	char c;

	while (!st->lx.stop) {
		lex_blanks(&st->lx);
		if (st->lx.pos == st->lx.len)
			break;
		c = lex_peek(&st->lx, 0);
		if (c == '\n')
			read_newline(st);
		else if (c == '(' || c == ')')
			read_paren(st);
		else if (at_redirect(st)) {
			if (!st->lx.stop)
				read_redirect(st);
		} else if (c == ';' || c == '&' || c == '|')
			read_connector(st);
		else
			read_word(st);
	}
	finish(st);
}

/* Bytes that bash treats unlike what they look like, or not as text. */
static bool
check_bytes(struct lexer *lx)
{
	size_t i;
	unsigned char c;

	if (lx->len > SHELL_LINE_MAX) {
		lex_stop(lx, SHELL_LINE_MAX, "the line is too long");
		return false;
	}
	for (i = 0; i < lx->len; i++) {
		c = (unsigned char)lx->p[i];
		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
			lex_stop(lx, i, "a control character");
			return false;
		}
	}
	return true;
}

void
shell_split(struct shell_split *sp, const char *line, size_t len)
{
	struct splitter st;
	size_t max = len < SHELL_WORDS_MAX ? len : SHELL_WORDS_MAX;

	memset(sp, 0, sizeof(*sp));
	memset(&st, 0, sizeof(st));
	sp->understood = true;
	st.sp = st.lx.sp = sp;
	st.lx.p = line;
	st.lx.len = len;
	if (!check_bytes(&st.lx))
		return;
	/* A word takes a byte of the line and one for its NUL at most twice:
	 * the end of a here-document and its body. */
	sp->text = st.lx.text = xmalloc(2 * len + 2);
	sp->words = xcalloc(max + 1, sizeof(*sp->words));
	sp->redirs = xcalloc(max + 1, sizeof(*sp->redirs));
	sp->commands =
	    xcalloc((max < SHELL_COMMANDS_MAX ? max : SHELL_COMMANDS_MAX) + 1,
		sizeof(*sp->commands));
	split_run(&st);
}

void
shell_split_fini(struct shell_split *sp)
{
	free(sp->commands);
	free(sp->words);
	free(sp->redirs);
	free(sp->text);
	memset(sp, 0, sizeof(*sp));
}
