/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: words of a bash command line.
 *
 * Its one rule: a word whose bytes bash would change is never passed off as
 * literal.  Quotes and backslashes are taken away; patterns and a leading
 * tilde are marked; every other expansion makes the line unclear, and where
 * even the end of the word depends on it, reading stops.
 */

#include "config.h"

#include <string.h>

#include "shell/lex.h"

bool
lex_meta(char c)
{
	return c != '\0' && strchr(" \t\n;&|<>()", c) != NULL;
}

char
lex_peek(const struct lexer *lx, size_t n)
{
	return n < lx->len - lx->pos ? lx->p[lx->pos + n] : '\0';
}

bool
lex_continued(const struct lexer *lx, size_t n)
{
	return lex_peek(lx, n) == '\\' && lex_peek(lx, n + 1) == '\n';
}

void
lex_unclear(struct lexer *lx, size_t off, const char *why)
{
	if (!lx->sp->understood)
		return;
	lx->sp->understood = false;
	lx->sp->off = off;
	(void)strlcpy(lx->sp->why, why, sizeof(lx->sp->why));
}

void
lex_stop(struct lexer *lx, size_t off, const char *why)
{
	lex_unclear(lx, off, why);
	lx->stop = true;
}

void
lex_blanks(struct lexer *lx)
{
	char c;

	for (; (c = lex_peek(lx, 0)) != '\0'; lx->pos++) {
		if (lex_continued(lx, 0))
			lx->pos++;
		else if (c != ' ' && c != '\t')
			break;
	}
	if (c == '#')
		while (lx->pos < lx->len && lx->p[lx->pos] != '\n')
			lx->pos++;
}

/* text has room for twice the line (shell_split). */
static void
put(struct lexer *lx, char c)
{
	lx->text[lx->used++] = c;
}

static void
take(struct lexer *lx, size_t n)
{
	for (; n > 0; n--)
		put(lx, lx->p[lx->pos++]);
}

static void
dynamic(struct lexer *lx, struct shell_word *w, size_t off, const char *why)
{
	w->flags |= SHELL_DYNAMIC;
	lex_unclear(lx, off, why);
}

static bool
alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* The first n bytes of the word at off are the name of a variable. */
static bool
is_name(const struct lexer *lx, size_t off, size_t n)
{
	size_t i;

	if (n == 0 || (lx->p[off] >= '0' && lx->p[off] <= '9'))
		return false;
	for (i = 0; i < n; i++)
		if (!alnum(lx->p[off + i]))
			return false;
	return true;
}

static void
quoted_newline(struct lexer *lx)
{
	if (lx->heredoc)
		lex_stop(lx, lx->pos,
		    "a quoted newline before the body of a here-document");
}

static void
lex_single(struct lexer *lx, struct shell_word *w)
{
	size_t start = lx->pos++;

	w->flags |= SHELL_QUOTED;
	while (!lx->stop && lex_peek(lx, 0) != '\'') {
		if (lx->pos == lx->len) {
			lex_stop(lx, start, "a quote is not closed");
			return;
		}
		if (lex_peek(lx, 0) == '\n')
			quoted_newline(lx);
		take(lx, 1);
	}
	if (!lx->stop)
		lx->pos++;
}

/* $'...' is kept as spelled. */
static void
lex_ansi(struct lexer *lx, struct shell_word *w)
{
	size_t start = lx->pos;

	dynamic(lx, w, lx->pos, "a $'...' string");
	w->flags |= SHELL_QUOTED;
	take(lx, 2);
	while (lx->pos < lx->len && lex_peek(lx, 0) != '\'')
		take(lx,
		    lex_peek(lx, 0) == '\\' && lex_peek(lx, 1) != '\0' ? 2 : 1);
	if (lx->pos == lx->len)
		lex_stop(lx, start, "a quote is not closed");
	else
		take(lx, 1);
}

/* ${...} is kept as spelled, if nothing is nested in it. */
static void
lex_param(struct lexer *lx, struct shell_word *w)
{
	static const char simple[] = ":?!@#%*/=+.,^-";
	size_t n = 2;
	char c;

	dynamic(lx, w, lx->pos, "an expansion (${...})");
	while ((c = lex_peek(lx, n)) != '\0' &&
	       (alnum(c) || strchr(simple, c) != NULL))
		n++;
	if (c == '}')
		take(lx, n + 1);
	else
		lex_stop(lx, lx->pos, "an expansion (${...})");
}

/* A $ is itself only before what can start no expansion. */
static void
lex_dollar(struct lexer *lx, struct shell_word *w, const char *harmless)
{
	char c = lex_peek(lx, 1);

	if (c == '(')
		lex_stop(lx, lx->pos, "a substitution ($(...))");
	else if (c == '[')
		lex_stop(lx, lx->pos, "arithmetic ($[...])");
	else if (c == '{')
		lex_param(lx, w);
	else {
		if (lx->pos + 1 < lx->len && strchr(harmless, c) == NULL)
			dynamic(lx, w, lx->pos, "an expansion ($)");
		take(lx, 1);
	}
}

static void
lex_double_char(struct lexer *lx, struct shell_word *w)
{
	char c = lex_peek(lx, 0), next = lex_peek(lx, 1);

	if (c == '`') {
		lex_stop(lx, lx->pos, "a substitution (`...`)");
	} else if (c == '$') {
		lex_dollar(lx, w, "\" \n)|/.,:;%']}");
	} else if (c == '\\' && next == '\n') {
		quoted_newline(lx);
		lx->pos += 2;
	} else if (c == '\\' && next != '\0' &&
		   strchr("$`\"\\", next) != NULL) {
		lx->pos++;
		take(lx, 1);
	} else {
		if (c == '\n')
			quoted_newline(lx);
		take(lx, 1);
	}
}

static void
lex_double(struct lexer *lx, struct shell_word *w)
{
	size_t start = lx->pos++;

	w->flags |= SHELL_QUOTED;
	while (!lx->stop && lex_peek(lx, 0) != '"') {
		if (lx->pos == lx->len)
			lex_stop(lx, start, "a quote is not closed");
		else
			lex_double_char(lx, w);
	}
	if (!lx->stop)
		lx->pos++;
}

static void
lex_backslash(struct lexer *lx, struct shell_word *w)
{
	char next = lex_peek(lx, 1);

	if (next == '\n') {
		next = lex_peek(lx, 2);
		if (next != '\0' && strchr(" \t\n", next) == NULL)
			lex_unclear(lx, lx->pos,
			    "a word that is continued on "
			    "the next line");
		lx->pos += 2;
		return;
	}
	w->flags |= SHELL_QUOTED;
	if (next == '\0') {
		lex_stop(lx, lx->pos, "a backslash at the end");
		return;
	}
	lx->pos++;
	take(lx, 1);
}

static void
lex_glob(struct lexer *lx, struct shell_word *w)
{
	size_t n = lx->pos - w->off;
	char next = lex_peek(lx, 1);

	if (lex_peek(lx, 0) == '[') {
		if (is_name(lx, w->off, n)) {
			lex_stop(lx, lx->pos, "what may be an array element");
			return;
		}
		/* The command of that name. */
		if (n == 0 && (next == '\0' || lex_meta(next))) {
			take(lx, 1);
			return;
		}
	}
	if ((w->flags & SHELL_GLOB) == 0)
		lx->glob_at = lx->used - (size_t)(w->s - lx->text);
	w->flags |= SHELL_GLOB;
	take(lx, 1);
}

static void
lex_tilde(struct lexer *lx, struct shell_word *w)
{
	char prev = lx->pos == w->off ? '\0' : lx->p[lx->pos - 1];
	char next = lex_peek(lx, 1);

	if (prev == '=' || prev == ':')
		dynamic(lx, w, lx->pos, "a tilde behind = or :");
	else if (lx->pos != w->off)
		; /* like any other byte */
	else if (next == '\0' || next == '/' || lex_meta(next))
		w->flags |= SHELL_TILDE;
	else
		dynamic(lx, w, lx->pos, "a tilde with a name");
	take(lx, 1);
}

static void
lex_equals(struct lexer *lx, const struct shell_word *w)
{
	size_t n = lx->pos - w->off;

	if (n > 0 && lx->p[lx->pos - 1] == '+')
		n--;
	if (is_name(lx, w->off, n))
		lx->assign = true;
	take(lx, 1);
}

/* True if the braces of a word could be a list or a range: what makes one
 * stands between the first that opens and the last that closes. */
static bool
may_brace(const struct shell_word *w)
{
	const char *open = memchr(w->s, '{', w->len);
	const char *close = memrchr(w->s, '}', w->len);

	return open != NULL && close != NULL && open < close &&
	       (memchr(open, ',', (size_t)(close - open)) != NULL ||
		   memmem(open, (size_t)(close - open), "..", 2) != NULL);
}

static void
lex_char(struct lexer *lx, struct shell_word *w, bool *brace)
{
	char c = lex_peek(lx, 0);

	if (c == '\'')
		lex_single(lx, w);
	else if (c == '"')
		lex_double(lx, w);
	else if (c == '\\')
		lex_backslash(lx, w);
	else if (c == '`')
		lex_stop(lx, lx->pos, "a substitution (`...`)");
	else if (c == '$' && lex_peek(lx, 1) == '\'')
		lex_ansi(lx, w);
	else if (c == '$')
		lex_dollar(lx, w, " \t\n");
	else if (c == '*' || c == '?' || c == '[')
		lex_glob(lx, w);
	else if (c == '~')
		lex_tilde(lx, w);
	else if (c == '=')
		lex_equals(lx, w);
	else {
		*brace = *brace || c == '{';
		take(lx, 1);
	}
}

static void
word_begin(struct lexer *lx, struct shell_word *w)
{
	memset(w, 0, sizeof(*w));
	w->s = lx->text + lx->used;
	w->off = lx->pos;
	lx->assign = false;
	lx->glob_at = 0;
}

static void
word_end(struct lexer *lx, struct shell_word *w)
{
	w->len = lx->used - (size_t)(w->s - lx->text);
	put(lx, '\0');
}

void
lex_word(struct lexer *lx, struct shell_word *w)
{
	bool brace = false;
	char next;

	word_begin(lx, w);
	while (!lx->stop && lx->pos < lx->len && !lex_meta(lex_peek(lx, 0)))
		lex_char(lx, w, &brace);
	word_end(lx, w);
	next = lex_peek(lx, 0);
	if (brace && may_brace(w))
		dynamic(lx, w, w->off, "braces that may be expanded");
	else if (brace && (next == '<' || next == '>'))
		lex_stop(lx, w->off, "a descriptor by name");
}

/* One line of a body, its newline included.  Returns its length. */
static size_t
body_line(const struct lexer *lx)
{
	const char *nl = memchr(lx->p + lx->pos, '\n', lx->len - lx->pos);

	return nl == NULL ? lx->len - lx->pos
			  : (size_t)(nl - lx->p) - lx->pos + 1;
}

void
lex_heredoc(struct lexer *lx, struct shell_word *body, const char *end,
    bool literal, bool strip_tabs)
{
	size_t n, cut, off = lx->pos, elen = strlen(end);

	word_begin(lx, body);
	body->flags = SHELL_QUOTED;
	while (lx->pos < lx->len) {
		while (strip_tabs && lex_peek(lx, 0) == '\t')
			lx->pos++;
		n = body_line(lx);
		cut = n > 0 && lx->p[lx->pos + n - 1] == '\n' ? n - 1 : n;
		if (cut == elen && memcmp(lx->p + lx->pos, end, elen) == 0) {
			lx->pos += n;
			word_end(lx, body);
			if (!literal && strpbrk(body->s, "$`\\") != NULL)
				dynamic(lx, body, off,
				    "an expansion in a here-document");
			return;
		}
		take(lx, n);
	}
	word_end(lx, body);
	lex_stop(lx, off, "a here-document without its end");
}
