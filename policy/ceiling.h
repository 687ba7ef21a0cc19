/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_CEILING_H
#define POLICY_CEILING_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/decide.h"
#include "sandbox/spec.h"

/* Whose paths the patterns ~ and ./ stand for; both absolute and plain. */
struct policy_place {
	const char *home; /* borrowed, as is the other; may be NULL */
	const char *workspace;
};

/*
 * What the policy takes from what a session's commands could be given: paths
 * that may not be read are hidden, paths that may not be written are
 * protected, the network, and the limits.  Only a pattern that names one place
 * (no star but a last one for all beneath) can be kept by the kernel; the
 * others hold for the file tools, whose every path the gate sees.
 */
int policy_ceiling(const struct policy *p, const struct policy_place *at,
    struct spec *ceiling);

/*
 * The rights of a command that was decided so: never more than the ceiling.
 * g is new.  ERR_SPACE.
 */
int policy_grant(const struct policy *p, const struct policy_decision *d,
    const struct policy_place *at, const struct spec *ceiling, struct spec *g);

/* The one place that a pattern names, absolute; false if there is none. */
bool policy_path(
    const char *pattern, const struct policy_place *at, char *dst, size_t size);

#endif /* POLICY_CEILING_H */
