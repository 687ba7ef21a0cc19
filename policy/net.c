/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the network of commands.
 *
 * It is the host's only where nothing is said of hosts.  Where something is,
 * a command has none but the proxy, and each host is decided by itself.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "policy/net.h"

/* What a project says can only restrict. */
static bool
net_gives(const struct rule *r)
{
	return r->net.n > 0 && r->layer != POLICY_PROJECT &&
	       r->effect != EFFECT_FORBID;
}

static bool
net_restricts(const struct rule *r)
{
	return r->net.n > 0 && r->program.n == 0 && r->effect != EFFECT_ALLOW;
}

/* What commands have that no rule gives something else. */
static enum spec_net
net_session(const struct policy *p)
{
	bool all = p->defaults.net == THREE_YES;
	const struct rule *r;
	size_t i;

	if (p->defaults.net == THREE_ASK)
		return SPEC_NET_PROXY;
	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (all ? net_restricts(r) : r->program.n == 0 && net_gives(r))
			return SPEC_NET_PROXY;
	}
	return all ? SPEC_NET_HOST : SPEC_NET_NONE;
}

enum spec_net
policy_net(const struct policy *p)
{
	enum spec_net net = net_session(p);
	size_t i;

	for (i = 0; net == SPEC_NET_NONE && i < p->nrules; i++)
		if (net_gives(&p->rules[i]))
			net = SPEC_NET_PROXY;
	return net;
}

/* The hosts that the command's own rule names; what it names is all that a
 * command has which is permitted by it. */
static const struct words *
net_own(const struct policy_decision *of, bool *all)
{
	const struct rule *r = of->rule;

	*all = false;
	if (r == NULL || r->program.n == 0)
		return NULL;
	*all = of->grant == GRANT_RULE && rule_names(r);
	return net_gives(r) ? &r->net : NULL;
}

enum spec_net
policy_net_of(const struct policy *p, const struct policy_decision *of)
{
	enum spec_net session = net_session(p);
	const struct words *own;
	bool all;

	own = net_own(of, &all);
	if (of->grant == GRANT_NARROW || (all && own == NULL))
		return SPEC_NET_NONE;
	return own != NULL && (all || session == SPEC_NET_NONE) ? SPEC_NET_PROXY
								: session;
}

bool
policy_host(const char *place, char *host, size_t size, unsigned *port)
{
	const char *colon = strrchr(place, ':'), *why = NULL;
	const char *any = place[0] == '*' ? "a" : ""; /* one label will do */

	if (colon == NULL)
		return false;
	*port = 0;
	if (strcmp(colon + 1, "*") != 0)
		*port = (unsigned)strtonum(colon + 1, 1, 65535, &why);
	place += *any != '\0';
	return why == NULL && colon > place &&
	       str_fmt(
		   host, size, "%s%.*s", any, (int)(colon - place), place) == 0;
}

void
policy_connect(const struct policy *p, const struct policy_decision *of,
    const char *host, unsigned port, struct policy_decision *d)
{
	struct request rq = {.host = host, .port = port};
	const struct words *own;
	bool all, named = false;
	size_t i;

	own = net_own(of, &all);
	for (i = 0; own != NULL && i < own->n && !named; i++)
		named = host_matches(own->v[i], host, port);
	policy_decide(p, &rq, d);
	if (named && d->rule == NULL) {
		d->effect = EFFECT_ALLOW;
		d->rule = of->rule;
	} else if (all && !named && d->effect != EFFECT_FORBID) {
		d->effect = EFFECT_FORBID;
		d->rule = NULL;
		(void)strlcpy(d->why,
		    "the rule that permits the command names other hosts",
		    sizeof(d->why));
	}
}
