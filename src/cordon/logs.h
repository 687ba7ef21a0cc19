/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_LOGS_H
#define CORDON_LOGS_H

#include <stdbool.h>
#include <stddef.h>

struct session;

/* What is written down of a session. */
struct logs {
	const char *state; /* borrowed, as are the others */
	const char *cwd;
	const char *fork;   /* the id of a session whose transcript is copied */
	const char *policy; /* hash of it */
	const char *tier;   /* what holds the commands */
	bool again;         /* the session is gone on with */
	bool transcript;    /* one is kept */
	bool danger;        /* nothing is confined */
};

/*
 * Opens the files of the session and hands them to audit (and to model, what
 * it goes on from), tells audit what the open record says.  An exit status,
 * with a line in why unless it is EX_OK.
 */
int logs_hand(struct session *s, const struct logs *l, char *why, size_t size);

#endif /* CORDON_LOGS_H */
