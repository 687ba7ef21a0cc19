/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Bench: a decision about one command against many rules, and about the rules
 * of a profile.  Prints; judges nothing.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "policy/decide.h"

#define ROUNDS 2000

static void
add_rules(struct policy *p, size_t n)
{
	char name[64];
	struct rule r;
	size_t i;

	for (i = 0; i < n; i++) {
		rule_init(&r);
		(void)snprintf(name, sizeof(name), "rule-%zu", i);
		r.id = xstrdup(name);
		r.file = xstrdup("bench.toml");
		r.layer = POLICY_USER;
		r.effect = i % 3 == 0 ? EFFECT_FORBID : EFFECT_ASK;
		(void)snprintf(name, sizeof(name), "program%zu", i);
		if (i % 2 == 0)
			words_add(&r.program, bytes_of(name));
		else {
			(void)snprintf(
			    name, sizeof(name), "/srv/%zu/**/secret*", i);
			words_add(&r.read, bytes_of(name));
		}
		(void)policy_add(p, &r);
	}
}

static void
measure(const char *line, size_t nrules)
{
	struct request rq = {
	    .line = line, .home = "/home/u", .workspace = "/w"};
	struct policy_decision d;
	struct policy p;
	uint64_t begin;
	int i;

	policy_init(&p);
	add_rules(&p, nrules);
	begin = clock_mono_ns();
	for (i = 0; i < ROUNDS; i++)
		policy_decide(&p, &rq, &d);
	(void)printf("%-28s %6zu rules %8.2f us\n", line, nrules,
	    (double)(clock_mono_ns() - begin) / ROUNDS / 1000);
	policy_fini(&p);
}

int
main(void)
{
	static const size_t counts[] = {0, 100, 1000, 10000};
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure("git -C sub status --short", counts[i]);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		measure("make -C sub test", counts[i]);
	return 0;
}
