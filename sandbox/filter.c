/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the system call filters, as the build compiled them.
 *
 * mkfilters made the tables of compile.c and roles.c into filters.h; here
 * they are found and loaded.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/filter.h"

struct filter_row {
	const char *role;
	struct filter filter;
};

#define FILTER(code)                                                           \
	{                                                                      \
		(code), sizeof(code) / sizeof((code)[0])                       \
	}

/* filter_kinds, by enum filter_kind; filter_roles, ended by a NULL role. */
#include "sandbox/filters.h"

const struct filter *
filter_of(enum filter_kind kind)
{
	return &filter_kinds[kind];
}

const struct filter *
filter_of_role(const char *role)
{
	const struct filter_row *row;

	for (row = filter_roles; row->role != NULL; row++)
		if (strcmp(row->role, role) == 0)
			return &row->filter;
	return NULL;
}

static struct sock_fprog
filter_program(const struct filter *f)
{
	/* The kernel only reads it, and its type does not say so. */
	return (struct sock_fprog){
	    f->len, (struct sock_filter *)(uintptr_t)f->code};
}

int
filter_load(const struct filter *f)
{
	struct sock_fprog prog = filter_program(f);

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == -1)
		return ERR_IO;
	return 0;
}

int
filter_load_supervised(const struct filter *f)
{
	struct sock_fprog prog = filter_program(f);
	long fd;

	/* A caller that waits for the broker is not woken by signals, or it
	 * would ask again for what was done already. */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER |
		SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	    &prog);
	return fd == -1 ? ERR_IO : (int)fd;
}
