/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_BROKER_H
#define SANDBOX_BROKER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/carve.h"
#include "sandbox/filter.h"

/*
 * Tier lsm: the init answers for the system calls that Landlock does not
 * cover and that would reach outside of a cell (the table "supervised" in
 * compile_lsm.c).  It never lets such a call go on because of what it saw
 * behind a pointer, which could change after the look: it copies the arguments
 * once, holds the object by a descriptor, judges that, and makes the call
 * itself.
 *
 * Where somebody wants to be told what is denied (filter_load_told), it also
 * answers for what the filter refuses, with the same, and looks at what others
 * will refuse; or only at what writes (filter_load_writes).  In tier full that
 * is all.
 */

/* The sockets that commands of a cell bound, by inode: the only ones that
 * they may connect to.  Shared by the inits of a cell, hence one mapping. */
#define BROKER_BOUND 1024
struct broker_bound {
	uint64_t ino[BROKER_BOUND]; /* 0: free */
	uint32_t next;              /* where the next goes, modulo */
};
struct broker_bound *broker_bound_new(void); /* or NULL */

/* Lines of what was denied, each once; a last one says that more were. */
#define BROKER_LINES 4096
struct broker_lines {
	char text[BROKER_LINES];
};
#define BROKER_MORE "and more\n"

/*
 * What was found to be writable, by the name that the command has for it: one
 * that writes thousands of files does so in few folders.  Where the name has
 * become another's meanwhile, what is refused there goes unnoted.
 */
#define BROKER_GOOD      16
#define BROKER_GOOD_NAME 256
struct broker_good {
	char names[BROKER_GOOD][BROKER_GOOD_NAME];
	unsigned next; /* where the next goes, modulo */
};

struct broker {
	const struct filter *filter; /* borrowed: of the command */
	const struct carve *carve;   /* borrowed */
	int listener;                /* owned: of the filter; or -1 */
	int proc;                    /* borrowed: /proc */
	/* Borrowed: what is known to be denied, what is a guess. */
	struct broker_lines *denied, *guessed;
	struct broker_good good;
	int mem; /* owned: the memory of the one who asked last; or -1 */
	uint32_t mem_of; /* whose it is */
};

/* The calls that the broker looks at where somebody wants to be told: all, or
 * those by which a name is written, made or taken away, whatever their flags.
 */
#define BROKER_LOOKS_MAX 64
size_t broker_looks(int calls[BROKER_LOOKS_MAX], bool writes);
/* Answers one call; to be called when the listener is readable. */
void broker_answer(struct broker *b);
/* Notes how often something was sent for which there is no network, since
 * *seen, which is brought up to date; calls that run beside each other on the
 * network of their cell share both.  NULL: of the call's own network, all. */
void broker_network(int proc, uint64_t *seen, struct broker_lines *denied);

#endif /* SANDBOX_BROKER_H */
