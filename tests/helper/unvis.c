/* SPDX-License-Identifier: Apache-2.0 */

/* Reads what VIS_STRICT wrote: the proof that nothing is lost in it. */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

#include "tests/helper/unvis.h"

static int
hex(const char *s, size_t len, char end, uint32_t *cp, size_t *used)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;
	size_t i, max = end == '\0' ? 2 : 6;

	*cp = 0;
	for (i = 0; i < len && i < max && s[i] != end; i++) {
		d = s[i] == '\0' ? NULL : strchr(digits, s[i]);
		if (d == NULL)
			return ERR_FORMAT;
		*cp = *cp << 4 | (uint32_t)(d - digits);
	}
	if (i == 0 || (end == '\0' && i != 2))
		return ERR_FORMAT;
	if (end != '\0' && (i == len || s[i] != end))
		return ERR_FORMAT;
	*used = i + (end != '\0');
	return 0;
}

/* s is behind the backslash.  Adds what it stands for, returns bytes used. */
static int
unescape(struct buf *out, const char *s, size_t len, size_t *used)
{
	static const char letters[] = "nrte\\", meant[] = "\n\r\t\033\\";
	uint8_t enc[UTF8_MAX];
	uint32_t cp;
	const char *at;
	size_t n;

	if (len == 0)
		return ERR_FORMAT;
	at = s[0] == '\0' ? NULL : strchr(letters, s[0]);
	if (at != NULL) {
		*used = 1;
		return buf_addc(out, meant[at - letters]);
	}
	if (s[0] == 'x') {
		if (hex(s + 1, len - 1, '\0', &cp, &n) != 0)
			return ERR_FORMAT;
		*used = 1 + n;
		return buf_add_u8(out, (uint8_t)cp);
	}
	if (s[0] != 'u' || len < 2 || s[1] != '{' ||
	    hex(s + 2, len - 2, '}', &cp, &n) != 0)
		return ERR_FORMAT;
	*used = 2 + n;
	return buf_add(out, enc, utf8_put(enc, cp));
}

int
unvis(struct buf *out, const char *s, size_t len)
{
	size_t i, n;
	int r;

	for (i = 0; i < len; i += n) {
		if (s[i] != '\\') {
			n = 1;
			(void)buf_addc(out, s[i]);
			continue;
		}
		r = unescape(out, s + i + 1, len - i - 1, &n);
		if (r != 0)
			return r;
		n++;
	}
	return buf_err(out);
}
