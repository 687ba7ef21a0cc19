/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the init of one call.
 *
 * It reaps, measures and ends.  Limits that the kernel does not sum over a
 * call's processes (memory, number) it reads from /proc, which shows nothing
 * but this call; it is woken by a child's exit, by the cell, or by its clock,
 * and its clock only ticks while there is a limit to watch.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <ctype.h>
#include <dirent.h>
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
#include "sandbox/init.h"
#include "sandbox/kin.h"

#define INIT_TICK_MS     50  /* between two looks at the limits */
#define INIT_TICK_LSM_MS 150 /* where each is at all processes of the host */
#define NS_PER_MS        1000000ULL

#define INIT_FD_REPORT 3
#define INIT_FD_WORDS  4
#define INIT_FD_HIGH   16 /* out of their way */

struct init {
	struct init_conf *conf;
	struct child_report report;
	pid_t pid;   /* the command's */
	int words;   /* from the command's set-up */
	int signals; /* signalfd with SIGCHLD */
	int proc;    /* /proc of this call */
	int disk;    /* the working folder when the call began */
	uint64_t free_at_start;
	uint64_t looked; /* when, at the limits */
	uint64_t tick;   /* ms between two looks */
	/* Tier lsm: */
	struct broker broker;
	struct init_word word; /* the first that came */
	bool heard, failed;    /* it came; it says why it failed */
};

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
	int proc;

	if (conf->carve != NULL) {
		proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		kin_end(proc, conf->group);
		fd_close(&proc);
	} else if (getpid() == 1) {
		/* This reaches all of the namespace, and nothing else. */
		(void)kill(-1, SIGKILL);
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
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

/* Without a namespace /proc shows others too. */
static uint64_t
init_sum_kin(
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
		procs++;
		(void)snprintf(name, sizeof(name), "%d", (int)k.all[i].pid);
		*bytes += of(in->proc, name);
	}
	kin_fini(&k);
	return procs;
}

/* Sums over the call's processes; returns their number. */
static uint64_t
init_sum(
    const struct init *in, uint64_t (*of)(int, const char *), uint64_t *bytes)
{
	uint64_t procs = 0;
	struct dirent *de;
	DIR *d;
	int fd;

	if (in->conf->carve != NULL)
		return init_sum_kin(in, of, bytes);
	*bytes = 0;
	fd = openat(in->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL)
		return 0;
	while ((de = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)de->d_name[0]) ||
		    strcmp(de->d_name, "1") == 0)
			continue;
		procs++;
		*bytes += of(in->proc, de->d_name);
	}
	(void)closedir(d);
	return procs;
}

/* The limit that is exceeded, or CHILD_STATUS. */
static enum child_how
init_exceeded(const struct init *in)
{
	const struct spec_limits *l = in->conf->limits;
	uint64_t bytes, procs, now = clock_mono_ns(), left;

	if (l->wall_ms != 0 &&
	    now - in->conf->started >= l->wall_ms * NS_PER_MS)
		return CHILD_TIMEOUT;
	if (l->mem != 0 || l->procs != 0) {
		procs = init_sum(in, init_rss, &bytes);
		/* Only the costly sum counts shared pages once. */
		if (l->mem != 0 && bytes > l->mem)
			(void)init_sum(in, init_pss, &bytes);
		if (l->mem != 0 && bytes > l->mem)
			return CHILD_MEMORY;
		if (l->procs != 0 && procs > l->procs)
			return CHILD_PROCS;
	}
	if (l->disk != 0 && in->free_at_start != UINT64_MAX) {
		left = init_free(in->disk);
		if (left < in->free_at_start &&
		    in->free_at_start - left > l->disk)
			return CHILD_FSIZE;
	}
	return CHILD_STATUS;
}

/* The command's own set-up failed: why is in the pipe. */
static void
init_word(struct init *in)
{
	const struct init_word *w = &in->word;
	struct child_report *r = &in->report;

	if (!in->failed && read(in->words, &in->word, sizeof(in->word)) !=
			       (ssize_t)sizeof(in->word))
		return;
	r->how = w->how;
	(void)snprintf(r->error, sizeof(r->error), "%.80s: %.70s", w->what,
	    strerror(w->err));
}

/* The limit that a signal of the kernel stands for, or CHILD_STATUS. */
static enum child_how
init_signalled(const struct init *in, int status, const struct rusage *ru)
{
	uint64_t cpu = in->conf->limits->cpu_ms;
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGXFSZ)
		return CHILD_FSIZE;
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
	int status;
	pid_t pid;

	while (read(in->signals, &si, sizeof(si)) > 0)
		;
	while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0) {
		if (pid != in->pid)
			continue;
		gone = true;
		in->report.status = status;
		in->report.how = init_signalled(in, status, &ru);
	}
	return gone;
}

/* A signal for the command and its group, or the cell is gone. */
static void
init_told(struct init *in)
{
	uint8_t sig;

	if (read(in->conf->report, &sig, 1) == 1)
		(void)kill(-in->pid, sig);
	else
		init_report(in->conf, &in->report);
}

static bool
init_watches(const struct spec_limits *l)
{
	return l->mem != 0 || l->procs != 0 || l->disk != 0 || l->wall_ms != 0;
}

/* Tier lsm: what a command is supervised by comes before its execution, with
 * a word that says nothing. */
static void
init_listen(struct init *in)
{
	ssize_t n = fd_receive(
	    in->words, &in->broker.listener, &in->word, sizeof(in->word));

	in->heard = true;
	if (in->broker.listener == -1)
		in->failed = n == (ssize_t)sizeof(in->word);
}

static void
init_supervise(struct init *in, short events)
{
	if (!in->heard)
		init_listen(in);
	else if ((events & POLLIN) != 0)
		broker_answer(&in->broker);
	else
		fd_close(&in->broker.listener); /* nobody is left to ask */
}

/* Looks when it is time, or the broker has found that there are too many. */
static void
init_look(struct init *in)
{
	if (in->broker.full)
		in->report.how = CHILD_PROCS;
	else if (clock_mono_ns() - in->looked < in->tick * NS_PER_MS)
		return;
	else
		in->report.how = init_exceeded(in);
	if (in->report.how != CHILD_STATUS)
		init_report(in->conf, &in->report);
	in->looked = clock_mono_ns();
}

static _Noreturn void
init_loop(struct init *in)
{
	struct pollfd pfds[3] = {{in->signals, POLLIN, 0},
	    {in->conf->report, POLLIN, 0}, {-1, POLLIN, 0}};
	int wait = init_watches(in->conf->limits) ? (int)in->tick : -1;

	for (;;) {
		pfds[2].fd = in->broker.listener;
		if (in->conf->carve != NULL && !in->heard)
			pfds[2].fd = in->words;
		if (poll(pfds, 3, wait) == -1 && errno != EINTR)
			init_fail(in->conf, "poll");
		if (pfds[2].fd != -1 && pfds[2].revents != 0)
			init_supervise(in, pfds[2].revents);
		if ((pfds[0].revents & POLLIN) != 0 && init_reap(in)) {
			init_word(in);
			init_report(in->conf, &in->report);
		}
		if (pfds[1].revents != 0)
			init_told(in);
		init_look(in);
	}
}

/* Keeps the report socket and the pipe; lets go of everything that the cell
 * had open, the command's pipes too, or nobody would see their end. */
static int
init_descriptors(struct init_conf *conf, int *words)
{
	int null, i;

	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1)
		return ERR_IO;
	for (i = 0; i < 3; i++)
		if (dup2(null, i) == -1)
			return ERR_IO;
	conf->report = fcntl(conf->report, F_DUPFD_CLOEXEC, INIT_FD_HIGH);
	*words = fcntl(*words, F_DUPFD_CLOEXEC, INIT_FD_HIGH);
	if (conf->report == -1 || *words == -1 ||
	    dup2(conf->report, INIT_FD_REPORT) == -1 ||
	    dup2(*words, INIT_FD_WORDS) == -1 ||
	    syscall(SYS_close_range, INIT_FD_WORDS + 1u, ~0u, 0u) == -1)
		return ERR_IO;
	conf->report = INIT_FD_REPORT;
	*words = INIT_FD_WORDS;
	return 0;
}

void
init_run(struct init_conf *conf, pid_t pid, int words)
{
	struct init in = {.conf = conf,
	    .pid = pid,
	    .broker = {.carve = conf->carve,
		.bound = conf->bound,
		.listener = -1,
		.procs = conf->limits->procs,
		.made = 1}};
	sigset_t set;

	if (init_descriptors(conf, &words) != 0)
		init_fail(conf, "descriptors of init");
	in.words = words;
	conf->group = pid;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	in.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	in.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in.disk = open(conf->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	in.free_at_start = init_free(in.disk);
	in.looked = clock_mono_ns();
	in.tick = conf->carve == NULL ? INIT_TICK_MS : INIT_TICK_LSM_MS;
	in.broker.proc = in.proc;
	in.broker.denied = in.report.denied;
	if (in.signals == -1 || in.proc == -1)
		init_fail(conf, "init");
	init_loop(&in);
}
