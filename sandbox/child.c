/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: starting one command in the cell.
 *
 * Three processes: the cell, which starts and holds everything; an init of
 * ours, which waits, watches the limits and sees to the end of all the others;
 * and the command.  The init is not dumpable and keeps nothing but its report
 * socket, so the command finds nothing of it in /proc.
 *
 * In tier full the init is PID 1 of the call's own namespace, and the kernel
 * turns its death into that of all others.  It takes on what both are held to
 * before the command's process is there: a filter costs more to load than to
 * inherit.  In tier lsm it is the subreaper of all others and stays outside of
 * the command's Landlock domain, so that nothing in it can signal or trace it.
 *
 * Where the init answers for the command, in tier lsm and where somebody wants
 * to be told what is denied, the command loads its filter itself, and hands
 * over the descriptor by which it is answered for.
 */

#include "config.h"

#include <sys/mman.h>
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
#include "sandbox/carve.h"
#include "sandbox/child.h"
#include "sandbox/confine.h"
#include "sandbox/group.h"
#include "sandbox/init.h"
#include "sandbox/kin.h"
#include "sandbox/loopback.h"
#include "sandbox/mnt.h"

#define CHILD_FD_HIGH    64  /* where descriptors wait to be placed */
#define CHILD_EXIT_SETUP 125 /* the report says what failed */
#define CHILD_STACK      (256 << 10)
#define CHILD_PROCS_MORE 64 /* inits, the cell, calls at the same time */

/* The command's process, until it executes. */
struct child_start {
	const struct child_conf *conf; /* borrowed */
	const struct carve *carve;     /* borrowed */
	struct init_word *word;        /* borrowed: the init's */
	int out; /* tier lsm: where the init gets its listener; or -1 */
};

/* A step of the set-up failed: tells the init and dies. */
static _Noreturn void
child_fail(struct child_start *cs, enum child_how how, const char *what)
{
	*cs->word = (struct init_word){.how = how, .err = errno};
	(void)strlcpy(cs->word->what, what, sizeof(cs->word->what));
	_exit(CHILD_EXIT_SETUP);
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

/* Without a user namespace processes are counted for all that the person
 * runs (and for root not at all), so those that run are added. */
static uint64_t
child_procs(const struct child_conf *conf, uint64_t n)
{
	int proc;

	if (conf->lsm == NULL)
		return n;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n += kin_of_user(proc);
	fd_close(&proc);
	return n;
}

static int
child_limits(const struct child_conf *conf)
{
	const struct spec_limits *l = &conf->grant->limits;
	struct rlimit rl = {0, 0};
	uint64_t n;
	size_t i;

	if (setrlimit(RLIMIT_CORE, &rl) == -1 ||
	    setrlimit(RLIMIT_NICE, &rl) == -1) /* the init's alone */
		return ERR_IO;
	for (i = 0; i < sizeof(child_rlimits) / sizeof(child_rlimits[0]); i++) {
		const struct child_rlimit *cr = &child_rlimits[i];

		memcpy(&n, (const char *)l + cr->offset, sizeof(n));
		n = n == 0 ? cr->none
			   : (n + cr->unit - 1) / cr->unit + cr->more;
		if (cr->what == RLIMIT_NPROC)
			n = child_procs(conf, n);
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
child_descriptors(const struct child_conf *conf)
{
	int high[3], i;

	for (i = 0; i < 3; i++) {
		high[i] = fcntl(conf->stdio[i], F_DUPFD_CLOEXEC, CHILD_FD_HIGH);
		if (high[i] == -1)
			return ERR_FD;
	}
	for (i = 0; i < 3; i++)
		if (dup2(high[i], i) == -1)
			return ERR_FD;
	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		return ERR_UNSUPP;
	return 0;
}

static _Noreturn void
child_execute(struct child_start *cs)
{
	const struct child_conf *conf = cs->conf;

	exec_path(conf->argv, conf->env);
	child_fail(cs,
	    errno == ENOENT || errno == ENOTDIR ? CHILD_NOTFOUND : CHILD_NOEXEC,
	    conf->argv[0]);
}

/* Session, terminal, descriptors, signals, working directory, limits. */
static void
child_prepare(struct child_start *cs)
{
	const struct child_conf *conf = cs->conf;

	(void)setsid();
	if (conf->tty && ioctl(conf->stdio[0], TIOCSCTTY, 0) == -1)
		child_fail(cs, CHILD_NOSTART, "controlling terminal");
	if (cs->out != -1)
		cs->out = fcntl(cs->out, F_DUPFD_CLOEXEC, CHILD_FD_HIGH);
	if (child_descriptors(conf) != 0)
		child_fail(cs, CHILD_NOSTART, "descriptors");
	exec_signals_default();
	(void)umask(022);
	(void)prctl(PR_SET_PDEATHSIG, 0);
	if (chdir(conf->cwd) == -1)
		child_fail(cs, CHILD_NOSTART, conf->cwd);
	if (child_limits(conf) != 0)
		child_fail(cs, CHILD_NOSTART, "limits");
}

/* Whether the init answers for system calls of the command. */
static bool
child_is_answered(const struct child_conf *conf)
{
	return conf->lsm != NULL || conf->tell != CHILD_TELL_NOTHING;
}

/* The last step: the init answers for some calls from here on. */
static void
child_supervised(struct child_start *cs)
{
	const struct child_conf *conf = cs->conf;
	bool writes = conf->tell == CHILD_TELL_WRITES;
	int calls[BROKER_LOOKS_MAX], listener;
	size_t n = broker_looks(calls, writes);

	if (conf->tell == CHILD_TELL_NOTHING)
		listener = filter_load_supervised(conf->filter);
	else
		listener = (writes ? filter_load_writes : filter_load_told)(
		    conf->filter, calls, n);
	/* A guess is worth no command: an older kernel can run it untold. */
	if (listener < 0 && writes && conf->lsm == NULL &&
	    filter_load(conf->filter) == 0)
		return;
	if (listener < 0)
		child_fail(cs, CHILD_NOSTART, "seccomp");
	if (fd_send(cs->out, listener, "", 1) != 0)
		child_fail(cs, CHILD_NOSTART, "seccomp listener");
	(void)close(listener);
}

static int
child_command(void *arg)
{
	struct child_start *cs = arg;

	if (cs->conf->group != -1 && group_enter(cs->conf->group) != 0)
		child_fail(cs, CHILD_NOSTART, "control group");
	child_prepare(cs);
	if (carve_enforce(cs->carve) != 0)
		child_fail(cs, CHILD_NOSTART, "Landlock");
	if (cs->out != -1)
		child_supervised(cs);
	child_execute(cs);
}

/*
 * As vfork(2): the memory is shared and the init waits until the command
 * executes, so that nothing is copied for a process that is about to go.
 */
static pid_t
child_fork(struct child_start *cs)
{
	static char stack[CHILD_STACK] __attribute__((aligned(16)));

	return clone(child_command, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, cs);
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

/* What init and command are held to alike. */
static int
child_confine(const struct child_conf *conf)
{
	/* A session keyring of its own, so that the person's is not found. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    confine_drop_caps() != 0)
		return ERR_IO;
	return child_is_answered(conf) ? 0 : filter_load(conf->filter);
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

/* Root's processes are not limited in number by the kernel: they are looked at,
 * and those that fork without end leave nobody else the time for that. */
static void
child_hasten(void)
{
	const struct sched_param none = {0};

	if (getuid() != 0 || getpriority(PRIO_PROCESS, 0) != 0)
		return;
	if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) ==
	    0)
		(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
}

/* The walls of tier full are the call's own; without them it has a family. */
static void
child_walls(const struct child_conf *conf, struct init_conf *init)
{
	if (conf->lsm != NULL) {
		if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
			init_fail(init, "subreaper");
		child_hasten();
		return;
	}
	if (!conf->settle) /* else the report's socket says it */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (child_network(conf, init->report) != 0)
		init_fail(init, "network");
	if (child_proc() != 0)
		init_fail(init, "/proc");
}

/* broker_network's, of the network that the calls of a cell share: one mapping
 * for all their inits. */
static uint64_t *child_no_way;

static void
child_no_way_map(void)
{
	void *p = mmap(NULL, sizeof(*child_no_way), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		child_no_way = p;
}

static _Noreturn void
child_init(const struct child_conf *conf, int report)
{
	struct carve carve = {.grant = conf->grant,
	    .ceiling = conf->ceiling,
	    .lsm = conf->lsm,
	    .tty = conf->tty ? conf->stdio[0] : -1};
	struct init_conf init = {.report = report,
	    .limits = &conf->grant->limits,
	    .cwd = conf->cwd,
	    .started = clock_mono_ns(),
	    .filter = conf->filter,
	    .settle = conf->settle,
	    .carve = &carve,
	    .listener = -1,
	    .group = conf->group,
	    .no_way = conf->net == CHILD_NET_CELL ? child_no_way : NULL};
	struct child_start cs = {conf, &carve, &init.word, -1};
	int sv[2] = {-1, -1};
	char byte;

	(void)prctl(PR_SET_DUMPABLE, 0);
	child_walls(conf, &init);
	if (child_is_answered(conf) &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		init_fail(&init, "socket pair");
	cs.out = sv[1];
	if (child_confine(conf) != 0)
		init_fail(&init, "confinement");
	carve_init(&carve);
	init_signals();
	init.pid = child_fork(&cs);
	if (init.pid == -1)
		init_fail(&init, "fork");
	/* What forks without end shall not keep the init from seeing it; where
	 * the cell could not permit it the kernel counts their number. */
	if (conf->lsm != NULL)
		(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	if (child_is_answered(conf)) {
		(void)close(sv[1]);
		(void)fd_receive(sv[0], &init.listener, &byte, 1);
		if (filter_load(filter_of(FILTER_FOR_BROKER)) != 0)
			init_fail(&init, "confinement of init");
	}
	init_run(&init);
}

int
child_start(struct child *c, const struct child_conf *conf)
{
	unsigned long flags = CLONE_PIDFD | SIGCHLD;
	int sv[2], pidfd = -1;
	long pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return ERR_IO;
	if (conf->lsm == NULL)
		flags |= CLONE_NEWPID | CLONE_NEWNS;
	if (conf->lsm == NULL && conf->net != CHILD_NET_CELL)
		flags |= CLONE_NEWNET;
	if (conf->tell != CHILD_TELL_NOTHING && child_no_way == NULL)
		child_no_way_map();
	/* Not clone3(2), of which a filter does not see the flags. */
	pid = syscall(SYS_clone, flags, NULL, &pidfd, NULL, 0UL);
	if (pid == 0)
		child_init(conf, sv[1]);
	(void)close(sv[1]);
	if (pid == -1) {
		(void)close(sv[0]);
		return ERR_IO;
	}
	*c = (struct child){(pid_t)pid, pidfd, sv[0], -1, conf->settle};
	if (conf->lsm == NULL && conf->net == CHILD_NET_PROXY)
		return child_proxy(c);
	return 0;
}

void
child_end(struct child *c, bool lsm)
{
	if (!lsm && !c->settle)
		(void)kill(c->pid, SIGKILL);
	else if (c->report != -1)
		(void)shutdown(c->report, SHUT_WR);
}
