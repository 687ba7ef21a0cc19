/* SPDX-License-Identifier: Apache-2.0 */

/* Library: strict UTF-8.  Widths and graphemes: utf8_shape.c. */

#include "config.h"

#include <endian.h>
#include <string.h>

#include "base/utf8.h"

size_t
utf8_decode(const uint8_t *p, size_t len, uint32_t *cp)
{
	uint32_t c, min;
	size_t n, i;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	min = n == 2 ? 0x80 : n == 3 ? 0x800 : 0x10000;
	if (len < n)
		return 0;
	c = p[0] & (0x7Fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3Fu);
	}
	if (c < min || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*cp = c;
	return n;
}

size_t
utf8_put(uint8_t dst[UTF8_MAX], uint32_t cp)
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		dst[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		dst[0] = (uint8_t)(0xC0 | cp >> 6);
		dst[1] = (uint8_t)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		dst[0] = (uint8_t)(0xE0 | cp >> 12);
		dst[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
		dst[2] = (uint8_t)(0x80 | (cp & 0x3F));
		return 3;
	}
	dst[0] = (uint8_t)(0xF0 | cp >> 18);
	dst[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3F));
	dst[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
	dst[3] = (uint8_t)(0x80 | (cp & 0x3F));
	return 4;
}

/* Sixteen bytes at once, as signed numbers: what is no ASCII is below the blank
 * as the controls are. */
typedef int8_t utf8_row __attribute__((vector_size(16)));

static size_t
utf8_row_plain(const uint8_t *p)
{
	uint64_t half[2];
	utf8_row v, not ;

	memcpy(&v, p, sizeof(v));
	not = (v < ' ') | (v == '"') | (v == '\\') | (v == 0x7F);
	memcpy(half, &not, sizeof(half));
	if (half[0] != 0)
		return (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
	if (half[1] != 0)
		return 8 + (size_t)__builtin_ctzll(le64toh(half[1])) / 8;
	return sizeof(v);
}

static bool
utf8_is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

size_t
utf8_plain(const uint8_t *p, size_t len)
{
	size_t n, row;

	for (n = 0; len - n >= sizeof(utf8_row); n += row) {
		row = utf8_row_plain(p + n);
		if (row < sizeof(utf8_row))
			return n + row;
	}
	while (n < len && utf8_is_plain(p[n]))
		n++;
	return n;
}

#define HIGH 0x8080808080808080ULL /* what no ASCII has, in eight bytes */

/* How many bytes before the first that is no ASCII, a word at a time. */
static size_t
utf8_ascii(const uint8_t *p, size_t len)
{
	uint64_t w;
	size_t n;

	for (n = 0; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		if ((w & HIGH) != 0)
			break;
	}
	return n;
}

bool
utf8_valid(const uint8_t *p, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = utf8_ascii(p, len);
		if (n == 0 && (n = utf8_decode(p, len, &cp)) == 0)
			return false;
	}
	return true;
}

bool
utf8_valid_str(const uint8_t *p, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n)
		if ((n = utf8_decode(p, len, &cp)) == 0 || cp == 0)
			return false;
	return true;
}

size_t
utf8_complete(const uint8_t *p, size_t len)
{
	size_t back, need;

	for (back = 1; back <= 3 && back <= len; back++) {
		uint8_t c = p[len - back];

		if (c < 0x80)
			return len;
		if (c < 0xC0)
			continue;
		need = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		return need > back ? len - back : len;
	}
	return len;
}
