/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: reads the patch format of the apply_patch tool.
 *
 * The text comes from a model, so nothing in it is trusted: every slice
 * points into the text, arrays grow with what was really seen, and a patch
 * is either read whole or refused with one line that says why.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"

#include "patch/patch.h"

#define MARK_BEGIN  "*** Begin Patch"
#define MARK_END    "*** End Patch"
#define MARK_ADD    "*** Add File:"
#define MARK_DELETE "*** Delete File:"
#define MARK_UPDATE "*** Update File:"
#define MARK_MOVE   "*** Move to:"
#define MARK_EOF    "*** End of File"

struct parser {
	struct patch *patch;
	const uint8_t *p;   /* first byte not yet read */
	const uint8_t *end; /* behind the last */
	size_t lineno;      /* of the line that peek gave */
};

static int __attribute__((format(printf, 2, 3)))
parse_fail(struct parser *ps, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(ps->patch->why, sizeof(ps->patch->why), fmt, ap);
	va_end(ap);
	return ERR_FORMAT;
}

/* The line at hand, without its newline and without a CR before it. */
static bool
parse_peek(struct parser *ps, struct bytes *line)
{
	const uint8_t *nl;

	if (ps->p >= ps->end)
		return false;
	nl = memchr(ps->p, '\n', (size_t)(ps->end - ps->p));
	line->p = ps->p;
	line->len = (size_t)((nl == NULL ? ps->end : nl) - ps->p);
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static void
parse_next(struct parser *ps)
{
	const uint8_t *nl = memchr(ps->p, '\n', (size_t)(ps->end - ps->p));

	ps->p = nl == NULL ? ps->end : nl + 1;
	ps->lineno++;
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes
trimmed(struct bytes b)
{
	while (b.len > 0 && blank(b.p[b.len - 1]))
		b.len--;
	while (b.len > 0 && blank(b.p[0])) {
		b.p++;
		b.len--;
	}
	return b;
}

/* If the line starts with the mark, *rest is what stands behind it. */
static bool
marked(struct bytes line, const char *mark, struct bytes *rest)
{
	size_t n = strlen(mark);

	line = trimmed(line);
	if (line.len < n || memcmp(line.p, mark, n) != 0)
		return false;
	rest->p = line.p + n;
	rest->len = line.len - n;
	*rest = trimmed(*rest);
	return true;
}

static bool
starts(struct bytes line, const char *s)
{
	size_t n = strlen(s);

	return line.len >= n && memcmp(line.p, s, n) == 0;
}

/* Doubles at powers of two, so the caller needs no separate capacity. */
static void *
grown(void *array, size_t n, size_t size)
{
	if (n != 0 && (n & (n - 1)) != 0)
		return array;
	return xreallocarray(array, n == 0 ? 1 : 2 * n, size);
}

static void
add_line(struct patch_change *c, char op, struct bytes text)
{
	c->lines = grown(c->lines, c->nlines, sizeof(*c->lines));
	c->lines[c->nlines].op = op;
	c->lines[c->nlines++].text = text;
}

static void
parse_added(struct parser *ps, struct patch_file *f)
{
	struct bytes line;

	while (parse_peek(ps, &line) && line.len > 0 && line.p[0] == '+') {
		f->added = grown(f->added, f->nadded, sizeof(*f->added));
		f->added[f->nadded].p = line.p + 1;
		f->added[f->nadded++].len = line.len - 1;
		parse_next(ps);
	}
}

/* "@@", "@@ text": true if the line is one; *scope may be empty. */
static bool
is_scope(struct bytes line, struct bytes *scope)
{
	struct bytes t = trimmed(line);

	if (bytes_is(t, "@@")) {
		scope->p = t.p;
		scope->len = 0;
		return true;
	}
	if (!starts(line, "@@ "))
		return false;
	scope->p = line.p + 3;
	scope->len = line.len - 3;
	return true;
}

static void
parse_scopes(struct parser *ps, struct patch_change *c)
{
	struct bytes line, scope;

	while (parse_peek(ps, &line) && is_scope(line, &scope)) {
		if (scope.len > 0) {
			c->scopes =
			    grown(c->scopes, c->nscopes, sizeof(*c->scopes));
			c->scopes[c->nscopes++] = scope;
		}
		parse_next(ps);
	}
}

static int
parse_change(struct parser *ps, struct patch_change *c)
{
	struct bytes line, t;
	size_t empty = 0; /* lines at the end that are only spacing */

	parse_scopes(ps, c);
	while (parse_peek(ps, &line)) {
		if (bytes_is(trimmed(line), MARK_EOF)) {
			parse_next(ps);
			c->at_end = true;
			empty = 0;
			break;
		}
		if (line.len == 0) { /* an empty line that lost its blank */
			add_line(c, ' ', line);
			empty++;
		} else if (strchr(" +-", line.p[0]) != NULL) {
			t.p = line.p + 1;
			t.len = line.len - 1;
			add_line(c, (char)line.p[0], t);
			empty = 0;
		} else {
			break;
		}
		parse_next(ps);
	}
	c->nlines -= empty;
	if (c->nlines > 0)
		return 0;
	if (c->at_end || !parse_peek(ps, &line))
		return parse_fail(ps, "Update hunk does not contain any lines");
	return parse_fail(ps,
	    "Unexpected line found in update hunk: '%.*s'. Every line should "
	    "start with ' ' (context line), '+' (added line), or '-' (removed "
	    "line)",
	    (int)(line.len < 200 ? line.len : 200), (const char *)line.p);
}

static int
parse_update(struct parser *ps, struct patch_file *f)
{
	struct bytes line, scope;
	struct patch_change *c;
	int r;

	if (parse_peek(ps, &line) && marked(line, MARK_MOVE, &f->move_to)) {
		if (f->move_to.len == 0)
			return parse_fail(ps, "Move to an empty path");
		parse_next(ps);
	}
	while (parse_peek(ps, &line) && !starts(line, "***")) {
		if (trimmed(line).len == 0) {
			parse_next(ps);
			continue;
		}
		if (f->nchanges > 0 && !is_scope(line, &scope))
			return parse_fail(ps,
			    "Expected update hunk to start with a @@ context "
			    "marker, got: '%.*s'",
			    (int)(line.len < 200 ? line.len : 200),
			    (const char *)line.p);
		f->changes = grown(f->changes, f->nchanges, sizeof(*c));
		c = &f->changes[f->nchanges++];
		memset(c, 0, sizeof(*c));
		r = parse_change(ps, c);
		if (r != 0)
			return r;
	}
	if (f->nchanges == 0 && f->move_to.p == NULL)
		return parse_fail(ps,
		    "Update file hunk for path '%.*s' is empty",
		    (int)(f->path.len < 200 ? f->path.len : 200),
		    (const char *)f->path.p);
	return 0;
}

static const struct {
	const char *mark;
	enum patch_kind kind;
} marks[] = {
    {MARK_ADD, PATCH_ADD},
    {MARK_DELETE, PATCH_DELETE},
    {MARK_UPDATE, PATCH_UPDATE},
};
#define NMARKS (sizeof(marks) / sizeof(marks[0]))

static int
parse_head(struct parser *ps, struct bytes line, struct patch_file *f)
{
	size_t i;

	for (i = 0; i < NMARKS && !marked(line, marks[i].mark, &f->path); i++)
		;
	if (i == NMARKS)
		return parse_fail(ps,
		    "'%.*s' is not a valid hunk header. Valid hunk headers: "
		    "'*** Add File: {path}', '*** Delete File: {path}', "
		    "'*** Update File: {path}'",
		    (int)(line.len < 200 ? line.len : 200),
		    (const char *)line.p);
	if (f->path.len == 0 || memchr(f->path.p, '\0', f->path.len) != NULL)
		return parse_fail(
		    ps, "line %zu: a path is empty or holds NUL", ps->lineno);
	f->kind = marks[i].kind;
	f->section.p = ps->p;
	return 0;
}

static int
parse_file(struct parser *ps, struct bytes line)
{
	struct patch *p = ps->patch;
	struct patch_file head = {}, *f;
	int r = parse_head(ps, line, &head);

	if (r != 0)
		return r;
	if (p->nfiles == PATCH_FILE_MAX)
		return parse_fail(ps, "more than %d files", PATCH_FILE_MAX);
	p->files = grown(p->files, p->nfiles, sizeof(*f));
	f = &p->files[p->nfiles++];
	*f = head;
	parse_next(ps);
	if (f->kind == PATCH_UPDATE)
		r = parse_update(ps, f);
	else if (f->kind == PATCH_ADD)
		parse_added(ps, f);
	f->section.len = (size_t)(ps->p - f->section.p);
	return r;
}

/* A model may leave the shell's here-document around the patch. */
static struct bytes
without_heredoc(struct bytes t)
{
	static const char *const opens[] = {
	    "<<EOF\n", "<<'EOF'\n", "<<\"EOF\"\n"};
	size_t i;

	for (i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		size_t n = strlen(opens[i]);

		if (!starts(t, opens[i]) || t.len < n + 3 ||
		    memcmp(t.p + t.len - 3, "EOF", 3) != 0)
			continue;
		t.p += n;
		t.len -= n + 3;
		return trimmed(t);
	}
	return t;
}

int
patch_parse(struct patch *p, struct bytes text)
{
	struct parser ps = {.patch = p, .lineno = 1};
	struct bytes line, last;
	const uint8_t *tail;
	int r;

	memset(p, 0, sizeof(*p));
	if (text.len > PATCH_TEXT_MAX) {
		(void)parse_fail(
		    &ps, "the patch is larger than %u bytes", PATCH_TEXT_MAX);
		return ERR_SPACE;
	}
	text = without_heredoc(trimmed(text));
	ps.p = text.p;
	ps.end = text.p + text.len;
	if (!parse_peek(&ps, &line) || !bytes_is(trimmed(line), MARK_BEGIN))
		return parse_fail(&ps,
		    "The first line of the patch must be '" MARK_BEGIN "'");
	tail = memrchr(text.p, '\n', text.len);
	last.p = tail == NULL ? text.p : tail + 1;
	last.len = (size_t)(ps.end - last.p);
	if (!bytes_is(trimmed(last), MARK_END))
		return parse_fail(
		    &ps, "The last line of the patch must be '" MARK_END "'");
	ps.end = last.p;
	parse_next(&ps);
	while (parse_peek(&ps, &line)) {
		if (trimmed(line).len == 0) {
			parse_next(&ps);
			continue;
		}
		r = parse_file(&ps, line);
		if (r != 0)
			return r;
	}
	if (p->nfiles == 0)
		return parse_fail(&ps, "No files were modified.");
	return 0;
}

void
patch_fini(struct patch *p)
{
	size_t i, j;

	for (i = 0; i < p->nfiles; i++) {
		for (j = 0; j < p->files[i].nchanges; j++) {
			free(p->files[i].changes[j].scopes);
			free(p->files[i].changes[j].lines);
		}
		free(p->files[i].changes);
		free(p->files[i].added);
	}
	free(p->files);
	p->files = NULL;
	p->nfiles = 0;
}

void
patch_without(const struct patch *p, const bool *dropped, struct buf *to)
{
	size_t i;

	(void)buf_adds(to, MARK_BEGIN "\n");
	for (i = 0; i < p->nfiles; i++)
		if (!dropped[i])
			(void)buf_add(
			    to, p->files[i].section.p, p->files[i].section.len);
	(void)buf_adds(to, MARK_END "\n");
}

/* The body of <<'WORD' ... WORD, where nothing follows the last WORD. */
static bool
heredoc_body(struct bytes t, struct bytes *text)
{
	struct bytes word;
	const uint8_t *nl;
	uint8_t quote;

	t.p += 2;
	t.len -= 2;
	nl = memchr(t.p, '\n', t.len);
	if (nl == NULL)
		return false;
	word.p = t.p;
	word.len = (size_t)(nl - t.p);
	word = trimmed(word);
	/* Only a quoted word: otherwise the shell would expand the patch. */
	if (word.len < 3 || (word.p[0] != '\'' && word.p[0] != '"'))
		return false;
	quote = word.p[0];
	if (word.p[word.len - 1] != quote)
		return false;
	word.p++;
	word.len -= 2;
	if (memchr(word.p, quote, word.len) != NULL)
		return false;
	text->p = nl + 1;
	text->len = t.len - (size_t)(text->p - t.p);
	if (text->len < word.len + 1 ||
	    memcmp(text->p + text->len - word.len, word.p, word.len) != 0 ||
	    text->p[text->len - word.len - 1] != '\n')
		return false;
	text->len -= word.len;
	/* The word on a line of its own before the end: more than one. */
	for (nl = text->p; nl < text->p + text->len;) {
		const uint8_t *e =
		    memchr(nl, '\n', (size_t)(text->p + text->len - nl));
		size_t n = (size_t)((e == NULL ? text->p + text->len : e) - nl);

		if (n == word.len && memcmp(nl, word.p, n) == 0)
			return false;
		nl += n + 1;
	}
	return true;
}

bool
patch_in_command(struct bytes cmd, struct bytes *text)
{
	static const char *const names[] = {"apply_patch", "applypatch"};
	struct bytes t = trimmed(cmd);
	size_t i, n = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (starts(t, names[i]))
			n = strlen(names[i]);
	if (n == 0)
		return false;
	t.p += n;
	t.len -= n;
	if (t.len == 0 || !(blank(t.p[0]) || t.p[0] == '<'))
		return false;
	t = trimmed(t);
	if (starts(t, "<<") && t.len > 2)
		return heredoc_body(t, text);
	/* One single-quoted word: its bytes are the patch. */
	if (t.len < 2 || t.p[0] != '\'' || t.p[t.len - 1] != '\'' ||
	    memchr(t.p + 1, '\'', t.len - 2) != NULL)
		return false;
	text->p = t.p + 1;
	text->len = t.len - 2;
	return true;
}
