/* SPDX-License-Identifier: Apache-2.0 */

/* Front: lines of a patch that are not what they seem. */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vis.h"

#include "ui/mislead.h"
#include "ui/words.h"

#define WORD_MAX 512 /* bytes of a word that are compared */

struct range {
	uint32_t first, last;
};

static bool
within(uint32_t cp, const struct range *v, size_t n)
{
	while (n > 0 && (cp < v[n - 1].first || cp > v[n - 1].last))
		n--;
	return n > 0;
}

/* Greek letters that stand in words of other alphabets as signs, and look like
 * nothing but themselves: in sizes, angles and times. */
static bool
is_sign(uint32_t cp)
{
	static const struct range signs[] = {{0x393, 0x394}, {0x398, 0x398},
	    {0x39B, 0x39B}, {0x39E, 0x39E}, {0x3A0, 0x3A0}, {0x3A3, 0x3A3},
	    {0x3A6, 0x3A6}, {0x3A8, 0x3A9}, {0x3B4, 0x3B4}, {0x3B8, 0x3B8},
	    {0x3BB, 0x3BC}, {0x3BE, 0x3BE}, {0x3C0, 0x3C0}, {0x3C3, 0x3C3},
	    {0x3C6, 0x3C6}, {0x3C8, 0x3C8}};

	return within(cp, signs, sizeof(signs) / sizeof(signs[0]));
}

/* Letters that are drawn as Latin ones are, or nearly. */
static bool
is_double(uint32_t cp)
{
	static const struct range doubles[] = {{0x391, 0x392}, {0x395, 0x397},
	    {0x399, 0x39A}, {0x39C, 0x39D}, {0x39F, 0x39F}, {0x3A1, 0x3A1},
	    {0x3A4, 0x3A5}, {0x3A7, 0x3A7}, {0x3B1, 0x3B1}, {0x3B9, 0x3BA},
	    {0x3BD, 0x3BD}, {0x3BF, 0x3BF}, {0x3C1, 0x3C1}, {0x3C5, 0x3C5},
	    {0x3F2, 0x3F3}, {0x3F9, 0x3F9}, {0x405, 0x406}, {0x408, 0x408},
	    {0x410, 0x410}, {0x412, 0x412}, {0x415, 0x415}, {0x41A, 0x41A},
	    {0x41C, 0x41E}, {0x420, 0x423}, {0x425, 0x425}, {0x430, 0x430},
	    {0x435, 0x435}, {0x43E, 0x43E}, {0x440, 0x441}, {0x443, 0x443},
	    {0x445, 0x445}, {0x455, 0x456}, {0x458, 0x458}, {0x4AE, 0x4AF},
	    {0x4BA, 0x4BB}, {0x4C0, 0x4C0}, {0x4CF, 0x4CF}, {0x501, 0x501},
	    {0x51A, 0x51D}, {0x555, 0x555}, {0x578, 0x578}, {0x57D, 0x57D},
	    {0x585, 0x585}, {0x13A0, 0x13FF}, {0x1D400, 0x1D7FF}};

	return within(cp, doubles, sizeof(doubles) / sizeof(doubles[0]));
}

/* The rest begins with a word; returns its length, or 0 at the end. */
static size_t
next_word(struct bytes *rest)
{
	size_t n = 0;

	while (rest->len > 0 && !isalnum(*rest->p) && *rest->p < 0x80) {
		rest->p++;
		rest->len--;
	}
	while (n < rest->len &&
	       (isalnum(rest->p[n]) || rest->p[n] == '_' || rest->p[n] >= 0x80))
		n++;
	return n;
}

/* Alphabets that only someone who means to mislead would mix. */
static bool
mixes(struct bytes word)
{
	uint8_t letters[WORD_MAX];
	size_t i, n, len = 0;
	uint32_t cp;

	for (i = 0; i < word.len; i += n) {
		n = utf8_decode(word.p + i, word.len - i, &cp);
		if (n == 0) {
			n = 1;
			continue;
		}
		if (len + n > sizeof(letters))
			return vis_mixed_script(word.p, word.len);
		if (!is_sign(cp))
			memcpy(letters + len, word.p + i, n);
		len += is_sign(cp) ? 0 : n;
	}
	return vis_mixed_script(letters, len);
}

/* What is seen of the letters of a line. */
struct letters {
	bool latin, other; /* the second: that look like nothing but others */
	struct bytes twin; /* the first word of letters that look like Latin */
};

static void
look_at(struct letters *l, struct bytes word)
{
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < word.len; i += n) {
		n = utf8_decode(word.p + i, word.len - i, &cp);
		if (n == 0) {
			n = 1;
			continue;
		}
		if (cp < 0x80)
			l->latin |= isalpha((int)cp) != 0;
		else if (is_double(cp) && l->twin.len == 0)
			l->twin = word;
		else if (cp >= 0x370 && cp < 0x590 && !is_double(cp) &&
			 !is_sign(cp))
			l->other = true;
	}
}

static bool
is_ascii(struct bytes line)
{
	size_t i;

	for (i = 0; i < line.len && line.p[i] < 0x80; i++)
		;
	return i == line.len;
}

bool
mislead_blank(struct bytes line)
{
	static const struct range blanks[] = {{0xA0, 0xA0}, {0x1680, 0x1680},
	    {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}};
	uint32_t cp;
	size_t i, n;

	for (i = is_ascii(line) ? line.len : 0; i < line.len; i += n) {
		n = utf8_decode(line.p + i, line.len - i, &cp);
		if (n == 0)
			n = 1;
		else if (within(cp, blanks, sizeof(blanks) / sizeof(*blanks)))
			return true;
	}
	return false;
}

bool
mislead_line(struct bytes line, struct bytes *word)
{
	struct letters seen = {0};
	struct bytes rest = line;
	size_t n;

	*word = (struct bytes){NULL, 0};
	if (is_ascii(line))
		return false;
	for (; (n = next_word(&rest)) > 0; rest.p += n, rest.len -= n) {
		struct bytes one = {rest.p, n};

		if (mixes(one)) {
			*word = one;
			return true;
		}
		look_at(&seen, one);
	}
	if (seen.latin && seen.twin.len > 0 && !seen.other) {
		*word = seen.twin;
		return true;
	}
	return false;
}

bool
mislead_show(struct text *t, struct bytes line)
{
	bool plain = words_patch_line(t, line);
	struct bytes word;
	size_t i;

	if (!mislead_line(line, &word))
		return plain;
	for (i = 0; i < t->n; i++)
		if (!isascii(t->c[i].g[0]) && t->c[i].style != ST_DIM)
			t->c[i].style = ST_WARN | STYLE_REVERSE;
	return false;
}

static void
note_line(struct mislead_file *f, size_t line, struct bytes word)
{
	if (f->n < MISLEAD_LINES)
		f->lines[f->n] = line;
	f->n++;
	if (f->word.len == 0)
		f->word = word;
}

size_t
mislead_files(struct bytes patch, struct mislead_file files[MISLEAD_FILES])
{
	struct mislead_file unnamed = {0}, *f = &unnamed;
	struct bytes line, name = {NULL, 0}, word;
	size_t no = 0, n = 0;
	struct text shown = {0};
	bool fresh = true;

	while (bytes_line(&patch, &line)) {
		no++;
		if (words_file(line, &name))
			fresh = true;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--; /* seen, and what editors of others write */
		text_clear(&shown);
		if (!mislead_line(line, &word) &&
		    words_patch_line(&shown, line))
			continue;
		if (fresh) {
			f = n < MISLEAD_FILES ? &files[n] : &unnamed;
			*f = (struct mislead_file){.name = name};
			n++;
			fresh = false;
		}
		note_line(f, no, word);
	}
	text_fini(&shown);
	return n;
}
