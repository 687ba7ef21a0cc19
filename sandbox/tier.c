/* SPDX-License-Identifier: Apache-2.0 */

/* Library: which of the two tiers this machine gives. */

#include "config.h"

#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/confine.h"
#include "sandbox/landlock.h"
#include "sandbox/tier.h"

static const char *const tier_words[] = {
    [TIER_FULL] = "full", [TIER_LSM] = "lsm"};

const char *
tier_word(enum tier t)
{
	return tier_words[t];
}

#define TIER_STACK (16 << 10) /* bytes; the child hardly needs one */

static pid_t tier_tried; /* not yet waited for, or 0 */

/*
 * Namespaces may be given and their use refused (a restriction of AppArmor's,
 * a /proc that is covered in parts), so the mounts are made that a call needs.
 * arg is where the errno goes.
 */
static int
tier_child(void *arg)
{
	int *err = arg;

	*err = 0;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) == -1)
		*err = errno;
	_exit(0);
}

void
tier_settle(void)
{
	if (tier_tried > 0)
		(void)waitpid(tier_tried, NULL, 0);
	tier_tried = 0;
}

static int
tier_try_full(char *why, size_t size)
{
	static char stack[TIER_STACK] __attribute__((aligned(16)));
	const char *what = "user namespaces";
	int got = EFAULT, err;
	pid_t pid;

	tier_settle();
	/* As vfork(2): nothing is copied for what ends at once, and what it
	 * found is there before the kernel has taken its namespaces down. */
	pid = clone(tier_child, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | CLONE_NEWUSER | CLONE_NEWNS |
		CLONE_NEWPID | SIGCHLD,
	    &got);
	err = errno;
	if (pid > 0) {
		what = "mounts in a user namespace";
		tier_tried = pid;
		err = got;
		if (err == 0)
			return 0;
	}
	(void)snprintf(why, size, "%s: %s", what, strerror(err));
	return ERR_UNSUPP;
}

bool
tier_has_openat2(void)
{
	/* The kernel's own answer is that there is no structure. */
	return syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0) != -1 ||
	       errno != ENOSYS;
}

static int
tier_try(enum tier t, char *why, size_t size)
{
	if (t == TIER_FULL)
		return tier_try_full(why, size);
	if (landlock_abi() >= TIER_LSM_ABI)
		return 0;
	(void)snprintf(why, size,
	    "tier lsm needs Landlock ABI %d (Linux 6.12), this kernel has %d",
	    TIER_LSM_ABI, landlock_abi());
	return ERR_UNSUPP;
}

int
tier_choose(enum tier *t, const char *wanted, char *why, size_t size)
{
	const char *missing = confine_missing();
	char lsm[160];
	size_t n;

	*t = TIER_FULL;
	why[0] = '\0';
	if (missing != NULL) {
		(void)snprintf(why, size, "this kernel lacks %s", missing);
		return ERR_UNSUPP;
	}
	if (!tier_has_openat2()) {
		(void)snprintf(why, size,
		    "openat2(2) is refused here, as within another cell");
		return ERR_UNSUPP;
	}
	if (wanted != NULL && strcmp(wanted, "auto") != 0) {
		for (*t = TIER_FULL; *t <= TIER_LSM; (*t)++)
			if (strcmp(tier_words[*t], wanted) == 0)
				return tier_try(*t, why, size);
		*t = TIER_FULL;
		(void)snprintf(why, size, "%s is no tier", wanted);
		return ERR_FORMAT;
	}
	if (tier_try(TIER_FULL, why, size) == 0)
		return 0;
	*t = TIER_LSM;
	if (tier_try(TIER_LSM, lsm, sizeof(lsm)) == 0)
		return 0;
	n = strlen(why);
	(void)snprintf(why + n, size - n, "; %s", lsm);
	return ERR_UNSUPP;
}
