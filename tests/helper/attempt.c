/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: attempt -l | attempt NAME
 *
 * One attempt to get out of a cell.  -l lists the names, each with how its
 * success shows: "state" (something outside changed), "later" (that, by
 * another process), "leak" (a secret on standard output) or "exit" (status 0:
 * the kernel did it).  Whether a state changed is for the caller to see, from
 * outside.  "control" is what a cell permits: it writes into the workspace.
 * The environment says where things are: OUT, WORK, HIDDEN, VICTIM, PORT,
 * SOCK, ABSTRACT, SHMID.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "attempt.h"

const char *
where(const char *name)
{
	const char *v = getenv(name);

	if (v == NULL) {
		(void)fprintf(stderr, "attempt: %s is not set\n", name);
		exit(2);
	}
	return v;
}

char *
beneath(const char *dir, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *p = paths[next++ % 4];

	if (str_fmt(p, PATH_MAX, "%s/%s", dir, name) != 0)
		exit(2);
	return p;
}

long
put(int fd)
{
	return fd == -1 ? -1 : write(fd, "x", 1);
}

static long
number(const char *name)
{
	const char *err = NULL;
	long n = (long)strtonum(where(name), 0, INT_MAX, &err);

	if (err != NULL)
		exit(2);
	return n;
}

/* Secrets. */

static long
show(const char *path)
{
	char b[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, b, sizeof(b));

	return n <= 0 ? -1 : (long)fwrite(b, 1, (size_t)n, stdout);
}

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

static long
victim_vm(void)
{
	char b[16];
	struct iovec l = {b, 1}, r = {(void *)(uintptr_t)&environ, 1};

	return process_vm_readv((pid_t)number("VICTIM"), &l, 1, &r, 1, 0);
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

/* Networks. */

static long
tcp(int family)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number("PORT")),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = in.sin_port,
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(family, SOCK_STREAM, 0);
	int r = family == AF_INET
		    ? connect(fd, (struct sockaddr *)&in, sizeof(in))
		    : connect(fd, (struct sockaddr *)&in6, sizeof(in6));

	return r == -1 ? -1 : put(fd);
}

static long
net_tcp(void)
{
	return tcp(AF_INET);
}

static long
net_udp(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number("PORT")),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0,
	    (struct sockaddr *)&in, sizeof(in));
}

static long
net_fastopen(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number("PORT")),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN,
	    (struct sockaddr *)&in, sizeof(in));
}

static long
unix_to(const char *path, bool abstract, int type)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);
	size_t n = strlen(path);

	if (n + 2 > sizeof(un.sun_path))
		exit(2);
	memcpy(un.sun_path + (abstract ? 1 : 0), path, n);
	n += offsetof(struct sockaddr_un, sun_path) + 1;
	if (connect(fd, (struct sockaddr *)&un, (socklen_t)n) == -1)
		return -1;
	return put(fd);
}

static long
unix_path(void)
{
	return unix_to(where("SOCK"), false, SOCK_STREAM);
}

static long
unix_path_link(void)
{
	char *p = beneath(where("WORK"), "sock");

	if (symlink(where("SOCK"), p) == -1)
		return -1;
	return unix_to(p, false, SOCK_STREAM);
}

static long
unix_abstract(void)
{
	return unix_to(where("ABSTRACT"), true, SOCK_STREAM);
}

static long
family(int f, int type, int proto)
{
	return socket(f, type, proto);
}

static long
net_packet(void)
{
	return family(AF_PACKET, SOCK_RAW, 0);
}

static long
net_raw(void)
{
	return family(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long
net_alg(void)
{
	return family(AF_ALG, SOCK_SEQPACKET, 0);
}

static long
net_vsock(void)
{
	return family(AF_VSOCK, SOCK_STREAM, 0);
}

static long
net_netlink(void)
{
	return family(AF_NETLINK, SOCK_RAW, 15); /* KOBJECT_UEVENT */
}

/* Privileges and kernel surface. */

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
no_random(void)
{
	return personality(ADDR_NO_RANDOMIZE);
}

static long
read_implies_exec(void)
{
	return personality(READ_IMPLIES_EXEC);
}

/* A bit that means nothing, so that the number is not the one refused. */
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
use_swap(void)
{
	return swapoff("/nowhere") == -1 && errno != ENOENT ? -1 : 0;
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
inject(void)
{
	return ioctl(open("/dev/ptmx", O_RDWR | O_NOCTTY), TIOCSTI, "x") == 0
		   ? 0
		   : -1;
}

static long
inject_high(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), n = 0;

	/* The kernel looks at the low half only. */
	return syscall(SYS_ioctl, fd, 0x100000000UL | TIOCSETD, &n);
}

static long
kernel_log(void)
{
	return syscall(SYS_syslog, 10, NULL, 0);
}

static long
oom_score(void)
{
	return put(open("/proc/self/oom_score_adj", O_WRONLY));
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

static long
device(const char *path)
{
	return open(path, O_RDONLY);
}

static long
dev_disk(void)
{
	return device("/dev/vda");
}

static long
dev_mem(void)
{
	return device("/dev/mem");
}

static long
dev_kmsg(void)
{
	return device("/dev/kmsg");
}

static long
dev_node(void)
{
	char *p = beneath(where("WORK"), "node");

	return mknod(p, S_IFCHR | 0600, 1 << 8 | 5) == -1 ? -1
							  : open(p, O_RDONLY);
}

/* IPC. */

static long
sysv_shm(void)
{
	int id = shmget((key_t)number("SHMID"), 0, 0);
	char *p = id == -1 ? (void *)-1 : shmat(id, NULL, 0);

	return p == (void *)-1 ? -1 : (long)fwrite(p, 1, 32, stdout);
}

static long
posix_shm(void)
{
	return show(beneath("/dev/shm", where("ABSTRACT")));
}

static long
host_tmp(void)
{
	return put(
	    open(beneath("/tmp", where("ABSTRACT")), O_WRONLY | O_CREAT, 0600));
}

/* What the person's tools would obey later. */

static long
plant(const char *name)
{
	char *p = beneath(where("WORK"), name), *slash;
	long r;

	for (slash = p + strlen(where("WORK")) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		(void)mkdir(p, 0755);
		*slash = '/';
	}
	r = put(open(p, O_WRONLY | O_CREAT | O_APPEND, 0755));
	(void)chmod(p, 0755);
	return r;
}

static const char *const plants[] = {".git/hooks/pre-commit", ".git/config",
    ".git/config.worktree", ".git/info/attributes", ".vscode/tasks.json",
    ".idea/workspace.xml", ".envrc", ".mcp.json", ".claude/settings.json",
    ".codex/config.toml", ".cursor/mcp.json", ".cordon/policy.toml",
    ".gitmodules", "sub/.git/hooks/post-checkout", "sub/.git/config",
    "bare.git/hooks/update", "bare.git/config"};

static long
move_git(void)
{
	if (rename(beneath(where("WORK"), ".git"),
		beneath(where("WORK"), "git2")) == -1)
		return -1;
	return plant(".git/hooks/pre-commit");
}

static long
move_sub(void)
{
	(void)rename(
	    beneath(where("WORK"), "sub"), beneath(where("WORK"), "sub2"));
	return plant("sub/.git/hooks/post-checkout");
}

static long
git_file(void)
{
	char *p = beneath(where("WORK"), ".git");

	(void)rename(p, beneath(where("WORK"), "git2"));
	return symlink("/tmp", p);
}

static long
rc_file(void)
{
	return put(open(beneath(where("HOME"), ".bashrc"),
	    O_WRONLY | O_APPEND | O_CREAT, 0644));
}

static long
path_shadow(void)
{
	(void)mkdir(beneath(where("HOME"), "bin"), 0755);
	return put(
	    open(beneath(where("HOME"), "bin/git"), O_WRONLY | O_CREAT, 0755));
}

static long
autostart(void)
{
	(void)mkdir(beneath(where("HOME"), ".config"), 0755);
	(void)mkdir(beneath(where("HOME"), ".config/autostart"), 0755);
	return put(open(beneath(where("HOME"), ".config/autostart/x.desktop"),
	    O_WRONLY | O_CREAT, 0644));
}

enum shows { SHOWS_STATE, SHOWS_LATER, SHOWS_LEAK, SHOWS_EXIT };

static const struct {
	const char *name;
	enum shows shows;
	long (*run)(void);
} attempts[] = {{"leak-home-key", SHOWS_LEAK, leak_home},
    {"leak-hidden", SHOWS_LEAK, leak_hidden},
    {"leak-hidden-proc-root", SHOWS_LEAK, leak_hidden_root},
    {"leak-hidden-link", SHOWS_LEAK, leak_hidden_link},
    {"leak-victim-environ", SHOWS_LEAK, leak_environ},
    {"leak-victim-cwd", SHOWS_LEAK, leak_victim_cwd},
    {"leak-victim-root", SHOWS_LEAK, leak_victim_root},
    {"leak-parents-environ", SHOWS_LEAK, leak_parents},
    {"leak-own-environ", SHOWS_LEAK, leak_own_environ},
    {"leak-descriptors", SHOWS_LEAK, leak_descriptors},
    {"leak-sysv-shm", SHOWS_LEAK, sysv_shm},
    {"leak-posix-shm", SHOWS_LEAK, posix_shm},
    {"kill", SHOWS_LATER, kill_victim}, {"kill-group", SHOWS_LATER, kill_group},
    {"kill-pidfd", SHOWS_LATER, kill_pidfd},
    {"kill-sigqueue", SHOWS_LATER, kill_sigqueue},
    {"kill-owner", SHOWS_LATER, kill_owner},
    {"victim-ptrace", SHOWS_EXIT, victim_ptrace},
    {"victim-vm", SHOWS_EXIT, victim_vm},
    {"victim-scheduler", SHOWS_EXIT, victim_nice},
    {"victim-rlimit", SHOWS_EXIT, victim_rlimit},
    {"victim-getfd", SHOWS_EXIT, victim_getfd},
    {"victim-kcmp", SHOWS_EXIT, victim_kcmp}, {"outlive", SHOWS_STATE, outlive},
    {"net-tcp", SHOWS_LATER, net_tcp}, {"net-udp", SHOWS_LATER, net_udp},
    {"net-fastopen", SHOWS_LATER, net_fastopen},
    {"unix-path", SHOWS_LATER, unix_path},
    {"unix-path-link", SHOWS_LATER, unix_path_link},
    {"unix-abstract", SHOWS_LATER, unix_abstract},
    {"net-packet", SHOWS_EXIT, net_packet}, {"net-raw", SHOWS_EXIT, net_raw},
    {"net-alg", SHOWS_EXIT, net_alg}, {"net-vsock", SHOWS_EXIT, net_vsock},
    {"net-uevent", SHOWS_EXIT, net_netlink},
    {"set-uid-bit", SHOWS_EXIT, set_uid_bit},
    {"set-uid-openat2", SHOWS_EXIT, set_uid_openat2},
    {"set-gid-create", SHOWS_EXIT, set_gid_create},
    {"new-userns", SHOWS_EXIT, new_userns},
    {"new-userns-clone", SHOWS_EXIT, new_userns_clone},
    {"new-mount", SHOWS_EXIT, new_mount}, {"remount", SHOWS_EXIT, remount},
    {"bind-root", SHOWS_EXIT, uncover}, {"chroot", SHOWS_EXIT, root_change},
    {"setns", SHOWS_EXIT, join_ns},
    {"personality-random", SHOWS_EXIT, no_random},
    {"personality-high-bit", SHOWS_EXIT, no_random_high},
    {"personality-exec", SHOWS_EXIT, read_implies_exec},
    {"io-uring", SHOWS_EXIT, io_uring}, {"bpf", SHOWS_EXIT, use_bpf},
    {"userfaultfd", SHOWS_EXIT, use_userfaultfd},
    {"add-key", SHOWS_EXIT, use_keyring}, {"keyctl", SHOWS_EXIT, use_keyctl},
    {"modify-ldt", SHOWS_EXIT, use_ldt},
    {"file-handle", SHOWS_EXIT, use_handle}, {"swapoff", SHOWS_EXIT, use_swap},
    {"set-clock", SHOWS_EXIT, set_clock}, {"set-name", SHOWS_EXIT, set_name},
    {"int80", SHOWS_EXIT, int80}, {"tiocsti", SHOWS_EXIT, inject},
    {"tiocsetd-high-bits", SHOWS_EXIT, inject_high},
    {"syslog", SHOWS_EXIT, kernel_log}, {"oom-score", SHOWS_EXIT, oom_score},
    {"core-pattern", SHOWS_EXIT, core_pattern}, {"sysrq", SHOWS_EXIT, sysrq},
    {"cgroup", SHOWS_EXIT, cgroup}, {"dev-disk", SHOWS_EXIT, dev_disk},
    {"dev-mem", SHOWS_EXIT, dev_mem}, {"dev-kmsg", SHOWS_EXIT, dev_kmsg},
    {"dev-node", SHOWS_EXIT, dev_node}, {"host-tmp", SHOWS_STATE, host_tmp},
    {"move-git", SHOWS_STATE, move_git}, {"move-sub", SHOWS_STATE, move_sub},
    {"git-symlink", SHOWS_STATE, git_file}, {"rc-file", SHOWS_STATE, rc_file},
    {"path-shadow", SHOWS_STATE, path_shadow},
    {"autostart", SHOWS_STATE, autostart}};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
list(void)
{
	static const char *const words[] = {"state", "later", "leak", "exit"};
	size_t i;

	files_list();
	for (i = 0; i < COUNT(plants); i++)
		(void)printf("plant:%s\tstate\n", plants[i]);
	for (i = 0; i < COUNT(attempts); i++)
		(void)printf(
		    "%s\t%s\n", attempts[i].name, words[attempts[i].shows]);
}

static long
attempt(const char *name)
{
	long result;
	size_t i;

	if (strcmp(name, "control") == 0)
		return put(open(
		    beneath(where("WORK"), name), O_WRONLY | O_CREAT, 0644));
	if (files_attempt(name, &result))
		return result;
	if (str_starts(name, "plant:"))
		return plant(name + 6);
	for (i = 0; i < COUNT(attempts); i++)
		if (strcmp(attempts[i].name, name) == 0)
			return attempts[i].run();
	(void)fprintf(stderr, "attempt: %s: no such attempt\n", name);
	exit(2);
}

int
main(int argc, char *argv[])
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: attempt -l | attempt NAME\n");
		return 2;
	}
	if (strcmp(argv[1], "-l") == 0) {
		list();
		return 0;
	}
	return attempt(argv[1]) == -1 ? 1 : 0;
}
