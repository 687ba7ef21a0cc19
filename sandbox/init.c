/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the init of one call.
 *
 * It reaps, measures and ends.  Limits that the kernel does not sum over a
 * call's processes (memory, number) it reads from /proc; it is woken by a
 * child's exit, by the cell, by a call to answer, or by its clock, and its
 * clock only ticks while there is a limit to watch.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/group.h"
#include "sandbox/init.h"
#include "sandbox/kin.h"

#define INIT_TICK_MS     50   /* between two looks at the limits */
#define INIT_TICK_LSM_MS 150  /* where each is at all processes of the host */
#define INIT_TASKS       128  /* more than at the last look: look at once */
#define INIT_TASKS_MS    10   /* between two looks at their number */
#define INIT_SETTLE_MS   1500 /* from SIGTERM to SIGKILL for what may settle */
#define INIT_REAPED      64 /* at a time, lest who dies keeps us from a look */
#define NS_PER_MS        1000000ULL

#define INIT_FD_REPORT   3
#define INIT_FD_LISTENER 4
#define INIT_FD_GROUP    5
#define INIT_FD_HIGH     16 /* out of their way */

struct init {
	struct init_conf *conf;
	struct child_report report;
	int signals; /* signalfd with SIGCHLD */
	bool more;   /* to reap, of which no signal tells again */
	int proc;    /* /proc of this call */
	int disk;    /* the working folder when the call began */
	uint64_t free_at_start;
	uint64_t looked;      /* when, at the limits */
	uint64_t tasks;       /* of the host, when we looked; tier lsm */
	uint64_t ending;      /* when SIGTERM was sent, or 0 */
	struct broker broker; /* without a listener it has no work */
};

static bool
init_is_lsm(const struct init_conf *conf)
{
	return conf->carve->lsm != NULL;
}

static uint64_t
init_us(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * 1000000 + (uint64_t)tv->tv_usec;
}

static uint64_t
init_cpu_us(const struct rusage *ru)
{
	return init_us(&ru->ru_utime) + init_us(&ru->ru_stime);
}

/* What the command used, once everything of it is reaped. */
static void
init_usage(struct child_report *r, uint64_t started)
{
	struct rusage ru;

	r->wall_us = (clock_mono_ns() - started) / 1000;
	if (getrusage(RUSAGE_CHILDREN, &ru) == -1)
		return;
	r->user_us = init_us(&ru.ru_utime);
	r->sys_us = init_us(&ru.ru_stime);
	r->rss_kib = (uint64_t)ru.ru_maxrss;
}

static _Noreturn void
init_report(struct init_conf *conf, struct child_report *r)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (conf->group != -1)
		group_kill(conf->group);
	if (init_is_lsm(conf))
		kin_end(proc, conf->pid);
	else {
		/* This reaches all of the namespace, and nothing else. */
		(void)kill(-1, SIGKILL);
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		if (conf->listener != -1 &&
		    conf->carve->grant->net != SPEC_NET_HOST)
			broker_network(proc, conf->no_way, &r->denied);
	}
	init_usage(r, conf->started);
	(void)!write(conf->report, r, sizeof(*r));
	_exit(0);
}

void
init_fail(struct init_conf *conf, const char *what)
{
	struct child_report r = {.how = CHILD_NOSTART};

	(void)snprintf(
	    r.error, sizeof(r.error), "%s: %s", what, strerror(errno));
	init_report(conf, &r);
}

void
init_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

static uint64_t
init_free(int disk)
{
	struct statvfs vfs;

	if (disk == -1 || fstatvfs(disk, &vfs) == -1)
		return UINT64_MAX;
	return (uint64_t)vfs.f_bavail * vfs.f_frsize;
}

/* Resident bytes of one process; proc_pid_statm(5), second field. */
static uint64_t
init_rss(int proc, const char *pid)
{
	char text[128];
	const char *p = text;

	(void)kin_text(proc, pid, "statm", text, sizeof(text));
	(void)kin_number(&p);
	return kin_number(&p) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What of a process no other shares, and its part of what others do, in
 * bytes; where it may not be read, all that is resident. */
static uint64_t
init_pss(int proc, const char *pid)
{
	char text[512];
	const char *p;

	(void)kin_text(proc, pid, "smaps_rollup", text, sizeof(text));
	p = strstr(text, "\nPss:");
	return p == NULL ? init_rss(proc, pid) : kin_number(&p) * 1024;
}

/* Sums over the call's processes; returns how many they and their threads are.
 * Without a namespace /proc shows others too. */
static uint64_t
init_sum(
    const struct init *in, uint64_t (*of)(int, const char *), uint64_t *bytes)
{
	uint64_t procs = 0;
	char name[16];
	struct kin k;
	size_t i;

	*bytes = 0;
	if (kin_look(&k, in->proc, getpid()) != 0)
		return 0;
	for (i = 0; i < k.n; i++) {
		if (k.all[i].side != KIN_OURS)
			continue;
		procs += k.all[i].threads;
		(void)snprintf(name, sizeof(name), "%d", (int)k.all[i].pid);
		*bytes += of(in->proc, name);
	}
	kin_fini(&k);
	return procs;
}

/* By the control group, which refuses and kills by itself, or by all that is
 * seen in /proc. */
static enum child_how
init_counted(const struct init *in)
{
	static const enum child_how hits[] = {[GROUP_NOTHING] = CHILD_STATUS,
	    [GROUP_MEMORY] = CHILD_MEMORY,
	    [GROUP_PROCS] = CHILD_PROCS};
	const struct spec_limits *l = in->conf->limits;
	uint64_t bytes, procs;

	if (in->conf->group != -1)
		return hits[group_hit(in->conf->group)];
	procs = init_sum(in, init_rss, &bytes);
	/* Only the costly sum counts shared pages once. */
	if (l->mem != 0 && bytes > l->mem)
		(void)init_sum(in, init_pss, &bytes);
	if (l->mem != 0 && bytes > l->mem)
		return CHILD_MEMORY;
	return l->procs != 0 && procs > l->procs ? CHILD_PROCS : CHILD_STATUS;
}

/* The limit that is exceeded, or CHILD_STATUS. */
static enum child_how
init_exceeded(const struct init *in)
{
	const struct spec_limits *l = in->conf->limits;
	enum child_how how = CHILD_STATUS;
	uint64_t now = clock_mono_ns(), left;

	if (l->wall_ms != 0 &&
	    now - in->conf->started >= l->wall_ms * NS_PER_MS)
		return CHILD_TIMEOUT;
	if (l->mem != 0 || l->procs != 0)
		how = init_counted(in);
	if (how != CHILD_STATUS)
		return how;
	if (l->disk != 0 && in->free_at_start != UINT64_MAX) {
		left = init_free(in->disk);
		if (left < in->free_at_start &&
		    in->free_at_start - left > l->disk)
			return CHILD_FSIZE;
	}
	return CHILD_STATUS;
}

/* The command's own set-up failed, and it said why. */
static void
init_word(struct init *in)
{
	const struct init_word *w = &in->conf->word;

	if (w->how == CHILD_STATUS)
		return;
	in->report.how = w->how;
	(void)snprintf(in->report.error, sizeof(in->report.error),
	    "%.80s: %.70s", w->what, err_sys(w->err));
}

/* The limit that a signal of the kernel stands for, or CHILD_STATUS. */
static enum child_how
init_signalled(const struct init *in, int status, const struct rusage *ru)
{
	uint64_t cpu = in->conf->limits->cpu_ms;
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGXFSZ)
		return CHILD_FSIZE;
	if (sig == SIGKILL && in->conf->group != -1 &&
	    group_hit(in->conf->group) == GROUP_MEMORY)
		return CHILD_MEMORY;
	/* SIGKILL follows for what does not heed the first. */
	if (sig == SIGXCPU ||
	    (sig == SIGKILL && cpu != 0 && init_cpu_us(ru) / 1000 >= cpu))
		return CHILD_TIMEOUT;
	return CHILD_STATUS;
}

/* Reaps; true when the command itself is gone. */
static bool
init_reap(struct init *in)
{
	struct signalfd_siginfo si;
	struct rusage ru;
	bool gone = false;
	int status, n;
	pid_t pid = 0;

	while (read(in->signals, &si, sizeof(si)) > 0)
		;
	for (n = 0; n < INIT_REAPED; n++) {
		pid = wait4(-1, &status, WNOHANG, &ru);
		if (pid <= 0)
			break;
		if (pid != in->conf->pid)
			continue;
		gone = true;
		in->report.status = status;
		in->report.how = init_signalled(in, status, &ru);
	}
	in->more = pid > 0;
	return gone;
}

/* A signal for the command and its group, or it is to end: the cell says so,
 * or is gone. */
static void
init_told(struct init *in)
{
	uint8_t sig;

	if (read(in->conf->report, &sig, 1) == 1) {
		(void)kill(-in->conf->pid, sig);
		return;
	}
	if (!in->conf->settle)
		init_report(in->conf, &in->report);
	in->ending = clock_mono_ns();
	(void)kill(-in->conf->pid, SIGTERM);
}

static bool
init_watches(const struct spec_limits *l)
{
	return l->mem != 0 || l->procs != 0 || l->disk != 0 || l->wall_ms != 0;
}

/*
 * Looks when it is time.  What forks without end would outrun a look at all
 * processes of the host, so when they become many the command's group stands
 * still for it.  A filter that asks the init of each fork would hold it better,
 * but a signal in the middle of the question makes fork(2) fail with EINTR,
 * which no program expects.
 */
static void
init_look(struct init *in)
{
	bool lsm = init_is_lsm(in->conf), many = false;
	uint64_t tick = lsm ? INIT_TICK_LSM_MS : INIT_TICK_MS, tasks = 0;

	if (in->ending != 0 &&
	    clock_mono_ns() - in->ending >= INIT_SETTLE_MS * NS_PER_MS) {
		in->report.status = SIGKILL;
		init_report(in->conf, &in->report);
	}
	if (lsm && in->conf->limits->procs != 0) {
		tasks = kin_load(in->proc);
		many = tasks > in->tasks + INIT_TASKS;
	}
	if (!many && clock_mono_ns() - in->looked < tick * NS_PER_MS)
		return;
	in->tasks = tasks;
	if (many)
		(void)kill(-in->conf->pid, SIGSTOP);
	in->report.how = init_exceeded(in);
	if (in->report.how != CHILD_STATUS)
		init_report(in->conf, &in->report);
	if (many)
		(void)kill(-in->conf->pid, SIGCONT);
	in->looked = clock_mono_ns();
}

static _Noreturn void
init_loop(struct init *in)
{
	struct pollfd pfds[3] = {{in->signals, POLLIN, 0},
	    {in->conf->report, POLLIN, 0}, {-1, POLLIN, 0}};
	int tick = init_is_lsm(in->conf) ? INIT_TASKS_MS : INIT_TICK_MS;
	int wait =
	    init_watches(in->conf->limits) || in->conf->settle ? tick : -1;

	for (;;) {
		pfds[2].fd = in->broker.listener;
		if (poll(pfds, 3, in->more ? 0 : wait) == -1 && errno != EINTR)
			init_fail(in->conf, "poll");
		if ((pfds[2].revents & POLLIN) != 0)
			broker_answer(&in->broker);
		else if (pfds[2].revents != 0) /* nobody is left to ask */
			fd_close(&in->broker.listener);
		if ((in->more || (pfds[0].revents & POLLIN) != 0) &&
		    init_reap(in)) {
			init_word(in);
			init_report(in->conf, &in->report);
		}
		if (pfds[1].revents != 0)
			init_told(in);
		if (in->ending != 0)
			pfds[1].fd = -1;
		init_look(in);
	}
}

/* Keeps the report socket and the listener; lets go of everything that the
 * cell had open, the command's pipes too, or nobody would see their end. */
static int
init_descriptors(struct init_conf *conf)
{
	const struct {
		int *fd;
		int number;
	} kept[] = {{&conf->report, INIT_FD_REPORT},
	    {&conf->listener, INIT_FD_LISTENER}, {&conf->group, INIT_FD_GROUP}};
	const size_t n = sizeof(kept) / sizeof(kept[0]);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd, to;
	size_t i;

	null = fcntl(null, F_DUPFD_CLOEXEC, INIT_FD_HIGH);
	for (fd = 0; fd < 3; fd++)
		if (dup2(null, fd) == -1)
			return ERR_IO;
	for (i = 0; i < n; i++)
		if (*kept[i].fd != -1)
			*kept[i].fd =
			    fcntl(*kept[i].fd, F_DUPFD_CLOEXEC, INIT_FD_HIGH);
	for (i = 0; i < n; i++) {
		to = kept[i].number;
		fd = *kept[i].fd == -1 ? null : *kept[i].fd;
		if (dup2(fd, to) == -1)
			return ERR_IO;
		if (*kept[i].fd != -1)
			*kept[i].fd = to;
	}
	return syscall(SYS_close_range, (unsigned)to + 1, ~0u, 0u) == -1
		   ? ERR_IO
		   : 0;
}

void
init_run(struct init_conf *conf)
{
	struct init in = {.conf = conf};
	sigset_t set;

	if (init_descriptors(conf) != 0)
		init_fail(conf, "descriptors of init");
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	in.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	in.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in.disk = open(conf->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	in.free_at_start = init_free(in.disk);
	in.looked = clock_mono_ns();
	if (init_is_lsm(conf))
		in.tasks = kin_load(in.proc);
	in.broker = (struct broker){.filter = conf->filter,
	    .carve = conf->carve,
	    .listener = conf->listener,
	    .proc = in.proc,
	    .mem = -1,
	    .denied = &in.report.denied,
	    .guessed = &in.report.guessed};
	if (in.signals == -1 || in.proc == -1)
		init_fail(conf, "init");
	init_loop(&in);
}
