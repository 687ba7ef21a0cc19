/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: carrying bytes between our terminal and a command's. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "cordon/relay.h"

#define RELAY_LAST_MS 1000 /* to carry over what is left at the end */

static void relay_ready(void *arg, int fd, short events);

static void
relay_close(struct relay_copy *c)
{
	loop_fd_del(c->relay->loop, c->from);
	loop_fd_del(c->relay->loop, c->to);
	fd_close(&c->from);
	if (c->own_to)
		fd_close(&c->to);
	c->to = -1;
}

/* Until what was read can be written, nothing more is read. */
static void
relay_wait(struct relay_copy *c)
{
	loop_fd_del(c->relay->loop, c->from);
	if (loop_fd(c->relay->loop, c->to, POLLOUT, relay_ready, c) != 0)
		relay_close(c);
}

static void
relay_resume(struct relay_copy *c)
{
	loop_fd_del(c->relay->loop, c->to);
	if (loop_fd(c->relay->loop, c->from, POLLIN, relay_ready, c) != 0)
		relay_close(c);
}

/* The command's output was lost, and it cannot know; one that reads no more of
 * its input has its reasons, and so has whoever closes a pipe or a terminal. */
static void
relay_failed(struct relay_copy *c, int err)
{
	if (!c->own_to && err != EPIPE && err != EIO)
		c->relay->lost = err;
}

/*
 * Bytes that are read are written before more are read.  A blocking write to
 * the person's terminal is what slows a command down that writes too fast; a
 * command that does not read its input must not block us.
 */
static void
relay_move(struct relay_copy *c)
{
	bool waited = c->off < c->len;
	ssize_t n;

	if (!waited) {
		n = read(c->from, c->buf, sizeof(c->buf));
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			return;
		/* EIO is how the end of a terminal's other side shows. */
		if (n <= 0) {
			relay_close(c);
			return;
		}
		c->off = 0;
		c->len = (size_t)n;
	}
	while (c->off < c->len) {
		n = write(c->to, c->buf + c->off, c->len - c->off);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			if (!waited)
				relay_wait(c);
			return;
		}
		if (n == -1) {
			relay_failed(c, errno);
			relay_close(c);
			return;
		}
		c->off += (size_t)n;
	}
	if (waited)
		relay_resume(c);
}

static void
relay_ready(void *arg, int fd, short events)
{
	(void)fd;
	(void)events;
	relay_move(arg);
}

static int
relay_copy(struct relay *r, int i, int from, int to, bool own_to)
{
	struct relay_copy *c = &r->copies[i];

	c->relay = r;
	c->from = from;
	c->to = to;
	c->own_to = own_to;
	return loop_fd(r->loop, from, POLLIN, relay_ready, c);
}

/*
 * May the command hold this descriptor itself?  Not a file that is open for
 * reading or for appending only: by fchmod(2), by /proc/self/fd and by
 * fcntl(2), which takes O_APPEND away, it would be more than that.
 */
static int
relay_passable(int fd, bool *passable)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st, null;

	if (flags == -1 || fstat(fd, &st) == -1 || S_ISDIR(st.st_mode))
		return ERR_FD;
	*passable = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
	if (S_ISREG(st.st_mode))
		*passable =
		    (flags & O_ACCMODE) != O_RDONLY && (flags & O_APPEND) == 0;
	if (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0)
		*passable = st.st_rdev == null.st_rdev;
	return 0;
}

/* Both outputs lead to one file, where their order is to stay. */
static bool
relay_is_shared(const struct relay *r)
{
	struct stat one, two;

	return r->copies[1].from != -1 && fstat(STDOUT_FILENO, &one) == 0 &&
	       fstat(STDERR_FILENO, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

static int
relay_one(struct relay *r, int fd)
{
	bool passable;
	int p[2], e = relay_passable(fd, &passable);

	if (e != 0)
		return e;
	if (passable || (fd == STDERR_FILENO && relay_is_shared(r))) {
		r->child[fd] =
		    fcntl(passable ? fd : r->child[1], F_DUPFD_CLOEXEC, 3);
		return r->child[fd] == -1 ? ERR_FD : 0;
	}
	if (pipe2(p, O_CLOEXEC) == -1)
		return ERR_IO;
	if (fd == STDIN_FILENO) {
		r->child[0] = p[0];
		e = fd_nonblock(p[1], true) == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3)
						 : -1;
		return e == -1 ? ERR_FD : relay_copy(r, 0, e, p[1], true);
	}
	r->child[fd] = p[1];
	return relay_copy(r, fd, p[0], fd, false);
}

static void
relay_winch(void *arg, int signo)
{
	struct relay *r = arg;
	struct msg_resize m;
	struct winsize ws;

	(void)signo;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == -1)
		return;
	m = (struct msg_resize){ws.ws_row, ws.ws_col};
	(void)chan_send(r->cell, r->call, MSG_RESIZE, &m);
}

int
relay_start(
    struct relay *r, struct loop *loop, struct chan *cell, uint32_t call)
{
	int i, e = 0;

	*r = (struct relay){.loop = loop,
	    .cell = cell,
	    .call = call,
	    .child = {-1, -1, -1},
	    .ready = true};
	for (i = 0; i < 3; i++)
		r->copies[i] =
		    (struct relay_copy){.relay = r, .from = -1, .to = -1};
	(void)signal(SIGPIPE, SIG_IGN); /* a command may not read its input */
	r->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	for (i = 0; e == 0 && i < 3; i++)
		if (!r->tty || !isatty(i))
			e = relay_one(r, i);
	if (e == 0 && r->tty)
		e = loop_signal(loop, SIGWINCH, relay_winch, r);
	return e;
}

void
relay_handed(struct relay *r)
{
	int i;

	for (i = 0; i < 3; i++)
		fd_close(&r->child[i]);
}

void
relay_terminal(struct relay *r, int in, int out)
{
	struct termios raw;
	int stdin_copy;

	if (!r->tty || in == -1 || out == -1) {
		fd_close(&in);
		fd_close(&out);
		return;
	}
	if (tcgetattr(STDIN_FILENO, &r->saved) == 0) {
		raw = r->saved;
		cfmakeraw(&raw);
		r->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	}
	stdin_copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (stdin_copy == -1 || relay_copy(r, 0, stdin_copy, in, true) != 0 ||
	    relay_copy(r, 1, out, STDOUT_FILENO, false) != 0)
		relay_finish(r);
}

static void
relay_restore(struct relay *r)
{
	if (r->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &r->saved);
	r->raw = false;
}

void
relay_finish(struct relay *r)
{
	uint64_t end = clock_mono_ms() + RELAY_LAST_MS, now;
	struct pollfd pfd;
	int i;

	for (i = 1; i < 3; i++)
		while (
		    r->copies[i].from != -1 && (now = clock_mono_ms()) < end) {
			pfd = (struct pollfd){r->copies[i].from, POLLIN, 0};
			if (poll(&pfd, 1, (int)(end - now)) <= 0)
				break;
			relay_move(&r->copies[i]);
		}
	relay_restore(r);
}

void
relay_fini(struct relay *r)
{
	int i;

	if (!r->ready)
		return;
	relay_restore(r);
	relay_handed(r);
	for (i = 0; i < 3; i++)
		if (r->copies[i].from != -1)
			relay_close(&r->copies[i]);
}
