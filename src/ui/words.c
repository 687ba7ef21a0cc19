/* SPDX-License-Identifier: Apache-2.0 */

/* Front: a command's words and a patch's lines, as cells. */

#include "config.h"

#include <string.h>

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

void
words_patch(struct lines *l, struct bytes patch)
{
	static const struct {
		char first;
		unsigned style;
	} styles[] = {
	    {'+', ST_ADD}, {'-', ST_DEL}, {'@', ST_HUNK}, {'*', STYLE_BOLD}};
	size_t first = l->n, i, j, k;

	lines_split(l, ST_PLAIN, patch, TEXT_TABS);
	for (i = first; i < l->n; i++)
		for (k = 0; k < sizeof(styles) / sizeof(styles[0]); k++)
			if (l->v[i].n > 0 &&
			    l->v[i].c[0].g[0] == styles[k].first)
				for (j = 0; j < l->v[i].n; j++)
					l->v[i].c[j].style =
					    (uint16_t)styles[k].style;
}
