/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_HOLDER_H
#define SANDBOX_HOLDER_H

#include <sys/types.h>

/*
 * A child that holds the namespaces of a world to come: a user namespace and
 * in it mounts, a network with a loopback, IPC and UTS.  The kernel takes
 * longer for a network than for all the rest, and none of these depends on
 * the ceiling, so they are made while main still finds out what that is.
 *
 * Once they are joined it makes one mount of what it is given, beside the
 * process that builds the world.
 */
struct holder {
	pid_t pid; /* or 0 */
	int pidfd; /* owned, or -1 */
	int sock;  /* owned, or -1: where it says that it is done */
};

#define HOLDER_NONE                                                            \
	{                                                                      \
		0, -1, -1                                                      \
	}

/* HOLDER_OWN: uid and gid of the caller, and nobody else exists.
 * HOLDER_MAPPED, for root: unprivileged ids, see userns.h. */
enum holder_ids { HOLDER_OWN, HOLDER_MAPPED };

#define HOLDER_FDS 3 /* that a mount is made of */
/* A mount, or an error with errno. */
typedef int holder_work(const int fds[HOLDER_FDS]);

/* ERR_IO; then there is none. */
int holder_start(struct holder *h, enum holder_ids ids, holder_work *work);
/* A descriptor of its user namespace, which the caller owns; or ERR_IO. */
int holder_userns(const struct holder *h);
/* Moves the calling, single-threaded process into the namespaces of these
 * kinds (CLONE_NEW*), once they are there.  ERR_IO, with errno. */
int holder_join(struct holder *h, int kinds);
/* Has it work on these, as the namespace's root where ids are mapped; then
 * the mount, which the caller owns.  ERR_IO, with errno. */
int holder_ask(struct holder *h, const int fds[HOLDER_FDS]);
int holder_answer(struct holder *h);
/* Kills it if it is there, and reaps it. */
void holder_end(struct holder *h);

#endif /* SANDBOX_HOLDER_H */
