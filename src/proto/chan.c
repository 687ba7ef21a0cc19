/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the channel between two roles.
 *
 * Its one rule: a peer gets exactly what the schema grants to its role, now,
 * and the first breach ends the channel.  The memory of a channel is fixed
 * when it is made: the reader's is the largest frame that this peer may send
 * to us, the writer's is capped.
 */

#include "config.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/xmem.h"
#include "proto/chan.h"
#include "proto/codec.h"
#include "proto/schema.h"

#define CHAN_FDS_MAX 64 /* descriptors waiting to be sent */
#define CHAN_TYPES   256

struct chan_fd {
	uint64_t at; /* position in the stream of the frame it belongs to */
	int fd;      /* owned */
};

struct chan {
	struct loop *loop; /* borrowed */
	int fd;            /* owned; -1 when dead */
	enum role self, peer;
	const struct chan_handler *handlers; /* borrowed */
	chan_closed_fn *closed;
	void *arg; /* borrowed */
	struct frame_reader in;
	uint8_t *mem; /* owned: of in */
	struct buf out;
	uint64_t sent; /* stream position of out's first byte */
	size_t secret; /* bytes of out's memory that are to be wiped */
	struct chan_fd fds[CHAN_FDS_MAX];
	size_t nfds;
	bool refused[CHAN_TYPES];
	bool gather;
	bool busy; /* in chan_ready: chan_free only marks */
	bool freed;
};

static void chan_ready(void *arg, int fd, short events);

/* The largest frame that from may send to to; where it may send none, what
 * it takes to see that it did. */
static uint32_t
chan_cap(enum role from, enum role to)
{
	uint32_t cap = MSG_HDR;
	size_t i;

	for (i = 0; i < schema_len; i++)
		if ((schema[i].from & ROLE_BIT(from)) != 0 &&
		    (schema[i].to & ROLE_BIT(to)) != 0 && schema[i].cap > cap)
			cap = schema[i].cap;
	return cap;
}

static void
chan_watch(struct chan *ch)
{
	short events = POLLIN;

	if (ch->out.len > 0)
		events |= POLLOUT;
	loop_fd_events(ch->loop, ch->fd, events);
}

struct chan *
chan_new(struct loop *loop, int fd, enum role self, enum role peer,
    const struct chan_handler *handlers, chan_closed_fn *closed, void *arg)
{
	size_t size = FRAME_HDR + chan_cap(peer, self);
	struct chan *ch = xcalloc(1, sizeof(*ch));

	ch->loop = loop;
	ch->fd = fd;
	ch->self = self;
	ch->peer = peer;
	ch->handlers = handlers;
	ch->closed = closed;
	ch->arg = arg;
	ch->mem = xmalloc(size);
	frame_init(&ch->in, fd, ch->mem, size, FRAME_FD_MAX);
	buf_init(&ch->out, CHAN_OUT_MAX);
	if (loop_fd(loop, fd, POLLIN, chan_ready, ch) != 0)
		fatal("channel to %s: too many descriptors", role_word(peer));
	return ch;
}

/* Forgets what is not sent yet. */
static void
chan_discard(struct chan *ch)
{
	while (ch->nfds > 0)
		fd_close(&ch->fds[--ch->nfds].fd);
	buf_clear(&ch->out);
}

static void
chan_shut(struct chan *ch)
{
	if (ch->fd == -1)
		return;
	loop_fd_del(ch->loop, ch->fd);
	fd_close(&ch->fd);
	frame_fini(&ch->in);
	chan_discard(ch);
}

void
chan_free(struct chan *ch)
{
	if (ch == NULL)
		return;
	chan_shut(ch);
	ch->freed = true;
	if (ch->busy)
		return;
	buf_wipe(&ch->out);
	free(ch->mem);
	free(ch);
}

enum role
chan_peer(const struct chan *ch)
{
	return ch->peer;
}

void
chan_permit(struct chan *ch, enum msg_type type, bool welcome)
{
	assert((unsigned)type < CHAN_TYPES);
	ch->refused[type] = !welcome;
}

size_t
chan_waiting(const struct chan *ch)
{
	return ch->out.len;
}

static void
chan_fail(struct chan *ch, int err)
{
	if (ch->fd == -1)
		return;
	chan_shut(ch);
	ch->closed(ch->arg, ch, err);
}

/* Sending. */

/*
 * One sendmsg(2): bytes up to the next frame that carries descriptors, or
 * that frame's first byte together with all of its descriptors.
 */
static ssize_t
chan_sendmsg(struct chan *ch)
{
	union {
		char mem[CMSG_SPACE(MSG_FD_MAX * sizeof(int))];
		struct cmsghdr align;
	} ctl;
	struct iovec iov;
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;
	size_t n = 0, len = ch->out.len, i;

	while (n < ch->nfds && n < MSG_FD_MAX && ch->fds[n].at == ch->sent)
		n++;
	if (n < ch->nfds && ch->fds[n].at - ch->sent < len)
		len = (size_t)(ch->fds[n].at - ch->sent);
	/* cast: sendmsg(2) does not write through iov_base */
	iov.iov_base = ch->out.mem + ch->out.off;
	iov.iov_len = len;
	if (n > 0) {
		memset(&ctl, 0, sizeof(ctl));
		msg.msg_control = ctl.mem;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		for (i = 0; i < n; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &ch->fds[i].fd,
			    sizeof(int));
	}
	return sendmsg(ch->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
chan_sent(struct chan *ch, size_t len)
{
	while (ch->nfds > 0 && ch->fds[0].at == ch->sent) {
		fd_close(&ch->fds[0].fd);
		ch->nfds--;
		memmove(ch->fds, ch->fds + 1, ch->nfds * sizeof(ch->fds[0]));
	}
	ch->sent += len;
	buf_drain(&ch->out, len);
}

/* Sends what the socket takes.  0, ERR_EOF if nobody reads it, or ERR_IO; does
 * not call closed. */
static int
chan_push(struct chan *ch)
{
	ssize_t n;

	while (ch->out.len > 0) {
		n = chan_sendmsg(ch);
		if (n > 0)
			chan_sent(ch, (size_t)n);
		else if (n == -1 && errno == EAGAIN)
			break;
		else if (n == -1 && errno != EINTR)
			return errno == EPIPE || errno == ECONNRESET ? ERR_EOF
								     : ERR_IO;
	}
	if (ch->out.len == 0 && ch->secret > 0) {
		explicit_bzero(ch->out.mem, ch->secret);
		ch->secret = 0;
	}
	chan_watch(ch);
	return 0;
}

/* A secret is not left behind in memory that it was too long for. */
static void
chan_keep_secret(struct chan *ch, const struct msg_def *def)
{
	if ((def->flags & MSG_F_SECRET) == 0 ||
	    buf_reserve(&ch->out, FRAME_HDR + def->cap) == NULL)
		return;
	ch->secret = ch->out.size;
}

/* Duplicates the descriptors of the frame that starts at. */
static int
chan_keep_fds(struct chan *ch, uint64_t at, const int *fds, size_t n)
{
	size_t i;
	int fd;

	for (i = 0; i < n; i++) {
		fd = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_EXTRA + FD_EXTRA_MAX);
		if (fd == -1) {
			while (i-- > 0)
				fd_close(&ch->fds[--ch->nfds].fd);
			return ERR_FD;
		}
		ch->fds[ch->nfds++] = (struct chan_fd){at, fd};
	}
	return 0;
}

int
chan_send(struct chan *ch, uint32_t id, enum msg_type type, const void *m)
{
	const struct msg_def *def = schema_find(type);
	uint64_t at = ch->sent + ch->out.len;
	size_t nfds, len = ch->out.len;
	int fds[MSG_FD_MAX], r;

	assert(def != NULL && (def->from & ROLE_BIT(ch->self)) != 0 &&
	       (def->to & ROLE_BIT(ch->peer)) != 0);
	if (ch->fd == -1)
		return ERR_EOF;
	chan_keep_secret(ch, def);
	r = codec_encode(&ch->out, def, id, m, fds, &nfds);
	if (r == 0 && nfds > CHAN_FDS_MAX - ch->nfds)
		r = ERR_SPACE;
	if (r == 0)
		r = chan_keep_fds(ch, at, fds, nfds);
	if (r != 0) {
		ch->out.len = len;
		return r;
	}
	/* An error shows as end of file to the reader; closing here would
	 * pull the channel from under the caller. */
	if (len == 0 && !ch->gather)
		(void)chan_push(ch);
	else
		chan_watch(ch);
	return 0;
}

void
chan_gather(struct chan *ch, bool gather)
{
	ch->gather = gather;
	if (!gather && ch->fd != -1)
		(void)chan_push(ch);
}

int
chan_flush(struct chan *ch, int ms)
{
	uint64_t end = clock_mono_ms() + (uint64_t)ms, now;
	struct pollfd pfd = {ch->fd, POLLOUT, 0};

	while (ch->fd != -1 && ch->out.len > 0) {
		if (chan_push(ch) != 0)
			return ERR_EOF;
		now = clock_mono_ms();
		if (ch->out.len == 0)
			break;
		if (now >= end)
			return ERR_TIMEOUT;
		(void)poll(&pfd, 1, (int)(end - now));
	}
	return ch->fd == -1 ? ERR_EOF : 0;
}

/* Receiving. */

static int
chan_take_fd(void *arg)
{
	struct chan *ch = arg;

	return frame_take_fd(&ch->in);
}

static chan_fn *
chan_handler(const struct chan *ch, const struct msg_def *def)
{
	const struct chan_handler *h;

	if ((def->from & ROLE_BIT(ch->peer)) == 0 ||
	    (def->to & ROLE_BIT(ch->self)) == 0 || ch->refused[def->type])
		return NULL;
	for (h = ch->handlers; h->fn != NULL; h++)
		if (h->type == def->type)
			return h->fn;
	return NULL;
}

static int
chan_dispatch(struct chan *ch, const uint8_t *payload, size_t len)
{
	struct codec_header h;
	union msg m;
	chan_fn *fn;
	int r;

	r = codec_header(payload, len, &h);
	if (r != 0)
		return r;
	fn = chan_handler(ch, h.def);
	if (fn == NULL)
		return ERR_STATE;
	r = codec_decode(h.def, payload, len, chan_take_fd, ch, &m);
	if (r != 0)
		return r;
	if (h.def->flags & MSG_F_ONCE)
		ch->refused[h.def->type] = true;
	r = fn(ch->arg, ch, h.id, &m);
	if (h.def->flags & MSG_F_SECRET)
		frame_wipe(&ch->in);
	return r;
}

/* Handles the whole frames that are here already. */
static int
chan_frames(struct chan *ch)
{
	const uint8_t *payload;
	size_t len;
	int r = 0;

	while (r == 0 && ch->fd != -1) {
		r = frame_next(&ch->in, &payload, &len);
		if (r <= 0)
			return r;
		r = chan_dispatch(ch, payload, len);
	}
	return r;
}

static void
chan_ready(void *arg, int fd, short events)
{
	struct chan *ch = arg;
	int r = 0;

	(void)fd;
	ch->busy = true;
	if (events & POLLOUT)
		r = chan_push(ch);
	if (r == ERR_EOF) { /* its last words come before its end */
		chan_discard(ch);
		chan_watch(ch);
		r = 0;
	}
	if (r == 0 && ch->fd != -1 &&
	    (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
		r = frame_fill(&ch->in);
		if (r == 0)
			r = chan_frames(ch);
	}
	if (r != 0)
		chan_fail(ch, r);
	ch->busy = false;
	if (ch->freed)
		chan_free(ch);
}

bool
chan_take(struct chan *ch)
{
	struct pollfd pfd = {ch->fd, POLLIN, 0};

	if (ch->busy || ch->fd == -1 || poll(&pfd, 1, 0) != 1 ||
	    (pfd.revents & POLLIN) == 0)
		return false;
	chan_ready(ch, pfd.fd, POLLIN);
	return true;
}
