/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: one program of ours in a cell, and what it printed. */

#include "config.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"

#include "cordon/ceiling.h"
#include "cordon/oneshot.h"
#include "cordon/session.h"

#define CALL     1 /* the frame id of the one call */
#define ARGS_MAX 64
#define ENV_MAX  512

struct run {
	struct session *s; /* owned */
	int status;        /* as a shell gives it */
};

static int
on_ended(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_exit *m = msg;
	struct run *run = arg;
	int st = (int)m->status;

	(void)ch;
	(void)id;
	if (m->how == EXIT_STATUS)
		run->status =
		    WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
	else if (m->how == EXIT_TIMEOUT)
		run->status = 124;
	else if (m->how == EXIT_FSIZE)
		run->status = 128 + SIGXFSZ;
	else if (m->how == EXIT_NOTFOUND || m->how == EXIT_NOEXEC)
		run->status = m->how == EXIT_NOTFOUND ? 127 : 126;
	else
		log_error("%.*s", (int)m->error.len, (const char *)m->error.p);
	session_stop(run->s, EX_OK);
	return 0;
}

static const struct chan_handler handlers[] = {{MSG_SPAWNED, session_unread},
    {MSG_EXIT, on_ended}, {MSG_STAT, session_unheard}, {0, NULL}};

static int
send_spawn(const struct oneshot *o, struct run *run, int out, int null)
{
	char *home = xasprintf("HOME=%s", o->paths->home);
	const char *const env[] = {"PATH=/usr/bin:/bin", "TMPDIR=/tmp",
	    "LC_ALL=C.UTF-8", "CORDON=1", home, NULL};
	const char *const *from = o->env == NULL ? env : o->env;
	struct bytes argv[ARGS_MAX], envv[ENV_MAX];
	struct msg_spawn m = {.cwd = bytes_of(o->cwd),
	    .settle = o->settle,
	    .stdio = STDIO_PASSED,
	    .in = o->in != -1 ? o->in
		  : o->quiet  ? null
			      : out,
	    .out = out,
	    .err = o->quiet ? null : out};
	uint32_t i;
	int r;

	for (i = 0; i < ARGS_MAX && o->argv[i] != NULL; i++)
		argv[i] = bytes_of(o->argv[i]);
	m.argv = (struct msg_list){i, argv};
	for (i = 0; i < ENV_MAX && from[i] != NULL; i++)
		envv[i] = bytes_of(from[i]);
	m.env = (struct msg_list){i, envv};
	r = ceiling_spawn(run->s, CALL, o->grant, &m);
	free(home);
	return r;
}

static int
run_in(const struct oneshot *o, struct run *run, int out)
{
	enum tier tier;
	char why[512];
	int null, r;

	if (tier_choose(&tier, o->tier, why, sizeof(why)) != 0) {
		log_error("no sandbox: %s", why);
		return -EX_UNAVAILABLE;
	}
	session_add(run->s, ROLE_CELL);
	session_handlers(run->s, handlers, run);
	if (ceiling_tell(run->s, tier, o->ceiling, o->paths->home,
		o->paths->state, o->cwd, why, sizeof(why)) != 0) {
		log_error("%s", why);
		return -EX_CANTCREAT;
	}
	r = session_start(run->s);
	if (r != EX_OK)
		return -r;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	r = send_spawn(o, run, out, null);
	fd_close(&null);
	if (r != 0) {
		log_error("the cell does not answer");
		return -EX_OSERR;
	}
	r = session_run(run->s);
	return r != EX_OK ? -r : run->status;
}

int
oneshot_run(const struct oneshot *o, struct buf *out)
{
	struct run run = {.status = -EX_SOFTWARE};
	int fd, r;

	fd = memfd_create("output", MFD_CLOEXEC);
	if (fd == -1 || (o->in != -1 && lseek(o->in, 0, SEEK_SET) == -1)) {
		log_error("no memory file: %s", err_sys(errno));
		fd_close(&fd);
		return -EX_OSERR;
	}
	run.s = session_new();
	r = run_in(o, &run, fd);
	session_free(run.s);
	if (r >= 0 && (lseek(fd, 0, SEEK_SET) == -1 || fd_read_all(fd, out)))
		r = -EX_IOERR;
	(void)close(fd);
	return r;
}
