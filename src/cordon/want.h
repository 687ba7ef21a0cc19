/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_WANT_H
#define CORDON_WANT_H

#include "base/buf.h"
#include "cordon/policy.h"
#include "proto/msg.h"

struct session;

/* What a person at the front may want of main, one thing at a time. */
struct want {
	struct session *session;    /* borrowed */
	const struct paths *paths;  /* borrowed */
	const char *workspace;      /* borrowed */
	const char *tier;           /* borrowed: sandbox_tier */
	struct policy_files policy; /* as the session has it */
	enum want_what what;        /* that is under way, if pipe is not -1 */
	int pipe;                   /* owned; -1: nothing is */
	struct buf answer;          /* its text so far */
};

void want_init(struct want *w, struct session *s);
void want_fini(struct want *w);
/* The front's WANT; takes its descriptor.  GIVE follows. */
int want_asked(struct want *w, struct msg_want *m);

#endif /* CORDON_WANT_H */
