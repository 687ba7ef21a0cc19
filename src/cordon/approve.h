/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_APPROVE_H
#define CORDON_APPROVE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/layer.h"
#include "conf/paths.h"
#include "proto/msg.h"

struct session;
struct question;

#define APPROVE_OPEN_MAX 32 /* questions at a time; the next is a no */

/*
 * Answers the gate's ASK where no person is there: by a program of the
 * person's own, which is asked as cordon-exec(1) says.  Main alone starts it
 * and main alone answers for it, so neither the model, nor what it runs, nor
 * the front has a say.
 */
struct approver {
	const struct conf *conf; /* borrowed, as are the others */
	const struct paths *paths;
	const char *workspace;
	struct session *session;
	char program[PATH_MAX]; /* absolute, without links; empty: none */
	uint8_t hash[32];       /* of it, when the session began */
	struct question *open[APPROVE_OPEN_MAX]; /* owned */
};

/*
 * Finds and judges the program that approve.command names, if it names one:
 * it must be the person's or root's, and lie where no command of the session
 * can write.  ERR_PERM, ERR_NOENT, ... with a line in why.
 */
int approver_init(struct approver *a, char *why, size_t size);
void approver_fini(struct approver *a);

/* The handler of ASK calls this.  The patch of m is owned. */
int approver_ask(struct approver *a, uint32_t id, struct msg_ask *m);

#endif /* CORDON_APPROVE_H */
