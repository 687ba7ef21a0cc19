/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: whether a pattern of a rule is about a path or a host.
 *
 * Names are compared, nothing is looked up.  A word of a command may be a
 * pattern of the shell's: then it is about every name that it could become.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "policy/decide.h"

/* "*" within a name; pattern and name end where their lengths say.  As with
 * args_match, only the last star is tried again. */
static bool
segment_matches(const char *p, size_t np, const char *s, size_t ns)
{
	size_t i = 0, j = 0, star = np, from = 0;

	while (j < ns) {
		if (i < np && p[i] == '*') {
			star = i++;
			from = j;
		} else if (i < np && p[i] == s[j]) {
			i++;
			j++;
		} else if (star < np) {
			i = star + 1;
			j = ++from;
		} else
			return false;
	}
	while (i < np && p[i] == '*')
		i++;
	return i == np;
}

/* Could the shell make the name s of g?  A bracket may be anything, and what
 * is hidden is only found by name. */
static bool
glob_matches(const char *g, size_t ng, const char *s, size_t ns)
{
	size_t i = 0, j = 0, star = ng, from = 0;

	if (ng > 0 && strchr("*?[", g[0]) != NULL && ns > 0 && s[0] == '.')
		return false;
	while (j < ns) {
		if (i < ng && g[i] == '[')
			return true;
		if (i < ng && g[i] == '*') {
			star = i++;
			from = j;
		} else if (i < ng && (g[i] == '?' || g[i] == s[j])) {
			i++;
			j++;
		} else if (star < ng) {
			i = star + 1;
			j = ++from;
		} else
			return false;
	}
	while (i < ng && (g[i] == '*' || g[i] == '['))
		i++;
	return i == ng;
}

/* The same where s may be a pattern of the shell's.  Of two patterns only what
 * is literal at both ends is compared. */
static bool
segment_meets(const char *p, size_t np, const char *s, size_t ns)
{
	size_t i, literal = strcspn(s, "*?[");

	if (literal >= ns)
		return segment_matches(p, np, s, ns);
	if (memchr(p, '*', np) == NULL)
		return glob_matches(s, ns, p, np);
	for (i = 0; i < literal && p[i] != '*'; i++)
		if (p[i] != s[i])
			return false;
	while (p[np - 1] != '*' && strchr("*?[]", s[ns - 1]) == NULL)
		if (p[--np] != s[--ns])
			return false;
	return true;
}

/* The next name of a path, and what is behind it. */
static const char *
segment_next(const char *s, size_t *n)
{
	*n = strcspn(s, "/");
	return s + *n + (s[*n] == '/');
}

/*
 * Both begin behind a slash, or at their end.  The end of the pattern stands
 * for a folder with all that is in it, so it is enough that its names are
 * matched.
 */
static bool
segments_match(const char *p, const char *s, bool glob)
{
	const char *pnext, *snext, *deep = NULL, *from = NULL;
	size_t np, ns;

	while (*p != '\0') {
		pnext = segment_next(p, &np);
		snext = segment_next(s, &ns);
		if (np == 2 && memcmp(p, "**", 2) == 0) {
			p = deep = pnext;
			from = s;
		} else if (*s != '\0' &&
			   (glob ? segment_meets(p, np, s, ns)
				 : segment_matches(p, np, s, ns))) {
			p = pnext;
			s = snext;
		} else if (deep != NULL && *from != '\0') {
			p = deep;
			s = from = segment_next(from, &ns);
		} else
			return false;
	}
	return true;
}

static bool
path_about(const char *pattern, const char *path, bool glob, const char *home,
    const char *workspace)
{
	const char *base = NULL;
	size_t n;

	if (pattern[0] == '~' && (pattern[1] == '/' || pattern[1] == '\0')) {
		base = home;
		pattern += pattern[1] == '/' ? 2 : 1;
	} else if (str_starts(pattern, "./")) {
		base = workspace;
		pattern += 2;
	} else if (strcmp(pattern, ".") == 0) {
		base = workspace;
		pattern++;
	} else if (pattern[0] != '/')
		return false;
	if (base == NULL)
		return path[0] == '/' &&
		       segments_match(pattern[0] == '/' ? pattern + 1 : pattern,
			   path + 1, glob);
	n = strlen(base);
	if (strncmp(path, base, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return false;
	return segments_match(
	    pattern, path[n] == '/' ? path + n + 1 : "", glob);
}

bool
path_matches(const char *pattern, const char *path, const char *home,
    const char *workspace)
{
	return path_about(pattern, path, false, home, workspace);
}

bool
path_meets(const char *pattern, const char *glob, const char *home,
    const char *workspace)
{
	return path_about(pattern, glob, true, home, workspace);
}

bool
path_resolve(char *dst, size_t size, const char *word, const char *base,
    const char *home)
{
	const char *p = word, *end;
	size_t n = 0, len;

	if (word[0] == '/')
		base = "";
	else if (word[0] == '~' && (word[1] == '/' || word[1] == '\0')) {
		base = home;
		p++;
	}
	if (base == NULL ||
	    strlcpy(dst, strcmp(base, "/") == 0 ? "" : base, size) >= size)
		return false;
	n = strlen(dst);
	for (; *p != '\0'; p = end) {
		while (*p == '/')
			p++;
		end = p + strcspn(p, "/");
		len = (size_t)(end - p);
		if (len == 0 || (len == 1 && p[0] == '.'))
			continue;
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (n > 0 && dst[--n] != '/')
				;
			dst[n] = '\0';
			continue;
		}
		if (n + 1 + len >= size)
			return false;
		dst[n++] = '/';
		memcpy(dst + n, p, len);
		n += len;
		dst[n] = '\0';
	}
	if (n == 0)
		(void)strlcpy(dst, "/", size);
	return true;
}

/* Both begin behind a slash, or at their end. */
static bool
segments_above(const char *p, const char *s)
{
	const char *pnext, *snext;
	size_t np, ns;

	for (; *s != '\0'; p = pnext, s = snext) {
		if (*p == '\0')
			return false;
		pnext = segment_next(p, &np);
		snext = segment_next(s, &ns);
		if (np == 2 && memcmp(p, "**", 2) == 0)
			return true;
		if (!segment_matches(p, np, s, ns))
			return false;
	}
	return *p != '\0';
}

bool
path_above(const char *pattern, const char *path, const char *home)
{
	size_t n;

	if (pattern[0] == '/')
		return segments_above(pattern + 1, path + 1);
	if (pattern[0] != '~' || home == NULL)
		return false;
	n = strlen(path);
	if (strcmp(path, "/") == 0 || (strncmp(home, path, n) == 0 &&
					  (home[n] == '/' || home[n] == '\0')))
		return true;
	n = strlen(home);
	return pattern[1] == '/' && strncmp(path, home, n) == 0 &&
	       path[n] == '/' && segments_above(pattern + 2, path + n + 1);
}

bool
host_matches(const char *pattern, const char *host, unsigned port)
{
	const char *colon = strrchr(pattern, ':'), *why;
	size_t n = colon == NULL ? strlen(pattern) : (size_t)(colon - pattern);
	size_t len = strlen(host);

	if (colon != NULL && strcmp(colon + 1, "*") != 0 &&
	    (unsigned)strtonum(colon + 1, 1, 65535, &why) != port)
		return false;
	if (len > 0 && host[len - 1] == '.')
		len--;
	if (n > 2 && pattern[0] == '*' && pattern[1] == '.') {
		/* At least one label, and only whole labels. */
		pattern++;
		n--;
		return len > n && strncasecmp(host + len - n, pattern, n) == 0;
	}
	return len == n && strncasecmp(host, pattern, n) == 0;
}
