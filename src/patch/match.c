/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: finds where the changes of an update belong and makes the new
 * content.
 *
 * A place is looked for in steps of growing tolerance (enum patch_match); a
 * step is taken only when the stricter one found nothing.  The first place
 * behind the change before it is the one, and where there would have been a
 * second, a note says so.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "patch/patch.h"

#define NOWHERE  SIZE_MAX
#define TEXT_MAX (64u * 1024 * 1024) /* bytes of a file that can be patched */

struct target {
	struct bytes *lines; /* owned: of the file, each without newline */
	size_t nlines;
	bool crlf; /* lines end in CR LF */
};

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct bytes
cut_tail(struct bytes b)
{
	while (b.len > 0 && blank(b.p[b.len - 1]))
		b.len--;
	return b;
}

static struct bytes
cut_both(struct bytes b)
{
	b = cut_tail(b);
	while (b.len > 0 && blank(b.p[0])) {
		b.p++;
		b.len--;
	}
	return b;
}

/* What a person would have typed for it. */
static uint32_t
plain(uint32_t cp)
{
	static const struct {
		uint32_t from, to, plain;
	} map[] = {
	    {0x00A0, 0x00A0, ' '},
	    {0x2002, 0x200A, ' '},
	    {0x2010, 0x2015, '-'},
	    {0x2018, 0x201B, '\''},
	    {0x201C, 0x201F, '"'},
	    {0x202F, 0x202F, ' '},
	    {0x205F, 0x205F, ' '},
	    {0x2212, 0x2212, '-'},
	    {0x3000, 0x3000, ' '},
	};
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (cp >= map[i].from && cp <= map[i].to)
			return map[i].plain;
	return cp;
}

static uint32_t
take(struct bytes *b)
{
	uint32_t cp;
	size_t n = utf8_decode(b->p, b->len, &cp);

	if (n == 0) { /* a stray byte equals only itself */
		cp = 0x110000u + b->p[0];
		n = 1;
	}
	b->p += n;
	b->len -= n;
	return plain(cp);
}

static bool
same_plain(struct bytes a, struct bytes b)
{
	while (a.len > 0 && b.len > 0)
		if (take(&a) != take(&b))
			return false;
	return a.len == 0 && b.len == 0;
}

static bool
same(struct bytes a, struct bytes b, enum patch_match how)
{
	switch (how) {
	case PATCH_EXACT:
		return bytes_eq(a, b);
	case PATCH_TRAILING:
		return bytes_eq(cut_tail(a), cut_tail(b));
	case PATCH_BLANKS:
		return bytes_eq(cut_both(a), cut_both(b));
	case PATCH_PUNCT:
		return same_plain(cut_both(a), cut_both(b));
	}
	return false;
}

static void
target_init(struct target *t, struct bytes old)
{
	size_t n = 0, i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < old.len; i++)
		n += old.p[i] == '\n';
	t->lines = xcalloc(n + 1, sizeof(*t->lines));
	while (bytes_line(&old, &t->lines[t->nlines]))
		t->nlines++;
	t->crlf = n > 0 && t->lines[0].len > 0 &&
		  t->lines[0].p[t->lines[0].len - 1] == '\r';
}

/* A CR at the end of a file's line belongs to the line ending. */
static struct bytes
text_of(const struct target *t, size_t i)
{
	struct bytes b = t->lines[i];

	if (t->crlf && b.len > 0 && b.p[b.len - 1] == '\r')
		b.len--;
	return b;
}

/* The lines that a change wants to find: all but the added ones. */
static size_t
wanted(const struct patch_change *c, struct bytes *want)
{
	size_t i, n = 0;

	for (i = 0; i < c->nlines; i++)
		if (c->lines[i].op != '+')
			want[n++] = c->lines[i].text;
	return n;
}

static size_t
seek_from(const struct target *t, const struct bytes *want, size_t n,
    size_t from, enum patch_match how)
{
	size_t i, j;

	for (i = from; n <= t->nlines && i <= t->nlines - n; i++) {
		for (j = 0; j < n && same(text_of(t, i + j), want[j], how);)
			j++;
		if (j == n)
			return i;
	}
	return NOWHERE;
}

/* Where want stands; *how says with what tolerance. */
static size_t
seek(const struct target *t, const struct bytes *want, size_t n, size_t from,
    bool at_end, enum patch_match *how)
{
	size_t at;

	if (at_end && t->nlines >= n && t->nlines - n > from)
		from = t->nlines - n;
	for (*how = PATCH_EXACT;; (*how)++) {
		at = seek_from(t, want, n, from, *how);
		if (at != NOWHERE || *how == PATCH_PUNCT)
			return at;
	}
}

static void
add_ending(const struct target *t, struct buf *out)
{
	(void)buf_adds(out, t->crlf ? "\r\n" : "\n");
}

static void
add_old(const struct target *t, size_t from, size_t to, struct buf *out)
{
	for (; from < to; from++) {
		(void)buf_add(out, t->lines[from].p, t->lines[from].len);
		(void)buf_addc(out, '\n');
	}
}

/* Kept lines come from the file, added ones from the patch. */
static void
add_change(const struct target *t, const struct patch_change *c, size_t at,
    struct buf *out)
{
	struct bytes text;
	size_t i;

	for (i = 0; i < c->nlines; i++) {
		text = c->lines[i].text;
		if (c->lines[i].op == '+') {
			(void)buf_add(out, text.p, text.len);
			add_ending(t, out);
		} else {
			if (c->lines[i].op == ' ' && at < t->nlines)
				add_old(t, at, at + 1, out);
			at++;
		}
	}
}

static void
note(struct buf *notes, const struct patch_file *f, const struct target *t,
    const struct bytes *want, size_t n, size_t at, enum patch_match how)
{
	static const char *const how_text[] = {
	    [PATCH_EXACT] = NULL,
	    [PATCH_TRAILING] = "trailing blanks differ",
	    [PATCH_BLANKS] = "blanks differ",
	    [PATCH_PUNCT] = "punctuation differs",
	};
	size_t more = seek_from(t, want, n, at + 1, how);

	if (how_text[how] != NULL) {
		(void)buf_adds(notes, "Note: ");
		(void)buf_add(notes, f->path.p, f->path.len);
		(void)buf_addf(notes, ": line %zu was matched although %s.\n",
		    at + 1, how_text[how]);
	}
	if (more != NOWHERE) {
		(void)buf_adds(notes, "Note: ");
		(void)buf_add(notes, f->path.p, f->path.len);
		(void)buf_addf(notes,
		    ": the lines changed at line %zu stand at line %zu too; "
		    "the first place was taken.\n",
		    at + 1, more + 1);
	}
}

static int
not_found(struct buf *why, const struct patch_file *f, const char *what,
    const struct bytes *want, size_t n)
{
	size_t i;

	(void)buf_addf(why, "Failed to find %s in ", what);
	(void)buf_add(why, f->path.p, f->path.len);
	(void)buf_addc(why, ':');
	for (i = 0; i < n; i++) {
		(void)buf_addc(why, '\n');
		(void)buf_add(why, want[i].p, want[i].len);
	}
	return ERR_NOENT;
}

/*
 * One change: *pos is the first line of the file that is not yet copied.
 * A change with nothing to find is an addition at the end of the file.
 */
static int
apply(const struct patch_file *f, const struct patch_change *c,
    const struct target *t, size_t *pos, struct bytes *want, struct buf *out,
    struct buf *notes, struct buf *why)
{
	enum patch_match how;
	size_t n, i, at, from = *pos;
	bool short_end = false;

	for (i = 0; i < c->nscopes; i++) {
		at = seek(t, &c->scopes[i], 1, from, false, &how);
		if (at == NOWHERE)
			return not_found(why, f, "context", &c->scopes[i], 1);
		from = at + 1;
	}
	n = wanted(c, want);
	if (n == 0) {
		at = c->nscopes > 0 ? from : t->nlines;
	} else {
		at = seek(t, want, n, from, c->at_end, &how);
		/* The file's last line may have been taken for an empty one. */
		if (at == NOWHERE && n > 1 && want[n - 1].len == 0) {
			at = seek(t, want, n - 1, from, true, &how);
			short_end = at != NOWHERE && at + n - 1 == t->nlines;
			if (!short_end)
				at = NOWHERE;
		}
		if (at == NOWHERE)
			return not_found(why, f, "expected lines", want, n);
		n -= short_end;
		if (!c->at_end)
			note(notes, f, t, want, n, at, how);
	}
	add_old(t, *pos, at, out);
	add_change(t, c, at, out);
	*pos = at + n;
	return 0;
}

int
patch_update(const struct patch_file *f, struct bytes old, struct buf *content,
    struct buf *notes, struct buf *why)
{
	struct target t;
	struct bytes *want = NULL;
	size_t i, max = 1, pos = 0;
	int r = 0;

	if (old.len > TEXT_MAX)
		return ERR_SPACE;
	target_init(&t, old);
	for (i = 0; i < f->nchanges; i++)
		if (f->changes[i].nlines > max)
			max = f->changes[i].nlines;
	want = xcalloc(max, sizeof(*want));
	for (i = 0; i < f->nchanges && r == 0; i++)
		r = apply(
		    f, &f->changes[i], &t, &pos, want, content, notes, why);
	if (r == 0) {
		add_old(&t, pos, t.nlines, content);
		r = buf_err(content);
	}
	free(want);
	free(t.lines);
	return r;
}

int
patch_added(const struct patch_file *f, struct buf *content)
{
	size_t i;

	for (i = 0; i < f->nadded; i++) {
		(void)buf_add(content, f->added[i].p, f->added[i].len);
		(void)buf_addc(content, '\n');
	}
	return buf_err(content);
}
