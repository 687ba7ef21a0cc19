/* SPDX-License-Identifier: Apache-2.0 */

/* Library: answering for supervised system calls, see broker.h. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/vis.h"
#include "sandbox/broker_int.h"
#include "sandbox/filter.h"
#include "sandbox/kin.h"

/* Counters of a network, proc_pid_net(5): bytes of a file, and how many stand
 * before OutNoRoutes. */
#define SNMP_MAX      16384
#define SNMP_NO_ROUTE 11

#define SOCK_TYPES 15 /* SOCK_TYPE_MASK of linux/net.h */

#define IOPRIO_WHO_USER_ID 3 /* IOPRIO_WHO_USER, ioprio_set(2) */

struct broker_bound *
broker_bound_new(void)
{
	void *p = mmap(NULL, sizeof(struct broker_bound),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
broker_open_proc(const struct broker_ask *a, const char *name, int flags)
{
	char path[64];
	uint64_t id = a->no->id;
	int fd;

	if (str_fmt(path, sizeof(path), "%u/%s", a->no->pid, name) != 0)
		return -EINVAL;
	fd = openat(a->b->proc, path, flags | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	/* Only now is it sure that the number was still the caller's. */
	if (ioctl(a->b->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == -1) {
		(void)close(fd);
		return -ESRCH;
	}
	return fd;
}

int
broker_memory(const struct broker_ask *a, uint64_t at, void *dst, size_t len)
{
	int fd = broker_open_proc(a, "mem", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, dst, len, (off_t)at);
	(void)close(fd);
	return n == (ssize_t)len ? 0 : -EFAULT;
}

int
broker_string(const struct broker_ask *a, uint64_t at, char *dst, size_t size)
{
	const size_t page = 4096;
	int fd = broker_open_proc(a, "mem", O_RDONLY);
	size_t n = 0, want;
	ssize_t got = 0;

	if (fd < 0)
		return fd;
	/* Page by page, for the next one may not be there. */
	while (n < size && memchr(dst, '\0', n) == NULL) {
		want = page - (size_t)((at + n) % page);
		if (want > size - n)
			want = size - n;
		got = pread(fd, dst + n, want, (off_t)(at + n));
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	if (memchr(dst, '\0', n) != NULL)
		return 0;
	return got <= 0 ? -EFAULT : -ENAMETOOLONG;
}

void
broker_where(int fd, char *dst, size_t size)
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, dst, size - 1);
	dst[n > 0 ? n : 0] = '\0';
}

/* "/proc/self/fd/N" and its other names are the caller's descriptor, which
 * in our own /proc/self would be ours. */
static int
broker_own_fd(const char *path)
{
	static const char *const names[] = {
	    "/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"};
	size_t i;
	char *end;
	long n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!str_starts(path, names[i]))
			continue;
		path += strlen(names[i]);
		for (n = 0, end = (char *)(uintptr_t)path;
		     *end >= '0' && *end <= '9' && n < INT_MAX / 10; end++)
			n = n * 10 + (*end - '0');
		return end == path || *end != '\0' ? -1 : (int)n;
	}
	return -1;
}

static int
broker_base(const struct broker_ask *a, int dirfd)
{
	char name[32];
	int fd;

	if (dirfd == AT_FDCWD)
		return broker_open_proc(a, "cwd", O_PATH);
	(void)snprintf(name, sizeof(name), "fd/%d", dirfd);
	fd = broker_open_proc(a, name, O_PATH);
	return fd == -ENOENT ? -EBADF : fd;
}

int
broker_resolve(
    const struct broker_ask *a, int dirfd, const char *path, bool follow)
{
	struct open_how how = {
	    .flags = (uint64_t)(O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)),
	    .resolve = RESOLVE_NO_MAGICLINKS};
	int base, err, own = broker_own_fd(path);
	long fd;

	if (path[0] == '\0' || (own != -1 && follow))
		return broker_base(a, path[0] == '\0' ? dirfd : own);
	base = path[0] == '/' ? AT_FDCWD : broker_base(a, dirfd);
	if (base < 0 && base != AT_FDCWD)
		return base;
	fd = syscall(SYS_openat2, base, path, &how, sizeof(how));
	err = errno;
	if (base != AT_FDCWD)
		(void)close(base);
	return fd == -1 ? -err : (int)fd;
}

int
broker_take(const struct broker_ask *a, int number)
{
	char text[512], name[16];
	const char *p;
	int fd, pidfd, err;
	pid_t pid;

	(void)snprintf(name, sizeof(name), "%u", a->no->pid);
	(void)kin_text(a->b->proc, name, "status", text, sizeof(text));
	p = strstr(text, "\nTgid:\t");
	pid = p == NULL ? -1 : (pid_t)kin_number(&p);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1)
		return -errno;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	err = errno;
	(void)close(pidfd);
	if (fd == -1)
		return err == EBADF ? -EBADF : -EPERM;
	/* The process was the caller's when this was still waiting. */
	if (ioctl(a->b->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &a->no->id) ==
	    -1) {
		(void)close(fd);
		return -ESRCH;
	}
	return fd;
}

/* The other end of a terminal of the caller's making, put into its place. */
static int
broker_terminal(struct broker_ask *a)
{
	int flags = (int)a->no->data.args[2], fd, slave;
	struct seccomp_notif_addfd add = {.id = a->no->id,
	    .flags = SECCOMP_ADDFD_FLAG_SEND,
	    .newfd_flags = (flags & O_CLOEXEC) != 0 ? O_CLOEXEC : 0};

	(void)strlcpy(a->what, "the other end of a terminal", sizeof(a->what));
	fd = broker_take(a, (int)a->no->data.args[0]);
	if (fd < 0)
		return fd;
	slave = ioctl(fd, TIOCGPTPEER, flags | O_NOCTTY | O_CLOEXEC);
	if (slave == -1) {
		(void)close(fd);
		return -errno;
	}
	add.srcfd = (unsigned)slave;
	flags = ioctl(a->b->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	(void)close(slave);
	(void)close(fd);
	return flags == -1 ? -EIO : BROKER_LATER; /* it was answered */
}

/* Calls that name another process: its own kin only.  The number is in a
 * register, so what is judged is what the kernel then uses. */
static int
broker_process(struct broker_ask *a)
{
	const __u64 *args = a->no->data.args;
	int nr = a->no->data.nr;
	bool which = nr == __NR_setpriority || nr == __NR_ioprio_set;
	int who = (int)args[which ? 1 : 0];

	(void)snprintf(a->what, sizeof(a->what), "process %d", who);
	if ((nr == __NR_setpriority && (int)args[0] == PRIO_USER) ||
	    (nr == __NR_ioprio_set && (int)args[0] == IOPRIO_WHO_USER_ID))
		return -EPERM;
	if (who == 0 || kin_is(a->b->proc, who, getpid()))
		return BROKER_GO_ON;
	return -EPERM;
}

static const struct {
	int nr;
	int (*answer)(struct broker_ask *a);
} broker_calls[] = {{__NR_connect, broker_connect}, {__NR_bind, broker_bind},
    {__NR_listen, broker_listen}, {__NR_ioctl, broker_terminal},
    {__NR_setpriority, broker_process}, {__NR_ioprio_set, broker_process},
    {__NR_prlimit64, broker_process}, {__NR_sched_setaffinity, broker_process},
    {__NR_sched_setscheduler, broker_process},
    {__NR_sched_setparam, broker_process},
    {__NR_sched_setattr, broker_process}};

/* What the filter refused, for the report. */
static void
broker_refused(struct broker_ask *a)
{
	const __u64 *args = a->no->data.args;
	int nr = a->no->data.nr;

	if (nr == __NR_socket || nr == __NR_socketpair)
		(void)snprintf(a->what, sizeof(a->what), "family %u type %u",
		    (unsigned)args[0], (unsigned)args[1] & SOCK_TYPES);
	else if (nr == __NR_ioctl)
		(void)snprintf(
		    a->what, sizeof(a->what), "request %#x", (unsigned)args[1]);
	else
		broker_path(a);
}

void
broker_note(const struct broker_ask *a, struct broker_lines *lines, int err)
{
	const size_t room = sizeof(lines->text) - sizeof(BROKER_MORE);
	size_t used = strlen(lines->text), n;
	char line[1200], safe[1024];
	const char *at;

	(void)vis_str(safe, sizeof(safe), a->what);
	n = (size_t)snprintf(line, sizeof(line), "%s%s%s: %s\n",
	    filter_call(a->no->data.nr), safe[0] == '\0' ? "" : " ", safe,
	    strerror(err));
	for (at = lines->text; (at = strstr(at, line)) != NULL; at++)
		if (at == lines->text || at[-1] == '\n')
			return;
	if (used + n <= room)
		(void)strlcpy(lines->text + used, line, n + 1);
	else if (strstr(lines->text, BROKER_MORE) == NULL)
		(void)strlcpy(lines->text + used, BROKER_MORE,
		    sizeof(lines->text) - used);
}

void
broker_send(const struct broker_ask *a, int answer)
{
	struct seccomp_notif_resp resp = {.id = a->no->id};

	if (answer == BROKER_GO_ON)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		resp.error = answer;
	/* Fails if the caller is dead meanwhile, which needs no answer. */
	(void)ioctl(a->b->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* Answers itself for what is supervised in tier lsm. */
static int
broker_supervised(struct broker_ask *a)
{
	const size_t n = sizeof(broker_calls) / sizeof(broker_calls[0]);
	size_t i;
	int r;

	for (i = 0; i < n && broker_calls[i].nr != a->no->data.nr; i++)
		;
	r = i < n ? broker_calls[i].answer(a) : broker_file(a);
	if (r == -EPERM || r == -EACCES || r == -EAFNOSUPPORT)
		broker_note(a, a->b->denied, -r);
	return r;
}

void
broker_answer(struct broker *b)
{
	struct seccomp_notif no = {0};
	struct broker_ask a = {.b = b, .no = &no};
	uint32_t says;
	int r = BROKER_GO_ON;

	if (ioctl(b->listener, SECCOMP_IOCTL_NOTIF_RECV, &no) == -1) {
		if (errno != EINTR && errno != ENOENT && errno != EAGAIN)
			fd_close(&b->listener);
		return;
	}
	says = filter_says(b->filter, &no.data);
	if (says == SECCOMP_RET_USER_NOTIF)
		r = broker_supervised(&a);
	else if (says == SECCOMP_RET_ALLOW)
		broker_guess(&a);
	else {
		r = -(int)(says & SECCOMP_RET_DATA);
		broker_refused(&a);
		broker_note(&a, b->denied, -r);
	}
	if (r != BROKER_LATER)
		broker_send(&a, r);
}

/* The number at a place behind a name, or 0. */
static uint64_t
broker_counted(const char *text, const char *name, int place)
{
	const char *p = strstr(text, name);
	uint64_t n = 0;

	if (p == NULL)
		return 0;
	for (p += strlen(name); place >= 0; place--)
		n = kin_number(&p);
	return n;
}

void
broker_network(int proc, uint64_t *seen, struct broker_lines *denied)
{
	size_t used = strlen(denied->text);
	char text[SNMP_MAX];
	uint64_t n, before = 0;

	(void)kin_text(proc, "self", "net/snmp", text, sizeof(text));
	n = broker_counted(text, "\nIp: ", SNMP_NO_ROUTE);
	(void)kin_text(proc, "self", "net/snmp6", text, sizeof(text));
	n += broker_counted(text, "\nIp6OutNoRoutes", 0);
	if (seen != NULL)
		before = __atomic_load_n(seen, __ATOMIC_RELAXED);
	while (n > before && seen != NULL &&
	       !__atomic_compare_exchange_n(
		   seen, &before, n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	if (n > before)
		(void)snprintf(denied->text + used, BROKER_LINES - used,
		    "network: no way out, %llu times\n",
		    (unsigned long long)(n - before));
}
