/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: from rules to rights.
 *
 * Whatever is computed here is a subset of the ceiling that went in: rows are
 * hidden, protected or lose their rights, and what a rule names is only given
 * where the ceiling has it.
 */

#include "config.h"

#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "policy/ceiling.h"
#include "policy/net.h"

/* Of the cell itself; nothing of it is seen outside. */
static const char *const scratch[] = {"/tmp", "/var/tmp"};

bool
policy_path(
    const char *pattern, const struct policy_place *at, char *dst, size_t size)
{
	const char *base = "", *rest = pattern;
	size_t n;

	if (pattern[0] == '~') {
		base = at->home;
		rest = pattern + 1;
	} else if (pattern[0] == '.') {
		base = at->workspace;
		rest = pattern + 1;
	}
	if (base == NULL || (rest[0] != '/' && rest[0] != '\0') ||
	    str_fmt(dst, size, "%s%s", strcmp(base, "/") == 0 ? "" : base,
		rest) != 0)
		return false;
	n = strlen(dst);
	while (n > 1 && (str_ends(dst, "/**") || str_ends(dst, "/"))) {
		n -= dst[n - 1] == '/' ? 1 : 3;
		dst[n] = '\0';
	}
	return n > 0 && strchr(dst, '*') == NULL;
}

/* What all layers together say of a place that one rule forbids. */
static enum effect
place_effect(const struct policy *p, const struct policy_place *at,
    const char *path, bool write)
{
	struct request rq = {.home = at->home, .workspace = at->workspace};
	struct policy_decision d = {.effect = EFFECT_NONE};

	if (write) {
		rq.writes = &path;
		rq.nwrites = 1;
	} else {
		rq.reads = &path;
		rq.nreads = 1;
	}
	policy_decide(p, &rq, &d);
	return d.effect;
}

static enum spec_net
less_net(enum spec_net a, enum spec_net b)
{
	return a < b ? a : b;
}

/* Most of what the profiles protect in the workspace has a protected name. */
static bool
is_protected(const struct spec *s, const char *path, bool write)
{
	return write && (spec_access(s, path) & SPEC_PROTECT) != 0;
}

static int
take_places(const struct policy *p, const struct policy_place *at,
    const struct words *patterns, bool write, struct spec *s)
{
	char path[PATH_MAX];
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < patterns->n; i++)
		if (policy_path(patterns->v[i], at, path, sizeof(path)) &&
		    !is_protected(s, path, write) &&
		    place_effect(p, at, path, write) == EFFECT_FORBID)
			r = spec_adds(
			    s, path, write ? SPEC_PROTECT : SPEC_HIDE);
	return r;
}

/* Unless something of the host lies in it: Landlock gives a folder with all
 * beneath, whatever other rows say. */
static bool
is_scratch(const struct spec *s, const char *path)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if (s->paths[i].path[0] == '/' &&
		    strcmp(s->paths[i].path, path) != 0 &&
		    spec_beneath(s->paths[i].path, path))
			return false;
	for (i = 0; i < sizeof(scratch) / sizeof(scratch[0]); i++)
		if (strcmp(path, scratch[i]) == 0)
			return true;
	return false;
}

static void
take_writing(struct spec *s)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if (!is_scratch(s, s->paths[i].path))
			s->paths[i].access &=
			    ~(unsigned)(SPEC_WRITE | SPEC_PRIVATE);
}

int
policy_ceiling(
    const struct policy *p, const struct policy_place *at, struct spec *ceiling)
{
	const struct rule *r;
	size_t i;
	int e = 0;

	for (i = 0; e == 0 && i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->program.n > 0 || r->effect != EFFECT_FORBID)
			continue;
		e = take_places(p, at, &r->read, false, ceiling);
		if (e == 0)
			e = take_places(p, at, &r->write, true, ceiling);
	}
	if (p->defaults.write == THREE_NO)
		take_writing(ceiling);
	ceiling->net = less_net(ceiling->net, policy_net(p));
	spec_limits_min(&ceiling->limits, &p->defaults.limits);
	return e;
}

/* What the rule names, where the ceiling has it too. */
static int
give_rule(const struct rule *r, const struct policy_place *at,
    const struct spec *ceiling, struct spec *g)
{
	const unsigned want = SPEC_READ | SPEC_WRITE;
	char path[PATH_MAX];
	size_t i;
	int e = 0;

	for (i = 0; e == 0 && i < r->write.n; i++)
		if (policy_path(r->write.v[i], at, path, sizeof(path)) &&
		    (spec_access(ceiling, path) & want) == want)
			e = spec_adds(g, path, spec_access(ceiling, path));
	return e;
}

int
policy_grant(const struct policy *p, const struct policy_decision *d,
    const struct policy_place *at, const struct spec *ceiling, struct spec *g)
{
	const struct rule *r = d->rule;
	enum grant_kind kind = d->grant;
	int e;

	/* A rule that names no path and no host permits the program with the
	 * rights that commands have anyway. */
	if (kind == GRANT_RULE && r != NULL && !rule_names(r))
		kind = GRANT_SESSION;
	spec_copy(g, ceiling);
	g->net = less_net(ceiling->net, policy_net_of(p, d));
	if (kind == GRANT_SESSION) {
		/* Where writing is asked for, what nobody was asked about
		 * does not write. */
		if (p->defaults.write != THREE_YES && d->effect == EFFECT_ALLOW)
			take_writing(g);
		return 0;
	}
	take_writing(g);
	if (kind != GRANT_RULE || r == NULL)
		return 0;
	e = give_rule(r, at, ceiling, g);
	if (e != 0)
		spec_fini(g);
	return e;
}
