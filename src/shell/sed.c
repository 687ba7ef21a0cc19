/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the part of sed's language that only edits what is printed.
 *
 * Accepted are addresses, { }, ! and the commands = d D F g G h H l n N p P
 * q Q s x y z b t T with labels.  Not accepted: e r R w W, the flags e and w
 * of s, and a c i, whose text ends where the dialects disagree.
 */

#include "config.h"

#include <string.h>

#include "shell/readonly.h"

#define DIGITS "0123456789"
#define LABEL  DIGITS "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/*
 * The ] that ends the bracket expression at s, or NULL.  One right behind [ or
 * [^ ends nothing, nor does that of a class like [:alpha:].
 */
static const char *
bracket_end(const char *s)
{
	s += s[1] == '^' ? 2 : 1;
	s += *s == ']';
	for (; *s != '\0' && *s != ']'; s++) {
		const char class_end[] = {s[1], ']', '\0'};

		if (*s != '[' || s[1] == '\0' || strchr(":.=", s[1]) == NULL)
			continue;
		s = strstr(s + 2, class_end);
		if (s == NULL)
			return NULL;
		s++;
	}
	return *s == ']' ? s : NULL;
}

/* The same, but NULL too if some dialect would see the delimiter in it, or
 * would not see its end. */
static const char *
bracket(const char *s, char delim)
{
	const char *end = bracket_end(s);

	for (s++; end != NULL && s < end; s++) {
		if (*s == delim || *s == '\n')
			return NULL;
		if (*s == '\\' && (++s == end || *s == '\n'))
			return NULL;
	}
	return end;
}

/* Takes text up to an unescaped delimiter: what is behind it, or NULL. */
static const char *
delimited(const char *s, char delim, bool regex)
{
	for (; *s != '\0' && *s != '\n'; s++) {
		if (*s == delim)
			return s + 1;
		if (*s == '\\') {
			if (*++s == '\0' || (regex && *s == '\n'))
				return NULL;
		} else if (regex && *s == '[') {
			s = bracket(s, delim);
			if (s == NULL)
				return NULL;
		}
	}
	return NULL;
}

static bool
is_delimiter(char c)
{
	return c != '\0' && strchr("\\\n []", c) == NULL;
}

/* One address, if there is one; NULL if it is malformed. */
static const char *
address(const char *s)
{
	if (*s == '$')
		return s + 1;
	if (*s == '/' || (*s == '\\' && is_delimiter(s[1]))) {
		s += *s == '\\';
		s = delimited(s + 1, *s, true);
		return s == NULL ? NULL : s + strspn(s, "IM");
	}
	if (*s >= '0' && *s <= '9') {
		s += strspn(s, DIGITS);
		if (*s == '~')
			s += 1 + strspn(s + 1, DIGITS);
	}
	return s;
}

static const char *
addresses(const char *s)
{
	s = address(s);
	if (s != NULL && *s == ',') {
		s++;
		s += strspn(s, " ");
		s = *s == '+' || *s == '~' ? s + 1 + strspn(s + 1, DIGITS)
					   : address(s);
	}
	if (s == NULL)
		return NULL;
	s += strspn(s, " \t");
	s += strspn(s, "!");
	return s + strspn(s, " \t");
}

/* s/regex/text/flags and y/from/to/; s is at the delimiter. */
static const char *
substitute(const char *s, bool flags)
{
	char delim = *s;

	if (!is_delimiter(delim))
		return NULL;
	s = delimited(s + 1, delim, flags);
	if (s != NULL)
		s = delimited(s, delim, false);
	if (s != NULL && flags)
		s += strspn(s, DIGITS "gpiImM");
	return s;
}

static const char *
command(const char *s)
{
	char c = *s++;

	if (c == 's' || c == 'y')
		return substitute(s, c == 's');
	if (c == 'q' || c == 'Q' || c == 'l') {
		s += strspn(s, " ");
		return s + strspn(s, DIGITS);
	}
	if (c == 'b' || c == 't' || c == 'T' || c == ':') {
		s += strspn(s, " ");
		return s + strspn(s, LABEL);
	}
	return c != '\0' && strchr("=dDFgGhHnNpPxz", c) != NULL ? s : NULL;
}

const char *
sed_script(const char *s)
{
	int depth = 0;

	for (;;) {
		s += strspn(s, " \t\n;");
		if (*s == '\0')
			return depth == 0 ? NULL : "the script has an open {";
		if (*s == '}') {
			depth--;
			s++;
		} else {
			s = addresses(s);
			if (s != NULL && *s == '{') {
				depth++;
				s++;
				continue;
			}
			if (s != NULL)
				s = command(s);
		}
		if (s == NULL || depth < 0)
			break;
		s += strspn(s, " \t");
		if (*s != '\0' && *s != '\n' && *s != ';' && *s != '}')
			break;
	}
	return "the script is not known to be harmless";
}
