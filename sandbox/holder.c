/* SPDX-License-Identifier: Apache-2.0 */

/* Library: namespaces that are made ahead, see holder.h. */

#include "config.h"

#include <sys/mount.h>
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
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return ERR_IO;
	/* What of the others has an owner needs the ids. */
	if (ids == HOLDER_MAPPED && read(HOLDER_SOCK, &byte, 1) != 1)
		return ERR_IO;
	if (prctl(PR_SET_DUMPABLE, 1) == -1 ||
	    unshare(CLONE_NEWNET | CLONE_NEWIPC) == -1)
		return ERR_IO;
	return loopback_up();
}

/* Until somebody asks, or wants its end. */
static void
holder_serve(enum holder_ids ids, holder_work *work)
{
	int fds[HOLDER_FDS], err, i, fd = -1;
	char byte;

	for (i = 0; i < HOLDER_FDS; i++)
		if (fd_receive(HOLDER_SOCK, &fds[i], &byte, 1) != 1 ||
		    fds[i] == -1)
			_exit(0);
	/* A change of the uid makes it outlive its parent, prctl(2). */
	if (ids == HOLDER_OWN ||
	    (userns_root() == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0))
		fd = work(fds);
	err = fd < 0 ? errno : 0;
	if (fd < 0)
		(void)!write(HOLDER_SOCK, &err, sizeof(err));
	else
		(void)fd_send(HOLDER_SOCK, fd, &err, sizeof(err));
}

/* Says 0 or an errno. */
static _Noreturn void
holder_run(enum holder_ids ids, holder_work *work, int sock)
{
	int err = EBADF;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(sock, HOLDER_SOCK) != -1 &&
	    syscall(SYS_close_range, HOLDER_SOCK + 1u, ~0u, 0) != -1)
		err = holder_make(ids) == 0 ? 0 : errno;
	(void)!write(HOLDER_SOCK, &err, sizeof(err));
	holder_serve(ids, work);
	_exit(0);
}

int
holder_start(struct holder *h, enum holder_ids ids, holder_work *work)
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
		holder_run(ids, work, fds[1]);
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
	errno = err;
	return err == 0 ? 0 : ERR_IO;
}

int
holder_ask(struct holder *h, const int fds[HOLDER_FDS])
{
	int i, r = 0;

	for (i = 0; r == 0 && i < HOLDER_FDS; i++)
		r = fd_send(h->sock, fds[i], "", 1);
	return r;
}

int
holder_answer(struct holder *h)
{
	int fd = -1, err = EPIPE;

	if (fd_receive(h->sock, &fd, &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = EPIPE;
	if (err != 0)
		fd_close(&fd);
	errno = err;
	return fd == -1 ? ERR_IO : fd;
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
