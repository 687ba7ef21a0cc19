/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: light colouring of program text, a line at a time.
 *
 * It knows how a family of languages writes comments and strings, and the
 * words that most of them share; being wrong costs a colour, nothing else.
 */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

#include "ui/md.h"

struct family {
	const char *langs;   /* between blanks */
	const char *comment; /* to the line's end; NULL: none */
	const char *comment2;
};

static const struct family families[] = {
    {" c h cpp cc java js jsx ts tsx go rust rs swift kotlin php css scss "
     "json ",
	"//", "/*"},
    {" sh bash zsh shell console python py ruby rb perl yaml yml toml make"
     " makefile dockerfile conf ini r ",
	"#", NULL},
    {" sql lua haskell hs ", "--", NULL},
};

static const char keywords[] =
    " if else for while do switch case default break continue return goto"
    " int char void long short float double unsigned signed const static"
    " struct enum union typedef extern inline sizeof bool true false null"
    " NULL nil None True False def class import from as with try except"
    " finally raise lambda pass yield async await in is not and or elif"
    " func package interface type map range var let fn mut pub impl trait"
    " use mod match self Self super new delete this public private protected"
    " throw throws catch function export then fi done esac local echo select"
    " where insert update into values create table begin end ";

static const struct family *
family_of(const char *lang)
{
	char word[MD_LANG_MAX + 2];
	size_t i, n = strlen(lang);

	if (n == 0 || n >= MD_LANG_MAX)
		return NULL;
	(void)str_fmt(word, sizeof(word), " %s ", lang);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strstr(families[i].langs, word) != NULL)
			return &families[i];
	return NULL;
}

static bool
is_keyword(const uint8_t *p, size_t len)
{
	char word[16];

	if (len + 3 > sizeof(word))
		return false;
	word[0] = ' ';
	memcpy(word + 1, p, len);
	memcpy(word + 1 + len, " ", 2);
	return strstr(keywords, word) != NULL;
}

static bool
starts(const uint8_t *p, size_t len, const char *s)
{
	return s != NULL && len >= strlen(s) && memcmp(p, s, strlen(s)) == 0;
}

static size_t
string_length(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == p[0])
			return i + 1;
	}
	return len;
}

/* The next token: its length and style. */
static size_t
token(const struct family *f, const uint8_t *p, size_t len, unsigned *style)
{
	size_t n = 1;

	*style = ST_PLAIN;
	if (starts(p, len, f->comment) || starts(p, len, f->comment2)) {
		*style = ST_COMMENT;
		return len;
	}
	if (*p == '"' || *p == '\'' || *p == '`') {
		*style = ST_STRING;
		n = string_length(p, len);
		return n < len ? n : len;
	}
	if (isdigit(*p)) {
		while (n < len && (isalnum(p[n]) || p[n] == '.'))
			n++;
		*style = ST_NUMBER;
		return n;
	}
	if (isalpha(*p) || *p == '_') {
		while (n < len && (isalnum(p[n]) || p[n] == '_'))
			n++;
		if (is_keyword(p, n))
			*style = ST_KEYWORD;
		return n;
	}
	while (n < len && (p[n] & 0x80) != 0)
		n++;
	return n;
}

static unsigned
diff_style(const uint8_t *p, size_t len)
{
	if (len == 0)
		return ST_PLAIN;
	return *p == '+'                ? ST_ADD
	       : *p == '-'              ? ST_DEL
	       : *p == '@' || *p == '*' ? ST_HUNK
					: ST_PLAIN;
}

void
highlight(struct text *t, const char *lang, const void *data, size_t len)
{
	const struct family *f = family_of(lang);
	const uint8_t *p = data;
	unsigned style;
	size_t n;

	if (strcmp(lang, "diff") == 0 || strcmp(lang, "patch") == 0) {
		text_add(t, diff_style(p, len), p, len, TEXT_TABS);
		return;
	}
	if (f == NULL) {
		text_add(t, ST_PLAIN, p, len, TEXT_TABS);
		return;
	}
	for (; len > 0; p += n, len -= n) {
		n = token(f, p, len, &style);
		text_add(t, style, p, n, TEXT_TABS);
	}
}
