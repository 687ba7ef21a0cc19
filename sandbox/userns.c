/* SPDX-License-Identifier: Apache-2.0 */

/* Library: user namespaces and their id maps (user_namespaces(7)). */

#include "config.h"

#include <sys/prctl.h>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "sandbox/userns.h"

#define USERNS_COUNT 65536u

static int
userns_write(const char *pid, const char *file, const char *text)
{
	char path[64];
	int fd, r;

	if (str_fmt(path, sizeof(path), "/proc/%s/%s", pid, file) != 0)
		return ERR_SPACE;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return ERR_IO;
	/* One write: the kernel takes a map whole or not at all. */
	r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : ERR_IO;
	(void)close(fd);
	return r;
}

int
userns_own(uid_t uid, gid_t gid)
{
	char umap[64], gmap[64];
	int r = 0;

	(void)snprintf(umap, sizeof(umap), "%u %u 1", uid, uid);
	(void)snprintf(gmap, sizeof(gmap), "%u %u 1", gid, gid);
	if (unshare(CLONE_NEWUSER) == -1)
		return ERR_IO;
	/* The files of a process that is not dumpable belong to root, proc(5);
	 * and only without setgroups may an ordinary user map a group. */
	if (prctl(PR_SET_DUMPABLE, 1) == -1 ||
	    userns_write("self", "setgroups", "deny") != 0 ||
	    userns_write("self", "uid_map", umap) != 0 ||
	    userns_write("self", "gid_map", gmap) != 0)
		r = ERR_IO;
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		r = ERR_IO;
	return r;
}

int
userns_map(pid_t pid)
{
	char map[64], who[16];

	(void)snprintf(who, sizeof(who), "%ld", (long)pid);
	(void)snprintf(map, sizeof(map), "0 %u %u", USERNS_BASE, USERNS_COUNT);
	if (userns_write(who, "uid_map", map) != 0 ||
	    userns_write(who, "gid_map", map) != 0)
		return ERR_IO;
	return 0;
}

int
userns_root(void)
{
	if (setgroups(0, NULL) == -1 || setresgid(0, 0, 0) == -1 ||
	    setresuid(0, 0, 0) == -1)
		return ERR_IO;
	return 0;
}
