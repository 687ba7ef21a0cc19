/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CMD_POLICY_H
#define CORDON_CMD_POLICY_H

#include <limits.h>

#include "conf/paths.h"
#include "cordon/cmd.h"
#include "policy/rule.h"

/* The policies in force in the current directory. */
struct in_force {
	struct policy policy;
	struct paths paths;
	char workspace[PATH_MAX];
};

/* f is new, and due to policy_out_of_force in either case.  Says what is
 * wrong, and returns an exit status. */
int policy_in_force(struct in_force *f, const struct cmd_line *line);
void policy_out_of_force(struct in_force *f);

/* Sub-commands of cordon policy that have files of their own. */
extern const struct cmd policy_diff;
extern const struct cmd policy_show;

/* Prints what b decides otherwise than a, as that command does; 0 or a
 * sysexits code after a line that says why. */
struct policy_files;
int policy_diff_files(const struct policy_files *a,
    const struct policy_files *b, const char *workspace);

#endif /* CORDON_CMD_POLICY_H */
