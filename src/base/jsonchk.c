/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: is this one JSON object?
 *
 * The sender of a record chooses its payload, and the payload becomes part of
 * a line of the log; so do a tool's arguments of an event.  What passes here
 * can neither end the line nor leave the member that it is put into.
 */

#include "config.h"

#include <string.h>

#include "base/fdio.h"
#include "base/jsonchk.h"
#include "base/utf8.h"

#define PIECE (1u << 20) /* bytes of a string that are looked at at once */

struct scan {
	const struct bytes *map; /* borrowed; empty if p is none */
	const uint8_t *p;        /* borrowed */
	size_t len, at, left;    /* left: what is before it, of the map */
	unsigned depth;
	uint8_t open[JSONCHK_DEPTH]; /* '{' or '[' */
};

static int
scan_peek(const struct scan *s)
{
	return s->at < s->len ? s->p[s->at] : -1;
}

static bool
scan_is(struct scan *s, uint8_t c)
{
	if (scan_peek(s) != c)
		return false;
	s->at++;
	return true;
}

static void
scan_blanks(struct scan *s)
{
	while (scan_peek(s) == ' ')
		s->at++;
}

static bool
scan_hex4(struct scan *s)
{
	size_t i;

	if (s->len - s->at < 4)
		return false;
	for (i = 0; i < 4; i++)
		if (strchr("0123456789abcdefABCDEF", s->p[s->at + i]) == NULL ||
		    s->p[s->at + i] == '\0')
			return false;
	s->at += 4;
	return true;
}

/* Takes a piece of what stands for itself in a string. */
static bool
scan_plain(struct scan *s)
{
	const uint8_t *p = s->p + s->at;
	size_t len = s->len - s->at, n;

	if (len > PIECE)
		len = PIECE;
	for (n = utf8_plain(p, len);
	     n < len && p[n] >= 0x20 && p[n] != '"' && p[n] != '\\'; n++)
		;
	if (n == PIECE)
		n = utf8_complete(p, n);
	s->at += n;
	if (!utf8_valid(p, n))
		return false;
	if (s->at - s->left >= PIECE) {
		fd_map_leave(s->map, s->p + s->left, s->at - s->left);
		s->left = s->at;
	}
	return true;
}

/* The part of a string behind its first quote. */
static bool
scan_string(struct scan *s)
{
	int c;

	for (;;) {
		if (!scan_plain(s))
			return false;
		c = scan_peek(s);
		if (c >= 0x20 && c != '"' && c != '\\')
			continue; /* the next piece */
		s->at++;
		if (c != '\\')
			return c == '"';
		c = scan_peek(s);
		if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
			return false;
		s->at++;
		if (c == 'u' && !scan_hex4(s))
			return false;
	}
}

static bool
scan_digits(struct scan *s)
{
	size_t from = s->at;

	while (scan_peek(s) >= '0' && scan_peek(s) <= '9')
		s->at++;
	return s->at > from;
}

static bool
scan_number(struct scan *s)
{
	(void)scan_is(s, '-');
	if (!scan_is(s, '0') && !scan_digits(s))
		return false;
	if (scan_is(s, '.') && !scan_digits(s))
		return false;
	if (scan_is(s, 'e') || scan_is(s, 'E')) {
		if (!scan_is(s, '+'))
			(void)scan_is(s, '-');
		return scan_digits(s);
	}
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->at < n || memcmp(s->p + s->at, word, n) != 0)
		return false;
	s->at += n;
	return true;
}

/* A value that holds no other. */
static bool
scan_scalar(struct scan *s)
{
	switch (scan_peek(s)) {
	case '"':
		s->at++;
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

static bool
scan_name(struct scan *s)
{
	scan_blanks(s);
	if (!scan_is(s, '"') || !scan_string(s))
		return false;
	scan_blanks(s);
	return scan_is(s, ':');
}

/* Enters a container; an empty one is left again at once. */
static bool
scan_open(struct scan *s, uint8_t c, bool *whole)
{
	if (s->depth == JSONCHK_DEPTH)
		return false;
	s->open[s->depth++] = c;
	scan_blanks(s);
	*whole = scan_is(s, c == '{' ? '}' : ']');
	if (*whole)
		s->depth--;
	else if (c == '{')
		return scan_name(s);
	return true;
}

/* Behind a value: leaves what ends, and stands before the next value. */
static bool
scan_after(struct scan *s)
{
	uint8_t c;

	while (s->depth > 0) {
		c = s->open[s->depth - 1];
		scan_blanks(s);
		if (scan_is(s, ','))
			return c == '[' || scan_name(s);
		if (!scan_is(s, c == '{' ? '}' : ']'))
			return false;
		s->depth--;
	}
	return true;
}

/* Outside of strings there is nothing but ASCII, so they alone are looked at
 * for what is no UTF-8. */
static bool
scan_object(const uint8_t *p, size_t len, const struct bytes *map)
{
	struct scan s = {.map = map, .p = p, .len = len};
	bool whole;

	if (scan_peek(&s) != '{')
		return false;
	do {
		int c;

		scan_blanks(&s);
		c = scan_peek(&s);
		whole = true;
		if (c == '{' || c == '[') {
			s.at++;
			if (!scan_open(&s, (uint8_t)c, &whole))
				return false;
		} else if (!scan_scalar(&s))
			return false;
		if (whole && !scan_after(&s))
			return false;
	} while (s.depth > 0);
	return s.at == len;
}

bool
jsonchk_object(const uint8_t *p, size_t len)
{
	static const struct bytes none;

	return scan_object(p, len, &none);
}

bool
jsonchk_map(const struct bytes *map)
{
	return scan_object(map->p, map->len, map);
}
