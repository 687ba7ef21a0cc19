/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: untrusted text to printable text.
 *
 * Its one rule: nothing that a terminal obeys and nothing that an eye cannot
 * see passes.  The decision rests on Unicode's general category, so a code
 * point that is unassigned today is shown as a number.  The few format
 * characters that ordinary text needs are in no way excepted: a zero-width
 * joiner inside an emoji passes only without VIS_STRICT and only between two
 * pictographs.
 */

#include "config.h"

#include <string.h>
#include <utf8proc.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"

#define VIS_STACK_CAP (1u << 20)
#define CP_ZWJ        0x200Du
#define CP_VS16       0xFE0Fu

struct escape {
	uint32_t cp;
	char letter;
};

static const struct escape escapes[] = {
    {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {0x1B, 'e'}};

/* Categories of which no member may reach a terminal as it is. */
static const utf8proc_category_t hidden_categories[] = {UTF8PROC_CATEGORY_CC,
    UTF8PROC_CATEGORY_CF, UTF8PROC_CATEGORY_CN, UTF8PROC_CATEGORY_CO,
    UTF8PROC_CATEGORY_CS, UTF8PROC_CATEGORY_ZL, UTF8PROC_CATEGORY_ZP};

static bool
vis_category_ok(uint32_t cp)
{
	utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)cp);
	size_t i, n = sizeof(hidden_categories) / sizeof(hidden_categories[0]);

	for (i = 0; i < n; i++)
		if (hidden_categories[i] == cat)
			return false;
	return true;
}

/* Letters and marks that draw nothing, although their category is innocent:
 * Hangul fillers, the grapheme joiner, Khmer inherent vowels, variation
 * selectors, the braille blank. */
static bool
vis_blank(uint32_t cp)
{
	return cp == 0x034F || cp == 0x115F || cp == 0x1160 || cp == 0x17B4 ||
	       cp == 0x17B5 || cp == 0x2800 || cp == 0x3164 || cp == 0xFFA0 ||
	       (cp >= 0x180B && cp <= 0x180F) ||
	       (cp >= 0xFE00 && cp <= 0xFE0E) ||
	       (cp >= 0xE0100 && cp <= 0xE01EF);
}

static bool
vis_pictograph(uint32_t cp)
{
	return (cp >= 0x1F000 && cp <= 0x1FAFF) ||
	       (cp >= 0x2600 && cp <= 0x27BF) || cp == CP_VS16;
}

/* prev is the code point before, 0 at the start; next the one after. */
static bool
vis_passes(uint32_t cp, uint32_t prev, uint32_t next, unsigned flags)
{
	utf8proc_category_t cat;

	if (cp == '\n')
		return (flags & VIS_NL) != 0;
	if (cp == '\t')
		return (flags & VIS_TAB) != 0;
	if (cp >= 0x20 && cp < 0x7F)
		return cp != '\\' || (flags & VIS_STRICT) == 0;
	if (cp < 0xA0 || vis_blank(cp))
		return false;
	if (cp == CP_ZWJ)
		return (flags & VIS_STRICT) == 0 && vis_pictograph(prev) &&
		       vis_pictograph(next);
	if (!vis_category_ok(cp))
		return false;
	if ((flags & VIS_STRICT) == 0)
		return true;
	cat = utf8proc_category((utf8proc_int32_t)cp);
	if (cat == UTF8PROC_CATEGORY_ZS || cp == CP_VS16)
		return false;
	if (cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_ME)
		return prev > 0x20 && prev != 0x7F;
	return true;
}

static void
vis_escape(struct buf *out, uint32_t cp)
{
	size_t i;

	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (escapes[i].cp == cp) {
			(void)buf_addf(out, "\\%c", escapes[i].letter);
			return;
		}
	if (cp == '\\')
		(void)buf_adds(out, "\\\\");
	else if (cp < 0x80)
		(void)buf_addf(out, "\\x%02x", (unsigned)cp);
	else
		(void)buf_addf(out, "\\u{%x}", (unsigned)cp);
}

int
vis_add(struct buf *out, const void *data, size_t len, unsigned flags)
{
	const uint8_t *p = data;
	uint32_t cp, prev = 0, next;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		/* Plain ASCII is nearly all there is: take runs of it. */
		for (n = i;
		     n < len && p[n] >= 0x20 && p[n] < 0x7F && p[n] != '\\';
		     n++)
			;
		if (n > i) {
			(void)buf_add(out, p + i, n - i);
			prev = p[n - 1];
			n -= i;
			continue;
		}
		n = utf8_decode(p + i, len - i, &cp);
		if (n == 0) {
			(void)buf_addf(out, "\\x%02x", p[i]);
			n = 1;
			prev = 0;
			continue;
		}
		if (utf8_decode(p + i + n, len - i - n, &next) == 0)
			next = 0;
		if (vis_passes(cp, prev, next, flags))
			(void)buf_add(out, p + i, n);
		else
			vis_escape(out, cp);
		prev = cp;
	}
	return buf_err(out);
}

/* What passes depends on the neighbours only of what is not ASCII. */
size_t
vis_cut(const void *data, size_t len, size_t want)
{
	const uint8_t *p = data;
	size_t n;

	if (len <= want)
		return len;
	for (n = want; n > want - want / 4; n--)
		if (p[n - 1] < 0x80 && p[n] < 0x80)
			return n;
	n = utf8_complete(p, want);
	return n > 0 ? n : want;
}

bool
vis_bytes(char *dst, size_t size, const void *p, size_t len, unsigned flags)
{
	struct buf b;
	size_t n;
	bool whole;

	buf_init(&b, VIS_STACK_CAP);
	whole = vis_add(&b, p, len, flags) == 0 && b.len < size;
	n = b.len < size ? b.len : utf8_complete(buf_data(&b), size - 1);
	memcpy(dst, buf_data(&b), n);
	dst[n] = '\0';
	buf_fini(&b);
	return whole;
}

bool
vis_str(char *dst, size_t size, const char *src)
{
	return vis_bytes(dst, size, src, strlen(src), 0);
}

struct script {
	uint32_t first, last;
	int id;
};

/* The scripts whose letters look like one another's, roughly by block. */
static const struct script scripts[] = {{'A', 'Z', 1}, {'a', 'z', 1},
    {0xC0, 0x24F, 1}, {0x370, 0x3FF, 2}, {0x400, 0x52F, 3}, {0x530, 0x58F, 4},
    {0x13A0, 0x13FF, 5}, {0x1D00, 0x1DBF, 1}, {0x1E00, 0x1EFF, 1},
    {0x1F00, 0x1FFF, 2}, {0x2C80, 0x2CFF, 6}, {0xA640, 0xA69F, 3},
    {0xAB70, 0xABBF, 5}, {0xFF21, 0xFF5A, 7}, {0x1D400, 0x1D7FF, 8}};

bool
vis_mixed_script(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t cp;
	size_t i, j, n;
	int seen = 0;

	for (i = 0; i < len; i += n) {
		n = utf8_decode(p + i, len - i, &cp);
		if (n == 0) {
			n = 1;
			continue;
		}
		for (j = 0; j < sizeof(scripts) / sizeof(scripts[0]); j++) {
			if (cp < scripts[j].first || cp > scripts[j].last)
				continue;
			if (seen != 0 && seen != scripts[j].id)
				return true;
			seen = scripts[j].id;
		}
	}
	return false;
}
