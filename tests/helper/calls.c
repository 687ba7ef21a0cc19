/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: calls COUNT COMMAND [ARG...]
 *
 * Plays main for a real cell: runs the command COUNT times in it, in sequence
 * and in turn with a plain fork(2) and execve(2) of the same.  Prints, in
 * microseconds, the median and the least of both, the median of the first
 * and of the last tenth of the calls, and what the cell has open after five
 * calls and after all.  A namespace lives by a process, a descriptor or a
 * mount, so where these do not grow none is leaked.
 */

#include "config.h"

#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/paths.h"
#include "cordon/ceiling.h"
#include "cordon/session.h"

#define WARM      5 /* calls before the first look */
#define CALLS_MAX 1000000
#define GRANT_MAX 60000
#define NS_PER_US 1000
#define SETTLE_US 200000 /* until the last init is gone, on an idle machine */
#define LOOKS_MAX 150    /* and on any */
#define TEXT_MAX  (4u << 20)

struct open_things {
	long descriptors, own, mounts, processes;
};

static struct {
	struct session *s;
	char *const *command;
	struct buf grant;
	char cwd[PATH_MAX];
	double *plain, *call; /* owned: us of each */
	size_t n, count;
	uint64_t began;
	pid_t cell;
	struct open_things warm, end;
} run;

static long
count_folder(const char *path)
{
	DIR *d = opendir(path);
	long n = -2; /* "." and ".." */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static long
count_in_file(const char *path, char what)
{
	struct buf text;
	const char *p;
	long n = -1;

	buf_init(&text, TEXT_MAX);
	if (fd_read_file(AT_FDCWD, path, &text) == 0) {
		n = 0;
		for (p = buf_cstr(&text); *p != '\0'; p++)
			n += *p == what;
	}
	buf_fini(&text);
	return n;
}

static void
look(struct open_things *t)
{
	char path[64];

	(void)usleep(SETTLE_US);
	(void)snprintf(path, sizeof(path), "/proc/%ld/fd", (long)run.cell);
	t->descriptors = count_folder(path);
	(void)snprintf(
	    path, sizeof(path), "/proc/%ld/mountinfo", (long)run.cell);
	t->mounts = count_in_file(path, '\n');
	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
	    (long)run.cell, (long)run.cell);
	t->processes = count_in_file(path, ' ');
	t->own = count_folder("/proc/self/fd");
}

/* How it is after all calls: what is still just ending is not there to stay. */
static void
look_again(void)
{
	const struct open_things *a = &run.end, *b = &run.warm;
	int i;

	for (i = 0; i < LOOKS_MAX; i++) {
		look(&run.end);
		if (a->descriptors <= b->descriptors && a->own <= b->own &&
		    a->mounts <= b->mounts && a->processes <= b->processes)
			break;
	}
}

/* Our one child. */
static pid_t
find_cell(void)
{
	char path[64];
	struct buf text;
	pid_t pid = -1;

	(void)snprintf(
	    path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	buf_init(&text, TEXT_MAX);
	if (fd_read_file(AT_FDCWD, path, &text) == 0) {
		char *word = strtok(buf_cstr(&text), " ");

		if (word != NULL)
			pid = (pid_t)strtonum(word, 1, INT_MAX, NULL);
	}
	buf_fini(&text);
	return pid;
}

static double
us_since(uint64_t began)
{
	return (double)(clock_mono_ns() - began) / NS_PER_US;
}

static double
plain(void)
{
	uint64_t began = clock_mono_ns();
	char *env[] = {NULL};
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(run.command[0], run.command, env);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	return us_since(began);
}

static void
next(void)
{
	struct bytes argv[64];
	struct msg_spawn m = {.cwd = bytes_of(run.cwd),
	    .grant = {buf_data(&run.grant), run.grant.len},
	    .stdio = STDIO_NULL_IN,
	    .in = -1,
	    .out = -1,
	    .err = -1};
	uint32_t n;

	for (n = 0; n < 64 && run.command[n] != NULL; n++)
		argv[n] = bytes_of(run.command[n]);
	m.argv = (struct msg_list){n, argv};
	run.plain[run.n] = plain();
	run.began = clock_mono_ns();
	if (chan_send(session_chan(run.s, ROLE_CELL), (uint32_t)run.n + 1,
		MSG_SPAWN, &m) != 0)
		session_stop(run.s, 1);
}

static int
on_exit_of(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_exit *m = msg;

	(void)arg;
	(void)ch;
	(void)id;
	run.call[run.n++] = us_since(run.began);
	if (m->how != EXIT_STATUS || m->status != 0) {
		(void)fprintf(stderr, "calls: how %u, status %u: %.*s\n",
		    m->how, m->status, (int)m->error.len,
		    (const char *)m->error.p);
		session_stop(run.s, 1);
		return 0;
	}
	if (run.n == WARM)
		look(&run.warm);
	if (run.n < run.count) {
		next();
		return 0;
	}
	look_again();
	session_stop(run.s, 0);
	return 0;
}

static const struct chan_handler handlers[] = {{MSG_SPAWNED, session_unread},
    {MSG_EXIT, on_exit_of}, {MSG_STAT, session_unheard}, {0, NULL}};

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double
median(const double *v, size_t n, double *least)
{
	double *copy = xmemdup(v, n * sizeof(*v)), m;

	qsort(copy, n, sizeof(*copy), by_size);
	m = copy[n / 2];
	if (least != NULL)
		*least = copy[0];
	free(copy);
	return m;
}

static void
show(void)
{
	size_t tenth = run.count / 10;
	double least, m;

	m = median(run.plain, run.count, &least);
	(void)printf("plain\t%.0f\t%.0f\n", m, least);
	m = median(run.call, run.count, &least);
	(void)printf("call\t%.0f\t%.0f\n", m, least);
	(void)printf("first\t%.0f\nlast\t%.0f\n", median(run.call, tenth, NULL),
	    median(run.call + run.count - tenth, tenth, NULL));
	(void)printf("cell-descriptors\t%ld\t%ld\n", run.warm.descriptors,
	    run.end.descriptors);
	(void)printf("main-descriptors\t%ld\t%ld\n", run.warm.own, run.end.own);
	(void)printf(
	    "cell-mounts\t%ld\t%ld\n", run.warm.mounts, run.end.mounts);
	(void)printf(
	    "cell-children\t%ld\t%ld\n", run.warm.processes, run.end.processes);
}

static int
prepare(void)
{
	char why[512], real[PATH_MAX];
	struct paths paths;
	struct spec spec;
	int r;

	if (getcwd(run.cwd, sizeof(run.cwd)) == NULL ||
	    paths_find(&paths, why, sizeof(why)) != 0)
		return ERR_NOENT;
	r = ceiling_base(&spec, paths.home);
	if (r == 0)
		r = ceiling_write(
		    &spec, run.cwd, paths.home, false, real, why, sizeof(why));
	buf_init(&run.grant, GRANT_MAX);
	if (r == 0)
		r = spec_encode(&spec, &run.grant);
	run.s = session_new();
	session_add(run.s, ROLE_CELL);
	session_handlers(run.s, handlers, NULL);
	if (r == 0)
		r = ceiling_tell(run.s, TIER_FULL, &spec, paths.home,
		    paths.state, run.cwd, why, sizeof(why));
	if (r != 0)
		(void)fprintf(stderr, "calls: %s\n", why);
	spec_fini(&spec);
	paths_fini(&paths);
	return r;
}

int
main(int argc, char *argv[])
{
	const char *bad = "missing";
	int code;

	if (argc > 2)
		run.count =
		    (size_t)strtonum(argv[1], WARM * 2, CALLS_MAX, &bad);
	if (bad != NULL) {
		(void)fprintf(stderr, "usage: calls COUNT COMMAND [ARG...]\n");
		return 2;
	}
	run.command = argv + 2;
	run.plain = xcalloc(run.count, sizeof(*run.plain));
	run.call = xcalloc(run.count, sizeof(*run.call));
	if (prepare() != 0 || session_start(run.s) != 0)
		return 1;
	run.cell = find_cell();
	next();
	code = session_run(run.s);
	if (code == 0)
		show();
	session_free(run.s);
	buf_fini(&run.grant);
	free(run.plain);
	free(run.call);
	return code;
}
