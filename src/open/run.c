/* SPDX-License-Identifier: Apache-2.0 */

/* Part of the open cell: one command and its keeper. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/exec.h"
#include "base/fdio.h"
#include "base/str.h"

#include "open/open.h"

#define RUN_FD_HIGH 64  /* where descriptors wait to be placed */
#define RUN_EXIT    125 /* the pipe says what failed */

struct keeper {
	pid_t pid;   /* the command's */
	int report;  /* to the open cell */
	int signals; /* signalfd with SIGCHLD */
	int words;   /* errno of the execution, or its end */
	uint64_t started;
	struct run_report out;
};

/* The command. */

static _Noreturn void
run_fail(int words)
{
	int err = errno;

	(void)!write(words, &err, sizeof(err));
	_exit(RUN_EXIT);
}

static _Noreturn void
run_command(const struct run_conf *conf, int words)
{
	int high[3], i;

	(void)setsid();
	if (conf->tty && ioctl(conf->stdio[0], TIOCSCTTY, 0) == -1)
		run_fail(words);
	words = fcntl(words, F_DUPFD_CLOEXEC, RUN_FD_HIGH);
	for (i = 0; i < 3; i++)
		if ((high[i] = fcntl(
			 conf->stdio[i], F_DUPFD_CLOEXEC, RUN_FD_HIGH)) == -1)
			run_fail(words);
	for (i = 0; i < 3; i++)
		if (dup2(high[i], i) == -1)
			run_fail(words);
	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		run_fail(words);
	exec_signals_default();
	(void)umask(022);
	if (chdir(conf->cwd) == -1)
		run_fail(words);
	exec_path(conf->argv, conf->env);
	run_fail(words);
}

/* The keeper. */

/* The parent of a process: the fourth field of /proc/PID/stat, which is
 * counted from the name's end. */
static pid_t
keeper_parent(const char *pid)
{
	char path[64], text[512], *p;
	const char *bad;
	ssize_t n;
	int fd;

	if (str_fmt(path, sizeof(path), "/proc/%s/stat", pid) != 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? -1 : read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')');
	if (p == NULL || strlen(p) < 4)
		return -1;
	p += 4;
	p[strcspn(p, " ")] = '\0';
	return (pid_t)strtonum(p, 1, INT_MAX, &bad);
}

/* Kills each child there is, one that is not reaped yet included; how many
 * there were.  One that became another user is not ours to end. */
static unsigned
keeper_kill(void)
{
	const struct dirent *de;
	const char *bad;
	unsigned n = 0;
	DIR *d = opendir("/proc");

	while (d != NULL && (de = readdir(d)) != NULL)
		if (isdigit((unsigned char)de->d_name[0]) &&
		    keeper_parent(de->d_name) == getpid() &&
		    kill((pid_t)strtonum(de->d_name, 1, INT_MAX, &bad),
			SIGKILL) == 0)
			n++;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* What has lost its parent becomes ours, so in the end all of it does. */
static _Noreturn void
keeper_end(struct keeper *k)
{
	struct rusage ru;

	while (keeper_kill() > 0)
		(void)waitpid(-1, NULL, 0);
	k->out.wall_us = (clock_mono_ns() - k->started) / 1000;
	if (getrusage(RUSAGE_CHILDREN, &ru) == 0) {
		k->out.user_us = (uint64_t)ru.ru_utime.tv_sec * 1000000 +
				 (uint64_t)ru.ru_utime.tv_usec;
		k->out.sys_us = (uint64_t)ru.ru_stime.tv_sec * 1000000 +
				(uint64_t)ru.ru_stime.tv_usec;
		k->out.rss_kib = (uint64_t)ru.ru_maxrss;
	}
	(void)!write(k->report, &k->out, sizeof(k->out));
	_exit(0);
}

/* True when the command itself is gone. */
static bool
keeper_reap(struct keeper *k)
{
	struct signalfd_siginfo si;
	bool gone = false;
	int status;
	pid_t pid;

	while (read(k->signals, &si, sizeof(si)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != k->pid)
			continue;
		gone = true;
		k->out.status = status;
		if (read(k->words, &k->out.err, sizeof(k->out.err)) <= 0)
			k->out.err = 0;
	}
	return gone;
}

static void
keeper_told(struct keeper *k)
{
	uint8_t sig;

	if (read(k->report, &sig, 1) == 1 && sig != SIGKILL) {
		(void)kill(-k->pid, sig);
		return;
	}
	k->out.status = SIGKILL;
	keeper_end(k);
}

static _Noreturn void
keeper_loop(struct keeper *k)
{
	struct pollfd pfds[2] = {
	    {k->signals, POLLIN, 0}, {k->report, POLLIN, 0}};

	for (;;) {
		if (poll(pfds, 2, -1) == -1 && errno != EINTR)
			keeper_end(k);
		if ((pfds[0].revents & POLLIN) != 0 && keeper_reap(k))
			keeper_end(k);
		if (pfds[1].revents != 0)
			keeper_told(k);
	}
}

/* Keeps what it needs and lets go of the command's pipes, or nobody would
 * see their end; and of the channels, which are not its business. */
static int
keeper_descriptors(struct keeper *k)
{
	int *const kept[] = {&k->report, &k->signals, &k->words};
	unsigned i, n = sizeof(kept) / sizeof(kept[0]);

	for (i = 0; i < n; i++) {
		*kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, 1000);
		if (*kept[i] == -1)
			return ERR_FD;
	}
	for (i = 0; i < n; i++)
		if (dup2(*kept[i], (int)(3 + i)) == -1)
			return ERR_FD;
	k->report = 3;
	k->signals = 4;
	k->words = 5;
	return syscall(SYS_close_range, 6u, ~0u, 0u) == -1 ? ERR_UNSUPP : 0;
}

static _Noreturn void
keeper_run(const struct run_conf *conf, int report)
{
	struct keeper k = {.report = report, .started = clock_mono_ns()};
	sigset_t set;
	int words[2];

	(void)prctl(PR_SET_PDEATHSIG, 0); /* the end of report is enough */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1 ||
	    pipe2(words, O_CLOEXEC) == -1)
		_exit(RUN_EXIT);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	k.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	k.pid = k.signals == -1 ? -1 : fork();
	if (k.pid == 0)
		run_command(conf, words[1]);
	if (k.pid == -1)
		_exit(RUN_EXIT);
	k.words = words[0];
	if (keeper_descriptors(&k) != 0)
		keeper_end(&k);
	keeper_loop(&k);
}

int
run_start(const struct run_conf *conf, pid_t *keeper, int *report)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return ERR_IO;
	*keeper = fork();
	if (*keeper == 0)
		keeper_run(conf, sv[1]);
	(void)close(sv[1]);
	if (*keeper == -1) {
		(void)close(sv[0]);
		return ERR_IO;
	}
	*report = sv[0];
	return 0;
}
