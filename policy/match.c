/* SPDX-License-Identifier: Apache-2.0 */

/* Library: whether a rule speaks of something. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "policy/decide.h"

/* Options that stand before a program's sub-command and are skipped, so that
 * `git -C dir push` is a push.  value: the next word belongs to it. */
struct leading {
	const char *program;
	const char *option;
	bool value;
};

static const struct leading leadings[] = {{"git", "-C", true},
    {"git", "-c", true}, {"git", "--git-dir", true},
    {"git", "--work-tree", true}, {"git", "--namespace", true},
    {"git", "--exec-path", false}, {"git", "-p", false},
    {"git", "--paginate", false}, {"git", "-P", false},
    {"git", "--no-pager", false}, {"git", "--bare", false},
    {"git", "--no-replace-objects", false},
    {"git", "--literal-pathspecs", false},
    {"git", "--no-optional-locks", false}, {"docker", "-H", true},
    {"docker", "--host", true}, {"docker", "-c", true},
    {"docker", "--context", true}, {"docker", "--config", true},
    {"docker", "-l", true}, {"docker", "-D", false},
    {"podman", "--remote", false}, {"podman", "--log-level", true},
    {"kubectl", "-n", true}, {"kubectl", "--namespace", true},
    {"kubectl", "--context", true}, {"kubectl", "--kubeconfig", true},
    {"kubectl", "-s", true}, {"npm", "--prefix", true}, {"npm", "-C", true},
    {"npm", "--silent", false}, {"npm", "-s", false},
    {"cargo", "--color", true}, {"cargo", "--config", true},
    {"cargo", "-q", false}, {"cargo", "-v", false},
    {"cargo", "--frozen", false}, {"cargo", "--locked", false},
    {"cargo", "--offline", false}, {"go", "-C", true},
    {"systemctl", "--user", false}, {"apt-get", "-y", false},
    {"apt-get", "-q", false}, {"apt-get", "-qq", false}, {"make", "-C", true}};

#define LEADINGS (sizeof(leadings) / sizeof(leadings[0]))

/* The index of the first word behind the leading options. */
static size_t
skip_leading(const char *program, const struct shell_word *w, size_t n)
{
	const char *eq;
	size_t i = 1, j, len;

	while (i < n && w[i].s[0] == '-') {
		eq = strchr(w[i].s, '=');
		len = eq == NULL ? w[i].len : (size_t)(eq - w[i].s);
		for (j = 0; j < LEADINGS; j++)
			if (strcmp(leadings[j].program, program) == 0 &&
			    strlen(leadings[j].option) == len &&
			    memcmp(leadings[j].option, w[i].s, len) == 0)
				break;
		if (j == LEADINGS)
			break;
		i += leadings[j].value && eq == NULL ? 2 : 1;
	}
	return i < n ? i : n;
}

static bool
arg_matches(const struct arg_pattern *a, const char *word)
{
	size_t i;

	if (a->kind != ARG_WORDS)
		return true;
	for (i = 0; i < a->words.n; i++)
		if (strcmp(a->words.v[i], word) == 0)
			return true;
	return false;
}

/*
 * Patterns against words.  Only the last ARG_REST seen is tried again with a
 * word more: it takes what an earlier one could, so this is complete, and the
 * work is bounded by the product of both lengths.
 */
static bool
args_match(const struct arg_pattern *a, size_t na, const struct shell_word *w,
    size_t nw)
{
	size_t i = 0, j = 0, rest = na, from = 0;

	while (j < nw) {
		if (i < na && a[i].kind == ARG_REST) {
			rest = i++;
			from = j;
		} else if (i < na && arg_matches(&a[i], w[j].s)) {
			i++;
			j++;
		} else if (rest < na) {
			i = rest + 1;
			j = ++from;
		} else
			return false;
	}
	while (i < na && a[i].kind == ARG_REST)
		i++;
	return i == na;
}

bool
rule_matches_command(const struct rule *r, const struct shell_command *cmd)
{
	size_t first = cmd->nassign, n = cmd->nwords - cmd->nassign, i, skip;
	const struct shell_word *w = cmd->words + first;
	const char *name;

	if (r->program.n == 0 || cmd->nwords <= first)
		return false;
	name = rule_program(w[0].s);
	for (i = 0; i < r->program.n; i++)
		if (strcmp(r->program.v[i], name) == 0 ||
		    strcmp(r->program.v[i], w[0].s) == 0 ||
		    strcmp(r->program.v[i], "*") == 0)
			break;
	if (i == r->program.n)
		return false;
	if (r->any_args)
		return true;
	/* As written, or behind the options that come before the rest. */
	if (args_match(r->args, r->nargs, w + 1, n - 1))
		return true;
	skip = skip_leading(name, w, n);
	return skip > 1 && args_match(r->args, r->nargs, w + skip, n - skip);
}

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
segments_match(const char *p, const char *s)
{
	const char *pnext, *snext, *deep = NULL, *from = NULL;
	size_t np, ns;

	while (*p != '\0') {
		pnext = segment_next(p, &np);
		snext = segment_next(s, &ns);
		if (np == 2 && memcmp(p, "**", 2) == 0) {
			p = deep = pnext;
			from = s;
		} else if (*s != '\0' && segment_matches(p, np, s, ns)) {
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

bool
path_matches(const char *pattern, const char *path, const char *home,
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
		       segments_match(
			   pattern[0] == '/' ? pattern + 1 : pattern, path + 1);
	n = strlen(base);
	if (strncmp(path, base, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return false;
	return segments_match(pattern, path[n] == '/' ? path + n + 1 : "");
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

const char *
rule_example(const struct rule *r, bool *should)
{
	const struct words *const lists[] = {&r->match, &r->not_match};
	struct shell_split sp;
	size_t k, i, j;
	bool hit;

	for (k = 0; k < 2; k++)
		for (i = 0; i < lists[k]->n; i++) {
			shell_split(
			    &sp, lists[k]->v[i], strlen(lists[k]->v[i]));
			for (hit = false, j = 0; j < sp.ncommands; j++)
				hit = hit ||
				      rule_matches_command(r, &sp.commands[j]);
			shell_split_fini(&sp);
			if (hit != (k == 0)) {
				*should = k == 0;
				return lists[k]->v[i];
			}
		}
	return NULL;
}
