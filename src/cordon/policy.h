/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_POLICY_H
#define CORDON_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "conf/paths.h"
#include "policy/rule.h"

/* Which policies are in force. */
struct policy_files {
	const char *profile; /* built-in, or NULL: the default */
	const char *cli;     /* file of the command line, or NULL */
	const char *user;    /* in place of the system's and the own; or NULL */
	const char *workspace; /* whose .cordon/policy.toml tightens; or NULL */
	const struct paths *paths; /* for the person's own; or NULL */
	bool system;               /* user is a draft of the system's file */
	int more;     /* borrowed: one more of the person's, or 0 */
	bool network; /* the configuration gives commands the network */
};

#define POLICY_PROFILE "workspace" /* the default */

/* Gets each RULE body as it came, to be passed on to gate; or NULL. */
typedef void policy_body_fn(void *arg, struct bytes body);

/*
 * Opens and reads all layers: the profile, /etc/cordon/policy.toml, the
 * person's policy.toml, that of the command line, the project's.  p is new.
 * 0, or a sysexits code with a line in why: EX_NOINPUT where a file that was
 * named cannot be read, EX_CONFIG where one has a mistake or is not trusted.
 */
int policy_load(struct policy *p, const struct policy_files *f,
    policy_body_fn *body, void *arg, char *why, size_t size);
/*
 * One file alone, for checking it, as one of that layer: the system's may
 * lock rules.  Its own tests are not asked.
 */
int policy_load_file(struct policy *p, const char *file,
    enum policy_layer layer, char *why, size_t size);

#endif /* CORDON_POLICY_H */
