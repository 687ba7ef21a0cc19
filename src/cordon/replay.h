/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_REPLAY_H
#define CORDON_REPLAY_H

/*
 * Has cordon-report ask a policy about the calls that a log holds: what it
 * would have decided otherwise than the log says.  file is the person's own
 * over the default profile; session is the beginning of an id, or NULL for the
 * last.  Returns only with what went wrong.
 */
int replay_run(const char *session, const char *file);

#endif /* CORDON_REPLAY_H */
