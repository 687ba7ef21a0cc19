/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_MD_H
#define UI_MD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#include "ui/text.h"

/*
 * Markdown as it streams in.  A block (paragraph, list, table) is shown when
 * the blank line behind it has come, code line by line; what is still open
 * can be asked for.
 */

/* A finished logical line, with what its first and its other rows begin. */
typedef void md_line_fn(void *arg, const struct text *t,
    const struct text *first, const struct text *rest);

#define MD_BLOCK_MAX 16384 /* bytes; a longer block is shown in parts */
#define MD_LANG_MAX  16

struct md {
	md_line_fn *fn;
	void *arg;   /* borrowed */
	size_t cols; /* for tables; 0: words and ASCII marks, nothing drawn */
	struct buf block;
	size_t line; /* where its last, unfinished line begins */
	char fence;  /* '`' or '~' inside a code block */
	size_t fence_len;
	char lang[MD_LANG_MAX];
	bool gap; /* a blank line is due before the next */
	bool any; /* something was shown */
};

void md_init(struct md *m, md_line_fn *fn, void *arg, size_t cols);
void md_fini(struct md *m);
void md_feed(struct md *m, const void *p, size_t len);
void md_end(struct md *m); /* the text is complete */
/* Shows the open block as it stands, through fn; it stays open. */
void md_peek(struct md *m, md_line_fn *fn, void *arg);

/* A line of program text, lightly coloured.  lang may be "". */
void highlight(struct text *t, const char *lang, const void *p, size_t len);

#endif /* UI_MD_H */
