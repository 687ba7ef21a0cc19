/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the scalars of TOML: strings, numbers, dates and times. */

#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"
#include "conf/toml_int.h"

#define SCALAR_MAX 128 /* bytes of a number, date or time */

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (uint8_t)tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \u or \U with its digits: one code point, no surrogate. */
static int
unicode_escape(struct parser *ps, struct buf *out, size_t digits)
{
	const uint8_t *at = ps->p - 2;
	uint8_t utf8[UTF8_MAX];
	uint32_t cp = 0;
	size_t i;
	int d;

	for (i = 0; i < digits; i++) {
		d = ps->p < ps->end ? hex_digit(*ps->p) : -1;
		if (d == -1)
			return toml_fail(ps, at,
			    "this escape takes %zu hexadecimal digits", digits);
		cp = cp << 4 | (uint32_t)d;
		ps->p++;
	}
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return toml_fail(ps, at, "this escape is no Unicode scalar");
	return buf_add(out, utf8, utf8_put(utf8, cp));
}

/* A backslash at the end of a line eats the blanks up to the next text. */
static bool
line_continues(struct parser *ps)
{
	const uint8_t *p = ps->p;

	while (p < ps->end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == ps->end || (*p != '\n' && *p != '\r'))
		return false;
	ps->p = p;
	while (ps->p < ps->end) {
		if (*ps->p == ' ' || *ps->p == '\t')
			ps->p++;
		else if (!toml_newline(ps))
			break;
	}
	return true;
}

/* What stands behind a backslash. */
static int
escape(struct parser *ps, struct buf *out, bool lines)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	const char *found;
	uint8_t c;

	if (lines && line_continues(ps))
		return 0;
	if (ps->p == ps->end)
		return toml_fail(ps, ps->p, "a string has no end");
	c = *ps->p++;
	if (c == 'u' || c == 'U')
		return unicode_escape(ps, out, c == 'u' ? 4 : 8);
	found = c == '\0' ? NULL : strchr(from, c);
	if (found == NULL)
		return toml_fail(ps, ps->p - 2,
		    "no such escape; a backslash"
		    " itself is \\\\");
	return buf_addc(out, to[found - from]);
}

static bool
is_plain(uint8_t c)
{
	return (c >= 0x20 || c == '\t') && c != 0x7f && c != '\\' && c != '"' &&
	       c != '\'';
}

/* How many bytes that stand for themselves in every string come next. */
static size_t
plain_run(const struct parser *ps)
{
	const uint8_t *p = ps->p;

	while (p < ps->end && is_plain(*p))
		p++;
	return (size_t)(p - ps->p);
}

/* One character of a string's inside, and those that stand for themselves
 * behind it. */
static int
string_char(struct parser *ps, struct buf *out, bool lines, bool escapes)
{
	const uint8_t *from;
	uint8_t c = *ps->p;

	if (c == '\\' && escapes) {
		ps->p++;
		return escape(ps, out, lines);
	}
	if (c == '\n' || c == '\r') {
		if (!lines)
			return toml_fail(
			    ps, ps->p, "a string ends before its line does");
		if (!toml_newline(ps))
			return toml_fail(
			    ps, ps->p, "a carriage return without a newline");
		return buf_addc(out, '\n');
	}
	if ((c < 0x20 && c != '\t') || c == 0x7f)
		return toml_fail(ps, ps->p,
		    "a control character; write it as"
		    " \\u%04X",
		    c);
	from = ps->p++;
	ps->p += plain_run(ps);
	return buf_add(out, from, (size_t)(ps->p - from));
}

/* The quotes that end a string of three: up to two more belong to it. */
static void
closing_quotes(struct parser *ps, struct buf *out, char q)
{
	int more;

	ps->p += 3;
	for (more = 0; more < 2 && toml_at(ps, q); more++) {
		(void)buf_addc(out, q);
		ps->p++;
	}
}

/* Most strings need no more than a copy. */
static bool
plain_string(struct parser *ps, struct bytes *text)
{
	struct parser in = *ps;
	size_t n;

	in.p++;
	n = plain_run(&in);
	if (n == 0 || in.p + n == ps->end || in.p[n] != *ps->p)
		return false;
	*text = (struct bytes){xmemdup(in.p, n), n};
	ps->p = in.p + n + 1;
	return true;
}

int
toml_string(struct parser *ps, struct bytes *text)
{
	const struct parser begin = *ps;
	char q = (char)*ps->p;
	const char three[] = {q, q, q};
	bool lines = toml_sees(ps, three, 3), escapes = q == '"';
	struct buf out;
	int r = 0;

	if (plain_string(ps, text))
		return 0;
	buf_init(&out, TOML_SIZE_MAX);
	ps->p += lines ? 3 : 1;
	if (lines)
		(void)toml_newline(ps);
	for (;;) {
		if (ps->p == ps->end) {
			*ps = begin; /* the message names its first line */
			r = toml_fail(ps, ps->p, "a string has no end");
		}
		if (r != 0)
			break;
		if (lines ? toml_sees(ps, three, 3) : toml_at(ps, q)) {
			if (lines)
				closing_quotes(ps, &out, q);
			else
				ps->p++;
			break;
		}
		r = string_char(ps, &out, lines, escapes);
	}
	if (r == 0)
		*text =
		    (struct bytes){xmemdup(buf_data(&out), out.len), out.len};
	buf_fini(&out);
	return r;
}

/* Digits of a base with single underscores between them; how many bytes. */
static size_t
digits(const char *s, const char *set)
{
	size_t i = 0;

	while (s[i] != '\0') {
		if (s[i] == '_' && i > 0 && s[i - 1] != '_' &&
		    s[i + 1] != '\0' && strchr(set, s[i + 1]) != NULL)
			i++;
		else if (s[i] != '_' && strchr(set, s[i]) != NULL)
			i++;
		else
			break;
	}
	return i;
}

#define DECIMAL "0123456789"

static void
drop_underscores(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++)
		if (*s != '_')
			*to++ = *s;
	*to = '\0';
}

/* 0x, 0o and 0b, which take no sign. */
static bool
is_based(const char *s, int *base)
{
	static const struct {
		const char *prefix, *set;
		int base;
	} bases[] = {{"0x", "0123456789abcdefABCDEF", 16},
	    {"0o", "01234567", 8}, {"0b", "01", 2}};
	size_t i, n;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (strncmp(s, bases[i].prefix, 2) == 0) {
			n = digits(s + 2, bases[i].set);
			*base = bases[i].base;
			return n > 0 && s[2 + n] == '\0';
		}
	return false;
}

static int
integer(char *s, int base, char out[SCALAR_MAX])
{
	intmax_t n;

	drop_underscores(s);
	errno = 0;
	n = strtoimax(base == 10 ? s : s + 2, NULL, base);
	if (errno != 0 || n < INT64_MIN || n > INT64_MAX)
		return ERR_RANGE;
	(void)snprintf(out, SCALAR_MAX, "%" PRIdMAX, n);
	return 0;
}

/* A decimal number; its type, or TOML_TABLE if it is none. */
static enum toml_type
decimal(const char *s)
{
	const char *p = s + (*s == '+' || *s == '-');
	enum toml_type type = TOML_INT;
	size_t n;

	if (strcmp(p, "inf") == 0 || strcmp(p, "nan") == 0)
		return TOML_FLOAT;
	n = digits(p, DECIMAL);
	if (n == 0 || (*p == '0' && n > 1))
		return TOML_TABLE;
	p += n;
	if (*p == '.') {
		n = digits(p + 1, DECIMAL);
		if (n == 0)
			return TOML_TABLE;
		p += 1 + n;
		type = TOML_FLOAT;
	}
	if (*p == 'e' || *p == 'E') {
		p += 1 + (p[1] == '+' || p[1] == '-');
		n = digits(p, DECIMAL);
		if (n == 0)
			return TOML_TABLE;
		p += n;
		type = TOML_FLOAT;
	}
	return *p == '\0' ? type : TOML_TABLE;
}

/* Reads exactly n digits; -1 if they are not there. */
static int
number(const char **s, size_t n)
{
	int value = 0;

	for (; n > 0; n--) {
		if (!isdigit((unsigned char)**s))
			return -1;
		value = 10 * value + (*(*s)++ - '0');
	}
	return value;
}

static bool
take(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
is_date(const char **s)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, m, d;
	bool leap;

	y = number(s, 4);
	if (y == -1 || !take(s, '-'))
		return false;
	m = number(s, 2);
	if (m < 1 || m > 12 || !take(s, '-'))
		return false;
	d = number(s, 2);
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

static bool
is_time(const char **s)
{
	int h, m, sec;

	h = number(s, 2);
	if (h < 0 || h > 23 || !take(s, ':'))
		return false;
	m = number(s, 2);
	if (m < 0 || m > 59 || !take(s, ':'))
		return false;
	sec = number(s, 2);
	if (sec < 0 || sec > 60)
		return false;
	if (!take(s, '.'))
		return true;
	if (!isdigit((unsigned char)**s))
		return false;
	while (isdigit((unsigned char)**s))
		(*s)++;
	return true;
}

static bool
is_offset(const char **s)
{
	int h, m;

	if (take(s, 'Z') || take(s, 'z'))
		return true;
	if (!take(s, '+') && !take(s, '-'))
		return false;
	h = number(s, 2);
	if (h < 0 || h > 23 || !take(s, ':'))
		return false;
	m = number(s, 2);
	return m >= 0 && m <= 59;
}

/* The type of a date or time, or TOML_TABLE if it is none. */
static enum toml_type
date_or_time(const char *s)
{
	const char *p = s;

	if (is_time(&p))
		return *p == '\0' ? TOML_LOCAL_TIME : TOML_TABLE;
	p = s;
	if (!is_date(&p))
		return TOML_TABLE;
	if (*p == '\0')
		return TOML_LOCAL_DATE;
	if (!take(&p, 'T') && !take(&p, 't') && !take(&p, ' '))
		return TOML_TABLE;
	if (!is_time(&p))
		return TOML_TABLE;
	if (*p == '\0')
		return TOML_LOCAL_DATETIME;
	return is_offset(&p) && *p == '\0' ? TOML_DATETIME : TOML_TABLE;
}

/* As written, but with T between date and time and Z for UTC. */
static void
normalise_time(char *s)
{
	for (; *s != '\0'; s++)
		if (*s == ' ' || *s == 't')
			*s = 'T';
		else if (*s == 'z')
			*s = 'Z';
}

/* The bytes up to what ends a scalar; a date may hold one blank. */
static int
scalar_word(struct parser *ps, char word[SCALAR_MAX])
{
	const uint8_t *at = ps->p;
	size_t n = 0;

	while (ps->p < ps->end && strchr(" \t\r\n,]}#=", *ps->p) == NULL) {
		if (n == SCALAR_MAX - 1)
			return toml_fail(ps, at,
			    "this is no value; a string"
			    " needs quotes");
		word[n++] = (char)*ps->p++;
	}
	word[n] = '\0';
	if (n == 10 && word[4] == '-' && ps->end - ps->p > 2 && *ps->p == ' ' &&
	    isdigit(ps->p[1])) {
		word[n++] = ' ';
		for (ps->p++; ps->p < ps->end && n < SCALAR_MAX - 1 &&
			      strchr(" \t\r\n,]}#=", *ps->p) == NULL;
		     ps->p++)
			word[n++] = (char)*ps->p;
		word[n] = '\0';
	}
	return 0;
}

int
toml_scalar(struct parser *ps, enum toml_type *type, struct bytes *text)
{
	const uint8_t *at = ps->p;
	char word[SCALAR_MAX] = "", out[SCALAR_MAX];
	int base = 10;

	if (scalar_word(ps, word) != 0)
		return ERR_FORMAT;
	(void)strlcpy(out, word, sizeof(out));
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
		*type = TOML_BOOL;
	else if (is_based(word, &base) || decimal(word) == TOML_INT) {
		*type = TOML_INT;
		if (integer(word, base, out) != 0)
			return toml_fail(ps, at, "an integer beyond 64 bits");
	} else if (decimal(word) == TOML_FLOAT) {
		*type = TOML_FLOAT;
		drop_underscores(out);
	} else {
		*type = date_or_time(word);
		normalise_time(out);
	}
	if (*word == '\0')
		return toml_fail(ps, at, "a value is missing");
	if (*type == TOML_TABLE)
		return toml_fail(ps, at,
		    "'%.40s' is no value; a string needs"
		    " quotes",
		    word);
	*text = (struct bytes){(uint8_t *)xstrdup(out), strlen(out)};
	return 0;
}
