/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the loopback of a new network namespace. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/loopback.h"

#define LOOPBACK_WAITING 128 /* connections that nobody has accepted yet */

int
loopback_up(void)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd, r;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return ERR_IO;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	r = ioctl(fd, SIOCSIFFLAGS, &ifr) == -1 ? ERR_IO : 0;
	(void)close(fd);
	return r;
}

int
loopback_listen(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(LOOPBACK_PORT),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return ERR_IO;
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    listen(fd, LOOPBACK_WAITING) == -1) {
		(void)close(fd);
		return ERR_IO;
	}
	return fd;
}
