/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: any bytes as the body of a RULE frame.  What decodes is a
 * policy that decides, prints and goes over the wire again unchanged; what
 * does not has changed nothing.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ceiling.h"

#include "tests/helper/rule_toml.h"

#include "fuzz.h"

#define BODY_MAX 262144

static void
must(bool holds)
{
	if (!holds)
		fuzz_abort();
}

static void
print(const struct policy *p, struct buf *out)
{
	buf_clear(out);
	if (p->nrules > 0)
		must(rule_toml(&p->rules[0], out) == 0);
}

/* Encoded again it is the same rule. */
static void
check_again(const struct policy *p)
{
	struct buf body, one, two;
	struct policy again;

	policy_init(&again);
	buf_init(&body, BODY_MAX);
	buf_init(&one, 8 * BODY_MAX);
	buf_init(&two, 8 * BODY_MAX);
	must(rule_encode(&p->rules[0], &body) == 0);
	must(policy_decode(&again, (struct bytes){buf_data(&body), body.len}) ==
	     0);
	print(p, &one);
	print(&again, &two);
	must(one.len == two.len &&
	     memcmp(buf_data(&one), buf_data(&two), one.len) == 0);
	buf_fini(&body);
	buf_fini(&one);
	buf_fini(&two);
	policy_fini(&again);
}

static void
check_decides(const struct policy *p)
{
	const char *path = "/w/src/a.c";
	struct request rq = {.line = "git -C x push; cat ~/.ssh/id > y",
	    .reads = &path,
	    .nreads = 1,
	    .host = "a.example.org",
	    .port = 443,
	    .home = "/home/u",
	    .workspace = "/w"};
	struct policy_decision d;

	policy_decide(p, &rq, &d);
	must(d.effect >= EFFECT_ALLOW && d.effect <= EFFECT_FORBID);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy p;

	if (size > 65000)
		return 0;
	policy_init(&p);
	if (policy_decode(&p, (struct bytes){data, size}) != 0)
		must(p.nrules == 0 && p.ntests == 0 &&
		     p.defaults.exec == EXEC_UNSET);
	else {
		if (p.nrules > 0)
			check_again(&p);
		check_decides(&p);
	}
	policy_fini(&p);
	return 0;
}
