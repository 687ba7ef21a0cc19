/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: all rights of the roles that confine themselves.
 *
 * Read it as: whatever is not here kills the process.  A new right needs a row
 * here and one in tests/data/boundary.tsv.
 *
 * Those that start others have no row: main, which starts all; the cell, whose
 * walls are namespaces, mounts, Landlock and the command filter (compile.c),
 * built by itself (src/cell/cell.c); and the open cell, which runs with the
 * person's own rights what was approved for that, and is started only where
 * such a question can be asked.  The tools are commands in the cell.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>

#include "sandbox/landlock.h"
#include "sandbox/roles.h"

#define LOW32  0xFFFFFFFFULL
#define MIB(n) ((uint64_t)(n) << 20)
#define ALL(name)                                                              \
	{                                                                      \
		__NR_##name, SYS_ANY, 0, 0, 0                                  \
	}
#define WHEN(name, arg, mask, value)                                           \
	{                                                                      \
		__NR_##name, (arg), (mask), (value), 0                         \
	}
#define SET_END                                                                \
	{                                                                      \
		-1, SYS_ANY, 0, 0, 0                                           \
	}
#define SET(name)                                                              \
	static const struct sys_set set_##name = {#name, name##_rights}

/* Frames, memory, time, and leaving.  No memory becomes executable. */
static const struct sys_right common_rights[] = {ALL(read), ALL(write),
    ALL(readv), ALL(writev), ALL(close), ALL(poll), ALL(ppoll), ALL(recvmsg),
    ALL(sendmsg), ALL(fstat), ALL(lseek), ALL(pread64), ALL(dup), ALL(brk),
    ALL(munmap), ALL(mremap), ALL(madvise), WHEN(mmap, 2, PROT_EXEC, 0),
    WHEN(mprotect, 2, PROT_EXEC, 0), WHEN(fcntl, 1, LOW32, F_DUPFD_CLOEXEC),
    WHEN(fcntl, 1, LOW32, F_GETFD), WHEN(fcntl, 1, LOW32, F_SETFD),
    WHEN(fcntl, 1, LOW32, F_GETFL), WHEN(fcntl, 1, LOW32, F_SETFL),
    WHEN(fcntl, 1, LOW32, F_ADD_SEALS), WHEN(fcntl, 1, LOW32, F_GET_SEALS),
    ALL(memfd_create), ALL(futex), ALL(getrandom), ALL(clock_gettime),
    ALL(clock_nanosleep), ALL(getpid), ALL(gettid), ALL(getppid),
    ALL(rt_sigprocmask), ALL(rt_sigaction), ALL(rt_sigreturn), ALL(sigaltstack),
    ALL(signalfd4), ALL(restart_syscall), ALL(exit), ALL(exit_group), SET_END};
SET(common);

/* The person's terminal, and stopping ourselves for Ctrl-Z. */
static const struct sys_right tty_rights[] = {WHEN(ioctl, 1, LOW32, TCGETS),
    WHEN(ioctl, 1, LOW32, TCSETS), WHEN(ioctl, 1, LOW32, TCSETSW),
    WHEN(ioctl, 1, LOW32, TCSETSF), WHEN(ioctl, 1, LOW32, TIOCGWINSZ),
    WHEN(ioctl, 1, LOW32, FIONREAD), ALL(fdatasync), ALL(ftruncate),
    ALL(getpgrp), ALL(kill), SET_END};
SET(tty);

/* TLS over a descriptor that somebody else connected. */
static const struct sys_right stream_rights[] = {
    /* libcurl 7.88 connects what is connected already; told that it is under
     * way, it looks and finds it so.  The kernel never sees the call. */
    {__NR_connect, SYS_ANY, 0, 0, EINPROGRESS}, ALL(recvfrom), ALL(sendto),
    ALL(shutdown), ALL(getsockopt), ALL(setsockopt), ALL(getpeername),
    ALL(getsockname), WHEN(ioctl, 1, LOW32, FIONBIO), ALL(getuid), ALL(geteuid),
    ALL(getgid), ALL(getegid), ALL(mlock), ALL(munlock), ALL(uname), SET_END};
SET(stream);

/* Resolving and connecting, both over Internet sockets. */
static const struct sys_right connect_rights[] = {
    WHEN(socket, 0, LOW32, AF_INET), WHEN(socket, 0, LOW32, AF_INET6),
    ALL(connect), ALL(accept4), ALL(recvfrom), ALL(sendto), ALL(shutdown),
    ALL(getsockopt), ALL(setsockopt), ALL(getpeername), ALL(getsockname),
    WHEN(ioctl, 1, LOW32, FIONBIO), ALL(uname), SET_END};
SET(connect);

/* Opening for reading; Landlock says what. */
static const struct sys_right lookup_rights[] = {
    WHEN(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY), ALL(newfstatat),
    SET_END};
SET(lookup);

/* The two logs: appending, and making it durable.  Nothing here shortens a
 * file or writes elsewhere than at its end. */
static const struct sys_right append_rights[] = {
    ALL(fdatasync), ALL(flock), SET_END};
SET(append);

/* The derived index and its locks (sqlite3). */
static const struct sys_right index_rights[] = {ALL(openat), ALL(newfstatat),
    ALL(access), ALL(getdents64), ALL(readlink), ALL(pwrite64), ALL(fdatasync),
    ALL(fsync), ALL(ftruncate), ALL(fallocate), ALL(unlink), ALL(unlinkat),
    ALL(rename), ALL(renameat), ALL(mkdir), ALL(mkdirat), ALL(fchmod),
    ALL(fchown), ALL(getcwd), ALL(geteuid), ALL(getuid), ALL(utimensat),
    ALL(statx), ALL(flock), ALL(link), ALL(linkat), ALL(inotify_init1),
    ALL(inotify_add_watch), WHEN(ioctl, 1, LOW32, TCGETS),
    WHEN(ioctl, 1, LOW32, TIOCGWINSZ), SET_END};
SET(index);

/* A result for pipes, and sending it away over given descriptors. */
static const struct sys_right pipe_rights[] = {ALL(recvfrom), ALL(sendto),
    ALL(shutdown), ALL(getsockopt), ALL(setsockopt), ALL(uname), SET_END};
SET(pipe);

/* Taking connections on a socket that main listens with. */
static const struct sys_right accept_rights[] = {ALL(accept4), SET_END};
SET(accept);

static const struct fs_right no_files[] = {{NULL, 0}};

/* c-ares numbers its queries by the last of them. */
static const struct fs_right resolver_files[] = {
    {"/etc/resolv.conf", LL_FS_READ}, {"/etc/hosts", LL_FS_READ},
    {"/etc/nsswitch.conf", LL_FS_READ}, {"/etc/host.conf", LL_FS_READ},
    {"/dev/urandom", LL_FS_READ}, {NULL, 0}};

/* clang-format off */
const struct role_rights role_rights[] = {
    /* role     sets
     * files, TCP, descriptors, data, file size */
    {"load",    {&set_common, NULL},
     no_files, 0, 64, MIB(256), MIB(1)},
    {"ui",      {&set_common, &set_tty, NULL},
     no_files, 0, 64, MIB(512), MIB(64)},
    {"model",   {&set_common, &set_stream, NULL},
     no_files, 0, 128, MIB(2048), MIB(512)},
    {"net",     {&set_common, &set_connect, &set_lookup, NULL},
     resolver_files, LL_NET_CONNECT_TCP, 512, MIB(256), MIB(1)},
    {"gate",    {&set_common, NULL},
     no_files, 0, 256, MIB(512), MIB(512)},
    {"audit",   {&set_common, &set_append, NULL},
     no_files, 0, 64, MIB(256), UINT64_MAX},
    {"report",  {&set_common, &set_index, &set_pipe, NULL},
     no_files, 0, 128, MIB(2048), UINT64_MAX},
    {"login",   {&set_common, &set_stream, &set_accept, NULL},
     no_files, 0, 64, MIB(512), MIB(1)},
    {"mcp",     {&set_common, NULL},
     no_files, 0, 64, MIB(256), MIB(16)},
};
/* clang-format on */

const size_t role_rights_len = sizeof(role_rights) / sizeof(role_rights[0]);

const struct role_rights *
role_rights_find(const char *role)
{
	size_t i;

	for (i = 0; i < role_rights_len; i++)
		if (strcmp(role_rights[i].role, role) == 0)
			return &role_rights[i];
	return NULL;
}
