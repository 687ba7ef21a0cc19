/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_WANT_H
#define CORDON_WANT_H

#include <sys/types.h>

#include "base/buf.h"
#include "conf/layer.h"
#include "cordon/clipboard.h"
#include "cordon/policy.h"
#include "proto/msg.h"

struct session;

enum want_phase {
	WANT_IDLE,
	WANT_INTENT, /* recorded, and not on the disk yet */
	WANT_RUNS,
	WANT_RESULT /* recorded, and not on the disk yet */
};

/* What a person at the front may want of main, one thing at a time. */
struct want {
	struct session *session;    /* borrowed */
	const struct conf *conf;    /* borrowed */
	const struct paths *paths;  /* borrowed */
	const char *workspace;      /* borrowed */
	const char *tier;           /* borrowed: sandbox_tier */
	struct policy_files policy; /* as the session has it */
	enum want_what what;        /* that is under way */
	enum want_phase phase;      /* how far that is */
	pid_t child;                /* of that, or -1: none yet, or no more */
	int pipe;                   /* owned: from it; or -1 */
	struct buf answer;          /* its text so far */
	/* of an image */
	struct clipboard clipboard;
	uint32_t call;  /* the number of its records */
	int image;      /* owned: a memfd that is not sealed yet; or -1 */
	int status;     /* of the child, waitpid(2)'s */
	uint64_t began; /* clock_mono_ms */
	bool left;      /* the person does not wait for it any more */
	bool lost;      /* the audit log is: nothing runs any more */
};

void want_init(struct want *w, struct session *s);
void want_fini(struct want *w);
/* The front's WANT; takes its descriptor.  GIVE follows. */
int want_asked(struct want *w, struct msg_want *m);
/* Audit's ACK of that call's record, and its LOST. */
void want_acked(struct want *w, uint32_t call);
void want_lost(struct want *w);

#endif /* CORDON_WANT_H */
