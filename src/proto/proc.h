/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_PROC_H
#define PROTO_PROC_H

#include <stdbool.h>

#include "base/loop.h"
#include "proto/chan.h"
#include "proto/msg.h"

/*
 * What every role process does alike.  A role's entry is
 *
 *	proc_init(&p, ROLE_X, &ops, arg);   hardened, channel to main made
 *	... open what must be opened before confinement ...
 *	confine_role(ROLE_X, ...);          no way back (sandbox/confine.h)
 *	return proc_run(&p);                reads its first byte from a peer
 *
 * and main says HELLO, CONF and RULE as often as needed, END; the role then
 * makes its channels and answers READY.
 */

struct proc_peer {
	enum role role;
	const struct chan_handler *handlers; /* borrowed, ended by a NULL fn */
	bool optional;                       /* main may start us without it */
};

struct proc_ops {
	/* Each may be NULL.  A negative result ends the start-up. */
	int (*conf)(void *arg, const struct msg_conf *m);
	int (*rule)(void *arg, const struct msg_rule *m);
	int (*start)(void *arg); /* after END; peers are there, READY follows */
	void (*stop)(void *arg); /* STOP came; default: loop_stop */
	/* The loop has ended, after a start; last words may still be sent. */
	void (*end)(void *arg);
	/* A lesser peer is gone (err as in chan.h); default: nothing. */
	void (*lost)(void *arg, enum role peer, int err);
	const struct proc_peer *peers;   /* borrowed, ended by ROLE_COUNT */
	const struct chan_handler *main; /* borrowed; besides the start-up's */
};

struct proc {
	enum role role;
	unsigned wired;             /* ROLE_BIT set: who has a channel to us */
	const struct proc_ops *ops; /* borrowed */
	void *arg;                  /* borrowed: given to all handlers */
	struct loop *loop;          /* owned */
	struct chan *main;          /* owned */
	struct chan *peers[ROLE_COUNT];   /* owned; NULL if not wired */
	struct chan_handler handlers[24]; /* main's, composed */
	char session[37];
	int code; /* exit status of proc_run */
	bool started;
	bool stopping;
};

/* Dies with a message if the process was not started by main. */
void proc_init(
    struct proc *p, enum role role, const struct proc_ops *ops, void *arg);
int proc_run(struct proc *p); /* the exit status */
void proc_stop(struct proc *p, int code);

#endif /* PROTO_PROC_H */
