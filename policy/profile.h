/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_PROFILE_H
#define POLICY_PROFILE_H

#include <stddef.h>

#include "base/str.h"

/*
 * A profile of policy/profiles as the bodies of its RULE frames.  They are
 * read when Cordon is built (embed.c), so that a start without a policy of the
 * person's own parses nothing, and a mistake in one is one of the build.
 */
struct profile {
	const char *name;
	const struct bytes *bodies; /* ended by one of no bytes */
};

extern const struct profile profiles[]; /* ended by a NULL name */

typedef int profile_fn(void *arg, struct bytes body);

/*
 * Gives each body of the profile to fn, those of what holds in all of them
 * first.  ERR_NOENT if there is none of that name, or the first error of fn.
 */
int profile_emit(const char *name, profile_fn *fn, void *arg);
/* The names that there are, with commas. */
void profile_names(char *dst, size_t size);

#endif /* POLICY_PROFILE_H */
