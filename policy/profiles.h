/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_PROFILES_H
#define POLICY_PROFILES_H

/* The profiles of policy/profiles, as texts: made by profiles.awk. */
struct profile {
	const char *name;
	const char *text;
};

extern const struct profile profiles[]; /* ended by a NULL name */

/* NULL if there is none of that name. */
const char *profile_text(const char *name);

#endif /* POLICY_PROFILES_H */
