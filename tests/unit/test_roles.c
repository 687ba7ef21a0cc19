/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: roles.c is sound as data.  What the rows do to a process is
 * tested by tests/regress/10-boundary.sh. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "base/err.h"
#include "proto/role.h"
#include "sandbox/compile.h"
#include "sandbox/confine.h"
#include "sandbox/roles.h"

/* Each that confines itself has a row, and only one. */
static void
every_role_has_a_row(void **state)
{
	static const unsigned others =
	    ROLE_BIT(ROLE_MAIN) | ROLE_BIT(ROLE_CELL) | ROLE_BIT(ROLE_OPEN) |
	    ROLE_BIT(ROLE_TOOL);
	size_t i, rows, all = 0;
	const char *word;
	unsigned r;

	(void)state;
	for (r = 0; r <= ROLE_MCP; r++) {
		word = role_word((enum role)r);
		for (i = rows = 0; i < role_rights_len; i++)
			rows += strcmp(role_rights[i].role, word) == 0;
		if ((others & ROLE_BIT(r)) != 0) {
			assert_int_equal(rows, 0);
			assert_int_equal(confine_role(word, NULL), ERR_NOENT);
		} else
			assert_int_equal(rows, 1);
		all += rows;
	}
	assert_int_equal(all, role_rights_len);
}

/* Counts the rules for nr in a role, with and without a condition. */
static void
count(const struct role_rights *rr, int nr, int *plain, int *when, int *sets)
{
	const struct sys_right *r;
	bool here;
	size_t i;

	*plain = *when = *sets = 0;
	for (i = 0; i < ROLE_SETS_MAX && rr->sets[i] != NULL; i++) {
		here = false;
		for (r = rr->sets[i]->rights; r->nr != -1; r++) {
			if (r->nr != nr)
				continue;
			if (r->err != 0 && r->arg == SYS_ANY)
				continue; /* refused, in all cases */
			here = true;
			if (r->arg == SYS_ANY)
				(*plain)++;
			else
				(*when)++;
		}
		*sets += here;
	}
}

static void
no_rule_hides_another(void **state)
{
	int nr, plain, when, sets;
	size_t i;

	(void)state;
	for (i = 0; i < role_rights_len; i++)
		for (nr = 0; nr < 1024; nr++) {
			count(&role_rights[i], nr, &plain, &when, &sets);
			if (plain > 1 || (plain == 1 && when > 0) || sets > 1)
				fail_msg("%s: rules for system call %d overlap",
				    role_rights[i].role, nr);
		}
}

/* Calls that no role of ours but the cells may ever have. */
static const int never[] = {__NR_execve, __NR_execveat, __NR_fork, __NR_vfork,
    __NR_clone, __NR_clone3, __NR_ptrace, __NR_process_vm_readv,
    __NR_process_vm_writev, __NR_mount, __NR_umount2, __NR_unshare, __NR_setns,
    __NR_bpf, __NR_io_uring_setup, __NR_keyctl, __NR_add_key, __NR_request_key,
    __NR_perf_event_open, __NR_userfaultfd, __NR_chroot, __NR_pivot_root,
    __NR_setuid, __NR_setresuid, __NR_open_by_handle_at, __NR_pidfd_getfd,
    __NR_init_module, __NR_kexec_load, __NR_reboot, __NR_personality,
    __NR_chmod, __NR_memfd_secret};

static void
no_listed_role_has_a_forbidden_call(void **state)
{
	int plain, when, sets;
	size_t i, j;

	(void)state;
	for (i = 0; i < role_rights_len; i++)
		for (j = 0; j < sizeof(never) / sizeof(never[0]); j++) {
			count(&role_rights[i], never[j], &plain, &when, &sets);
			assert_int_equal(plain + when, 0);
		}
}

/* The design's privilege table, for those who must have nothing. */
static void
the_model_and_the_gate_have_nothing(void **state)
{
	static const int calls[] = {__NR_socket, __NR_connect, __NR_bind,
	    __NR_listen, __NR_accept, __NR_accept4, __NR_open, __NR_openat,
	    __NR_openat2, __NR_creat, __NR_unlink, __NR_rename, __NR_mkdir};
	static const char *const roles[] = {"model", "gate", "load", "ui"};
	const struct role_rights *rr;
	int plain, when, sets;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		rr = role_rights_find(roles[i]);
		assert_non_null(rr);
		assert_null(rr->fs[0].path);
		assert_true(rr->tcp == 0);
		for (j = 0; j < sizeof(calls) / sizeof(calls[0]); j++) {
			count(rr, calls[j], &plain, &when, &sets);
			assert_int_equal(plain + when, 0);
		}
	}
}

static void
the_filter_is_small(void **state)
{
	int nr, plain, when, sets, calls;
	size_t i;

	(void)state;
	for (i = 0; i < role_rights_len; i++) {
		for (calls = nr = 0; nr < 1024; nr++) {
			count(&role_rights[i], nr, &plain, &when, &sets);
			calls += plain + when > 0;
		}
		assert_true(calls <= 75);
	}
}

static void
same(const struct filter *f, const struct compiled *c)
{
	assert_non_null(f);
	assert_int_equal(f->len, c->len);
	assert_memory_equal(f->code, c->code, c->len * sizeof(c->code[0]));
}

/* What the build linked is what this machine's libseccomp makes of it. */
static void
the_filters_are_those_of_the_tables(void **state)
{
	static struct compiled c;
	size_t i;

	(void)state;
	for (i = 0; i < FILTER_KINDS; i++) {
		assert_int_equal(compile_kind(&c, (enum filter_kind)i), 0);
		same(filter_of((enum filter_kind)i), &c);
	}
	for (i = 0; i < role_rights_len; i++) {
		assert_int_equal(compile_role(&c, &role_rights[i]), 0);
		same(filter_of_role(role_rights[i].role), &c);
	}
}

#define ERRNO(e) (SECCOMP_RET_ERRNO | (uint32_t)(e))

/* What a filter says is what the kernel makes of it; tests/helper/syscalls
 * asks the kernel itself. */
static void
a_filter_says_what_it_does(void **state)
{
	static const struct {
		int nr;
		uint32_t arch, full, lsm;
		uint64_t arg[3];
	} rows[] = {{__NR_read, AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW,
			SECCOMP_RET_ALLOW, {0}},
	    {__NR_bpf, AUDIT_ARCH_X86_64, ERRNO(EPERM), ERRNO(EPERM), {0}},
	    {__NR_clone3, AUDIT_ARCH_X86_64, ERRNO(ENOSYS), ERRNO(ENOSYS), {0}},
	    {__NR_connect, AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW,
		SECCOMP_RET_USER_NOTIF, {0}},
	    {__NR_chmod, AUDIT_ARCH_X86_64, ERRNO(EPERM),
		SECCOMP_RET_USER_NOTIF, {0, S_ISUID | 0755}},
	    {__NR_mkdir, AUDIT_ARCH_X86_64, ERRNO(EPERM), ERRNO(EPERM),
		{0, S_ISGID | 0755}},
	    {__NR_mkdir, AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW,
		SECCOMP_RET_ALLOW, {0, 0755}},
	    {__NR_socket, AUDIT_ARCH_X86_64, ERRNO(EAFNOSUPPORT),
		ERRNO(EAFNOSUPPORT), {AF_VSOCK, SOCK_STREAM}},
	    {__NR_socket, AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW, ERRNO(EACCES),
		{AF_INET, SOCK_DGRAM}},
	    {__NR_personality, AUDIT_ARCH_X86_64, ERRNO(EPERM), ERRNO(EPERM),
		{ADDR_NO_RANDOMIZE}},
	    {__NR_personality, AUDIT_ARCH_X86_64, SECCOMP_RET_ALLOW,
		SECCOMP_RET_ALLOW, {0xFFFFFFFF}},
	    {100000, AUDIT_ARCH_X86_64, ERRNO(ENOSYS), ERRNO(ENOSYS), {0}},
	    {__NR_read, AUDIT_ARCH_I386, SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_KILL_PROCESS, {0}},
	    {0x40000000, AUDIT_ARCH_X86_64, SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_KILL_PROCESS, {0}}};
	struct seccomp_data d = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		d.nr = rows[i].nr;
		d.arch = rows[i].arch;
		memcpy(d.args, rows[i].arg, sizeof(rows[i].arg));
		assert_int_equal(filter_says(filter_of(FILTER_FOR_COMMAND), &d),
		    rows[i].full);
		assert_int_equal(
		    filter_says(filter_of(FILTER_FOR_COMMAND_LSM), &d),
		    rows[i].lsm);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_role_has_a_row),
	    cmocka_unit_test(no_rule_hides_another),
	    cmocka_unit_test(no_listed_role_has_a_forbidden_call),
	    cmocka_unit_test(the_model_and_the_gate_have_nothing),
	    cmocka_unit_test(the_filter_is_small),
	    cmocka_unit_test(the_filters_are_those_of_the_tables),
	    cmocka_unit_test(a_filter_says_what_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
