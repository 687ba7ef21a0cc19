/* SPDX-License-Identifier: Apache-2.0 */

/* Library: small things with strings and runs of bytes. */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"

#define NEAREST_WORD_MAX 64 /* bytes; longer words have no nearest name */

struct bytes
bytes_of(const char *s)
{
	return (struct bytes){(const uint8_t *)s, strlen(s)};
}

bool
bytes_eq(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
bytes_is(struct bytes a, const char *s)
{
	return bytes_eq(a, bytes_of(s));
}

int
bytes_copy(char *dst, size_t size, struct bytes b)
{
	if (b.len >= size)
		return ERR_SPACE;
	if (b.len > 0 && memchr(b.p, '\0', b.len) != NULL)
		return ERR_FORMAT;
	if (b.len > 0)
		memcpy(dst, b.p, b.len);
	dst[b.len] = '\0';
	return 0;
}

int
bytes_take_number(struct bytes *b, size_t size, uint64_t *n)
{
	size_t i;

	if (b->len < size)
		return ERR_TRUNC;
	for (*n = 0, i = 0; i < size; i++)
		*n = *n << 8 | b->p[i];
	b->p += size;
	b->len -= size;
	return 0;
}

int
bytes_take(struct bytes *b, struct bytes *part)
{
	uint64_t len;

	if (bytes_take_number(b, sizeof(uint32_t), &len) != 0 || len > b->len)
		return ERR_TRUNC;
	*part = (struct bytes){b->p, (size_t)len};
	b->p += len;
	b->len -= (size_t)len;
	return 0;
}

bool
bytes_line(struct bytes *rest, struct bytes *line)
{
	const uint8_t *nl;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = nl == NULL ? rest->len : (size_t)(nl - rest->p);
	rest->p += line->len + (nl != NULL);
	rest->len -= line->len + (nl != NULL);
	return true;
}

char *
bytes_dup(struct bytes b)
{
	return xstrndup((const char *)b.p, b.len);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

/* Levenshtein distance with one row; both words are short. */
static size_t
str_distance(const char *a, const char *b)
{
	size_t row[NEAREST_WORD_MAX + 1], n = strlen(b), i, j, diag, up, best;

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		diag = row[0];
		row[0] = i + 1;
		for (j = 1; j <= n; j++) {
			up = row[j];
			best = diag + (a[i] != b[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diag = up;
		}
	}
	return row[n];
}

const char *
str_nearest(const char *word, const char *const *names)
{
	const char *found = NULL;
	size_t best = 1 + strlen(word) / 3, d;

	if (strlen(word) > NEAREST_WORD_MAX)
		return NULL;
	for (; *names != NULL; names++) {
		if (strlen(*names) > NEAREST_WORD_MAX)
			continue;
		d = str_distance(word, *names);
		if (d < best || (d == best && found == NULL)) {
			best = d;
			found = *names;
		}
	}
	return found;
}

int
str_fmt(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? ERR_SPACE : 0;
}

void
str_hex(char *dst, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		dst[2 * i] = digits[p[i] >> 4];
		dst[2 * i + 1] = digits[p[i] & 15];
	}
	dst[2 * len] = '\0';
}

/* One more than the value, since hashes are read by the million. */
/* clang-format off */
static const uint8_t hexdigits[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
    ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};
/* clang-format on */

static int
str_hexdigit(char c)
{
	return hexdigits[(uint8_t)c] - 1;
}

int
str_unhex(uint8_t *dst, size_t len, const char *hex)
{
	size_t i;
	int hi, lo;

	if (strlen(hex) != 2 * len)
		return ERR_LENGTH;
	for (i = 0; i < len; i++) {
		hi = str_hexdigit(hex[2 * i]);
		lo = str_hexdigit(hex[2 * i + 1]);
		if (hi == -1 || lo == -1)
			return ERR_FORMAT;
		dst[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit size_units[] = {{"", 1}, {"K", 1ULL << 10},
    {"M", 1ULL << 20}, {"G", 1ULL << 30}, {"T", 1ULL << 40}, {NULL, 0}};
static const struct unit time_units[] = {{"ms", 1}, {"s", 1000}, {"", 1000},
    {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};

static int
str_quantity(const char *s, const struct unit *units, uint64_t *out)
{
	uint64_t n = 0;
	const char *p;

	for (p = s; *p >= '0' && *p <= '9'; p++) {
		if (n > (UINT64_MAX >> 44)) /* no unit can overflow below */
			return ERR_RANGE;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	if (p == s)
		return ERR_FORMAT;
	for (; units->suffix != NULL; units++)
		if (strcmp(p, units->suffix) == 0) {
			if (n > UINT64_MAX / units->factor)
				return ERR_RANGE;
			*out = n * units->factor;
			return 0;
		}
	return ERR_FORMAT;
}

int
str_size(const char *s, uint64_t *bytes)
{
	return str_quantity(s, size_units, bytes);
}

int
str_duration(const char *s, uint64_t *ms)
{
	return str_quantity(s, time_units, ms);
}
