/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: secrets, and other processes. */

#include "config.h"

#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "attempt.h"

/* Secrets. */

static long
leak_home(void)
{
	return show(beneath(where("HOME"), ".ssh/id"));
}

static long
leak_hidden(void)
{
	return show(where("HIDDEN"));
}

static long
leak_hidden_root(void)
{
	return show(beneath("/proc/self/root", where("HIDDEN") + 1));
}

static long
leak_hidden_link(void)
{
	char *p = beneath(where("WORK"), "peek");

	return link(where("HIDDEN"), p) == -1 ? -1 : show(p);
}

static long
leak_victim(const char *file)
{
	char p[64];

	if (str_fmt(p, sizeof(p), "/proc/%ld/%s", number("VICTIM"), file) != 0)
		return -1;
	return show(p);
}

static long
leak_environ(void)
{
	return leak_victim("environ");
}

static long
leak_victim_cwd(void)
{
	return leak_victim("cwd/secret");
}

static long
leak_victim_root(void)
{
	return leak_victim(beneath("root", where("HIDDEN") + 1));
}

/* Its standard input is a secret. */
static long
leak_victim_fd(void)
{
	return leak_victim("fd/0");
}

/* The launcher is the parent outside, PID 1 or the cell inside. */
static long
leak_parents(void)
{
	char p[64];
	long pid, n = -1;

	for (pid = 1; pid < 70; pid++)
		if (pid != getpid() &&
		    str_fmt(p, sizeof(p), "/proc/%ld/environ", pid) == 0 &&
		    show(p) > 0)
			n = 1;
	if (str_fmt(p, sizeof(p), "/proc/%ld/environ", (long)getppid()) == 0 &&
	    show(p) > 0)
		n = 1;
	return n;
}

static long
leak_own_environ(void)
{
	return show("/proc/self/environ");
}

static long
leak_descriptors(void)
{
	char b[4096];
	ssize_t n;
	int fd;

	for (fd = 3; fd < 1024; fd++) {
		n = pread(fd, b, sizeof(b), 0);
		if (n > 0)
			(void)fwrite(b, 1, (size_t)n, stdout);
	}
	return 0;
}

/* The session's keyring, which commands inherit unless they get another. */
static long
leak_key(void)
{
	char b[256];
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
	    "user", where("ABSTRACT"), 0);
	long n = key == -1
		     ? -1
		     : syscall(SYS_keyctl, KEYCTL_READ, key, b, sizeof(b));

	return n <= 0 ? -1 : (long)fwrite(b, 1, (size_t)n, stdout);
}

static long
leak_handle(void)
{
	struct {
		struct file_handle h;
		char room[128];
	} b = {.h.handle_bytes = 128};
	char text[64];
	int id, fd;
	ssize_t n;

	if (name_to_handle_at(AT_FDCWD, where("HIDDEN"), &b.h, &id, 0) == -1)
		return -1;
	fd = open_by_handle_at(open("/", O_RDONLY), &b.h, O_RDONLY);
	n = fd == -1 ? -1 : read(fd, text, sizeof(text));
	return n <= 0 ? -1 : (long)fwrite(text, 1, (size_t)n, stdout);
}

const struct attempt attempts_secret[] = {
    {"leak-home-key", SHOWS_LEAK, .run = leak_home},
    {"leak-hidden", SHOWS_LEAK, .run = leak_hidden},
    {"leak-hidden-proc-root", SHOWS_LEAK, .run = leak_hidden_root},
    {"leak-hidden-link", SHOWS_LEAK, .run = leak_hidden_link},
    {"leak-hidden-handle", SHOWS_LEAK, .run = leak_handle},
    {"leak-victim-environ", SHOWS_LEAK, .run = leak_environ},
    {"leak-victim-cwd", SHOWS_LEAK, .run = leak_victim_cwd},
    {"leak-victim-root", SHOWS_LEAK, .run = leak_victim_root},
    {"leak-victim-fd", SHOWS_LEAK, .run = leak_victim_fd},
    {"leak-parents-environ", SHOWS_LEAK, .run = leak_parents},
    {"leak-own-environ", SHOWS_LEAK, .run = leak_own_environ},
    {"leak-descriptors", SHOWS_LEAK, .run = leak_descriptors},
    {"leak-session-key", SHOWS_LEAK, .run = leak_key}, {0}};

/* Other processes. */

static long
kill_victim(void)
{
	return kill((pid_t)number("VICTIM"), SIGTERM);
}

static long
kill_group(void)
{
	return kill(-(pid_t)number("VICTIM"), SIGTERM);
}

static long
kill_pidfd(void)
{
	long fd = syscall(SYS_pidfd_open, number("VICTIM"), 0);

	return fd == -1 ? -1
			: syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
}

static long
kill_sigqueue(void)
{
	return sigqueue(
	    (pid_t)number("VICTIM"), SIGTERM, (union sigval){.sival_int = 1});
}

static long
kill_owner(void)
{
	struct f_owner_ex own = {F_OWNER_PID, (pid_t)number("VICTIM")};
	int p[2];

	if (pipe(p) == -1 || fcntl(p[0], F_SETSIG, SIGTERM) == -1 ||
	    fcntl(p[0], F_SETOWN_EX, &own) == -1 ||
	    fcntl(p[0], F_SETFL, O_ASYNC) == -1)
		return -1;
	return write(p[1], "x", 1);
}

static long
victim_ptrace(void)
{
	return ptrace(PTRACE_SEIZE, (pid_t)number("VICTIM"), NULL, NULL);
}

/* Of nothing that is mapped, which is found after the permission. */
static long
victim_vm(long nr)
{
	char b[16];
	struct iovec l = {b, 1}, r = {NULL, 1};

	return judged(syscall(nr, number("VICTIM"), &l, 1, &r, 1, 0), EFAULT);
}

static long
victim_vm_read(void)
{
	return victim_vm(SYS_process_vm_readv);
}

static long
victim_vm_write(void)
{
	return victim_vm(SYS_process_vm_writev);
}

static long
victim_nice(void)
{
	struct sched_param sp = {0};

	return sched_setscheduler((pid_t)number("VICTIM"), SCHED_BATCH, &sp);
}

static long
victim_rlimit(void)
{
	return syscall(SYS_prlimit64, number("VICTIM"), RLIMIT_NOFILE, NULL,
	    &(uint64_t[2]){0, 0});
}

static long
victim_getfd(void)
{
	long fd = syscall(SYS_pidfd_open, number("VICTIM"), 0);

	return syscall(SYS_pidfd_getfd, fd, 1, 0);
}

static long
victim_kcmp(void)
{
	return syscall(SYS_kcmp, getpid(), number("VICTIM"), 1, 0, 0);
}

/* Something that goes on after we are gone. */
static long
outlive(void)
{
	struct timespec ts = {0, 50000000};

	if (fork() == 0) {
		(void)setsid();
		(void)signal(SIGHUP, SIG_IGN);
		if (fork() != 0)
			_exit(0);
		(void)close(1);
		(void)close(2);
		(void)dprintf(open(beneath(where("WORK"), "pid"),
				  O_WRONLY | O_CREAT, 0644),
		    "%ld\n", (long)getpid());
		for (;;) {
			(void)put(open(beneath(where("WORK"), "beats"),
			    O_WRONLY | O_CREAT | O_APPEND, 0644));
			(void)nanosleep(&ts, NULL);
		}
	}
	(void)wait(NULL);
	(void)nanosleep(&ts, NULL); /* its first beat */
	return nanosleep(&ts, NULL);
}

static long
kill_thread(void)
{
	return syscall(SYS_tgkill, number("VICTIM"), number("VICTIM"), SIGTERM);
}

static long
victim_file(const char *file, const char *text)
{
	char p[64];
	int fd;

	if (str_fmt(p, sizeof(p), "/proc/%ld/%s", number("VICTIM"), file) != 0)
		return -1;
	fd = open(p, O_WRONLY);
	return fd == -1 ? -1 : write(fd, text, strlen(text));
}

/* At address 0 nothing is mapped, which is found after the permission. */
static long
victim_mem(void)
{
	return judged(victim_file("mem", "x"), EIO);
}

static long
victim_oom(void)
{
	return victim_file("oom_score_adj", "1000");
}

static long
victim_affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity((pid_t)number("VICTIM"), sizeof(set), &set);
}

static long
victim_ioprio(void)
{
	return syscall(SYS_ioprio_set, 1, number("VICTIM"), 3 << 13);
}

static long
victim_priority(void)
{
	return setpriority(PRIO_PROCESS, (id_t)number("VICTIM"), 10);
}

static long
victim_pages(void)
{
	void *page = NULL;
	int status;

	return syscall(
	    SYS_move_pages, number("VICTIM"), 1, &page, NULL, &status, 0);
}

const struct attempt attempts_process[] = {
    {"kill", SHOWS_LATER, .run = kill_victim},
    {"kill-group", SHOWS_LATER, .run = kill_group},
    {"kill-thread", SHOWS_LATER, .run = kill_thread},
    {"kill-pidfd", SHOWS_LATER, .run = kill_pidfd},
    {"kill-sigqueue", SHOWS_LATER, .run = kill_sigqueue},
    {"kill-owner", SHOWS_LATER, .run = kill_owner},
    {"victim-ptrace", SHOWS_EXIT, .run = victim_ptrace},
    {"victim-vm-read", SHOWS_EXIT, .run = victim_vm_read},
    {"victim-vm-write", SHOWS_EXIT, .run = victim_vm_write},
    {"victim-mem", SHOWS_EXIT, .run = victim_mem},
    {"victim-pages", SHOWS_EXIT, .run = victim_pages},
    {"victim-oom", SHOWS_EXIT, .run = victim_oom},
    {"victim-scheduler", SHOWS_EXIT, .run = victim_nice},
    {"victim-affinity", SHOWS_EXIT, .run = victim_affinity},
    {"victim-ioprio", SHOWS_EXIT, .run = victim_ioprio},
    {"victim-priority", SHOWS_EXIT, .run = victim_priority},
    {"victim-rlimit", SHOWS_EXIT, .run = victim_rlimit},
    {"victim-getfd", SHOWS_EXIT, .run = victim_getfd},
    {"victim-kcmp", SHOWS_EXIT, .run = victim_kcmp},
    {"outlive", SHOWS_STATE, .run = outlive}, {0}};
