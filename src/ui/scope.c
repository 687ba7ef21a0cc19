/* SPDX-License-Identifier: Apache-2.0 */

/* Front: what a yes is for that holds longer than once, and as a rule. */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/places.h"
#include "ui/scope.h"

#define CWD_SHOWN 900  /* bytes of a directory in a scope */
#define MATCH_MAX 4096 /* bytes of an example in a rule */
#define ID_MAX    60   /* bytes of what it is for in a rule's name */

/* What bash would not take as one plain word each. */
static bool
simple_line(struct bytes line)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+-./:=@_,% ";
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.p[i] == '\0' || strchr(plain, line.p[i]) == NULL)
			return false;
	return line.len > 0;
}

static size_t
split_line(struct bytes line, struct bytes *words, size_t max)
{
	size_t i = 0, n = 0, from;

	while (i < line.len && n < max) {
		while (i < line.len && line.p[i] == ' ')
			i++;
		for (from = i; i < line.len && line.p[i] != ' '; i++)
			;
		if (i > from)
			words[n++] = (struct bytes){line.p + from, i - from};
	}
	return n;
}

/* The words of one program: argv, or those of the line in it that a shell
 * would read as plain words; 0 of all else. */
static size_t
plain_words(const struct msg_list *argv, struct bytes words[SCOPE_NAMES])
{
	const struct bytes *w = argv->v;
	size_t n = argv->n;

	if (n == 3 && (bytes_is(w[1], "-lc") || bytes_is(w[1], "-c"))) {
		if (!simple_line(w[2]))
			return 0;
		n = split_line(w[2], words, SCOPE_NAMES);
	} else if (n < SCOPE_NAMES)
		memcpy(words, w, n * sizeof(*w));
	return n < SCOPE_NAMES ? n : 0;
}

static size_t
listed(const struct msg_list *l, struct bytes names[SCOPE_NAMES])
{
	if (l->n >= SCOPE_NAMES)
		return 0;
	memcpy(names, l->v, l->n * sizeof(*names));
	return l->n;
}

/* The domain n labels above, with its port; empty if that is none of
 * somebody's: one label, or a number. */
static struct bytes
domain(struct bytes host, size_t n)
{
	const uint8_t *p = host.p, *end = p + host.len, *dot;
	const uint8_t *colon = memrchr(p, ':', host.len);
	struct bytes none = {NULL, 0};

	if (colon == NULL || colon == p || *p == '[' || isdigit(colon[-1]))
		return none;
	for (; n > 0; n--, p = dot + 1) {
		dot = memchr(p, '.', (size_t)(colon - p));
		if (dot == NULL)
			return none;
	}
	dot = memchr(p, '.', (size_t)(colon - p));
	if (dot == NULL || dot + 1 == colon)
		return none;
	return (struct bytes){p, (size_t)(end - p)};
}

/* The folder that all are in, n above; its length with the slash, 0 if it is
 * none, or above the one that they are worked on in. */
static size_t
folder(const struct scope *s, size_t n)
{
	const struct bytes *v = s->from;
	size_t len = v[0].len, i, k, root = strlen(s->root);

	for (i = 1; i < s->nfrom; i++) {
		for (k = 0; k < len && k < v[i].len && v[i].p[k] == v[0].p[k];)
			k++;
		len = k;
	}
	while (len > 0 && v[0].p[len - 1] != '/')
		len--;
	if (len <= root || memcmp(v[0].p, s->root, root) != 0 ||
	    v[0].p[root] != '/') /* elsewhere: nothing above it */
		return n == 0 && len > 1 ? len : 0;
	for (; n > 0 && len > root; n--)
		for (len--; v[0].p[len - 1] != '/'; len--)
			;
	return len > root ? len : 0;
}

static size_t
widest_host(const struct scope *s)
{
	size_t n = 0;

	while (s->nfrom == 1 && domain(s->from[0], n + 1).len > 0)
		n++;
	return n;
}

/* The folder n above, without a slash at its end. */
static struct bytes
above(const struct scope *s, size_t n)
{
	struct bytes at = s->from[0];

	for (; n > 0 && at.len > s->top; n--)
		for (at.len--; at.p[at.len] != '/'; at.len--)
			;
	return at;
}

/* None if it may not be for the session. */
static size_t
widest_writes(const struct scope *s)
{
	size_t n = 0;

	while (s->nfrom == 1 && above(s, n).len > s->top)
		n++;
	return n;
}

static size_t
widest_files(const struct scope *s)
{
	size_t n = 0;

	if (s->nfrom == 0)
		return 0;
	while (folder(s, n) > 0)
		n++;
	return 1 + n;
}

static void
set_one(struct scope *s, const char *before, struct bytes name)
{
	char *p =
	    xasprintf("%s%.*s", before, (int)name.len, (const char *)name.p);

	s->one = bytes_of(p);
	s->to = (struct msg_list){1, &s->one};
}

/* What the step names. */
static void
set_names(struct scope *s)
{
	s->to = (struct msg_list){0, s->from};
	if (s->what == ASK_WRITE) {
		if (s->nfrom == 1)
			set_one(s, "", above(s, s->wide));
		return;
	}
	if (s->wide == 0)
		return;
	if (s->what == ASK_EXEC)
		s->to.n = (uint32_t)(s->nfrom - (s->wide - 1));
	else if (s->what == ASK_NET)
		set_one(s, "*.", domain(s->from[0], s->wide));
	else if (s->wide == 1)
		s->to.n = (uint32_t)s->nfrom;
	else
		set_one(s, "",
		    (struct bytes){s->from[0].p, folder(s, s->wide - 2)});
}

static char *
joined(const struct msg_list *l)
{
	struct buf b;
	size_t i;
	char *s;

	buf_init(&b, 2 * (size_t)SCOPE_MAX);
	for (i = 0; i < l->n; i++) {
		(void)buf_adds(&b, i > 0 ? ", " : "");
		(void)buf_add(&b, l->v[i].p, l->v[i].len);
	}
	s = xstrdup(buf_cstr(&b) == NULL ? "" : buf_cstr(&b));
	buf_fini(&b);
	return s;
}

/* What it says of the names, before them and behind. */
static const char *const sentences[][2] = {
    [ASK_EXEC] = {"",
	" and any words behind it, in this folder and with these rights, "
	"whatever the files hold that it names"},
    [ASK_PATCH] = {"whatever a patch does to ", ""},
    [ASK_READ] = {"look at ", ", whatever is there then"},
    [ASK_WRITE] = {"run again what cannot write below ", ", where it can"},
    [ASK_NET] = {"connect to ", ", whatever command wants it"},
};

static char *
say(const struct scope *s)
{
	char *names, *text;

	if (s->wide == 0 && s->to.n == 0)
		return xstrdup(s->exact);
	names =
	    s->what == ASK_EXEC ? ask_string(&s->to, false) : joined(&s->to);
	text = xasprintf(
	    "%s%s%s", sentences[s->what][0], names, sentences[s->what][1]);
	free(names);
	return text;
}

static void
scope_set(struct scope *s, size_t wide)
{
	free((void *)(uintptr_t)s->one.p);
	free(s->text);
	s->one = (struct bytes){NULL, 0};
	s->wide = wide;
	set_names(s);
	s->text = say(s);
}

/* One folder, and the highest that a yes may name is it or above it. */
static bool
may_last(const struct msg_ask *m)
{
	const struct bytes *top = &m->top, *path = m->writes.v;

	return m->writes.n == 1 && top->len > 1 && top->len <= path->len &&
	       memcmp(top->p, path->p, top->len) == 0 &&
	       (top->len == path->len || path->p[top->len] == '/');
}

/* What can be widened, and how far. */
static void
take(struct scope *s, const struct msg_ask *m)
{
	struct bytes names[SCOPE_NAMES];
	size_t i, n = 0, len = 0;

	if (s->what == ASK_EXEC)
		n = plain_words(&m->argv, names);
	else if (s->what == ASK_NET)
		n = listed(&m->hosts, names);
	else if (s->what == ASK_WRITE)
		n = may_last(m) ? listed(&m->writes, names) : 0;
	else if (s->what == ASK_PATCH || s->what == ASK_READ)
		n = listed(
		    s->what == ASK_PATCH ? &m->writes : &m->reads, names);
	for (i = 0; s->what != ASK_EXEC && i < n; i++)
		names[i] = place_of(&m->links, names[i]);
	for (i = 0; i < n; i++)
		len += names[i].len + strlen(", ");
	for (i = 0; i < n && len <= SCOPE_MAX; i++)
		s->from[s->nfrom++] = (struct bytes){
		    xmemdup(names[i].p, names[i].len), names[i].len};
	s->top = m->top.len;
	if (s->what == ASK_EXEC)
		s->widest = s->nfrom;
	else if (s->what == ASK_WRITE)
		s->widest = widest_writes(s);
	else
		s->widest =
		    s->what == ASK_NET ? widest_host(s) : widest_files(s);
}

void
scope_init(struct scope *s, const struct msg_ask *m, char *title)
{
	memset(s, 0, sizeof(*s));
	s->what = (enum ask_what)m->what;
	s->root = bytes_dup(place_of(&m->links, m->cwd));
	if (m->scope.len > 0)
		s->exact = bytes_dup(m->scope);
	else
		s->exact = xasprintf("%s  in %.*s", title,
		    (int)(m->cwd.len > CWD_SHOWN ? CWD_SHOWN : m->cwd.len),
		    (const char *)m->cwd.p);
	free(title);
	take(s, m);
	scope_set(s, 0);
}

void
scope_fini(struct scope *s)
{
	while (s->nfrom > 0)
		free((void *)(uintptr_t)s->from[--s->nfrom].p);
	free((void *)(uintptr_t)s->one.p);
	free(s->exact);
	free(s->root);
	free(s->text);
}

bool
scope_step(struct scope *s, bool wider)
{
	if (s->wide == (wider ? s->widest : 0))
		return false;
	scope_set(s, wider ? s->wide + 1 : s->wide - 1);
	return true;
}

/* Rules. */

static void
toml_string(struct buf *b, struct bytes s)
{
	size_t i;

	(void)buf_addc(b, '"');
	for (i = 0; i < s.len; i++)
		if (s.p[i] == '"' || s.p[i] == '\\')
			(void)buf_addf(b, "\\%c", s.p[i]);
		else if (s.p[i] < 0x20 || s.p[i] == 0x7F)
			(void)buf_addf(b, "\\u%04X", s.p[i]);
		else
			(void)buf_addc(b, (char)s.p[i]);
	(void)buf_addc(b, '"');
}

/* An example that the rule has to hold for: the words as a line, where they
 * need no quotes. */
static void
match_line(struct buf *toml, const struct bytes *w, size_t n)
{
	struct buf line;
	size_t i;

	for (i = 0; i < n; i++)
		if (!simple_line(w[i]) || memchr(w[i].p, ' ', w[i].len) != NULL)
			return;
	buf_init(&line, MATCH_MAX);
	for (i = 0; i < n; i++) {
		(void)buf_adds(&line, i > 0 ? " " : "");
		(void)buf_add(&line, w[i].p, w[i].len);
	}
	if (buf_err(&line) == 0)
		toml_string(toml, (struct bytes){buf_data(&line), line.len});
	buf_fini(&line);
}

static void
rule_head(struct buf *toml, const char *kind, struct bytes name)
{
	size_t i;

	(void)buf_addf(toml, "[[rule]]\nid = \"allow-%s", kind);
	for (i = 0; i < name.len && i < ID_MAX; i++)
		if (isalnum(name.p[i]))
			(void)buf_addc(toml, (char)tolower(name.p[i]));
	(void)buf_adds(toml, "\"\neffect = \"allow\"\n");
}

static void
words_rule(const struct scope *s, const struct msg_list *l, struct buf *toml)
{
	size_t i;

	rule_head(toml, "", l->v[0]);
	(void)buf_adds(toml, "exec = { program = ");
	toml_string(toml, l->v[0]);
	(void)buf_adds(toml, ", args = [");
	for (i = 1; i < l->n; i++) {
		(void)buf_adds(toml, i > 1 ? ", " : "");
		toml_string(toml, l->v[i]);
	}
	if (s->wide > 0)
		(void)buf_addf(toml, "%s\"...\"", l->n > 1 ? ", " : "");
	(void)buf_adds(toml, "] }\nmatch = [");
	match_line(toml, s->from, s->nfrom);
	(void)buf_adds(toml, "]\n");
}

/* Hosts and paths; one that would be read as a pattern cannot be written. */
static bool
names_rule(const struct scope *s, const struct msg_list *l, struct buf *toml)
{
	static const char *const kinds[] = {
	    [ASK_PATCH] = "write", [ASK_READ] = "read", [ASK_NET] = "net"};
	const char *kind = kinds[s->what];
	char head[16];
	size_t i;

	(void)snprintf(head, sizeof(head), "%s-", kind);
	rule_head(toml, head, l->v[0]);
	(void)buf_addf(toml, "%s = [", kind);
	for (i = 0; i < l->n; i++) {
		struct bytes name = l->v[i];

		if (s->what != ASK_NET && memchr(name.p, '*', name.len) != NULL)
			return false;
		if (name.len > 1 && name.p[name.len - 1] == '/')
			name.len--;
		(void)buf_adds(toml, i > 0 ? ", " : "");
		toml_string(toml, name);
	}
	(void)buf_adds(toml, "]\n");
	return true;
}

bool
scope_rule(const struct scope *s, struct buf *toml)
{
	struct msg_list exact = {
	    (uint32_t)s->nfrom, (struct bytes *)(uintptr_t)s->from};
	const struct msg_list *l = s->wide > 0 ? &s->to : &exact;

	if (l->n == 0 || s->what == ASK_WRITE)
		return false;
	if (s->what == ASK_EXEC)
		words_rule(s, l, toml);
	else if (!names_rule(s, l, toml))
		return false;
	return buf_err(toml) == 0;
}
