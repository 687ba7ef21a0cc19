/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: what a question says.
 *
 * The words to run are shown byte by byte: what cannot be printed is an
 * escape, and the lines joined decode to exactly what will be executed.  What
 * the model says about it is marked as its words.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <sha2.h>

#include "base/utf8.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/mislead.h"
#include "ui/places.h"
#include "ui/words.h"

#define SPELLED_MAX 300 /* bytes of a name that is spelled out */

static const char *const titles[] = {
    [ASK_EXEC] = "Run this command in the cordon?",
    [ASK_PATCH] = "Make these changes?",
    [ASK_WRITE] = "Run this again, and let it write there?",
    [ASK_READ] = "Read this?",
    [ASK_NET] = "Let this command connect there?",
    [ASK_ESCALATE] = "Run this OUTSIDE the cordon, with all your rights?",
    [ASK_TOOL] = "Let this tool of an MCP server do this?",
};

/* A line with a label in front. */
static struct text *
add_line(struct ask_text *a, const char *label)
{
	struct ask_line *l;

	a->v = xreallocarray(a->v, a->n + 1, sizeof(*a->v));
	l = &a->v[a->n++];
	memset(l, 0, sizeof(*l));
	text_adds(&l->lead, ST_DIM, label);
	return &l->text;
}

static struct text *
add_prose(struct ask_text *a, const char *label)
{
	struct text *t = add_line(a, label);

	a->v[a->n - 1].prose = true;
	return t;
}

static void
add_bytes(struct ask_text *a, const char *label, unsigned style, struct bytes b)
{
	if (b.len > 0)
		text_add(add_line(a, label), style, b.p, b.len, TEXT_EXACT);
}

static void
add_list(struct ask_text *a, const char *label, const struct msg_list *l,
    const struct msg_list *links)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		place_add(
		    add_line(a, i == 0 ? label : "         "), links, l->v[i]);
}

/* Those of what is not named otherwise: words that are files, and what a long
 * list has left out. */
static void
add_links(struct ask_text *a, const struct msg_ask *m)
{
	size_t i;

	for (i = 0; i + 1 < m->links.n; i += 2)
		if (!place_named(m, m->links.v[i]))
			place_add(
			    add_line(a, "  ⚠ "), &m->links, m->links.v[i]);
}

void
ask_words(struct lines *l, const struct msg_list *argv)
{
	struct text all = {0};
	size_t i, from = 0;

	words_add(&all, ST_USER, argv, false, TEXT_EXACT);
	/* A newline is shown as \n, and breaks the line behind it. */
	for (i = 0; i < all.n; i++) {
		if (i + 1 < all.n && all.c[i].g[0] == '\\') {
			i++; /* an escape's letter */
			if (all.c[i].g[0] != 'n')
				continue;
			text_cells(lines_new(l), all.c + from, i + 1 - from);
			from = i + 1;
		}
	}
	if (from < all.n || from == 0)
		text_cells(lines_new(l), all.c + from, all.n - from);
	text_fini(&all);
}

char *
ask_string(const struct msg_list *argv, bool unwrap)
{
	struct text t = {0};
	struct buf b;
	size_t i;
	char *s;

	words_add(&t, ST_PLAIN, argv, unwrap, TEXT_EXACT);
	buf_init(&b, ASK_TITLE);
	for (i = 0; i < t.n && buf_add(&b, t.c[i].g, t.c[i].len) == 0; i++)
		;
	s = xstrndup((const char *)buf_data(&b), b.len);
	buf_fini(&b);
	text_fini(&t);
	return s;
}

char *
ask_title(const struct msg_ask *m)
{
	return m->what == ASK_PATCH ? xstrdup("this patch")
				    : ask_string(&m->argv, true);
}

/* "SERVER/TOOL" and its arguments, one JSON object. */
static void
add_tool(struct ask_text *a, const struct msg_list *argv)
{
	struct bytes name = argv->v[0], server = name;
	const uint8_t *slash = memchr(name.p, '/', name.len);

	if (slash != NULL) {
		server.len = (size_t)(slash - name.p);
		name.len -= server.len + 1;
		name.p = slash + 1;
	}
	add_bytes(a, "  server ", ST_USER, server);
	add_bytes(a, "  tool   ", ST_USER, name);
	add_bytes(a, "  with   ", ST_USER, argv->v[1]);
}

static void
add_words(struct ask_text *a, const struct msg_list *argv)
{
	struct lines l = {0};
	size_t i;

	if (argv->n == 0)
		return;
	ask_words(&l, argv);
	for (i = 0; i < l.n; i++)
		text_cells(
		    add_line(a, i == 0 ? "  $ " : "    "), l.v[i].c, l.v[i].n);
	lines_fini(&l);
}

/* What is not ASCII as numbers, so that no letter looks like another. */
static void
add_spelled(struct text *t, struct bytes w)
{
	uint32_t cp;
	size_t n;

	for (; w.len > 0; w.p += n, w.len -= n) {
		n = utf8_decode(w.p, w.len, &cp);
		if (n > 1)
			text_addf(t, ST_CODE, "\\u{%x}", (unsigned)cp);
		else
			text_add(t, ST_CODE, w.p, 1, TEXT_EXACT);
		n = n == 0 ? 1 : n;
	}
}

/* Names that could be taken for others. */
static void
add_warnings(struct ask_text *a, const char *what, const struct msg_list *l)
{
	struct text *t;
	size_t i, j;

	for (i = 0; i < l->n; i++) {
		struct bytes w = l->v[i];
		bool mixed = vis_mixed_script(w.p, w.len);

		for (j = 0; j < w.len && w.p[j] < 0x80; j++)
			;
		if (j == w.len && memmem(w.p, w.len, "xn--", 4) == NULL)
			continue;
		t = add_prose(a, "  ");
		text_addf(t, ST_WARN, "⚠ %s %zu %s", what, i + 1,
		    mixed       ? "mixes alphabets, so letters in it look like "
				  "others: "
		    : j < w.len ? "has characters that are not ASCII"
				: "stands for a name that is not ASCII");
		if (mixed && w.len <= SPELLED_MAX)
			add_spelled(t, w);
	}
}

/* A command that met a wall: where it wants to go is the question. */
static const struct msg_list *
wanted(const struct msg_ask *m)
{
	if (m->what == ASK_NET)
		return &m->hosts;
	return m->what == ASK_WRITE ? &m->writes : NULL;
}

static void
add_things(struct ask_text *a, const struct msg_list *things,
    const struct msg_list *links)
{
	size_t i;

	for (i = 0; things != NULL && i < things->n; i++)
		place_add(add_line(a, "  → "), links, things->v[i]);
	if (things != NULL)
		(void)add_line(a, "");
}

/* One file with lines that are not what they seem. */
static void
add_misleading(struct ask_text *a, const struct mislead_file *f)
{
	size_t named = f->n < MISLEAD_LINES ? f->n : MISLEAD_LINES, i;
	struct text *t = add_prose(a, "  ");

	text_adds(t, ST_WARN, "⚠ ");
	if (f->name.len > 0) {
		text_add(t, ST_WARN, f->name.p, f->name.len, TEXT_EXACT);
		text_adds(t, ST_WARN, ": ");
	}
	text_addf(t, ST_WARN, "what misleads the eye is in line%s",
	    f->n > 1 ? "s" : "");
	for (i = 0; i < named; i++)
		text_addf(t, ST_WARN, "%s %zu", i > 0 ? "," : "", f->lines[i]);
	if (f->n > named)
		text_addf(t, ST_WARN, " and %zu more", f->n - named);
	text_adds(t, ST_WARN, " of the patch");
	if (f->word.len == 0 || f->word.len > SPELLED_MAX)
		return;
	text_adds(t, ST_WARN, "; the first such word is ");
	add_spelled(t, f->word);
}

static void
add_patch(struct ask_text *a, struct bytes patch)
{
	struct mislead_file files[MISLEAD_FILES];
	struct text one = {0};
	struct bytes line;
	size_t i, n;
	bool plain;

	if (patch.len == 0)
		return;
	n = mislead_files(patch, files);
	for (i = 0; i < n && i < MISLEAD_FILES; i++)
		add_misleading(a, &files[i]);
	if (n > MISLEAD_FILES)
		text_addf(add_prose(a, "  "), ST_WARN,
		    "⚠ and so it is in %zu more files", n - MISLEAD_FILES);
	(void)add_line(a, "");
	while (bytes_line(&patch, &line)) {
		text_clear(&one);
		plain = mislead_show(&one, line);
		text_cells(add_line(a, plain ? "  " : "⚠ "), one.c, one.n);
	}
	text_fini(&one);
}

static void
add_reasons(struct ask_text *a, const struct msg_ask *m, bool more)
{
	struct text *t;

	if (m->rule.len > 0 || m->rule_file.len > 0) {
		t = add_line(a, "  rule   ");
		text_add(t, ST_PLAIN, m->rule.p, m->rule.len, TEXT_EXACT);
		if (m->rule_file.len > 0) {
			text_adds(t, ST_DIM, "  ");
			text_add(t, ST_DIM, m->rule_file.p, m->rule_file.len,
			    TEXT_EXACT);
			text_addf(t, ST_DIM, ":%u", m->rule_line);
		}
	}
	if (m->why.len > 0)
		text_add(add_prose(a, "  why    "), ST_PLAIN, m->why.p,
		    m->why.len, TEXT_EXACT);
	if (m->words.len > 0) {
		t = add_prose(a, "  ");
		text_adds(t, ST_WARN, "the model's words: ");
		text_add(t, ST_QUOTE, m->words.p, m->words.len, 0);
	}
	add_bytes(a, "  for the session it would be  ", ST_PLAIN, m->scope);
	if (!more)
		return;
	t = add_prose(a, "  ");
	text_adds(t, ST_DIM,
	    "A yes is bound to these exact words, this directory and what "
	    "they may touch; if a script among them changes before it "
	    "starts, or where a link leads, it does not run. The answer is "
	    "recorded before "
	    "anything happens. 'cordon policy explain' shows all rules that "
	    "match.");
}

struct ask_text *
ask_text_new(const struct msg_ask *m, struct bytes patch, bool more)
{
	struct ask_text *a = xcalloc(1, sizeof(*a));
	const struct msg_list *things = wanted(m), none = {0, NULL};
	bool out = m->what == ASK_ESCALATE;

	text_adds(add_prose(a, ""), out ? ST_BAD : ST_HEAD, titles[m->what]);
	(void)add_line(a, "");
	add_things(a, things, things == &m->hosts ? &none : &m->links);
	if (m->what == ASK_TOOL && m->argv.n == 2)
		add_tool(a, &m->argv);
	else if (m->what != ASK_PATCH)
		add_words(a, &m->argv);
	add_warnings(a, "word", &m->argv);
	add_warnings(a, "host", &m->hosts);
	add_warnings(a, "written path", &m->writes);
	add_links(a, m);
	if (m->what != ASK_PATCH)
		(void)add_line(a, "");
	if (m->cwd.len > 0)
		place_add(add_line(a, "  in     "), &m->links, m->cwd);
	if (things != &m->writes)
		add_list(a, "  writes ", &m->writes, &m->links);
	add_list(a, "  reads  ", &m->reads, &m->links);
	if (things != &m->hosts)
		add_list(a, "  net    ", &m->hosts, &none);
	if (out)
		text_adds(add_prose(a, "  "), ST_BAD,
		    "no sandbox: it can read, write and send anything that "
		    "you can");
	add_reasons(a, m, more);
	add_patch(a, patch);
	return a;
}

void
ask_text_shown(
    const struct ask_text *a, struct buf *shown, uint8_t hash[ASK_HASH])
{
	const struct text *t;
	SHA2_CTX ctx;
	size_t i, j;

	SHA256Init(&ctx);
	for (i = 0; i < a->n; i++) {
		t = &a->v[i].text;
		for (j = 0; j < t->n; j++) {
			SHA256Update(
			    &ctx, (const uint8_t *)t->c[j].g, t->c[j].len);
			(void)buf_add(shown, t->c[j].g, t->c[j].len);
		}
		SHA256Update(&ctx, (const uint8_t *)"\n", 1);
		(void)buf_addc(shown, '\n');
	}
	SHA256Final(hash, &ctx);
}

void
ask_text_free(struct ask_text *a)
{
	if (a == NULL)
		return;
	while (a->n-- > 0) {
		text_fini(&a->v[a->n].lead);
		text_fini(&a->v[a->n].text);
	}
	free(a->v);
	free(a);
}

size_t
ask_files(struct ask_file files[ASK_FILES], const struct msg_list *writes,
    struct bytes patch)
{
	struct patch_part parts[ASK_FILES];
	size_t n = words_parts(patch, parts, ASK_FILES), i, at = 0;

	for (i = 0; i < n && at + parts[i].moved < writes->n; i++) {
		files[i] = (struct ask_file){.text = parts[i].text};
		files[i].path = bytes_dup(writes->v[at++]);
		if (parts[i].moved)
			files[i].moved = bytes_dup(writes->v[at++]);
	}
	if (i == n && at == writes->n)
		return n;
	while (i > 0) { /* not what is asked about: all or nothing */
		free(files[--i].path);
		free(files[i].moved);
	}
	return 0;
}
