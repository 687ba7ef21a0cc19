/* SPDX-License-Identifier: Apache-2.0 */

/* Library: namespaces that are made ahead, see holder.h. */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "sandbox/holder.h"
#include "sandbox/loopback.h"
#include "sandbox/userns.h"

#define HOLDER_SOCK 0 /* all that it keeps open */

/* Whoever wants to join has to be allowed to look at it, ptrace(2). */
static int
holder_make(enum holder_ids ids)
{
	char byte;

	if (ids == HOLDER_OWN && userns_own(getuid(), getgid()) != 0)
		return ERR_IO;
	if (ids == HOLDER_MAPPED && read(HOLDER_SOCK, &byte, 1) != 1)
		return ERR_IO;
	if (prctl(PR_SET_DUMPABLE, 1) == -1 ||
	    unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == -1)
		return ERR_IO;
	return loopback_up();
}

/* Says 0 or an errno, and waits for its end. */
static _Noreturn void
holder_run(enum holder_ids ids, int sock)
{
	int err = EBADF;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(sock, HOLDER_SOCK) != -1 &&
	    syscall(SYS_close_range, HOLDER_SOCK + 1u, ~0u, 0) != -1)
		err = holder_make(ids) == 0 ? 0 : errno;
	(void)!write(HOLDER_SOCK, &err, sizeof(err));
	while (read(HOLDER_SOCK, &err, sizeof(err)) > 0)
		;
	_exit(0);
}

int
holder_start(struct holder *h, enum holder_ids ids)
{
	unsigned long flags = CLONE_PIDFD | SIGCHLD;
	int fds[2];
	long pid;

	if (ids == HOLDER_MAPPED)
		flags |= CLONE_NEWUSER;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		return ERR_IO;
	pid = syscall(SYS_clone, flags, NULL, &h->pidfd, NULL, 0UL);
	if (pid == 0)
		holder_run(ids, fds[1]);
	(void)close(fds[1]);
	h->sock = fds[0];
	h->pid = pid == -1 ? 0 : (pid_t)pid;
	if (pid != -1 && (ids == HOLDER_OWN || (userns_map(h->pid) == 0 &&
						   write(h->sock, "", 1) == 1)))
		return 0;
	holder_end(h);
	return ERR_IO;
}

int
holder_userns(const struct holder *h)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/ns/user", (long)h->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd == -1 ? ERR_IO : fd;
}

int
holder_join(struct holder *h, int kinds)
{
	int err = EPIPE;

	(void)!read(h->sock, &err, sizeof(err));
	if (err == 0 && setns(h->pidfd, kinds) == -1)
		err = errno;
	fd_close(&h->sock); /* which ends it */
	errno = err;
	return err == 0 ? 0 : ERR_IO;
}

void
holder_end(struct holder *h)
{
	int saved = errno;

	if (h->pid != 0) {
		(void)kill(h->pid, SIGKILL);
		(void)waitpid(h->pid, NULL, 0);
	}
	h->pid = 0;
	fd_close(&h->pidfd);
	fd_close(&h->sock);
	errno = saved;
}
