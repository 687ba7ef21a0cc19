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

/* Where we are, and whose home it is; everything else of f stays empty. */
int policy_where(struct in_force *f);
/* f is new, and due to policy_out_of_force in either case.  Says what is
 * wrong, and returns an exit status. */
int policy_in_force(struct in_force *f, const struct cmd_line *line);
void policy_out_of_force(struct in_force *f);

/* What is decided about the line of a test. */
enum effect
policy_test_effect(const struct in_force *f, const struct policy_test *t);

/* Sub-commands of cordon policy, each in a file of its own. */
extern const struct cmd policy_check;
extern const struct cmd policy_diff;
extern const struct cmd policy_explain;
extern const struct cmd policy_grants;
extern const struct cmd policy_show;
extern const struct cmd policy_test;

/* Prints what b decides otherwise than a, as that command does; 0 or a
 * sysexits code after a line that says why. */
struct policy_files;
int policy_diff_files(const struct policy_files *a,
    const struct policy_files *b, const char *workspace);
/* Prints the rules that decide something, the strictest first; the same. */
int policy_show_files(const struct policy_files *files);

#endif /* CORDON_CMD_POLICY_H */
