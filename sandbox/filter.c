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
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/filter.h"

#define FILTER_TOLD_MAX 200 /* calls; a jump over them all has 8 bits */

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

int
filter_load(const struct filter *f)
{
	/* The kernel only reads it, and its type does not say so. */
	struct sock_fprog prog = {
	    f->len, (struct sock_filter *)(uintptr_t)f->code};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == -1)
		return ERR_IO;
	return 0;
}

/* With a descriptor by which somebody else answers.  A caller that waits for
 * the broker is not woken by signals, or it would ask again for what was done
 * already; a kernel before 5.19 does not know that, nor tier lsm, in which
 * alone something is done. */
static int
filter_load_answered(unsigned short len, struct sock_filter *code)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	struct sock_fprog prog = {len, code};
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);

	if (fd == -1 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
	return fd == -1 ? ERR_IO : (int)fd;
}

int
filter_load_supervised(const struct filter *f)
{
	return filter_load_answered(
	    f->len, (struct sock_filter *)(uintptr_t)f->code);
}

/* Whether somebody is to be told of a refusal. */
static bool
filter_is_told(const struct sock_filter *w)
{
	return w->code == (BPF_RET | BPF_K) &&
	       (w->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
	       (w->k & SECCOMP_RET_DATA) != ENOSYS;
}

/* Another architecture is left for the filter, which kills it; the tests in
 * more follow those for the calls, and go on behind them. */
static int
filter_load_asking(const struct filter *f, const int *calls, size_t n,
    const struct sock_filter *more, size_t nmore, bool refusals)
{
	static struct sock_filter told[BPF_MAXINSNS];
	struct sock_filter *w = told;
	size_t i;

	if (n + nmore > FILTER_TOLD_MAX ||
	    f->len + n + nmore + 5 > BPF_MAXINSNS)
		return ERR_SPACE;
	*w++ = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	*w++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    AUDIT_ARCH_X86_64, 0, (uint8_t)(n + nmore + 3));
	*w++ = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < n; i++)
		*w++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (uint32_t)calls[i], (uint8_t)(n - i + nmore), 0);
	for (i = 0; i < nmore; i++)
		*w++ = more[i];
	*w++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0);
	*w++ = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	for (i = 0; i < f->len; i++, w++) {
		*w = f->code[i];
		if (refusals && filter_is_told(w))
			w->k = SECCOMP_RET_USER_NOTIF;
	}
	return filter_load_answered((unsigned short)(w - told), told);
}

int
filter_load_told(const struct filter *f, const int *calls, size_t n)
{
	return filter_load_asking(f, calls, n, NULL, 0, true);
}

int
filter_load_writes(const struct filter *f, const int *calls, size_t n)
{
	static const struct sock_filter opens[] = {
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 2),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, args[2])),
	    BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_open, 0, 2),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, args[1])),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
		O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 1, 0)};

	return filter_load_asking(
	    f, calls, n, opens, sizeof(opens) / sizeof(opens[0]), false);
}

/* The instructions that libseccomp and compile.c use, seccomp(2); any other
 * would be a fault of the build, and kills. */
uint32_t
filter_says(const struct filter *f, const struct seccomp_data *d)
{
	const struct sock_filter *w;
	uint32_t a = 0;
	size_t at;
	bool jump;

	for (at = 0; at < f->len; at++) {
		w = &f->code[at];
		switch (w->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (w->k > sizeof(*d) - sizeof(a))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)d + w->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= w->k;
			continue;
		case BPF_RET | BPF_K:
			return w->k;
		case BPF_JMP | BPF_JA:
			at += w->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == w->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > w->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= w->k;
			break;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
		at += jump ? w->jt : w->jf;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

const char *
filter_call(int nr)
{
	const size_t n = sizeof(filter_calls) / sizeof(filter_calls[0]);

	return nr < 0 || (size_t)nr >= n || filter_calls[nr] == NULL
		   ? "?"
		   : filter_calls[nr];
}
