/* SPDX-License-Identifier: Apache-2.0 */

/* Front: a command's words and a patch's lines, as cells. */

#include "config.h"

#include <string.h>

#include "ui/mislead.h"
#include "ui/words.h"

static bool
word_bare(struct bytes w)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+-./:=@_,%^";
	size_t i;

	for (i = 0; i < w.len; i++)
		if (w.p[i] == '\0' || strchr(plain, w.p[i]) == NULL)
			return false;
	return w.len > 0;
}

/* One word as a POSIX shell reads it back. */
static void
put_word(struct text *t, unsigned style, struct bytes w, unsigned flags)
{
	size_t i, from = 0;

	if (word_bare(w)) {
		text_add(t, style, w.p, w.len, flags);
		return;
	}
	text_adds(t, style, "'");
	for (i = 0; i < w.len; i++)
		if (w.p[i] == '\'') {
			text_add(t, style, w.p + from, i - from, flags);
			text_add(t, style, "'\\''", 4, flags);
			from = i + 1;
		}
	text_add(t, style, w.p + from, i - from, flags);
	text_adds(t, style, "'");
}

/* "bash -lc LINE" and its like. */
static bool
shell_line(const struct msg_list *argv)
{
	const struct bytes *sh = argv->v;

	if (argv->n != 3 || sh->len < 2 ||
	    memcmp(sh->p + sh->len - 2, "sh", 2) != 0)
		return false;
	return bytes_is(argv->v[1], "-c") || bytes_is(argv->v[1], "-lc");
}

void
words_add(struct text *t, unsigned style, const struct msg_list *argv,
    bool unwrap, unsigned flags)
{
	size_t i;

	if (unwrap && shell_line(argv)) {
		text_add(t, style, argv->v[2].p, argv->v[2].len, flags);
		return;
	}
	for (i = 0; i < argv->n; i++) {
		if (i > 0)
			text_adds(t, style, " ");
		put_word(t, style, argv->v[i], flags);
	}
}

/* By the first byte of a patch's line. */
static unsigned
patch_style(struct bytes line)
{
	static const struct {
		uint8_t first;
		unsigned style;
	} styles[] = {
	    {'+', ST_ADD}, {'-', ST_DEL}, {'@', ST_HUNK}, {'*', STYLE_BOLD}};
	size_t k;

	for (k = 0; line.len > 0 && k < sizeof(styles) / sizeof(styles[0]); k++)
		if (line.p[0] == styles[k].first)
			return styles[k].style;
	return ST_PLAIN;
}

/* Does t say exactly these bytes? */
static bool
says(const struct text *t, size_t from, struct bytes b)
{
	size_t i, off = 0;

	for (i = from; i < t->n; off += t->c[i++].len)
		if (b.len - off < t->c[i].len ||
		    memcmp(b.p + off, t->c[i].g, t->c[i].len) != 0)
			return false;
	return off == b.len;
}

/* Up to the next tab, which is an arrow up to the next stop of 8. */
static bool
put_piece(struct text *t, unsigned style, struct bytes *line)
{
	const uint8_t *tab = memchr(line->p, '\t', line->len);
	size_t n = tab == NULL ? line->len : (size_t)(tab - line->p);
	size_t from = t->n, w;

	text_add(t, style, line->p, n, 0);
	if (!says(t, from, (struct bytes){line->p, n}))
		return false;
	if (tab != NULL) {
		w = 7 - text_width(t->c, t->n) % 8;
		text_adds(t, ST_DIM, "→");
		text_blanks(t, ST_DIM, w);
		n++;
	}
	line->p += n;
	line->len -= n;
	return true;
}

bool
words_patch_line(struct text *t, struct bytes line)
{
	unsigned style = patch_style(line);
	struct bytes rest = line;
	size_t blanks = 0;

	while (rest.len > 0)
		if (mislead_blank(line) || !put_piece(t, style, &rest)) {
			text_clear(t);
			text_add(t, style, line.p, line.len, TEXT_EXACT);
			return false;
		}
	for (; t->n > 1 && t->c[t->n - 1].g[0] == ' ' &&
	       t->c[t->n - 1].style != ST_DIM;
	     t->n--)
		blanks++;
	while (blanks-- > 0)
		text_adds(t, ST_DIM, "·");
	return true;
}

static bool
starts(struct bytes *line, const char *head)
{
	size_t n = strlen(head);

	if (line->len < n || memcmp(line->p, head, n) != 0)
		return false;
	line->p += n;
	line->len -= n;
	return true;
}

static const struct {
	const char *head, *word;
} heads[] = {{"*** Add File:", " new"}, {"*** Update File:", ""},
    {"*** Delete File:", " deleted"}, {"*** Move to:", NULL}};

#define HEADS (sizeof(heads) / sizeof(heads[0]))

/* Which head it is; what is behind it stays in line. */
static size_t
head_of(struct bytes *line)
{
	size_t i;

	for (i = 0; i < HEADS && !starts(line, heads[i].head); i++)
		;
	while (i < HEADS && line->len > 0 && line->p[0] == ' ')
		(void)starts(line, " ");
	return i;
}

bool
words_file(struct bytes line, struct bytes *name)
{
	size_t head = head_of(&line);

	if (head == HEADS || heads[head].word == NULL)
		return false;
	*name = line;
	return true;
}

void
words_count(struct bytes rest, size_t *adds, size_t *dels)
{
	struct bytes line;
	size_t head;

	*adds = *dels = 0;
	while (bytes_line(&rest, &line)) {
		head = head_of(&line);
		if (head < HEADS && heads[head].word != NULL)
			return;
		if (head == HEADS && line.len > 0) {
			*adds += line.p[0] == '+';
			*dels += line.p[0] == '-';
		}
	}
}

size_t
words_parts(struct bytes patch, struct patch_part *parts, size_t max)
{
	struct bytes line, rest = patch;
	size_t n = 0, head;

	while (bytes_line(&rest, &line)) {
		head = head_of(&line);
		if (head < HEADS && heads[head].word != NULL) {
			if (n == max)
				return 0;
			parts[n++] = (struct patch_part){{rest.p, 0}, false};
		} else if (head < HEADS && n > 0)
			parts[n - 1].moved = true;
		else if (bytes_is(line, "*** End Patch"))
			break;
		if (n > 0)
			parts[n - 1].text.len =
			    (size_t)(rest.p - parts[n - 1].text.p);
	}
	return n;
}

static void
diff_head(struct text *t, size_t head, struct bytes name, struct bytes rest)
{
	size_t adds, dels;

	if (heads[head].word == NULL) {
		text_adds(t, ST_DIM, "→ ");
		text_add(t, STYLE_BOLD, name.p, name.len, 0);
		return;
	}
	text_add(t, STYLE_BOLD, name.p, name.len, 0);
	text_adds(t, ST_DIM, heads[head].word);
	words_count(rest, &adds, &dels);
	if (adds > 0)
		text_addf(t, ST_ADD, " +%zu", adds);
	if (dels > 0)
		text_addf(t, ST_DEL, " -%zu", dels);
}

void
words_diff(struct lines *l, struct bytes patch)
{
	struct bytes line, word;
	bool misleads;
	size_t head, n;

	while (bytes_line(&patch, &line)) {
		misleads = mislead_line(line, &word);
		n = l->n;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		head = head_of(&line);
		if (head < HEADS)
			diff_head(lines_new(l), head, line, patch);
		else if (line.len < 4 || memcmp(line.p, "*** ", 4) != 0)
			text_add(lines_new(l), patch_style(line), line.p,
			    line.len, TEXT_TABS);
		if (misleads && l->n > n)
			text_adds(&l->v[n], ST_WARN, "  ⚠");
	}
}
