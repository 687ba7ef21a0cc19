/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: starting one command in the cell.
 *
 * Three processes: the cell, which starts and holds everything; an init of
 * ours, PID 1 of the call's own namespace, which waits, watches the limits
 * and whose death the kernel turns into the death of all the others; and the
 * command.  The init is not dumpable and keeps nothing but its report socket,
 * so the command finds nothing in /proc/1.  It takes on what both are held to,
 * no capabilities and the filter, before the command's process is there: a
 * filter costs more to load than to inherit.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/exec.h"
#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/child_int.h"
#include "sandbox/confine.h"
#include "sandbox/init.h"
#include "sandbox/landlock.h"
#include "sandbox/loopback.h"
#include "sandbox/mnt.h"

#define CHILD_FD_HIGH    64  /* where descriptors wait to be placed */
#define CHILD_EXIT_SETUP 125 /* the report says what failed */
#define CHILD_STACK      (256 << 10)
#define CHILD_PROCS_MORE 64 /* inits, the cell, calls at the same time */

_Noreturn void
child_fail(int out, enum child_how how, const char *what)
{
	struct init_word word = {.how = how, .err = errno};

	(void)strlcpy(word.what, what, sizeof(word.what));
	(void)!write(out, &word, sizeof(word));
	_exit(CHILD_EXIT_SETUP);
}

/* A path to be written that does not exist yet: its folder gets the rights
 * to make it. */
static int
child_allow_parent(int set, const char *path, uint64_t access)
{
	char dir[PATH_MAX];
	char *slash;
	int r = ERR_NOENT;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir))
		return ERR_SPACE;
	while (r == ERR_NOENT && (slash = strrchr(dir, '/')) != NULL) {
		*slash = '\0';
		r = landlock_allow(set, dir[0] == '\0' ? "/" : dir, access);
	}
	return r;
}

static int
child_files(const struct spec *grant)
{
	uint64_t access;
	size_t i;
	int set, r = 0;

	set = landlock_new(0, LL_SCOPE_ABSTRACT | LL_SCOPE_SIGNAL);
	if (set < 0)
		return set;
	for (i = 0; r == 0 && i < grant->npaths; i++) {
		const struct spec_path *p = &grant->paths[i];

		access = landlock_rights(p->access);
		if (p->path[0] != '/' || access == 0)
			continue;
		r = landlock_allow(set, p->path, access);
		if (r == ERR_NOENT && (p->access & SPEC_WRITE) != 0)
			r = child_allow_parent(set, p->path, access);
		if (r == ERR_NOENT)
			r = 0;
	}
	/* The devices of the cell are few and its own. */
	if (r == 0)
		r = landlock_allow(
		    set, "/dev", LL_FS_READ | LL_FS_WRITE | LL_FS_IOCTL_DEV);
	if (r == 0)
		r = landlock_enforce(set);
	(void)close(set);
	return r;
}

struct child_rlimit {
	__rlimit_resource_t what;
	size_t offset; /* in struct spec_limits */
	uint64_t unit; /* of the limit in rlimit's */
	uint64_t more; /* added to it */
	uint64_t hard; /* added to that: until it is for good */
	uint64_t none; /* when the policy gives none */
};

/*
 * Of processes the kernel counts those of the whole cell, so the init has the
 * exact word and this only bounds what comes between two of its looks.  Of
 * the processor's time SIGXCPU has to come before SIGKILL, for it says why.
 */
static const struct child_rlimit child_rlimits[] = {
    {RLIMIT_NPROC, offsetof(struct spec_limits, procs), 1, CHILD_PROCS_MORE, 0,
	4096},
    {RLIMIT_FSIZE, offsetof(struct spec_limits, fsize), 1, 0, 0, RLIM_INFINITY},
    {RLIMIT_NOFILE, offsetof(struct spec_limits, nofile), 1, 0, 0, 4096},
    {RLIMIT_CPU, offsetof(struct spec_limits, cpu_ms), 1000, 0, 1,
	RLIM_INFINITY}};

static int
child_limits(const struct child_conf *conf)
{
	const struct spec_limits *l = &conf->grant->limits;
	struct rlimit rl = {0, 0};
	uint64_t n;
	size_t i;

	if (setrlimit(RLIMIT_CORE, &rl) == -1)
		return ERR_IO;
	for (i = 0; i < sizeof(child_rlimits) / sizeof(child_rlimits[0]); i++) {
		const struct child_rlimit *cr = &child_rlimits[i];

		memcpy(&n, (const char *)l + cr->offset, sizeof(n));
		n = n == 0 ? cr->none
			   : (n + cr->unit - 1) / cr->unit + cr->more;
		if (cr->what == RLIMIT_NPROC && conf->lsm != NULL)
			continue; /* the broker counts */
		if (getrlimit(cr->what, &rl) == -1)
			return ERR_IO;
		rl.rlim_cur = n < rl.rlim_max ? n : rl.rlim_max;
		if (n < rl.rlim_max && rl.rlim_max - n > cr->hard)
			rl.rlim_max = n + cr->hard;
		if (setrlimit(cr->what, &rl) == -1)
			return ERR_IO;
	}
	return 0;
}

/* 0, 1 and 2, and the way to the init; nothing else survives. */
static int
child_descriptors(const struct child_conf *conf, int *out)
{
	int high[3], i;

	for (i = 0; i < 3; i++) {
		high[i] = fcntl(conf->stdio[i], F_DUPFD_CLOEXEC, CHILD_FD_HIGH);
		if (high[i] == -1)
			return ERR_FD;
	}
	*out = fcntl(*out, F_DUPFD_CLOEXEC, CHILD_FD_HIGH);
	if (*out == -1)
		return ERR_FD;
	for (i = 0; i < 3; i++)
		if (dup2(high[i], i) == -1)
			return ERR_FD;
	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		return ERR_UNSUPP;
	return 0;
}

_Noreturn void
child_execute(const struct child_conf *conf, int out)
{
	exec_path(conf->argv, conf->env);
	child_fail(out,
	    errno == ENOENT || errno == ENOTDIR ? CHILD_NOTFOUND : CHILD_NOEXEC,
	    conf->argv[0]);
}

void
child_prepare(const struct child_conf *conf, int *out)
{
	(void)setsid();
	if (conf->tty && ioctl(conf->stdio[0], TIOCSCTTY, 0) == -1)
		child_fail(*out, CHILD_NOSTART, "controlling terminal");
	if (child_descriptors(conf, out) != 0)
		child_fail(*out, CHILD_NOSTART, "descriptors");
	exec_signals_default();
	(void)umask(022);
	(void)prctl(PR_SET_PDEATHSIG, 0);
	if (chdir(conf->cwd) == -1)
		child_fail(*out, CHILD_NOSTART, conf->cwd);
	if (child_limits(conf) != 0)
		child_fail(*out, CHILD_NOSTART, "limits");
}

/* The command's process, up to the execution. */
static _Noreturn void
child_command(const struct child_conf *conf, int out)
{
	child_prepare(conf, &out);
	if (child_files(conf->grant) != 0)
		child_fail(out, CHILD_NOSTART, "Landlock");
	child_execute(conf, out);
}

/* A proc that shows this call's processes only. */
static int
child_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) == -1)
		return ERR_IO;
	return 0;
}

struct child_start {
	const struct child_conf *conf; /* borrowed */
	int out;
};

static int
child_main(void *arg)
{
	const struct child_start *cs = arg;

	child_command(cs->conf, cs->out);
}

/*
 * As vfork(2): the memory is shared and the init waits until the command
 * executes, so that nothing is copied for a process that is about to go.
 */
static pid_t
child_fork(const struct child_conf *conf, int out)
{
	static char stack[CHILD_STACK] __attribute__((aligned(16)));
	struct child_start cs = {conf, out};

	return clone(child_main, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, &cs);
}

/* What init and command are held to alike. */
static int
child_confine(const struct child_conf *conf)
{
	/* A session keyring of its own, so that the person's is not found. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    confine_drop_caps() != 0)
		return ERR_IO;
	return filter_load(conf->filter);
}

/* What the call's own network namespace has; the cell waits for the socket. */
static int
child_network(const struct child_conf *conf, int report)
{
	int fd, r;

	if (conf->net == CHILD_NET_CELL)
		return 0;
	r = loopback_up();
	if (r != 0 || conf->net == CHILD_NET_OWN)
		return r;
	fd = loopback_listen();
	if (fd < 0)
		return fd;
	r = fd_send(report, fd, "", 1);
	(void)close(fd);
	return r;
}

/* Nothing but the socket ends the wait, or the end of the init. */
static int
child_proxy(struct child *c)
{
	char byte;

	if (fd_receive(c->report, &c->proxy, &byte, 1) == 1 && c->proxy != -1)
		return 0;
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	fd_close(&c->pidfd);
	fd_close(&c->report);
	fd_close(&c->proxy);
	return ERR_IO;
}

static _Noreturn void
child_init(const struct child_conf *conf, int report)
{
	struct init_conf init = {.report = report,
	    .limits = &conf->grant->limits,
	    .cwd = conf->cwd,
	    .started = clock_mono_ns()};
	int words[2];
	pid_t pid;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (pipe2(words, O_CLOEXEC) == -1)
		init_fail(&init, "pipe");
	if (child_network(conf, report) != 0)
		init_fail(&init, "network");
	if (child_proc() != 0)
		init_fail(&init, "/proc");
	if (child_confine(conf) != 0)
		init_fail(&init, "confinement");
	init_signals();
	pid = child_fork(conf, words[1]);
	if (pid == -1)
		init_fail(&init, "fork");
	(void)close(words[1]);
	init_run(&init, pid, words[0]);
}

int
child_start(struct child *c, const struct child_conf *conf)
{
	struct clone_args args = {
	    .flags = CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWNS,
	    .exit_signal = SIGCHLD};
	int sv[2], pidfd = -1;
	long pid;

	if (conf->lsm != NULL)
		return child_start_lsm(c, conf);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return ERR_IO;
	if (conf->net != CHILD_NET_CELL)
		args.flags |= CLONE_NEWNET;
	args.pidfd = (uint64_t)(uintptr_t)&pidfd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		child_init(conf, sv[1]);
	(void)close(sv[1]);
	if (pid == -1) {
		(void)close(sv[0]);
		return ERR_IO;
	}
	*c = (struct child){(pid_t)pid, pidfd, sv[0], -1};
	return conf->net == CHILD_NET_PROXY ? child_proxy(c) : 0;
}

void
child_end(struct child *c, bool lsm)
{
	if (!lsm)
		(void)kill(c->pid, SIGKILL);
	else if (c->report != -1)
		(void)shutdown(c->report, SHUT_WR);
}
