/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: widths and graphemes, by utf8proc.  Apart from the rest of utf8.h,
 * so that only programs that show text are linked with it.
 */

#include "config.h"

#include <utf8proc.h>

#include "base/utf8.h"

int
utf8_width(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
		return 0;
	if (cp < 0x7F)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

size_t
utf8_grapheme(const uint8_t *p, size_t len, int *width)
{
	utf8proc_int32_t state = 0;
	uint32_t cp, next;
	size_t n, m;
	int w;

	n = utf8_decode(p, len, &cp);
	if (n == 0) {
		*width = 1;
		return len > 0 ? 1 : 0;
	}
	w = utf8_width(cp);
	for (; n < len; n += m, cp = next) {
		m = utf8_decode(p + n, len - n, &next);
		if (m == 0 ||
		    utf8proc_grapheme_break_stateful(
			(utf8proc_int32_t)cp, (utf8proc_int32_t)next, &state))
			break;
		if (next == 0xFE0F) /* emoji presentation */
			w = 2;
		else if (utf8_width(next) > w)
			w = utf8_width(next);
	}
	*width = w;
	return n;
}
