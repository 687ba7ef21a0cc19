/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: devices, the person's terminal, and resources. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

static long
device(const char *name)
{
	return open(beneath("/dev", name), O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

static long
node(mode_t kind, unsigned long number)
{
	char *p = beneath(where("WORK"), "node");

	return mknod(p, kind | 0600, number) == -1 ? -1 : open(p, O_RDONLY);
}

static long
node_terminal(void)
{
	return node(S_IFCHR, 1 << 8 | 5);
}

static long
node_disk(void)
{
	return node(S_IFBLK, 7 << 8); /* the first loop device */
}

static long
kernel_log_write(void)
{
	return open("/dev/kmsg", O_WRONLY);
}

#define DEVICE(name)                                                           \
	{                                                                      \
		"device:" name, SHOWS_EXIT, .with = device                     \
	}

const struct attempt attempts_device[] = {DEVICE("autofs"),
    DEVICE("btrfs-control"), DEVICE("console"), DEVICE("cpu/0/msr"),
    DEVICE("cpu/0/cpuid"), DEVICE("fuse"), DEVICE("hwrng"), DEVICE("kmsg"),
    DEVICE("kvm"), DEVICE("loop-control"), DEVICE("loop0"), DEVICE("mem"),
    DEVICE("net/tun"), DEVICE("port"), DEVICE("tty0"), DEVICE("userfaultfd"),
    DEVICE("vcs"), DEVICE("vda"), DEVICE("vga_arbiter"), DEVICE("vsock"),
    {"kmsg-write", SHOWS_EXIT, .run = kernel_log_write},
    {"node-terminal", SHOWS_EXIT, .run = node_terminal},
    {"node-disk", SHOWS_EXIT, .run = node_disk}, {0}};

/* The terminal that the person sits at: the controlling one of whoever starts
 * the attempt, under its own name and as /dev/tty. */

static int
terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY);

	return fd == -1 ? open(where("TTY"), O_RDWR | O_NOCTTY) : fd;
}

static long
tty_inject(void)
{
	return ioctl(terminal(), TIOCSTI, "\n");
}

/* The kernel looks at the low half of the number only. */
static long
tty_inject_high(void)
{
	return syscall(SYS_ioctl, terminal(), 0x100000000UL | TIOCSTI, "\n");
}

static long
tty_size(void)
{
	struct winsize ws = {7, 7, 7, 7};

	return ioctl(terminal(), TIOCSWINSZ, &ws);
}

static long
tty_modes(void)
{
	struct termios t;
	int fd = terminal();

	if (tcgetattr(fd, &t) == -1)
		return -1;
	t.c_iflag ^= (tcflag_t)IXOFF;
	return tcsetattr(fd, TCSANOW, &t);
}

static long
tty_write(void)
{
	return put(terminal());
}

static long
tty_write_path(void)
{
	return put(open(where("TTY"), O_WRONLY | O_NOCTTY));
}

static long
tty_read(void)
{
	char b[64];
	int fd = open(where("TTY"), O_RDONLY | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd == -1 ? -1 : read(fd, b, sizeof(b));

	return n <= 0 ? -1 : (long)fwrite(b, 1, (size_t)n, stdout);
}

static long
tty_flush(void)
{
	return tcflush(terminal(), TCIFLUSH);
}

static long
tty_line(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), n = 0;

	return ioctl(fd, TIOCSETD, &n);
}

static long
tty_line_high(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), n = 0;

	return syscall(SYS_ioctl, fd, 0x100000000UL | TIOCSETD, &n);
}

const struct attempt attempts_terminal[] = {
    {"tty-inject", SHOWS_STATE, .run = tty_inject},
    {"tty-inject-high-bits", SHOWS_STATE, .run = tty_inject_high},
    {"tty-size", SHOWS_STATE, .run = tty_size},
    {"tty-modes", SHOWS_STATE, .run = tty_modes},
    {"tty-write", SHOWS_STATE, .run = tty_write},
    {"tty-write-path", SHOWS_STATE, .run = tty_write_path},
    {"tty-read", SHOWS_LEAK, .run = tty_read},
    {"tty-flush", SHOWS_STATE, .run = tty_flush},
    {"tty-line", SHOWS_EXIT, .run = tty_line},
    {"tty-line-high-bits", SHOWS_EXIT, .run = tty_line_high}, {0}};

/* More than the limits that the caller set, see 30-escape.sh. */
#define MUCH_MEMORY    ((size_t)160 << 20)
#define MUCH_FILE      ((off_t)100 << 20)
#define MANY_PROCESSES 200
#define MANY_FILES     300
#define HELD           300000000L /* ns: several looks at the limits */

static long
hold(void)
{
	const struct timespec ts = {0, HELD};

	return nanosleep(&ts, NULL);
}

static long
take_memory(void)
{
	char *p = mmap(NULL, MUCH_MEMORY, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p == MAP_FAILED ? -1 : hold();
}

static long
take_shared_memory(void)
{
	char *p = mmap(NULL, MUCH_MEMORY, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p == MAP_FAILED ? -1 : hold();
}

static long
take_processes(void)
{
	long n, r = -1;
	pid_t pids[MANY_PROCESSES];

	for (n = 0; n < MANY_PROCESSES; n++) {
		pids[n] = fork();
		if (pids[n] == 0) {
			(void)pause();
			_exit(0);
		}
		if (pids[n] == -1)
			break;
	}
	if (n == MANY_PROCESSES)
		r = hold();
	while (n-- > 0)
		(void)kill(pids[n], SIGKILL);
	while (wait(NULL) > 0)
		;
	return r;
}

static long
take_files(void)
{
	int n;

	for (n = 0; n < MANY_FILES; n++)
		if (dup(1) == -1)
			return -1;
	return 0;
}

static long
take_file(void)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	return ftruncate(
	    open(beneath(where("WORK"), "big"), O_WRONLY | O_CREAT, 0644),
	    MUCH_FILE);
}

static long
raise_limit(int what, rlim_t to)
{
	struct rlimit rl = {to, to};

	return setrlimit((__rlimit_resource_t)what, &rl);
}

static long
raise_core(void)
{
	return raise_limit(RLIMIT_CORE, 4096);
}

static long
raise_files(void)
{
	return raise_limit(RLIMIT_NOFILE, MANY_FILES);
}

static long
raise_file(void)
{
	return raise_limit(RLIMIT_FSIZE, RLIM_INFINITY);
}

static long
raise_priority(void)
{
	return setpriority(PRIO_PROCESS, 0, -5);
}

static long
real_time(void)
{
	const struct sched_param sp = {.sched_priority = 1};

	return sched_setscheduler(0, SCHED_FIFO, &sp);
}

static long
raise_io(void)
{
	return syscall(SYS_ioprio_set, 1, 0, 1 << 13); /* real time */
}

static long
spare_from_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	return fd == -1 ? -1 : write(fd, "-500", 4);
}

const struct attempt attempts_resource[] = {
    {"take-memory", SHOWS_LIMIT, .run = take_memory},
    {"take-shared-memory", SHOWS_LIMIT, .run = take_shared_memory},
    {"take-processes", SHOWS_LIMIT, .run = take_processes},
    {"take-descriptors", SHOWS_LIMIT, .run = take_files},
    {"take-file", SHOWS_LIMIT, .run = take_file},
    {"raise-core", SHOWS_EXIT, .run = raise_core},
    {"raise-descriptors", SHOWS_EXIT, .run = raise_files},
    {"raise-file", SHOWS_EXIT, .run = raise_file},
    {"raise-priority", SHOWS_EXIT, .run = raise_priority},
    {"real-time", SHOWS_EXIT, .run = real_time},
    {"raise-io", SHOWS_EXIT, .run = raise_io},
    {"spare-from-oom", SHOWS_EXIT, .run = spare_from_oom}, {0}};
