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

#include <errno.h>
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

/* With a descriptor by which somebody else answers. */
static int
filter_load_answered(struct sock_fprog prog, unsigned long flags)
{
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &prog);

	return fd == -1 ? ERR_IO : (int)fd;
}

int
filter_load_supervised(const struct filter *f)
{
	/* A caller that waits for the broker is not woken by signals, or it
	 * would ask again for what was done already. */
	return filter_load_answered(
	    filter_program(f), SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

int
filter_load_told(const struct filter *f)
{
	static struct sock_filter told[BPF_MAXINSNS];
	size_t i;

	for (i = 0; i < f->len; i++) {
		told[i] = f->code[i];
		if (told[i].code == (BPF_RET | BPF_K) &&
		    (told[i].k == (SECCOMP_RET_ERRNO | EPERM) ||
			told[i].k == (SECCOMP_RET_ERRNO | EAFNOSUPPORT)))
			told[i].k = SECCOMP_RET_USER_NOTIF;
	}
	return filter_load_answered((struct sock_fprog){f->len, told}, 0);
}

const char *
filter_call(int nr)
{
	const size_t n = sizeof(filter_calls) / sizeof(filter_calls[0]);

	return nr < 0 || (size_t)nr >= n || filter_calls[nr] == NULL
		   ? "?"
		   : filter_calls[nr];
}
