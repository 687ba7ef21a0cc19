/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: networks, and what programs share without one. */

#include "config.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "attempt.h"

/* The port of outside, by IPv4 or, where one is given, an IPv6 address. */
static long
reach(int type, int proto, const char *six, int flags)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number("PORT")),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = in.sin_port};
	struct sockaddr *to = (struct sockaddr *)&in;
	socklen_t len = sizeof(in);
	int fd;

	if (six != NULL) {
		(void)inet_pton(AF_INET6, six, &in6.sin6_addr);
		to = (struct sockaddr *)&in6;
		len = sizeof(in6);
	}
	fd = socket(to->sa_family, type, proto);
	if (type == SOCK_DGRAM || flags != 0)
		return sendto(fd, "x", 1, flags, to, len);
	return connect(fd, to, len) == -1 ? -1 : put(fd);
}

static long
net_tcp(void)
{
	return reach(SOCK_STREAM, 0, NULL, 0);
}

static long
net_tcp6(void)
{
	return reach(SOCK_STREAM, 0, "::1", 0);
}

static long
net_mapped(void)
{
	return reach(SOCK_STREAM, 0, "::ffff:127.0.0.1", 0);
}

static long
net_mptcp(void)
{
	return reach(SOCK_STREAM, 262, NULL, 0);
}

static long
net_udp(void)
{
	return reach(SOCK_DGRAM, 0, NULL, 0);
}

static long
net_fastopen(void)
{
	return reach(SOCK_STREAM, 0, NULL, MSG_FASTOPEN);
}

static long
net_many(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number("PORT")),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char x = 'x';
	struct iovec v = {&x, 1};
	struct mmsghdr m = {.msg_hdr = {.msg_name = &in,
				.msg_namelen = sizeof(in),
				.msg_iov = &v,
				.msg_iovlen = 1}};

	return sendmmsg(socket(AF_INET, SOCK_DGRAM, 0), &m, 1, 0);
}

/* Urgent data of local sockets, which few use and many faults were in. */
static long
net_urgent(void)
{
	int sv[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1
		   ? -1
		   : send(sv[0], "x", 1, MSG_OOB);
}

/* Kinds of sockets that reach more of the kernel. */
static const struct {
	const char *name;
	int family, type, proto;
} kinds[] = {{"packet", AF_PACKET, SOCK_RAW, 0},
    {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP},
    {"alg", AF_ALG, SOCK_SEQPACKET, 0}, {"vsock", AF_VSOCK, SOCK_STREAM, 0},
    {"key", AF_KEY, SOCK_RAW, 2}, {"xdp", AF_XDP, SOCK_RAW, 0},
    {"tipc", AF_TIPC, SOCK_STREAM, 0}, {"can", AF_CAN, SOCK_RAW, 1},
    {"smc", AF_SMC, SOCK_STREAM, 0}, {"bluetooth", AF_BLUETOOTH, SOCK_RAW, 1},
    {"uevent", AF_NETLINK, SOCK_RAW, 15}, {"diag", AF_NETLINK, SOCK_RAW, 4},
    {"xfrm", AF_NETLINK, SOCK_RAW, 6}, {"audit", AF_NETLINK, SOCK_RAW, 9},
    {"netfilter", AF_NETLINK, SOCK_RAW, 12},
    {"generic", AF_NETLINK, SOCK_RAW, 16},
    {"crypto", AF_NETLINK, SOCK_RAW, 21}};

static long
kind(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return socket(
			    kinds[i].family, kinds[i].type, kinds[i].proto);
	exit(2);
}

#define KIND(name)                                                             \
	{                                                                      \
		"socket:" name, SHOWS_EXIT, .with = kind                       \
	}

const struct attempt attempts_network[] = {
    {"net-tcp", SHOWS_LATER, .run = net_tcp},
    {"net-tcp6", SHOWS_LATER, .run = net_tcp6},
    {"net-tcp-mapped", SHOWS_LATER, .run = net_mapped},
    {"net-mptcp", SHOWS_LATER, .run = net_mptcp},
    {"net-udp", SHOWS_LATER, .run = net_udp},
    {"net-sendmmsg", SHOWS_LATER, .run = net_many},
    {"net-fastopen", SHOWS_LATER, .run = net_fastopen},
    {"net-urgent", SHOWS_EXIT, .run = net_urgent}, KIND("packet"), KIND("raw"),
    KIND("alg"), KIND("vsock"), KIND("key"), KIND("xdp"), KIND("tipc"),
    KIND("can"), KIND("smc"), KIND("bluetooth"), KIND("uevent"), KIND("diag"),
    KIND("xfrm"), KIND("audit"), KIND("netfilter"), KIND("generic"),
    KIND("crypto"), {0}};

/* What programs share. */

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
	if (type == SOCK_DGRAM)
		return sendto(
		    fd, "x", 1, 0, (struct sockaddr *)&un, (socklen_t)n);
	if (connect(fd, (struct sockaddr *)&un, (socklen_t)n) == -1)
		return -1;
	return put(fd);
}

/* The name of what outside has that many of. */
static const char *
numbered(const char *name, const char *suffix)
{
	static char path[4096];

	if (str_fmt(path, sizeof(path), "%s%s", where(name), suffix) != 0)
		exit(2);
	return path;
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
unix_datagram(void)
{
	return unix_to(numbered("SOCK", ".dgram"), false, SOCK_DGRAM);
}

static long
unix_abstract_datagram(void)
{
	return unix_to(numbered("ABSTRACT", ".dgram"), true, SOCK_DGRAM);
}

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

static long
sysv_sem(void)
{
	int id = semget((key_t)number("SHMID"), 0, 0);

	return id == -1 ? -1 : semctl(id, 0, SETVAL, 0);
}

static long
sysv_msg(void)
{
	struct {
		long type;
		char text[64];
	} m;
	int id = msgget((key_t)number("SHMID"), 0);
	ssize_t n = id == -1 ? -1
			     : msgrcv(id, &m, sizeof(m.text), 0,
				   IPC_NOWAIT | MSG_COPY | MSG_NOERROR);

	return n <= 0 ? -1 : (long)fwrite(m.text, 1, (size_t)n, stdout);
}

static long
posix_mq(void)
{
	char text[8192];
	mqd_t mq = mq_open(beneath("", where("ABSTRACT")), O_RDWR | O_NONBLOCK);
	ssize_t n = mq == -1 ? -1 : mq_receive(mq, text, sizeof(text), NULL);

	return n <= 0 ? -1 : (long)fwrite(text, 1, (size_t)n, stdout);
}

static long
posix_shm_write(void)
{
	return put(
	    open(beneath("/dev/shm", where("ABSTRACT")), O_WRONLY | O_APPEND));
}

const struct attempt attempts_ipc[] = {
    {"unix-path", SHOWS_LATER, .run = unix_path},
    {"unix-path-link", SHOWS_LATER, .run = unix_path_link},
    {"unix-abstract", SHOWS_LATER, .run = unix_abstract},
    {"unix-datagram", SHOWS_LATER, .run = unix_datagram},
    {"unix-abstract-datagram", SHOWS_LATER, .run = unix_abstract_datagram},
    {"leak-sysv-shm", SHOWS_LEAK, .run = sysv_shm},
    {"leak-sysv-msg", SHOWS_LEAK, .run = sysv_msg},
    {"sysv-sem", SHOWS_EXIT, .run = sysv_sem},
    {"leak-posix-shm", SHOWS_LEAK, .run = posix_shm},
    {"posix-shm-write", SHOWS_STATE, .run = posix_shm_write},
    {"leak-posix-mq", SHOWS_LEAK, .run = posix_mq},
    {"host-tmp", SHOWS_STATE, .run = host_tmp}, {0}};
