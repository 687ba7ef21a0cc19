/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_KIN_H
#define SANDBOX_KIN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The processes that descend from one, by /proc: what a PID namespace would
 * tell and end by itself.  Whoever asks must be the subreaper of them
 * (PR_SET_CHILD_SUBREAPER), so that none leaves the family.
 */
enum kin_side { KIN_UNKNOWN, KIN_OURS, KIN_STRANGE };

struct kin {
	struct kin_one {
		pid_t pid, parent, group;
		uint64_t threads;
		enum kin_side side;
	} * all; /* owned: every process that /proc shows */
	size_t n;
};

/* A short file of /proc, or of a process in it (NULL: of none), as a string;
 * its length, or ERR_NOENT. */
ssize_t
kin_text(int proc, const char *pid, const char *name, char *dst, size_t size);
/* The number at or behind *p, and where it ends; 0 if there is none. */
uint64_t kin_number(const char **p);

/* Looks anew; proc is a descriptor of /proc. */
int kin_look(struct kin *k, int proc, pid_t of);
void kin_fini(struct kin *k);

/* Whether a process, or a thread, descends from of. */
bool kin_is(int proc, pid_t pid, pid_t of);

/* Kills and reaps all descendants of the caller until there are none; the
 * process group first, for that is done at once. */
void kin_end(int proc, pid_t group);
/* How many processes and threads the host has, cheaply. */
uint64_t kin_load(int proc);
/* How many of them are the caller's user's; costly. */
uint64_t kin_of_user(int proc);
/* Kills the children of the caller, and theirs, that are not among known. */
void kin_end_strays(int proc, const pid_t *known, size_t n);

#endif /* SANDBOX_KIN_H */
