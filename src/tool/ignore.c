/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool library: which files a search leaves out.
 *
 * Patterns come from the workspace and are hostile: the matcher keeps two
 * places to go back to and no stack, so no pattern makes it slow or deep.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "tool/ignore.h"

#define IGNORE_FILE_MAX (256u * 1024) /* bytes of one ignore file */
#define IGNORE_RULE_MAX 4096          /* rules of one directory */

/* One bracket expression; returns what follows it, or NULL if unclosed. */
static const char *
bracket(const char *p, char c, bool *hit)
{
	bool negated = *p == '!' || *p == '^', first = true;

	*hit = false;
	for (p += negated; *p != '\0' && (*p != ']' || first); first = false) {
		char lo = *p++, hi;

		if (lo == '\\' && *p != '\0')
			lo = *p++;
		hi = lo;
		if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
			hi = p[1];
			p += 2;
		}
		if ((unsigned char)c >= (unsigned char)lo &&
		    (unsigned char)c <= (unsigned char)hi)
			*hit = true;
	}
	if (*p != ']')
		return NULL;
	*hit = (*hit != negated) && c != '/';
	return p + 1;
}

/* One ordinary pattern element against one byte of s. */
static const char *
element(const char *g, char c)
{
	const char *next;
	bool hit;

	if (c == '\0')
		return NULL;
	if (*g == '?')
		return c == '/' ? NULL : g + 1;
	if (*g == '[' && (next = bracket(g + 1, c, &hit)) != NULL)
		return hit ? next : NULL;
	if (*g == '\\' && g[1] != '\0')
		g++;
	return *g == c ? g + 1 : NULL;
}

bool
ignore_glob(const char *g, const char *s)
{
	const char *star = NULL, *star_s = NULL; /* after the last "*" */
	const char *deep = NULL, *deep_s = NULL; /* after the last "**" */
	const char *next;

	for (;;) {
		if (g[0] == '*' && g[1] == '*') {
			g += 2;
			if (*g == '/') /* matches no directory as well */
				g++;
			deep = g;
			deep_s = s;
			star = NULL;
			continue;
		}
		if (*g == '*') {
			star = ++g;
			star_s = s;
			continue;
		}
		if (*g == '\0' && *s == '\0')
			return true;
		next = *g == '\0' ? NULL : element(g, *s);
		if (next != NULL) {
			g = next;
			s++;
		} else if (star != NULL && *star_s != '\0' && *star_s != '/') {
			s = ++star_s;
			g = star;
		} else if (deep != NULL && *deep_s != '\0') {
			s = ++deep_s;
			g = deep;
			star = NULL;
		} else {
			return false;
		}
	}
}

static void
add_rule(struct ignore *ig, char *line)
{
	struct ignore_rule r = {0};
	size_t n = strlen(line);

	while (n > 0 &&
	       (line[n - 1] == '\r' ||
		   (line[n - 1] == ' ' && !(n > 1 && line[n - 2] == '\\'))))
		line[--n] = '\0';
	if (n == 0 || *line == '#')
		return;
	if (*line == '!') {
		r.keep = true;
		line++;
		n--;
	}
	if (n > 0 && line[n - 1] == '/') {
		r.dir_only = true;
		line[--n] = '\0';
	}
	r.anchored = strchr(line, '/') != NULL;
	if (*line == '/')
		line++;
	if (*line == '\0' || ig->nrules == IGNORE_RULE_MAX)
		return;
	r.glob = xstrdup(line);
	ig->rules =
	    xreallocarray(ig->rules, ig->nrules + 1, sizeof(*ig->rules));
	ig->rules[ig->nrules++] = r;
}

static void
load_file(struct ignore *ig, int dirfd, const char *name)
{
	struct buf b;
	char *text, *line;

	buf_init(&b, IGNORE_FILE_MAX);
	if (fd_read_file(dirfd, name, &b) == 0 &&
	    memchr(buf_data(&b), '\0', b.len) == NULL &&
	    (text = buf_cstr(&b)) != NULL)
		while ((line = strsep(&text, "\n")) != NULL)
			add_rule(ig, line);
	buf_fini(&b);
}

void
ignore_load(
    struct ignore *ig, int dirfd, size_t prefix, const struct ignore *up)
{
	memset(ig, 0, sizeof(*ig));
	ig->prefix = prefix;
	ig->up = up;
	load_file(ig, dirfd, ".gitignore");
	load_file(ig, dirfd, ".ignore");
}

void
ignore_fini(struct ignore *ig)
{
	size_t i;

	for (i = 0; i < ig->nrules; i++)
		free(ig->rules[i].glob);
	free(ig->rules);
	ig->rules = NULL;
	ig->nrules = 0;
}

bool
ignore_match(
    const struct ignore *ig, const char *path, const char *name, bool dir)
{
	const struct ignore_rule *r;
	size_t i;

	for (; ig != NULL; ig = ig->up)
		for (i = ig->nrules; i-- > 0;) {
			r = &ig->rules[i];
			if (r->dir_only && !dir)
				continue;
			if (ignore_glob(r->glob,
				r->anchored ? path + ig->prefix : name))
				return !r->keep;
		}
	return false;
}
