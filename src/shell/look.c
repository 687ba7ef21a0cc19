/* SPDX-License-Identifier: Apache-2.0 */

/* Library: does a line look like what it is? */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vis.h"

#include "shell/look.h"

/* More blanks in a row than this push what follows off a screen. */
#define LOOK_BLANKS_MAX 256

static bool
odd_blank(uint32_t cp)
{
	return cp == 0x00A0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
	       cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

/* An invisible selector of an emoji's form, behind what is none. */
static bool
odd_selector(uint32_t cp, uint32_t prev)
{
	return cp == 0xFE0F && prev < 0x2000;
}

bool
look_mistaken(const char *s, size_t len)
{
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = utf8_decode((const uint8_t *)s + i, len - i, &cp);
		if (n == 0)
			return false;
		if ((cp >= 0xFF01 && cp <= 0xFF5E) || cp == 0x037E ||
		    cp == 0x1FEF || cp == 0x2024 || cp == 0x2044 ||
		    cp == 0x2215)
			return true; /* fullwidth; ; ` . / / */
		if (i == 0 && ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212))
			return true; /* dashes */
	}
	return false;
}

size_t
look_blanks(const char *s, size_t len, size_t *off)
{
	size_t i, run = 0, most = 0;

	for (i = 0; i < len; i++) {
		run = s[i] == ' ' || s[i] == '\t' || s[i] == '\n' ? run + 1 : 0;
		if (run > most) {
			most = run;
			*off = i;
		}
	}
	return most;
}

/* vis leaves a text alone if a terminal shows it as it is. */
static bool
vis_changes(const char *s, size_t len, size_t *off)
{
	struct buf b;
	const uint8_t *out;
	bool differs;
	size_t i = 0;

	buf_init(&b, 16 * len + 1);
	(void)vis_add(&b, s, len, VIS_NL | VIS_TAB);
	out = buf_data(&b);
	differs = b.len != len || memcmp(out, s, len) != 0;
	while (differs && i < len && i < b.len && out[i] == (uint8_t)s[i])
		i++;
	*off = i;
	buf_fini(&b);
	return differs;
}

bool
look_deceptive(const char *s, size_t len, const char **why, size_t *off)
{
	uint32_t cp, prev = 0;
	size_t i, n;

	if (len == 0)
		return false;
	*why = "a character that is not shown as it is";
	if (vis_changes(s, len, off))
		return true;
	for (i = 0; i < len; i += n) {
		n = utf8_decode((const uint8_t *)s + i, len - i, &cp);
		*off = i;
		if (n == 0 || odd_selector(cp, prev))
			return true;
		if (odd_blank(cp)) {
			*why = "a blank that the shell takes for a letter";
			return true;
		}
		prev = cp;
	}
	*why = "so many blanks that the rest is out of sight";
	return look_blanks(s, len, off) > LOOK_BLANKS_MAX;
}
