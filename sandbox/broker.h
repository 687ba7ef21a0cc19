/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_BROKER_H
#define SANDBOX_BROKER_H

#include <sys/types.h>

#include <stdint.h>

#include "sandbox/carve.h"

/*
 * Tier lsm: the init answers for the system calls that Landlock does not
 * cover and that would reach outside of a cell (the table "supervised" in
 * compile_lsm.c).  It never lets such a call go on because of what it saw
 * behind a pointer, which could change after the look: it copies the arguments
 * once, holds the object by a descriptor, judges that, and makes the call
 * itself.
 *
 * In tier full it only refuses: what the filter would have refused by itself,
 * where somebody wants to be told of it (filter_load_told).
 */

/* The sockets that commands of a cell bound, by inode: the only ones that
 * they may connect to.  Shared by the inits of a cell, hence one mapping. */
#define BROKER_BOUND 1024
struct broker_bound {
	uint64_t ino[BROKER_BOUND]; /* 0: free */
	uint32_t next;              /* where the next goes, modulo */
};
struct broker_bound *broker_bound_new(void); /* or NULL */

#define BROKER_DENIED 2048 /* bytes of what was denied, as lines */

struct broker {
	const struct carve *carve; /* borrowed */
	int listener;              /* owned: of the filter; or -1 */
	int proc;                  /* borrowed: /proc */
	char *denied;              /* borrowed: BROKER_DENIED bytes */
};

/* Answers one call; to be called when the listener is readable. */
void broker_answer(struct broker *b);
/* Notes how often something was sent for which there is no network. */
void broker_network(int proc, char *denied);

#endif /* SANDBOX_BROKER_H */
