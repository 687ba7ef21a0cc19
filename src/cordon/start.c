/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: re-executing a role.
 *
 * Each role is a program of its own, started from a clean slate: whatever
 * main or main's caller has open or in its environment does not get there
 * unless a table says so.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/exec.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "cordon/start.h"

#define START_ENV_MAX 32
#define START_PLACES  (4 + ROLE_COUNT + FD_EXTRA_MAX)
#define START_EXIT    127        /* of a child that could not execute */
#define START_STACK   (64 << 10) /* bytes */

/* The environment of the roles; a name that is not here does not pass. */
struct start_env {
	const char *name;
	unsigned roles; /* ROLE_BIT set */
};

#define EVERY ((1u << ROLE_COUNT) - 1)
#define FRONT ROLE_BIT(ROLE_UI)
#define CALLER                                                                 \
	(ROLE_BIT(ROLE_MODEL) | ROLE_BIT(ROLE_LOGIN) | ROLE_BIT(ROLE_REPORT))

static const struct start_env start_env[] = {{"LANG", EVERY}, {"LC_ALL", EVERY},
    {"LC_CTYPE", EVERY}, {"LC_MESSAGES", EVERY}, {"TZ", EVERY},
    {"TERM", FRONT | ROLE_BIT(ROLE_REPORT)},
    {"COLORTERM", FRONT | ROLE_BIT(ROLE_REPORT)}, {"TERMINFO", FRONT},
    {"TERMINFO_DIRS", FRONT}, {"TERM_PROGRAM", FRONT},
    {"SSL_CERT_FILE", CALLER}, {"SSL_CERT_DIR", CALLER},
    {"CORDON_CA_CERTIFICATE", CALLER}, {"ASAN_OPTIONS", EVERY},
    {"UBSAN_OPTIONS", EVERY}};

/* One descriptor on its way to its number. */
struct place {
	int from;
	int to;
};

void
start_init(struct start *st, enum role role)
{
	size_t i;

	memset(st, 0, sizeof(*st));
	st->role = role;
	st->main = -1;
	for (i = 0; i < 3; i++)
		st->stdio[i] = -1;
	for (i = 0; i < ROLE_COUNT; i++)
		st->peers[i] = -1;
	for (i = 0; i < FD_EXTRA_MAX; i++)
		st->extra[i] = -1;
}

/* dir becomes the folder, without "..", which no right may have; or false. */
static bool
start_is_libexec(char dir[PATH_MAX], const char *base, const char *below)
{
	char gate[PATH_MAX], path[PATH_MAX];

	if (str_fmt(path, sizeof(path), "%s%s", base, below) == 0 &&
	    str_fmt(gate, sizeof(gate), "%s/cordon-gate", path) == 0 &&
	    access(gate, X_OK) == 0 && realpath(path, dir) != NULL)
		return true;
	dir[0] = '\0';
	return false;
}

/* The folder of our own executable. */
static int
start_own(char dir[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return ERR_IO;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return ERR_NOENT;
	*slash = '\0';
	return 0;
}

const char *
start_libexec(void)
{
	static char dir[PATH_MAX];
	char own[PATH_MAX];

	if (dir[0] != '\0')
		return dir;
	if (start_own(own) == 0 &&
	    (start_is_libexec(dir, own, "/../libexec/cordon") ||
		start_is_libexec(dir, own, "") ||
		start_is_libexec(dir, CORDON_LIBEXECDIR, "")))
		return dir;
	return NULL;
}

int
start_beside(char *dst, size_t size, const char *below, const char *name)
{
	char own[PATH_MAX];
	int r = start_own(own);

	if (r == 0)
		r = str_fmt(dst, size, "%s%s%s", own, below, name);
	if (r == 0 && access(dst, R_OK) != 0)
		r = ERR_NOENT;
	return r;
}

int
start_program(char *dst, size_t size, const char *word)
{
	const char *dir = start_libexec();

	if (dir == NULL)
		return ERR_NOENT;
	return str_fmt(dst, size, "%s/cordon-%s", dir, word);
}

static void
start_environment(enum role role, char *env[START_ENV_MAX + 1])
{
	const char *value;
	char *line;
	size_t i, n = 0;

	env[n++] = strdup("PATH=/usr/local/bin:/usr/bin:/bin");
	for (i = 0; i < sizeof(start_env) / sizeof(start_env[0]); i++) {
		value = getenv(start_env[i].name);
		if (value == NULL || (start_env[i].roles & ROLE_BIT(role)) == 0)
			continue;
		if (asprintf(&line, "%s=%s", start_env[i].name, value) != -1)
			env[n++] = line;
	}
	env[n] = NULL;
}

static size_t
start_places(const struct start *st, int null, struct place *places)
{
	size_t i, n = 0;

	for (i = 0; i < 3; i++)
		places[n++] = (struct place){
		    st->stdio[i] == -1 ? null : st->stdio[i], (int)i};
	if (st->main != -1)
		places[n++] = (struct place){st->main, FD_MAIN};
	for (i = 0; i < ROLE_COUNT; i++)
		if (st->peers[i] != -1)
			places[n++] =
			    (struct place){st->peers[i], FD_PEER((enum role)i)};
	for (i = 0; i < FD_EXTRA_MAX; i++)
		if (st->extra[i] != -1)
			places[n++] =
			    (struct place){st->extra[i], FD_EXTRA + (int)i};
	return n;
}

/*
 * Every source moves out of the way first, since it may sit on another's
 * number; what is not placed again is closed by the execution.
 */
static int
start_place(struct place *places, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		places[i].from = fcntl(
		    places[i].from, F_DUPFD_CLOEXEC, FD_EXTRA + FD_EXTRA_MAX);
		if (places[i].from == -1)
			return ERR_FD;
	}
	if (syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		return ERR_UNSUPP;
	for (i = 0; i < n; i++)
		if (dup2(places[i].from, places[i].to) == -1)
			return ERR_FD;
	return 0;
}

/* What the child is started with, made before it is. */
struct start_exec {
	const struct start *st; /* borrowed */
	char path[PATH_MAX];
	char title[64];
	char *env[START_ENV_MAX + 1]; /* owned, each too */
};

static int
start_child(void *arg)
{
	struct start_exec *se = arg;
	struct place places[START_PLACES];
	char *argv[2] = {se->title, NULL};
	int null;

	exec_signals_default();
	/* The terminal is the front's alone: its signals reach nobody else. */
	if (se->st->role != ROLE_UI && setsid() == -1)
		return START_EXIT;
	(void)umask(077);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1 ||
	    start_place(places, start_places(se->st, null, places)))
		return START_EXIT;
	(void)execve(se->path, argv, se->env);
	return START_EXIT;
}

/* As vfork(2): the memory is shared until the child executes, so that nothing
 * is copied for it, and it has a stack of its own. */
static pid_t
start_fork(struct start_exec *se)
{
	static char stack[START_STACK] __attribute__((aligned(16)));

	return clone(start_child, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, se);
}

int
start_role(const struct start *st, pid_t *pid, int *pidfd)
{
	struct start_exec se = {.st = st};
	const char *word = role_word(st->role);
	size_t i;

	if (st->program != NULL) {
		if (strlcpy(se.path, st->program, sizeof(se.path)) >=
		    sizeof(se.path))
			return ERR_SPACE;
	} else if (start_program(se.path, sizeof(se.path), word) != 0)
		return ERR_NOENT;
	(void)snprintf(se.title, sizeof(se.title), "cordon: %s", word);
	start_environment(st->role, se.env);
	*pid = start_fork(&se);
	for (i = 0; se.env[i] != NULL; i++)
		free(se.env[i]);
	if (*pid == -1)
		return ERR_IO;
	*pidfd = (int)syscall(SYS_pidfd_open, *pid, 0);
	if (*pidfd == -1) {
		(void)kill(*pid, SIGKILL);
		return ERR_IO;
	}
	return 0;
}

int
start_become(enum role role, char *const argv[])
{
	char path[PATH_MAX], *env[START_ENV_MAX + 1];
	int r = start_program(path, sizeof(path), role_word(role));

	if (r != 0)
		return r;
	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		return ERR_UNSUPP;
	start_environment(role, env);
	(void)execve(path, argv, env);
	return ERR_IO;
}
