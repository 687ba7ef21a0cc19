/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the broker: where sockets are bound and connected to.
 *
 * Without the host's network a command reaches the servers that commands of
 * its cell made, on the loopback or under an abstract name, and local sockets
 * where it may write.  Its servers listen on the loopback only.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/broker_int.h"

#define TABLE_MAX (16u << 20) /* bytes of a table of /proc/net */
#define LISTENING 0x0A        /* TCP_LISTEN, as proc(5) shows it */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

static int
socket_address(const struct broker_ask *a, union address *at, socklen_t *len)
{
	uint64_t given = a->no->data.args[2];

	memset(at, 0, sizeof(*at));
	if (given < sizeof(at->any.sa_family) || given > sizeof(*at))
		return -EINVAL;
	*len = (socklen_t)given;
	return broker_memory(a, a->no->data.args[1], at, (size_t)given);
}

/* The loopback, and what means it when one connects. */
static bool
address_is_local(const union address *at, bool any)
{
	static const struct in6_addr six_any = IN6ADDR_ANY_INIT,
				     six_loop = IN6ADDR_LOOPBACK_INIT;
	uint32_t four;

	if (at->any.sa_family == AF_INET)
		four = ntohl(at->in.sin_addr.s_addr);
	else if (at->any.sa_family != AF_INET6)
		return false;
	else if (IN6_IS_ADDR_V4MAPPED(&at->in6.sin6_addr)) {
		memcpy(&four, at->in6.sin6_addr.s6_addr + 12, sizeof(four));
		four = ntohl(four);
	} else
		return memcmp(&at->in6.sin6_addr, any ? &six_any : &six_loop,
			   sizeof(six_any)) == 0;
	return any ? four == INADDR_ANY : four >> 24 == IN_LOOPBACKNET;
}

/* Every address of the machine becomes its loopback. */
static void
address_narrow(union address *at, int fd)
{
	struct in6_addr loop = IN6ADDR_LOOPBACK_INIT;
	socklen_t len = sizeof(int);
	int only = 0;

	if (!address_is_local(at, true))
		return;
	if (at->any.sa_family == AF_INET) {
		at->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return;
	}
	(void)getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len);
	at->in6.sin6_addr = loop;
	if (!only)
		(void)inet_pton(
		    AF_INET6, "::ffff:127.0.0.1", &at->in6.sin6_addr);
}

static void
address_print(struct broker_ask *a, const union address *at, socklen_t len)
{
	char ip[INET6_ADDRSTRLEN] = "";
	size_t name = offsetof(struct sockaddr_un, sun_path);

	if (at->any.sa_family == AF_INET)
		(void)snprintf(a->what, sizeof(a->what), "%s port %u",
		    inet_ntop(AF_INET, &at->in.sin_addr, ip, sizeof(ip)),
		    ntohs(at->in.sin_port));
	else if (at->any.sa_family == AF_INET6)
		(void)snprintf(a->what, sizeof(a->what), "%s port %u",
		    inet_ntop(AF_INET6, &at->in6.sin6_addr, ip, sizeof(ip)),
		    ntohs(at->in6.sin6_port));
	else if (at->any.sa_family == AF_UNIX && len > name &&
		 at->un.sun_path[0] == '\0')
		(void)snprintf(a->what, sizeof(a->what), "@%.*s",
		    (int)(len - name - 1), at->un.sun_path + 1);
	else if (at->any.sa_family == AF_UNIX)
		(void)snprintf(a->what, sizeof(a->what), "%.*s",
		    (int)(len - name), at->un.sun_path);
	else
		(void)snprintf(
		    a->what, sizeof(a->what), "family %d", at->any.sa_family);
}

/* The servers of this cell. */

static void
bound_add(struct broker_bound *bound, int fd)
{
	struct stat st;
	uint32_t at;

	if (fstat(fd, &st) == -1)
		return;
	at = __atomic_fetch_add(&bound->next, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&bound->ino[at % BROKER_BOUND], (uint64_t)st.st_ino,
	    __ATOMIC_RELEASE);
}

static bool
bound_has(const struct broker_bound *bound, uint64_t ino)
{
	size_t i;

	for (i = 0; ino != 0 && i < BROKER_BOUND; i++)
		if (__atomic_load_n(&bound->ino[i], __ATOMIC_ACQUIRE) == ino)
			return true;
	return false;
}

/* Looks through a table for servers on a port, ours and others. */
static void
bound_port_in(const struct broker_ask *a, const char *table, unsigned port,
    bool *ours, bool *others)
{
	unsigned here, state;
	unsigned long ino;
	char *line, *save = NULL;
	struct buf text;
	int r;

	buf_init(&text, TABLE_MAX);
	r = fd_read_file(a->b->proc, table, &text);
	if (r != 0 && r != ERR_NOENT)
		*others = true; /* for all we know */
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		/* NOLINTNEXTLINE(cert-err34-c): a table of the kernel */
		if (sscanf(line,
			" %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x "
			"%*x:%*x %*x %*u %*d %lu",
			&here, &state, &ino) != 3 ||
		    here != port || state != LISTENING)
			continue;
		if (bound_has(a->b->carve->lsm->bound, ino))
			*ours = true;
		else
			*others = true;
	}
	buf_fini(&text);
}

/* Whether a server on that port is ours, and no other is there: one that
 * listens on one protocol only does not stand for the other's. */
static bool
bound_port(const struct broker_ask *a, const union address *at)
{
	unsigned port = ntohs(
	    at->any.sa_family == AF_INET ? at->in.sin_port : at->in6.sin6_port);
	bool ours = false, others = false;

	bound_port_in(a, "self/net/tcp", port, &ours, &others);
	bound_port_in(a, "self/net/tcp6", port, &ours, &others);
	return ours && !others;
}

/* The same of an abstract name, as proc(5) shows it: NUL bytes as "@". */
static bool
bound_name(const struct broker_ask *a, const union address *at, socklen_t len)
{
	char name[sizeof(at->un.sun_path) + 2], *line, *path, *save = NULL;
	size_t n = len - offsetof(struct sockaddr_un, sun_path), i;
	unsigned long ino;
	bool ours = false;
	struct buf text;

	name[0] = ' ';
	for (i = 0; i < n && i < sizeof(at->un.sun_path); i++)
		name[i + 1] =
		    at->un.sun_path[i] == '\0' ? '@' : at->un.sun_path[i];
	name[i + 1] = '\0';
	buf_init(&text, TABLE_MAX);
	(void)fd_read_file(a->b->proc, "self/net/unix", &text);
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		path = strstr(line, " @");
		if (path == NULL || strcmp(path, name) != 0)
			continue;
		ours = /* NOLINTNEXTLINE(cert-err34-c): as above */
		    sscanf(line, "%*x: %*x %*x %*x %*x %*x %lu", &ino) == 1 &&
		    bound_has(a->b->carve->lsm->bound, ino);
		if (!ours)
			break;
	}
	buf_fini(&text);
	return ours;
}

/* A local socket by path: held, judged where it is, and named by the
 * descriptor that holds it. */
static int
connect_local(struct broker_ask *a, union address *at, socklen_t *len)
{
	size_t n = *len - offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(at->un.sun_path) + 1], where[PATH_MAX];
	struct stat st;
	int held;

	memcpy(path, at->un.sun_path, n);
	path[n] = '\0';
	held = broker_resolve(a, AT_FDCWD, path, true);
	if (held < 0)
		return held;
	broker_where(held, where, sizeof(where));
	if (fstat(held, &st) == -1 ||
	    (carve_access(a->b->carve, where) & SPEC_WRITE) == 0) {
		(void)close(held);
		return -EACCES;
	}
	if (!S_ISSOCK(st.st_mode)) {
		(void)close(held);
		return -ECONNREFUSED;
	}
	(void)snprintf(
	    at->un.sun_path, sizeof(at->un.sun_path), "/proc/self/fd/%d", held);
	*len = sizeof(at->un);
	return held;
}

/* 0, or a negative errno; held is what must stay open until it is done. */
static int
connect_judge(
    struct broker_ask *a, union address *at, socklen_t *len, int *held)
{
	const size_t name = offsetof(struct sockaddr_un, sun_path);
	bool host = a->b->carve->grant->net == SPEC_NET_HOST;

	switch (at->any.sa_family) {
	case AF_UNSPEC: /* lets go of a connection */
		return 0;
	case AF_INET:
	case AF_INET6:
		if (*len < sizeof(at->in) ||
		    (at->any.sa_family == AF_INET6 && *len < sizeof(at->in6)))
			return -EINVAL;
		if (host)
			return 0;
		if (!address_is_local(at, true) && !address_is_local(at, false))
			return -EACCES;
		return bound_port(a, at) ? 0 : -ECONNREFUSED;
	case AF_UNIX:
		if (*len <= name || *len > sizeof(at->un))
			return -EINVAL;
		if (at->un.sun_path[0] == '\0')
			return bound_name(a, at, *len) ? 0 : -ECONNREFUSED;
		*held = connect_local(a, at, len);
		return *held < 0 ? *held : 0;
	default:
		return host && at->any.sa_family == AF_NETLINK ? 0
							       : -EAFNOSUPPORT;
	}
}

/* Connecting may take its time, and the init must not: a process of its own
 * does it, and ends. */
static int
connect_apart(
    struct broker_ask *a, int fd, const union address *at, socklen_t len)
{
	pid_t pid = fork();

	if (pid == -1)
		return -EAGAIN;
	if (pid > 0)
		return BROKER_LATER;
	broker_send(a, connect(fd, &at->any, len) == -1 ? -errno : 0);
	_exit(0);
}

int
broker_no_route(struct broker_ask *a)
{
	union address at;
	socklen_t len;

	if (a->b->carve->grant->net != SPEC_NET_NONE ||
	    socket_address(a, &at, &len) != 0 ||
	    (at.any.sa_family != AF_INET && at.any.sa_family != AF_INET6) ||
	    address_is_local(&at, true) || address_is_local(&at, false))
		return 0;
	address_print(a, &at, len);
	return ENETUNREACH;
}

int
broker_connect(struct broker_ask *a)
{
	union address at;
	socklen_t len;
	int fd, held = -1, r;

	r = socket_address(a, &at, &len);
	if (r != 0)
		return r;
	address_print(a, &at, len);
	fd = broker_take(a, (int)a->no->data.args[0]);
	if (fd < 0)
		return fd;
	r = connect_judge(a, &at, &len, &held);
	if (r == 0)
		r = connect_apart(a, fd, &at, len);
	(void)close(fd);
	if (held >= 0)
		(void)close(held);
	return r;
}

int
broker_bind(struct broker_ask *a)
{
	bool host = a->b->carve->grant->net == SPEC_NET_HOST;
	union address at;
	socklen_t len;
	int fd, r;

	r = socket_address(a, &at, &len);
	if (r != 0)
		return r;
	address_print(a, &at, len);
	/* By path: Landlock sees the making of a socket, and refuses another
	 * family's should the caller exchange it meanwhile. */
	if (at.any.sa_family == AF_UNIX && at.un.sun_path[0] != '\0')
		return BROKER_GO_ON;
	fd = broker_take(a, (int)a->no->data.args[0]);
	if (fd < 0)
		return fd;
	if (!host &&
	    (at.any.sa_family == AF_INET || at.any.sa_family == AF_INET6))
		address_narrow(&at, fd);
	if (!host && at.any.sa_family != AF_UNIX &&
	    !address_is_local(&at, false))
		r = -EACCES;
	else if (bind(fd, &at.any, len) == -1)
		r = -errno;
	else
		bound_add(a->b->carve->lsm->bound, fd);
	(void)close(fd);
	return r;
}

/* Listening without having bound means every address. */
int
broker_listen(struct broker_ask *a)
{
	bool host = a->b->carve->grant->net == SPEC_NET_HOST;
	union address at;
	socklen_t len = sizeof(at);
	int fd, r = 0;

	(void)snprintf(a->what, sizeof(a->what), "descriptor %d",
	    (int)a->no->data.args[0]);
	fd = broker_take(a, (int)a->no->data.args[0]);
	if (fd < 0)
		return fd;
	memset(&at, 0, sizeof(at));
	if (getsockname(fd, &at.any, &len) == -1)
		r = -errno;
	if (r == 0 && !host && address_is_local(&at, true)) {
		address_narrow(&at, fd);
		r = bind(fd, &at.any, len) == -1 ? -errno : 0;
	}
	if (r == 0 && listen(fd, (int)a->no->data.args[1]) == -1)
		r = -errno;
	if (r == 0)
		bound_add(a->b->carve->lsm->bound, fd);
	(void)close(fd);
	return r;
}
