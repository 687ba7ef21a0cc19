/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_LIVE_H
#define CORDON_LIVE_H

#include "conf/paths.h"
#include "policy/rule.h"

enum live_result {
	LIVE_DENIED,  /* it failed, and had no effect on what it names */
	LIVE_REFUSED, /* it did not, but gate would not have started it */
	LIVE_DONE,    /* neither */
	LIVE_NOT_RUN
};

/*
 * Runs the line of a test in a cell and a folder of its own, both gone
 * afterwards, with the rights that the policy gives it there, whatever gate
 * would have said.  What the test names beneath ./ is made before.  why says
 * what was done or what could not be.
 */
enum live_result live_run(const struct policy *p, const struct policy_test *t,
    const struct paths *paths, char *why, size_t size);

#endif /* CORDON_LIVE_H */
