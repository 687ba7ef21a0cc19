/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <stddef.h>
#include <stdint.h>

struct seccomp_data;
struct sock_filter;

/*
 * A system call filter, compiled by the build (compile.c) and loaded by each
 * process that it holds.  Those of roles permit what roles.c lists, and kill.
 * Those of commands permit what compilers, package managers, git, interpreters
 * and debuggers need; what widens the kernel's attack surface or reaches out
 * of the cell is refused with an errno that programs understand; other
 * architectures kill.
 */
struct filter {
	const struct sock_filter *code;
	unsigned short len; /* instructions */
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

const struct filter *filter_of(enum filter_kind kind);
/* Of a role that has a list, or NULL. */
const struct filter *filter_of_role(const char *role);
/* For good; needs no_new_privs.  Async-signal-safe. */
int filter_load(const struct filter *f);
/* The same; returns a descriptor (seccomp_unotify(2)) by which somebody else
 * answers for the calls that the filter supervises.  The caller owns it. */
int filter_load_supervised(const struct filter *f);
/*
 * The same, and more is answered for: the given calls whatever the filter says
 * of them, and what it refuses, of which only so somebody hears.  Who has the
 * descriptor asks filter_says and may not be milder.  ENOSYS is not told, for
 * which programs ask to fall back on something else.
 */
int filter_load_told(const struct filter *f, const int *calls, size_t n);
/* The same of the given calls alone, and of open(2) and openat(2) as far as
 * their flags say that something is written. */
int filter_load_writes(const struct filter *f, const int *calls, size_t n);
/* What the filter says of one call: SECCOMP_RET_*. */
uint32_t filter_says(const struct filter *f, const struct seccomp_data *d);
/* The name of a system call, or "?". */
const char *filter_call(int nr);

#endif /* SANDBOX_FILTER_H */
