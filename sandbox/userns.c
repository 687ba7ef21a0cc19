/* SPDX-License-Identifier: Apache-2.0 */

/* Library: user namespaces and their id maps (user_namespaces(7)). */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
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

/* Lives in the new namespace until the pipe closes. */
static _Noreturn void
userns_holder(int ready, int hold)
{
	char c = 'r';

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER) == -1 || write(ready, &c, 1) != 1)
		_exit(1);
	(void)!read(hold, &c, 1);
	_exit(0);
}

static int
userns_map_holder(pid_t pid)
{
	char map[64], who[16], path[64];
	int fd;

	(void)snprintf(who, sizeof(who), "%ld", (long)pid);
	(void)snprintf(map, sizeof(map), "0 %u %u", USERNS_BASE, USERNS_COUNT);
	if (userns_write(who, "uid_map", map) != 0 ||
	    userns_write(who, "gid_map", map) != 0)
		return ERR_IO;
	(void)snprintf(path, sizeof(path), "/proc/%s/ns/user", who);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd == -1 ? ERR_IO : fd;
}

int
userns_mapped(void)
{
	int ready[2] = {-1, -1}, hold[2] = {-1, -1}, fd = ERR_IO;
	pid_t pid = -1;
	char c;

	if (pipe2(ready, O_CLOEXEC) == 0 && pipe2(hold, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0) {
		fd_close(&hold[1]);
		userns_holder(ready[1], hold[0]);
	}
	fd_close(&ready[1]);
	if (pid > 0 && read(ready[0], &c, 1) == 1)
		fd = userns_map_holder(pid);
	fd_close(&ready[0]);
	fd_close(&hold[0]);
	fd_close(&hold[1]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return fd;
}

int
userns_join(int userns)
{
	if (setns(userns, CLONE_NEWUSER) == -1 || setgroups(0, NULL) == -1 ||
	    setresgid(0, 0, 0) == -1 || setresuid(0, 0, 0) == -1)
		return ERR_IO;
	return 0;
}
