/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: a command's words against the grammar of its program.
 *
 * Its one rule: every word is an option that the grammar has, the value of
 * one, or an operand; and it is so for the program too, whether or not that
 * looks for options behind operands.  A word that one reading takes for a
 * value and another for an option is refused.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "shell/options.h"

/* Where in the words reading is. */
struct matcher {
	struct program_args *a;         /* borrowed */
	const struct shell_word *words; /* borrowed */
	size_t n;
	size_t i; /* the word being read */
};

__attribute__((format(printf, 2, 3))) static bool
refuse(struct matcher *m, const char *fmt, ...)
{
	struct program_args *a = m->a;
	va_list ap;
	int n;

	n = snprintf(a->why, sizeof(a->why), "%s: ", a->program->name);
	if (n < 0 || (size_t)n >= sizeof(a->why))
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(a->why + n, sizeof(a->why) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static void
add_option(struct matcher *m, char letter, const char *name, size_t len,
    const char *value)
{
	struct program_args *a = m->a;

	a->late = a->late || a->noperands > 0;
	if ((a->noptions & (a->noptions + 1)) == 0)
		a->options = xreallocarray(
		    a->options, 2 * a->noptions + 2, sizeof(*a->options));
	a->options[a->noptions++] =
	    (struct program_option){letter, name, len, value};
}

static bool
add_operand(struct matcher *m, const struct shell_word *w)
{
	struct program_args *a = m->a;

	if ((w->flags & SHELL_GLOB) != 0 &&
	    a->program->operands != OPERANDS_ANY)
		return refuse(m, "a pattern may become several operands");
	if (a->noperands == a->program->operands)
		return refuse(m, "'%.60s' is an operand too many", w->s);
	a->operands[a->noperands++] = w;
	return true;
}

static bool
all_digits(const char *s)
{
	return s[0] != '\0' && strspn(s, "0123456789") == strlen(s);
}

/* May the value of an option start with a dash? */
static bool
may_dash(const struct matcher *m, char letter, const char *name, size_t len)
{
	unsigned flags = m->a->program->flags;

	if ((flags & PROGRAM_DASHED) != 0)
		return true;
	return (flags & PROGRAM_DASHED_E) != 0 &&
	       (letter == 'e' || (len == strlen("regexp") &&
				     strncmp(name, "regexp", len) == 0));
}

/* The next word as the value of an option. */
static const char *
next_value(struct matcher *m, char letter, const char *name, size_t len)
{
	const struct shell_word *w;

	if (m->i + 1 == m->n) {
		(void)refuse(m, "the last option lacks its value");
		return NULL;
	}
	w = &m->words[++m->i];
	if ((w->flags & SHELL_GLOB) != 0) {
		(void)refuse(m, "a pattern as the value of an option");
		return NULL;
	}
	if (w->s[0] == '-' && w->len > 1 && !all_digits(w->s + 1) &&
	    !may_dash(m, letter, name, len)) {
		(void)refuse(m, "'%.60s' is a value or an option", w->s);
		return NULL;
	}
	return w->s;
}

/* The row of a long option: its length, or 0 if there is none. */
static size_t
find_long(const struct program *p, const char *s, size_t len, const char **name)
{
	const char *row = p->longs == NULL ? "" : p->longs;
	size_t n, found = 0, hits = 0;

	for (; *row != '\0'; row += n + strspn(row + n, "=!?% ")) {
		n = strcspn(row, "=!?% ");
		if (n < len || strncmp(row, s, len) != 0)
			continue;
		hits++;
		found = n;
		*name = row;
		if (n == len)
			return n;
	}
	return hits == 1 && (p->flags & PROGRAM_WHOLE) != 0 ? found : 0;
}

static bool
match_long(struct matcher *m)
{
	const struct shell_word *w = &m->words[m->i];
	const char *s = w->s + 2, *eq = strchr(s, '='), *name, *value = NULL;
	size_t len = eq == NULL ? strlen(s) : (size_t)(eq - s), n;
	char kind;

	n = find_long(m->a->program, s, len, &name);
	if (n == 0)
		return refuse(m, "option --%.*s is not known to be harmless",
		    len > 60 ? 60 : (int)len, s);
	kind = name[n];
	if (eq != NULL)
		value = eq + 1;
	if (eq != NULL && (kind == ' ' || kind == '\0'))
		return refuse(m, "option --%.*s takes no value", (int)n, name);
	if (eq == NULL && kind == '!')
		return refuse(m, "option --%.*s needs =", (int)n, name);
	if (eq == NULL && kind == '%' && m->i + 1 < m->n)
		kind = '=';
	if (eq == NULL && kind == '=' &&
	    (value = next_value(m, '\0', name, n)) == NULL)
		return false;
	add_option(m, '\0', name, n, value);
	return true;
}

/* The letters behind one dash; the value of one may be the rest of them. */
static bool
match_shorts(struct matcher *m)
{
	const struct program *p = m->a->program;
	const struct shell_word *w = &m->words[m->i];
	const char *s, *row, *value;

	for (s = w->s + 1; *s != '\0'; s++) {
		row = *s == ':' || p->shorts == NULL ? NULL
						     : strchr(p->shorts, *s);
		if (row == NULL)
			return refuse(m,
			    "option -%c is not known to be "
			    "harmless",
			    *s);
		if (row[1] != ':') {
			add_option(m, *s, NULL, 0, NULL);
			continue;
		}
		value = s[1] != '\0' ? s + 1 : NULL;
		if (value == NULL && row[2] != ':' &&
		    (value = next_value(m, *s, NULL, 0)) == NULL)
			return false;
		add_option(m, *s, NULL, 0, value);
		break;
	}
	return true;
}

/* A pattern outside quotes: what could it become? */
static bool
match_glob(struct matcher *m)
{
	const struct shell_word *w = &m->words[m->i];
	size_t n = strcspn(w->s, "*?[");

	if (m->a->dashes)
		return add_operand(m, w);
	if (n > 3 && strncmp(w->s, "--", 2) == 0 &&
	    memchr(w->s, '=', n) != NULL)
		return match_long(m);
	if (n == 0 || w->s[0] == '-' || w->s[0] == '+')
		return refuse(m, "a pattern that could become an option");
	return add_operand(m, w);
}

static bool
match_word(struct matcher *m)
{
	const struct program *p = m->a->program;
	const struct shell_word *w = &m->words[m->i];

	if ((w->flags & SHELL_DYNAMIC) != 0)
		return refuse(m, "a word that is not literal");
	if ((w->flags & SHELL_GLOB) != 0)
		return match_glob(m);
	if (m->a->dashes || w->s[0] != '-' || w->len == 1 ||
	    (p->flags & PROGRAM_PLAIN) != 0)
		return add_operand(m, w);
	if (strcmp(w->s, "--") == 0) {
		m->a->dashes = true;
		return true;
	}
	if (w->s[1] == '-')
		return match_long(m);
	if ((p->flags & PROGRAM_NUMBER) != 0 && all_digits(w->s + 1)) {
		add_option(m, w->s[1], NULL, 0, NULL);
		return true;
	}
	return match_shorts(m);
}

bool
program_match(struct program_args *a, const struct program *p,
    const struct shell_word *words, size_t n)
{
	struct matcher m = {a, words, n, 0};
	const char *why;

	memset(a, 0, sizeof(*a));
	a->program = p;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	a->operands = xcalloc(n + 1, sizeof(*a->operands));
	if ((p->flags & PROGRAM_SUB) != 0 && n > 0 && words[0].s[0] == '-')
		return refuse(&m, "an option before the sub-command");
	for (; m.i < n; m.i++)
		if (!match_word(&m))
			return false;
	why = p->check == NULL ? NULL : p->check(a);
	return why == NULL || refuse(&m, "%s", why);
}

void
program_fini(struct program_args *a)
{
	free(a->options);
	free(a->operands);
	memset(a, 0, sizeof(*a));
}

static bool
is_option(const struct program_option *o, char letter, const char *name)
{
	if (o->letter != '\0')
		return o->letter == letter;
	return name != NULL && strlen(name) == o->len &&
	       memcmp(o->name, name, o->len) == 0;
}

bool
program_has(const struct program_args *a, char letter, const char *name)
{
	size_t i;

	for (i = 0; i < a->noptions; i++)
		if (is_option(&a->options[i], letter, name))
			return true;
	return false;
}

const char *
program_value(
    const struct program_args *a, size_t i, char letter, const char *name)
{
	return is_option(&a->options[i], letter, name) ? a->options[i].value
						       : NULL;
}
