/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_START_H
#define CORDON_START_H

#include <sys/types.h>

#include <stddef.h>

#include "proto/role.h"

/* What a role is given when it is re-executed. */
struct start {
	enum role role;
	const char *program;     /* borrowed; NULL: cordon-WORD of libexec */
	int stdio[3];            /* borrowed; -1: /dev/null */
	int main;                /* borrowed; becomes FD_MAIN */
	int peers[ROLE_COUNT];   /* borrowed; -1: none; become FD_PEER() */
	int extra[FD_EXTRA_MAX]; /* borrowed; -1: none; become FD_EXTRA + n */
};

void start_init(struct start *st, enum role role);

/*
 * Forks and executes the role's program with exactly those descriptors, an
 * environment rebuilt from a table and the title "cordon: WORD".  Returns
 * the pid and a pidfd that the caller owns, or an error.
 */
int start_role(const struct start *st, pid_t *pid, int *pidfd);

/* Becomes the role's program with this argv, the three standard descriptors
 * and that environment.  Returns only on an error. */
int start_become(enum role role, char *const argv[]);

/*
 * The folder of the private programs: ../libexec/cordon from our own
 * executable, or its own folder in a build tree.  NULL if there is none.
 */
const char *start_libexec(void);
/* The path of cordon-WORD in it; ERR_NOENT, ERR_SPACE. */
int start_program(char *dst, size_t size, const char *word);
/* The path of a file that lies with our executable, below being the way from
 * its folder with slashes at both ends; ERR_NOENT, ERR_SPACE, ERR_IO. */
int start_beside(char *dst, size_t size, const char *below, const char *name);

#endif /* CORDON_START_H */
