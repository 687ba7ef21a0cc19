/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs a command as an unprivileged container would: no new namespaces, as a
 * container's seccomp profile has it, and no capabilities.
 *
 * usage: nouserns [-l | -s | -k] COMMAND [ARG ...]
 *
 * With -l there is no Landlock either, with -s no filter of system calls; with
 * -k all is as it is, but for a flag of filters that came with Linux 5.19.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const unsigned long flags[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID,
    CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS};

#define WAIT_KILLABLE (1ul << 5) /* SECCOMP_FILTER_FLAG_, linux/seccomp.h */

static int
refuse(char lacks)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t eperm = SCMP_ACT_ERRNO(EPERM);
	size_t i;
	int r;

	if (ctx == NULL)
		return -1;
	if (lacks == 'k') {
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL),
		    SCMP_SYS(seccomp), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, WAIT_KILLABLE, WAIT_KILLABLE));
		r = r == 0 ? seccomp_load(ctx) : r;
		seccomp_release(ctx);
		return r;
	}
	r = seccomp_rule_add(ctx, eperm, SCMP_SYS(unshare), 0);
	r |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	r |= seccomp_rule_add(ctx, eperm, SCMP_SYS(mount), 0);
	if (lacks == 'l')
		r |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(landlock_create_ruleset), 0);
	if (lacks == 's') {
		r |= seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
		r |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL),
		    SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_SECCOMP));
	}
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		r |= seccomp_rule_add(ctx, eperm, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

int
main(int argc, char *argv[])
{
	struct __user_cap_header_struct self = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	char lacks = argc > 1 && argv[1][0] == '-' ? argv[1][1] : '\0';
	int cap;

	argv += lacks != '\0' ? 1 : 0;
	argc -= lacks != '\0' ? 1 : 0;
	for (cap = 0; lacks != 'k' && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0;
	     cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (argc < 2 ||
	    (lacks != 'k' && syscall(SYS_capset, &self, none) == -1) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    refuse(lacks) != 0) {
		perror("nouserns");
		return 125;
	}
	(void)execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
