/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: confine the calling process to its row in roles.c.
 *
 * The order matters: limits and files first, capabilities next, the system
 * call filter last, because each step needs calls that the next one takes
 * away.  Nothing here is skipped when a feature is missing: an error means
 * that the process must not go on.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "sandbox/confine.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"

#define CAP_PROBE_MAX 64 /* capability numbers the kernel may know */

const char *
confine_missing(void)
{
	if (landlock_abi() < 1)
		return "Landlock (kernel 5.13 with CONFIG_SECURITY_LANDLOCK, "
		       "and landlock in the lsm= list)";
	/* With no filter given, EFAULT says that filters exist. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 &&
	    errno != EFAULT && errno != EACCES)
		return "seccomp filters (CONFIG_SECCOMP_FILTER)";
	return NULL;
}

void
confine_drop_bounding(void)
{
	int cap = 0;

	/* Until there is none of that number.  It needs CAP_SETPCAP; without
	 * it there is nothing to drop, for no_new_privs keeps it
	 * unreachable. */
	while (cap < CAP_PROBE_MAX && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
}

int
confine_drop_caps(void)
{
	struct __user_cap_header_struct self = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		return ERR_IO;
	return syscall(SYS_capset, &self, none) == -1 ? ERR_IO : 0;
}

static int
confine_limit(int resource, uint64_t value)
{
	struct rlimit rl;

	if (getrlimit((__rlimit_resource_t)resource, &rl) == -1)
		return ERR_IO;
	if (value >= rl.rlim_max)
		value = rl.rlim_max;
	rl.rlim_cur = rl.rlim_max = value;
	return setrlimit((__rlimit_resource_t)resource, &rl) == -1 ? ERR_IO : 0;
}

bool
confine_filters(void)
{
#ifdef CORDON_SANITIZED /* its run-time needs calls that no role may have */
	return false;
#else
	return true;
#endif
}

static int
confine_limits(const struct role_rights *rr)
{
	if (confine_limit(RLIMIT_CORE, 0) != 0 ||
	    confine_limit(RLIMIT_NOFILE, rr->nofile) != 0 ||
	    confine_limit(RLIMIT_FSIZE, rr->fsize) != 0)
		return ERR_IO;
	/* The shadow memory of a sanitizer would count as data. */
	if (confine_filters() && confine_limit(RLIMIT_DATA, rr->data) != 0)
		return ERR_IO;
	return 0;
}

static int
confine_files(const struct role_rights *rr, const struct confine_path *extra)
{
	const struct fs_right *f;
	int set, r = 0;

	set = landlock_new((LL_NET_BIND_TCP | LL_NET_CONNECT_TCP) & ~rr->tcp,
	    LL_SCOPE_ABSTRACT | LL_SCOPE_SIGNAL);
	if (set < 0)
		return set;
	for (f = rr->fs; r == 0 && f->path != NULL; f++) {
		r = landlock_allow(set, f->path, f->access);
		if (r == ERR_NOENT)
			r = 0;
	}
	for (; r == 0 && extra != NULL && extra->path != NULL; extra++)
		r = landlock_allow(set, extra->path, extra->access);
	if (r == 0)
		r = landlock_enforce(set);
	(void)close(set);
	return r;
}

int
confine_role(const char *role, const struct confine_path *extra)
{
	const struct role_rights *rr = role_rights_find(role);
	const struct filter *filter = filter_of_role(role);
	int r;

	if (rr == NULL || filter == NULL)
		return ERR_NOENT;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return ERR_IO;
	r = confine_limits(rr);
	if (r == 0)
		r = confine_files(rr, extra);
	confine_drop_bounding();
	if (r == 0)
		r = confine_drop_caps();
	if (r == 0 && confine_filters())
		r = filter_load(filter);
	return r;
}

void
confine_role_or_die(const char *role, const struct confine_path *extra)
{
	int r = confine_role(role, extra);
	const char *missing = r == 0 ? NULL : confine_missing();

	if (r == 0)
		return;
	if (missing != NULL)
		fatalx(EX_UNAVAILABLE, "this kernel lacks %s", missing);
	fatal("cannot confine %s: %s", role, err_str(r));
}
