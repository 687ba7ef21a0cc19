/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: programs of the person's own, below a fork of main. */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/loop.h"
#include "cordon/errand.h"
#include "cordon/session.h"

#define ERRAND_OUT  3 /* of the fork: where the answer goes */
#define ERRAND_IN   4
#define ERRAND_HIGH 64 /* out of their way */

void
errand_init(
    struct errand *e, struct session *s, errand_done_fn *done, void *arg)
{
	memset(e, 0, sizeof(*e));
	e->session = s;
	e->done = done;
	e->arg = arg;
	e->pipe = -1;
}

void
errand_fini(struct errand *e)
{
	if (e->pipe != -1)
		loop_fd_del(session_loop(e->session), e->pipe);
	fd_close(&e->pipe);
	explicit_bzero(e->answer, sizeof(e->answer));
	e->len = 0;
}

bool
errand_runs(const struct errand *e)
{
	return e->pipe != -1;
}

int
errand_spec(struct spec *s, const char *workspace, uint64_t ms, uint64_t max)
{
	int r;

	spec_init(s);
	r = spec_adds(s, "/", SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	if (r == 0)
		r = spec_adds(s, workspace, SPEC_HIDE);
	s->net = SPEC_NET_HOST;
	s->limits.wall_ms = ms;
	s->limits.fsize = max;
	return r;
}

/* The fork's part. */

/* One byte, 0 for an answer and 1 for what went wrong, and then that. */
static _Noreturn void
errand_say(uint8_t head, const void *p, size_t len)
{
	(void)!write(ERRAND_OUT, &head, 1);
	(void)fd_write_all(ERRAND_OUT, p, len);
	_exit(0);
}

void
errand_answer(const void *p, size_t len)
{
	errand_say(0, p, len);
}

void
errand_refuse(const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	errand_say(1, why, strlen(why));
}

static _Noreturn void
errand_child(errand_run_fn *run, const void *what, int out, int in)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setsid();
	out = fcntl(out, F_DUPFD_CLOEXEC, ERRAND_HIGH);
	if (in != -1)
		in = fcntl(in, F_DUPFD_CLOEXEC, ERRAND_HIGH);
	if (dup2(out, ERRAND_OUT) == -1 ||
	    (in != -1 && dup2(in, ERRAND_IN) == -1) ||
	    syscall(SYS_close_range, in == -1 ? ERRAND_IN + 0u : ERRAND_IN + 1u,
		~0u, 0u) == -1)
		_exit(1);
	session_forget();
	run(what, in == -1 ? -1 : ERRAND_IN);
	errand_refuse("nothing came of it");
}

/* Main's part. */

static void
errand_done(struct errand *e)
{
	bool ok = e->len > 0 && e->answer[0] == 0;
	struct bytes b = {e->answer + 1, e->len == 0 ? 0 : e->len - 1};

	loop_fd_del(session_loop(e->session), e->pipe);
	fd_close(&e->pipe);
	if (e->len == 0)
		b = bytes_of("the program ended early");
	e->done(e->arg, ok, b);
	explicit_bzero(e->answer, sizeof(e->answer));
	e->len = 0;
}

static void
errand_ready(void *arg, int fd, short events)
{
	struct errand *e = arg;
	ssize_t n;

	(void)events;
	n = read(fd, e->answer + e->len, sizeof(e->answer) - e->len);
	if (n > 0)
		e->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		errand_done(e);
}

static void
errand_reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status; /* the end of the pipe says all */
}

int
errand_start(struct errand *e, errand_run_fn *run, const void *what, int input)
{
	struct loop *loop = session_loop(e->session);
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) == -1)
		return ERR_IO;
	pid = fork();
	if (pid == 0)
		errand_child(run, what, p[1], input);
	(void)close(p[1]);
	if (pid == -1 || loop_child(loop, pid, -1, errand_reaped, NULL) != 0 ||
	    loop_fd(loop, p[0], POLLIN, errand_ready, e) != 0) {
		(void)close(p[0]);
		return ERR_IO;
	}
	e->pipe = p[0];
	e->len = 0;
	return 0;
}
