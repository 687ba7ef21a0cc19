/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: privileges, and what of the kernel few programs need. */

#include "config.h"

#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

static long
set_uid_bit(void)
{
	char *p = beneath(where("WORK"), "suid");

	(void)close(open(p, O_WRONLY | O_CREAT, 0755));
	return chmod(p, 04755);
}

/* The mode is behind a pointer, where no filter looks. */
static long
set_uid_openat2(void)
{
	struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 06755};

	return syscall(SYS_openat2, AT_FDCWD, beneath(where("WORK"), "suid"),
	    &how, sizeof(how));
}

static long
set_gid_create(void)
{
	return open(beneath(where("WORK"), "sgid"), O_WRONLY | O_CREAT, 02755);
}

static long
new_userns(void)
{
	return unshare(CLONE_NEWUSER);
}

static long
new_userns_clone(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
new_userns_clone3(void)
{
	struct clone_args args = {
	    .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
new_mount(void)
{
	(void)unshare(CLONE_NEWUSER | CLONE_NEWNS);
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long
remount(void)
{
	(void)unshare(CLONE_NEWUSER | CLONE_NEWNS);
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static long
uncover(void)
{
	(void)unshare(CLONE_NEWUSER | CLONE_NEWNS);
	return mount("/", "/mnt", NULL, MS_BIND | MS_REC, NULL);
}

static long
root_change(void)
{
	(void)unshare(CLONE_NEWUSER);
	return chroot("/usr");
}

static long
join_ns(void)
{
	return setns(open("/proc/self/ns/uts", O_RDONLY), 0) == 0 ||
		       errno == EINVAL
		   ? 0
		   : -1;
}

static long
join_victim(void)
{
	return setns(
	    (int)syscall(SYS_pidfd_open, number("VICTIM"), 0), CLONE_NEWNET);
}

static long
unmount(void)
{
	return judged(umount2(where("WORK"), MNT_DETACH), EINVAL);
}

static long
set_clock(void)
{
	struct timespec ts;

	return clock_gettime(CLOCK_REALTIME, &ts) == -1
		   ? -1
		   : clock_settime(CLOCK_REALTIME, &ts);
}

static long
set_name(void)
{
	char name[256];

	return gethostname(name, sizeof(name)) == -1
		   ? -1
		   : sethostname(name, strlen(name));
}

const struct attempt attempts_privilege[] = {
    {"set-uid-bit", SHOWS_EXIT, .run = set_uid_bit},
    {"set-uid-openat2", SHOWS_EXIT, .run = set_uid_openat2},
    {"set-gid-create", SHOWS_EXIT, .run = set_gid_create},
    {"new-userns", SHOWS_EXIT, .run = new_userns},
    {"new-userns-clone", SHOWS_EXIT, .run = new_userns_clone},
    {"new-userns-clone3", SHOWS_EXIT, .run = new_userns_clone3},
    {"new-mount", SHOWS_EXIT, .run = new_mount},
    {"remount", SHOWS_EXIT, .run = remount},
    {"bind-root", SHOWS_EXIT, .run = uncover},
    {"umount", SHOWS_EXIT, .run = unmount},
    {"chroot", SHOWS_EXIT, .run = root_change},
    {"setns", SHOWS_EXIT, .run = join_ns},
    {"setns-victim", SHOWS_EXIT, .run = join_victim},
    {"set-clock", SHOWS_EXIT, .run = set_clock},
    {"set-name", SHOWS_EXIT, .run = set_name}, {0}};

static long
no_random(void)
{
	return personality(ADDR_NO_RANDOMIZE);
}

static long
read_implies_exec(void)
{
	return personality(READ_IMPLIES_EXEC);
}

/* A bit that means nothing, so that the number is not the one refused.
 */
static long
no_random_high(void)
{
	return personality(0x80000000UL | ADDR_NO_RANDOMIZE);
}

static long
io_uring(void)
{
	char params[256] = {0};

	return syscall(SYS_io_uring_setup, 1, params);
}

static long
use_bpf(void)
{
	char attr[128] = {1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1};

	return syscall(SYS_bpf, 0, attr, sizeof(attr));
}

static long
use_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 1); /* UFFD_USER_MODE_ONLY */
}

static long
use_keyring(void)
{
	return syscall(SYS_add_key, "user", "cordon-test", "x", 1,
	    KEY_SPEC_PROCESS_KEYRING);
}

static long
use_keyctl(void)
{
	return syscall(
	    SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1);
}

static long
use_ldt(void)
{
	char b[16];

	return syscall(SYS_modify_ldt, 0, b, sizeof(b));
}

static long
use_handle(void)
{
	struct {
		struct file_handle h;
		char room[128];
	} b = {.h.handle_bytes = 128};
	int id;

	return name_to_handle_at(AT_FDCWD, where("OUT"), &b.h, &id, 0);
}

static long
perf_event(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(attr),
	    .config = PERF_COUNT_SW_TASK_CLOCK,
	    .exclude_kernel = 1};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* What the kernel answers only once it has let the caller: an errno
 * that is about the arguments, which are wrong on purpose, or success.
 */
static const struct {
	const char *name;
	long nr, arg[5];
	int err;
} calls[] = {{"kexec-load", SYS_kexec_load, {0, 0, 0, 0x8000}, EINVAL},
    {"init-module", SYS_init_module, {0, 0, 0, 0}, ENOEXEC},
    {"finit-module", SYS_finit_module, {-1, 0, 0, 0}, EBADF},
    {"delete-module", SYS_delete_module, {0, 0, 0, 0}, EFAULT},
    {"reboot", SYS_reboot, {0, 0, 0, 0}, EINVAL},
    {"swapoff", SYS_swapoff, {0, 0, 0, 0}, EFAULT},
    {"acct", SYS_acct, {1, 0, 0, 0}, EFAULT},
    {"quotactl", SYS_quotactl, {0x800001 << 8, 0, 0, 0}, 0},
    {"pivot-root", SYS_pivot_root, {0, 0, 0, 0}, EFAULT},
    {"move-mount", SYS_move_mount, {-1, 0, -1, 0}, EFAULT},
    {"fsopen", SYS_fsopen, {0, 0, 0, 0}, EFAULT},
    {"fanotify", SYS_fanotify_init, {0, 0, 0, 0}, 0},
    {"open-by-handle", SYS_open_by_handle_at, {-1, 0, 0, 0}, EFAULT},
    {"io-uring-enter", SYS_io_uring_enter, {-1, 0, 0, 0}, EBADF},
    {"io-uring-register", SYS_io_uring_register, {-1, 0, 0, 0}, EINVAL},
    {"request-key", SYS_request_key, {0, 0, 0, 0}, EFAULT},
    {"clock-adjtime", SYS_clock_adjtime, {0, 0, 0, 0}, EFAULT},
    {"iopl", SYS_iopl, {3, 0, 0, 0}, 0},
    {"ioperm", SYS_ioperm, {0x80, 1, 1, 0}, 0},
    {"syslog", SYS_syslog, {10, 0, 0, 0}, 0}};

static long
call(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return judged(syscall(calls[i].nr, calls[i].arg[0],
					  calls[i].arg[1], calls[i].arg[2],
					  calls[i].arg[3], calls[i].arg[4]),
			    calls[i].err);
	exit(2);
}

static long
int80(void)
{
	long r;
	int status;

	if (fork() == 0) {
		__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");
		_exit(r > 0 ? 0 : 1);
	}
	(void)wait(&status);
	return status == 0 ? 0 : -1;
}

static long
core_pattern(void)
{
	return open("/proc/sys/kernel/core_pattern", O_WRONLY);
}

static long
sysrq(void)
{
	return open("/proc/sysrq-trigger", O_WRONLY);
}

static long
cgroup(void)
{
	return mkdir(beneath("/sys/fs/cgroup", where("ABSTRACT")), 0755) == 0
		   ? rmdir(beneath("/sys/fs/cgroup", where("ABSTRACT")))
		   : -1;
}

/* Who would write the file has to wait. */
static long
lease(void)
{
	return fcntl(open(beneath(where("OUT"), "canary"), O_RDONLY),
	    F_SETLEASE, F_RDLCK);
}

#define CALL(name)                                                             \
	{                                                                      \
		"call:" name, SHOWS_EXIT, .with = call                         \
	}

const struct attempt attempts_kernel[] = {
    {"personality-random", SHOWS_EXIT, .run = no_random},
    {"personality-high-bit", SHOWS_EXIT, .run = no_random_high},
    {"personality-exec", SHOWS_EXIT, .run = read_implies_exec},
    {"io-uring", SHOWS_EXIT, .run = io_uring},
    {"bpf", SHOWS_EXIT, .run = use_bpf},
    {"userfaultfd", SHOWS_EXIT, .run = use_userfaultfd},
    {"perf-event", SHOWS_EXIT, .run = perf_event},
    {"add-key", SHOWS_EXIT, .run = use_keyring},
    {"keyctl", SHOWS_EXIT, .run = use_keyctl},
    {"modify-ldt", SHOWS_EXIT, .run = use_ldt},
    {"file-handle", SHOWS_EXIT, .run = use_handle},
    {"int80", SHOWS_EXIT, .run = int80}, CALL("kexec-load"),
    CALL("init-module"), CALL("finit-module"), CALL("delete-module"),
    CALL("reboot"), CALL("swapoff"), CALL("acct"), CALL("quotactl"),
    CALL("pivot-root"), CALL("move-mount"), CALL("fsopen"), CALL("fanotify"),
    CALL("open-by-handle"), CALL("io-uring-enter"), CALL("io-uring-register"),
    CALL("request-key"), CALL("clock-adjtime"), CALL("iopl"), CALL("ioperm"),
    CALL("syslog"), {"core-pattern", SHOWS_EXIT, .run = core_pattern},
    {"sysrq", SHOWS_EXIT, .run = sysrq}, {"cgroup", SHOWS_EXIT, .run = cgroup},
    {"lease", SHOWS_EXIT, .run = lease}, {0}};
