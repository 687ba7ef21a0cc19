/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_REPORT_H
#define CORDON_REPORT_H

struct cmd_line;

/*
 * Becomes cordon-report for a command of the audit and sessions groups: the
 * options and operands as they were given, an environment of its own, no
 * descriptor but the three.  Returns an exit status only if that fails.
 */
int report_run(const struct cmd_line *line);
/* The same as a command of that group, with more options, whole and ended by
 * NULL, before the others. */
int report_run_with(
    const struct cmd_line *line, const char *group, const char *const *more);

#endif /* CORDON_REPORT_H */
