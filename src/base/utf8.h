/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFDu
#define UTF8_MAX         4 /* bytes of one code point */

/*
 * Decodes one code point (RFC 3629: no surrogates, no overlong forms, at most
 * U+10FFFF).  Returns the bytes it takes, or 0 if the bytes at p are not
 * valid; a sequence cut off by len is not valid either.
 */
size_t utf8_decode(const uint8_t *p, size_t len, uint32_t *cp);
size_t utf8_put(uint8_t dst[UTF8_MAX], uint32_t cp); /* bytes written */

/* The length of the prefix that is printable ASCII without quotation mark and
 * backslash: what JSON carries as it is. */
size_t utf8_plain(const uint8_t *p, size_t len);
bool utf8_valid(const uint8_t *p, size_t len);
/* True for what a frame's str may hold: valid and without NUL. */
bool utf8_valid_str(const uint8_t *p, size_t len);
/* The length of the longest prefix that does not end inside a code point. */
size_t utf8_complete(const uint8_t *p, size_t len);

/* Columns on a terminal: 0, 1 or 2; 0 for controls, marks and the like. */
int utf8_width(uint32_t cp);
/* Bytes of the first grapheme cluster (UAX 29) of valid UTF-8, at least 1. */
size_t utf8_grapheme(const uint8_t *p, size_t len, int *width);

#endif /* BASE_UTF8_H */
