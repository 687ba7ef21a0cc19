/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy: the command, and the policies in force for all of it. */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/policy.h"
#include "cordon/settings.h"

struct policy_args {
	const char *policy, *profile;
};

static const struct opt policy_opts[] = {
    {"policy", '\0', OPT_STR, "FILE", "one more policy file",
	OPT_AT(policy_args, policy)},
    {"profile", 'p', OPT_STR, "NAME", "the built-in profile to begin with",
	OPT_AT(policy_args, profile)},
    {0}};

int
policy_where(struct in_force *f)
{
	if (getcwd(f->workspace, sizeof(f->workspace)) == NULL) {
		log_error("the current directory: %s", err_sys(errno));
		return EX_NOINPUT;
	}
	return settings_paths(&f->paths);
}

int
policy_in_force(struct in_force *f, const struct cmd_line *line)
{
	const struct policy_args *a = cmd_args(line, &cmd_policy);
	struct policy_files files = {.profile = a->profile,
	    .cli = a->policy,
	    .workspace = f->workspace,
	    .paths = &f->paths};
	char why[2048];
	int r = policy_where(f);

	if (r != EX_OK)
		return r;
	r = policy_load(&f->policy, &files, NULL, NULL, why, sizeof(why));
	if (r != 0)
		log_error("%s", why);
	return r;
}

void
policy_out_of_force(struct in_force *f)
{
	policy_fini(&f->policy);
	paths_fini(&f->paths);
}

static const struct cmd *const subs[] = {&policy_check, &policy_test,
    &policy_show, &policy_explain, &policy_diff, &policy_grants, NULL};

const struct cmd cmd_policy = {
    .name = "policy",
    .summary = "Check, test and ask policies.",
    .man = "cordon-policy(1)",
    .opts = policy_opts,
    .args_size = sizeof(struct policy_args),
    .subs = subs,
};
