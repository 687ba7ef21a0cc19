/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The system call filter of commands: what compilers, package managers, git,
 * interpreters and debuggers need is permitted, what widens the kernel's
 * attack surface or reaches out of the cell is refused with an errno that
 * programs understand; other architectures kill.  Compiled once, loaded by
 * each child.
 */
struct filter {
	void *code; /* owned: struct sock_filter[] */
	unsigned short len;
};

enum filter_kind {
	FILTER_FOR_COMMAND,
	FILTER_FOR_COMMAND_LSM, /* no namespaces: what would reach outside and
				   Landlock does not see goes to the broker */
	FILTER_FOR_COMMAND_NET, /* the same with the host's network */
	FILTER_FOR_BROKER,      /* the init that answers for those two */
	FILTER_FOR_CELL /* the process that builds: namespaces, mounts too */
};
#define FILTER_KINDS (FILTER_FOR_CELL + 1)

int filter_build(struct filter *f, enum filter_kind kind);
void filter_fini(struct filter *f);
/* For good; needs no_new_privs.  Async-signal-safe. */
int filter_load(const struct filter *f);
/* The same; returns a descriptor (seccomp_unotify(2)) by which somebody else
 * answers for the calls that the filter supervises.  The caller owns it. */
int filter_load_supervised(const struct filter *f);

#endif /* SANDBOX_FILTER_H */
