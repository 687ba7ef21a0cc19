/* SPDX-License-Identifier: Apache-2.0 */

/* Test helper: reads corpora of command lines. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#include "corpus.h"

#define CORPUS_LINE_MAX (1u << 20)

void
corpus_row_init(struct corpus_row *row)
{
	memset(row, 0, sizeof(*row));
	buf_init(&row->line, CORPUS_LINE_MAX);
}

void
corpus_row_fini(struct corpus_row *row)
{
	buf_fini(&row->line);
}

/* Four hex digits. */
static int
hex4(const char *s, uint32_t *cp)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;
	int i;

	*cp = 0;
	for (i = 0; i < 4; i++) {
		d = s[i] == '\0' ? NULL : strchr(digits, s[i] | 0x20);
		if (d == NULL)
			return -1;
		*cp = *cp << 4 | (uint32_t)(d - digits);
	}
	return 0;
}

/* s is behind \u.  Returns the bytes taken, or 0. */
static size_t
decode_u(struct buf *out, const char *s)
{
	uint8_t enc[UTF8_MAX];
	uint32_t cp, low;
	size_t n = 4;

	if (hex4(s, &cp) != 0)
		return 0;
	if (cp >= 0xD800 && cp < 0xDC00) {
		if (s[4] != '\\' || s[5] != 'u' || hex4(s + 6, &low) != 0)
			return 0;
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
		n = 10;
	}
	return buf_add(out, enc, utf8_put(enc, cp)) == 0 ? n : 0;
}

/* s is at the opening quote.  Returns what is behind the closing one. */
static const char *
decode_json(struct buf *out, const char *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *e;
	size_t n;

	if (*s++ != '"')
		return NULL;
	while (*s != '\0' && *s != '"') {
		if (*s != '\\') {
			if (buf_addc(out, *s++) != 0)
				return NULL;
			continue;
		}
		s++;
		if (*s == 'u') {
			n = decode_u(out, s + 1);
			if (n == 0)
				return NULL;
			s += 1 + n;
			continue;
		}
		e = *s == '\0' ? NULL : strchr(from, *s);
		if (e == NULL || buf_addc(out, to[e - from]) != 0)
			return NULL;
		s++;
	}
	return *s == '"' ? s + 1 : NULL;
}

/* One column, behind the tab that s is at. */
static const char *
column(const char *s, char *dst, size_t size)
{
	size_t n;

	if (s == NULL || *s++ != '\t')
		return NULL;
	n = strcspn(s, "\t\n");
	memcpy(dst, s, n < size ? n : size - 1);
	dst[n < size ? n : size - 1] = '\0';
	return s + n;
}

int
corpus_next(FILE *f, struct corpus_row *row)
{
	char *text = NULL;
	size_t size = 0;
	const char *s;
	int r = -1;

	buf_clear(&row->line);
	do {
		row->number++;
		if (getline(&text, &size, f) < 0) {
			free(text);
			return 0;
		}
	} while (text[0] != '"');
	s = decode_json(&row->line, text);
	s = column(s, row->verdict, sizeof(row->verdict));
	s = column(s, row->reason, sizeof(row->reason));
	s = column(s, row->family, sizeof(row->family));
	if (s != NULL && (*s == '\n' || *s == '\0'))
		r = 1;
	free(text);
	return r;
}
