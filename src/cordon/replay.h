/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_REPLAY_H
#define CORDON_REPLAY_H

/*
 * Has cordon-report ask a policy about the calls that a log holds: what it
 * would have decided otherwise than the log says.  file is the person's own
 * over the default profile; line is that of `cordon audit replay`.  Returns
 * only with what went wrong.
 */
struct cmd_line;
int replay_run(const struct cmd_line *line, const char *file);

#endif /* CORDON_REPLAY_H */
