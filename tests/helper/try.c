/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: try ROLE
 *
 * Takes on the rights of a role ("none": no confinement) and attempts, each in
 * a child of its own, what the table below names.  Prints a line an attempt:
 * its name, a tab, and "ok", the name of the errno, or "kill".
 */

#include "config.h"

#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/confine.h"

#define X32_BIT 0x40000000L

/* Made before confinement, for attempts that need an object. */
static int tcp_fd, listen_fd, listen_port, null_fd, exe_fd;
static pid_t parent;
static char scratch[64];

static long
try_open_read(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long
try_open_resolver(void)
{
	return open("/etc/hosts", O_RDONLY | O_CLOEXEC);
}

static long
try_open_environ(void)
{
	return open("/proc/1/environ", O_RDONLY | O_CLOEXEC);
}

static long
try_open_write(void)
{
	return open(scratch, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
try_ftruncate(void)
{
	return ftruncate(null_fd, 0);
}

static long
try_pwrite(void)
{
	return pwrite(null_fd, "x", 1, 0);
}

static long
try_openat2(void)
{
	uint64_t how[3] = {O_RDONLY | O_CLOEXEC, 0, 0};

	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how));
}

static long
try_stat(void)
{
	struct stat st;

	return stat("/etc/passwd", &st);
}

static long
try_readlink(void)
{
	char to[64];

	return readlink("/proc/self/exe", to, sizeof(to));
}

static long
try_unlink(void)
{
	return unlink(scratch);
}

static long
try_mkdir(void)
{
	(void)rmdir("/tmp/try-dir");
	return mkdir("/tmp/try-dir", 0700);
}

static long
try_chmod(void)
{
	return chmod("/tmp", 01777);
}

static long
try_chdir(void)
{
	return chdir("/");
}

static long
try_socket_inet(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long
try_socket_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long
try_socket_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static long
try_socket_alg(void)
{
	return socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static long
try_socketpair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

static long
try_connect(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)listen_port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};

	return connect(tcp_fd, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_accept(void)
{
	return accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

static long
try_bind(void)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	return bind(tcp_fd, (struct sockaddr *)&sin, sizeof(sin));
}

static long
try_listen(void)
{
	return listen(tcp_fd, 1);
}

static long
try_fork(void)
{
	long pid = syscall(SYS_fork);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
try_clone3(void)
{
	uint64_t args[11] = {0};
	long pid;

	args[4] = SIGCHLD;
	pid = syscall(SYS_clone3, args, sizeof(args));
	if (pid == 0)
		_exit(0);
	return pid;
}

static long
try_execve(void)
{
	char name[] = "true", *argv[] = {name, NULL}, *env[] = {NULL};

	return execve("/bin/true", argv, env);
}

static long
try_fexecve(void)
{
	char name[] = "true", *argv[] = {name, NULL}, *env[] = {NULL};

	return syscall(SYS_execveat, exe_fd, "", argv, env, AT_EMPTY_PATH);
}

static long
try_ptrace(void)
{
	return ptrace(PTRACE_SEIZE, parent, NULL, NULL);
}

static long
try_process_vm_readv(void)
{
	return syscall(SYS_process_vm_readv, parent, NULL, 0L, NULL, 0L, 0L);
}

static long
try_kill_parent(void)
{
	return kill(parent, 0);
}

static long
try_pidfd_open(void)
{
	return syscall(SYS_pidfd_open, parent, 0);
}

static long
try_unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static long
try_setns(void)
{
	return setns(null_fd, 0);
}

static long
try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long
try_umount(void)
{
	return umount2("/tmp/try-none", MNT_DETACH);
}

static long
try_chroot(void)
{
	return chroot("/");
}

static long
try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long
try_io_uring(void)
{
	char params[120] = {0};

	return syscall(SYS_io_uring_setup, 1, params);
}

static long
try_keyctl(void)
{
	return syscall(SYS_keyctl, 0, -3, 0, 0, 0);
}

static long
try_add_key(void)
{
	return syscall(SYS_add_key, "user", "try", "x", 1L, -2);
}

static long
try_perf(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0L);
}

static long
try_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 0);
}

static long
try_mmap_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
try_mprotect_exec(void)
{
	void *p =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long
try_setuid(void)
{
	return setuid(0);
}

static long
try_capset(void)
{
	uint32_t head[2] = {0x20080522, 0}, data[6] = {~0u, ~0u, 0, ~0u, ~0u};

	return syscall(SYS_capset, head, data);
}

static long
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}

static long
try_setrlimit(void)
{
	struct rlimit rl = {4096, 4096};

	return setrlimit(RLIMIT_NOFILE, &rl);
}

static long
try_personality(void)
{
	return personality(ADDR_NO_RANDOMIZE);
}

static long
try_tiocsti(void)
{
	char c = 'x';

	return ioctl(STDIN_FILENO, TIOCSTI, &c);
}

static long
try_shmget(void)
{
	return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
}

static long
try_settime(void)
{
	struct timespec ts = {0, -1};

	return syscall(SYS_clock_settime, CLOCK_REALTIME, &ts);
}

static long
try_reboot(void)
{
	return syscall(SYS_reboot, 0, 0, 0, NULL);
}

static long
try_module(void)
{
	return syscall(SYS_init_module, NULL, 0L, "");
}

static long
try_open_by_handle(void)
{
	return syscall(SYS_open_by_handle_at, -1, NULL, 0);
}

static long
try_sendfile(void)
{
	return sendfile(null_fd, null_fd, NULL, 1);
}

static long
try_epoll(void)
{
	return syscall(SYS_epoll_create1, 0);
}

static long
try_x32(void)
{
	return syscall(X32_BIT | SYS_getpid);
}

/* getpid by the 32-bit entry; its number there is 20. */
static long
try_int80(void)
{
	long r = 20;

	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

struct attempt {
	const char *name;
	long (*run)(void);
};

/* clang-format off */
static const struct attempt attempts[] = {
    {"open-read", try_open_read}, {"open-hosts", try_open_resolver},
    {"open-environ", try_open_environ}, {"open-write", try_open_write},
    {"ftruncate", try_ftruncate}, {"pwrite", try_pwrite},
    {"openat2", try_openat2}, {"stat", try_stat}, {"readlink", try_readlink},
    {"unlink", try_unlink}, {"mkdir", try_mkdir}, {"chmod", try_chmod},
    {"chdir", try_chdir}, {"socket-inet", try_socket_inet},
    {"socket-unix", try_socket_unix}, {"socket-packet", try_socket_packet},
    {"socket-alg", try_socket_alg}, {"socketpair", try_socketpair},
    {"connect", try_connect}, {"accept", try_accept},
    {"bind", try_bind}, {"listen", try_listen},
    {"fork", try_fork}, {"clone3", try_clone3}, {"execve", try_execve},
    {"fexecve", try_fexecve}, {"ptrace", try_ptrace},
    {"process_vm_readv", try_process_vm_readv},
    {"kill-parent", try_kill_parent}, {"pidfd_open", try_pidfd_open},
    {"unshare-user", try_unshare_user}, {"setns", try_setns},
    {"mount", try_mount}, {"umount", try_umount}, {"chroot", try_chroot},
    {"bpf", try_bpf}, {"io_uring", try_io_uring}, {"keyctl", try_keyctl},
    {"add_key", try_add_key}, {"perf", try_perf},
    {"userfaultfd", try_userfaultfd}, {"mmap-exec", try_mmap_exec},
    {"mprotect-exec", try_mprotect_exec}, {"setuid", try_setuid},
    {"capset", try_capset}, {"dumpable", try_dumpable},
    {"setrlimit", try_setrlimit}, {"personality", try_personality},
    {"tiocsti", try_tiocsti}, {"shmget", try_shmget},
    {"settime", try_settime}, {"reboot", try_reboot}, {"module", try_module},
    {"open_by_handle", try_open_by_handle}, {"sendfile", try_sendfile},
    {"epoll", try_epoll}, {"x32", try_x32}, {"int80", try_int80},
};
/* clang-format on */

/* Listens on loopback, so that a connect has somebody to reach, and has one
 * connection waiting. */
static void
prepare(void)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(sin);
	int fd, client;

	fd = listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1 ||
	    connect(client, (struct sockaddr *)&sin, len) == -1) {
		perror("try: loopback");
		exit(1);
	}
	listen_port = ntohs(sin.sin_port);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	exe_fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
	(void)snprintf(
	    scratch, sizeof(scratch), "/tmp/try-%ld", (long)getpid());
	parent = getpid();
}

static void
attempt_in_child(const char *role, const struct attempt *a)
{
	int status, pipefd[2], err = 0;
	pid_t pid;

	if (pipe(pipefd) == -1)
		exit(1);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		tcp_fd = socket(AF_INET, SOCK_STREAM, 0);
		/* What succeeds unconfined must not touch the machine. */
		if (unshare(CLONE_NEWNS) == 0 &&
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
			_exit(97);
		if (strcmp(role, "none") != 0 && confine_role(role, NULL) != 0)
			_exit(99);
		err = a->run() < 0 ? errno : 0;
		if (write(pipefd[1], &err, sizeof(err)) == -1)
			_exit(98);
		_exit(0);
	}
	(void)close(pipefd[1]);
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99) {
		(void)fprintf(stderr, "try: cannot confine as %s\n", role);
		exit(1);
	}
	if (WIFSIGNALED(status))
		(void)printf("%s\t%s\n", a->name,
		    WTERMSIG(status) == SIGSYS ? "kill" : "signal");
	else if (read(pipefd[0], &err, sizeof(err)) != sizeof(err))
		(void)printf("%s\tran\n", a->name); /* another program */
	else
		(void)printf("%s\t%s\n", a->name,
		    err == 0 ? "ok" : strerrorname_np(err));
	(void)close(pipefd[0]);
}

int
main(int argc, char *argv[])
{
	size_t i;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: try ROLE\n");
		return 64;
	}
	prepare();
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		attempt_in_child(argv[1], &attempts[i]);
	(void)unlink(scratch);
	(void)rmdir("/tmp/try-dir");
	return 0;
}
