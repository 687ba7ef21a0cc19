/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: any bytes as a policy file, and so as TOML.  A file that is
 * refused says where; of one that is read, each rule printed and read again
 * is the same rule.
 */

#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"

#include "tests/helper/rule_toml.h"

#include "fuzz.h"

#define TEXT_MAX (1u << 20)

static void
must(bool holds)
{
	if (!holds)
		fuzz_abort();
}

static int
keep(void *arg, const struct buf *body)
{
	return policy_decode(arg, (struct bytes){buf_data(body), body->len});
}

static void
check_rule(const struct rule *r)
{
	char error[READ_ERROR_MAX];
	struct buf one, two;
	struct policy again;

	policy_init(&again);
	buf_init(&one, TEXT_MAX);
	buf_init(&two, TEXT_MAX);
	(void)buf_adds(&one, "version = 1\n");
	(void)buf_adds(&two, "version = 1\n");
	must(rule_toml(r, &one) == 0);
	if (policy_read((struct bytes){buf_data(&one), one.len}, "again",
		r->layer, keep, &again, error) != 0) {
		(void)fprintf(stderr, "%s\n", error);
		fuzz_abort();
	}
	must(again.nrules == 1);
	must(rule_toml(&again.rules[0], &two) == 0);
	must(one.len == two.len &&
	     memcmp(buf_data(&one), buf_data(&two), one.len) == 0);
	buf_fini(&one);
	buf_fini(&two);
	policy_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[READ_ERROR_MAX];
	struct policy p;
	size_t i;

	if (size > 65536)
		return 0;
	policy_init(&p);
	if (policy_read((struct bytes){data, size}, "fuzz", POLICY_SYSTEM, keep,
		&p, error) != 0)
		must(error[0] >= '1' && error[0] <= '9');
	else
		for (i = 0; i < p.nrules && i < 8; i++)
			check_rule(&p.rules[i]);
	policy_fini(&p);
	return 0;
}
