/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: bounded reader for length-prefixed frames from one peer.
 *
 * A frame is a 32-bit big-endian length and that many payload bytes.  The
 * memory is the caller's and never grows, so its size is the limit and a
 * peer cannot make us allocate; descriptors are capped the same way.  The
 * first error is final: past a bad length there is no boundary left to find,
 * and the channel can only be closed.
 */

#include "config.h"

#include <sys/socket.h>

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"

void
frame_init(
    struct frame_reader *fr, int fd, uint8_t *mem, size_t size, size_t maxfds)
{
	assert(size > FRAME_HDR);
	assert(maxfds <= FRAME_FD_MAX);
	memset(fr, 0, sizeof(*fr));
	fr->fd = fd;
	fr->mem = mem;
	fr->size = size;
	fr->maxfds = maxfds;
}

void
frame_fini(struct frame_reader *fr)
{
	int fd;

	while ((fd = frame_take_fd(fr)) != -1)
		(void)close(fd);
}

/*
 * Takes over the descriptors of one message.  All are closed if they are too
 * many: the kernel has installed them already, and a peer must not be able to
 * fill our table.
 */
static int
frame_keep_fds(struct frame_reader *fr, struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd, r = 0;

	if (msg->msg_flags & MSG_CTRUNC)
		r = ERR_FD;
	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (fr->nfds < fr->maxfds) {
				fr->fds[fr->nfds++] = fd;
				continue;
			}
			(void)close(fd);
			r = ERR_FD;
		}
	}
	return r;
}

int
frame_fill(struct frame_reader *fr)
{
	union {
		char mem[CMSG_SPACE(FRAME_FD_MAX * sizeof(int))];
		struct cmsghdr align;
	} ctl;
	struct iovec iov;
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = ctl.mem,
	    .msg_controllen = sizeof(ctl.mem)};
	ssize_t n;

	if (fr->err != 0)
		return fr->err;
	fr->len -= fr->off;
	if (fr->off > 0) /* here, not in frame_next: tiny frames are cheap */
		memmove(fr->mem, fr->mem + fr->off, fr->len);
	fr->off = 0;
	assert(fr->len < fr->size);

	iov.iov_base = fr->mem + fr->len;
	iov.iov_len = fr->size - fr->len;
	n = recvmsg(fr->fd, &msg, MSG_CMSG_CLOEXEC);
	if (n > 0) {
		fr->len += (size_t)n;
		fr->err = frame_keep_fds(fr, &msg);
	} else if (n == 0 || errno == ECONNRESET)
		fr->err = fr->len == 0 ? ERR_EOF : ERR_TRUNC;
	else if (errno != EAGAIN && errno != EINTR)
		fr->err = ERR_IO;
	return fr->err;
}

int
frame_next(struct frame_reader *fr, const uint8_t **payload, size_t *len)
{
	size_t have = fr->len - fr->off;
	uint32_t plen;

	if (fr->err != 0 || have < FRAME_HDR)
		return fr->err;
	memcpy(&plen, fr->mem + fr->off, sizeof(plen));
	plen = be32toh(plen);
	if (plen == 0 || plen > fr->size - FRAME_HDR) {
		fr->err = ERR_LENGTH;
		return fr->err;
	}
	if (have - FRAME_HDR < plen)
		return 0;
	*payload = fr->mem + fr->off + FRAME_HDR;
	*len = plen;
	fr->off += FRAME_HDR + plen;
	return 1;
}

void
frame_wipe(struct frame_reader *fr)
{
	explicit_bzero(fr->mem, fr->off);
	explicit_bzero(fr->mem + fr->len, fr->size - fr->len);
}

int
frame_take_fd(struct frame_reader *fr)
{
	int fd;

	if (fr->nfds == 0)
		return -1;
	fd = fr->fds[0];
	fr->nfds--;
	memmove(fr->fds, fr->fds + 1, fr->nfds * sizeof(fr->fds[0]));
	return fd;
}
