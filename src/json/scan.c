/* SPDX-License-Identifier: Apache-2.0 */

/* Library: JSON as bytes, before it is values. */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/scan.h"

struct scan {
	uint8_t *p; /* borrowed; written to only where out is not NULL */
	size_t len, i;
	struct buf *out; /* borrowed */
	size_t most;     /* bytes of a string that is no long one */
	size_t from;     /* first byte that is not in out yet */
};

/* Behind the quotation mark at i: the index of the one that ends the string,
 * or len; ERR_FORMAT for an escaped NUL. */
static int
scan_string(struct scan *s)
{
	size_t i;

	for (i = s->i + 1; i < s->len; i++) {
		i += utf8_plain(s->p + i, s->len - i);
		if (i >= s->len || s->p[i] == '"')
			break;
		if (s->p[i] != '\\')
			continue;
		if (s->len - i >= 6 && memcmp(s->p + i, "\\u0000", 6) == 0)
			return ERR_FORMAT;
		i++;
	}
	s->i = i < s->len ? i : s->len;
	return 0;
}

static bool
scan_is_name(const struct scan *s)
{
	static const uint8_t blanks[] = {' ', '\t', '\r', '\n'};
	size_t i = s->i + 1;

	while (i < s->len && memchr(blanks, s->p[i], sizeof(blanks)) != NULL)
		i++;
	return i < s->len && s->p[i] == ':';
}

/* Four hexadecimal digits, or -1. */
static int32_t
scan_hex4(const uint8_t *p, const uint8_t *end)
{
	int32_t n = 0;
	size_t i;
	char c;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = (char)(p[i] | 0x20);
		if (p[i] >= '0' && p[i] <= '9')
			n = n << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return n;
}

/* \uXXXX at *p, or two of them that are one character: never longer than
 * they are themselves.  False if it is none. */
static bool
scan_unicode(const uint8_t **p, const uint8_t *end, uint8_t **to)
{
	int32_t cp = scan_hex4(*p + 2, end), low;

	if (cp <= 0 || (cp >= 0xDC00 && cp < 0xE000))
		return false;
	*p += 6;
	if (cp >= 0xD800 && cp < 0xDC00) {
		if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
			return false;
		low = scan_hex4(*p + 2, end);
		if (low < 0xDC00 || low >= 0xE000)
			return false;
		cp = 0x10000 + ((cp & 0x3FF) << 10 | (low & 0x3FF));
		*p += 6;
	}
	*to += utf8_put(*to, (uint32_t)cp);
	return true;
}

static bool
scan_escape(const uint8_t **p, const uint8_t *end, uint8_t **to)
{
	static const uint8_t meant[256] = {['"'] = '"',
	    ['\\'] = '\\',
	    ['/'] = '/',
	    ['b'] = '\b',
	    ['f'] = '\f',
	    ['n'] = '\n',
	    ['r'] = '\r',
	    ['t'] = '\t'};
	uint8_t c;

	if (end - *p < 2)
		return false;
	if ((*p)[1] == 'u')
		return scan_unicode(p, end, to);
	c = meant[(*p)[1]];
	if (c == 0)
		return false;
	*(*to)++ = c;
	*p += 2;
	return true;
}

bool
scan_decode(uint8_t *p, uint8_t *end, size_t *len)
{
	const uint8_t *at = p;
	uint8_t *to = p;
	uint32_t cp;
	size_t n;

	while (at < end) {
		n = utf8_plain(at, (size_t)(end - at));
		if (n == 0 && *at == '\\') {
			if (!scan_escape(&at, end, &to))
				return false;
			continue;
		}
		if (n == 0 && *at >= 0x20)
			n = utf8_decode(at, (size_t)(end - at), &cp);
		if (n == 0)
			return false;
		if (to != at)
			memmove(to, at, n);
		to += n;
		at += n;
	}
	*to = '\0';
	*len = (size_t)(to - p);
	return true;
}

/* The string between the quotation marks at from and i is kept back. */
static int
scan_keep(struct scan *s, size_t from)
{
	struct bytes string = {s->p + from + 1, 0};
	char mark[SCAN_MARK_LEN + 1];

	if (s->i == s->len ||
	    !scan_decode(s->p + from + 1, s->p + s->i, &string.len))
		return ERR_FORMAT;
	scan_mark(mark, &string);
	(void)buf_add(s->out, s->p + s->from, from - s->from);
	s->from = s->i + 1;
	(void)buf_adds(s->out, "\"\\u0000");
	(void)buf_adds(s->out, mark + 1);
	return buf_addc(s->out, '"');
}

/* Counts what stands outside strings: an opening mark, a comma and a colon
 * each announce one value.  What else is malformed is jansson's to refuse. */
static int
scan_all(struct scan *s)
{
	size_t depth = 0, values = 1, from;
	int r = 0;

	for (; r == 0 && s->i < s->len; s->i++)
		switch (s->p[s->i]) {
		case '"':
			from = s->i;
			r = scan_string(s);
			if (r == 0 && s->out != NULL && s->i - from > s->most &&
			    !scan_is_name(s))
				r = scan_keep(s, from);
			break;
		case '[':
		case '{':
			if (++depth > JSON_DEPTH_MAX)
				return ERR_DEPTH;
			values++;
			break;
		case ']':
		case '}':
			depth -= depth > 0;
			break;
		case ',':
		case ':':
			values++;
			break;
		case '\0':
			return ERR_FORMAT;
		default:
			break;
		}
	if (r == 0 && values > JSON_VALUES_MAX)
		r = ERR_SPACE;
	return r;
}

int
scan_limits(const uint8_t *p, size_t len)
{
	struct scan s = {.p = (uint8_t *)(uintptr_t)p, .len = len};

	return scan_all(&s);
}

int
scan_lift(struct buf *out, uint8_t *p, size_t len, size_t most)
{
	struct scan s = {.p = p, .len = len, .out = out, .most = most};
	int r = scan_all(&s);

	return r == 0 ? buf_add(out, p + s.from, len - s.from) : r;
}

void
scan_mark(char *mark, const struct bytes *string)
{
	mark[0] = '\0';
	str_hex(mark + 1, (const uint8_t *)string, sizeof(*string));
}

bool
scan_marked(const char *text, size_t len, struct bytes *string)
{
	return len == SCAN_MARK_LEN && text[0] == '\0' &&
	       str_unhex((uint8_t *)string, sizeof(*string), text + 1) == 0;
}
