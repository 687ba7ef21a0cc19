/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: five attempts to get out of a cell.
 *
 * Each is a line of sh(1) that ends with making the file "ran" in the
 * workspace, so that an attempt which never happened is not taken for one
 * that was contained.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/vis.h"
#include "cordon/selftest.h"

#define SELFTEST_SECRET "not-for-commands"
#define SELFTEST_ERR    4096       /* bytes of what one says */
#define SELFTEST_SETTLE 300000000L /* ns: what outlives shows by then */

struct place {
	char dir[PATH_MAX]; /* holds the others */
	char work[PATH_MAX], outside[PATH_MAX], secret[PATH_MAX];
	char state[PATH_MAX]; /* of Cordon's own, so that its is not needed */
	char err[PATH_MAX];   /* what it said of the last attempt */
	pid_t victim;
};

static int
place_file(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd, r;

	if (str_fmt(path, sizeof(path), "%s/%s", dir, name) != 0)
		return ERR_SPACE;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return ERR_IO;
	r = fd_write_all(fd, text, strlen(text));
	(void)close(fd);
	return r;
}

static int
place_make(struct place *p)
{
	const char *tmp = getenv("TMPDIR");
	char git[PATH_MAX];

	if (str_fmt(p->dir, sizeof(p->dir), "%s/cordon-doctor-XXXXXX",
		tmp == NULL || tmp[0] != '/' ? "/tmp" : tmp) != 0 ||
	    mkdtemp(p->dir) == NULL)
		return ERR_IO;
	if (str_fmt(p->work, sizeof(p->work), "%s/work", p->dir) != 0 ||
	    str_fmt(p->outside, sizeof(p->outside), "%s/outside", p->dir) !=
		0 ||
	    str_fmt(p->secret, sizeof(p->secret), "%s/secret", p->dir) != 0 ||
	    str_fmt(p->state, sizeof(p->state), "%s/state", p->dir) != 0 ||
	    str_fmt(p->err, sizeof(p->err), "%s/err", p->dir) != 0 ||
	    str_fmt(git, sizeof(git), "%s/.git", p->work) != 0)
		return ERR_SPACE;
	if (mkdir(p->work, 0700) == -1 || mkdir(p->outside, 0700) == -1 ||
	    mkdir(p->secret, 0700) == -1 || mkdir(git, 0700) == -1 ||
	    place_file(p->outside, "canary", "alive\n") != 0 ||
	    place_file(p->secret, "key", SELFTEST_SECRET) != 0)
		return ERR_IO;
	p->victim = fork();
	if (p->victim == 0) {
		(void)pause();
		_exit(0);
	}
	return p->victim == -1 ? ERR_IO : 0;
}

static void
place_remove(struct place *p)
{
	if (p->victim > 0) {
		(void)kill(p->victim, SIGKILL);
		(void)waitpid(p->victim, NULL, 0);
	}
	if (p->dir[0] != '\0')
		fd_remove_tree(p->dir);
}

static bool
place_has(const char *dir, const char *name, struct stat *st)
{
	char path[PATH_MAX];

	return str_fmt(path, sizeof(path), "%s/%s", dir, name) == 0 &&
	       lstat(path, st) == 0;
}

/* Whether it got out, looked at from here. */

static bool
out_write(const struct place *p)
{
	struct stat st;

	return place_has(p->outside, "planted", &st) ||
	       !place_has(p->outside, "canary", &st) || st.st_size != 6;
}

static bool
out_read(const struct place *p)
{
	struct stat st;

	return place_has(p->work, "stolen", &st) &&
	       st.st_size >= (off_t)strlen(SELFTEST_SECRET);
}

static bool
out_signal(const struct place *p)
{
	return waitpid(p->victim, NULL, WNOHANG) != 0;
}

static bool
out_hook(const struct place *p)
{
	struct stat st;

	return place_has(p->work, ".git/hooks/pre-commit", &st);
}

static bool
out_outlive(const struct place *p)
{
	struct timespec settle = {0, SELFTEST_SETTLE};
	struct stat before, after;

	return place_has(p->work, "beats", &before) &&
	       nanosleep(&settle, NULL) == 0 &&
	       place_has(p->work, "beats", &after) &&
	       after.st_size != before.st_size;
}

/* In the line $1 is the folder outside, $2 the secret, $3 the victim. */
static const struct attempt {
	const char *name;
	const char *line;
	bool (*out)(const struct place *p);
} attempts[SELFTESTS] = {
    {"write a file outside the workspace",
	"echo x > \"$1/planted\"; echo x > \"$1/canary\"; rm \"$1/canary\"",
	out_write},
    {"read a file that is hidden", "cat \"$2/key\" > stolen", out_read},
    {"signal a process outside", "kill -9 \"$3\"", out_signal},
    {"plant a hook for git",
	"mkdir -p .git/hooks; echo exit > .git/hooks/pre-commit; "
	"chmod +x .git/hooks/pre-commit",
	out_hook},
    {"leave a process behind",
	"(setsid sh -c 'while :; do echo x >> beats; sleep 0.05; done' "
	">/dev/null 2>&1 &); sleep 0.2",
	out_outlive}};

static _Noreturn void
attempt_exec(const struct place *p, const struct attempt *a)
{
	char line[PATH_MAX], victim[16];
	char opt_c[] = "-C", cmd[] = "sandbox", opt_hide[] = "--hide",
	     dashes[] = "--", sh[] = "sh", sh_c[] = "-c", zero[] = "sh",
	     name[] = "cordon";
	char *argv[] = {name, cmd, opt_c, (char *)(uintptr_t)p->work, opt_hide,
	    (char *)(uintptr_t)p->secret, dashes, sh, sh_c, line, zero,
	    (char *)(uintptr_t)p->outside, (char *)(uintptr_t)p->secret, victim,
	    NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int err = open(p->err, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    err == -1 || dup2(err, 2) == -1 ||
	    setenv("CORDON_HOME", p->state, 1) == -1 ||
	    str_fmt(line, sizeof(line), "%s; : > ran", a->line) != 0 ||
	    str_fmt(victim, sizeof(victim), "%ld", (long)p->victim) != 0)
		_exit(1);
	(void)execv("/proc/self/exe", argv);
	_exit(1);
}

/* What it said when it could not be run; the attempt itself says more. */
static void
attempt_why(const struct place *p, char *why, size_t size)
{
	struct buf b;
	char *text;

	buf_init(&b, SELFTEST_ERR);
	if (fd_read_file(AT_FDCWD, p->err, &b) == 0) {
		text = buf_cstr(&b);
		text[strcspn(text, "\n")] = '\0';
		(void)vis_str(why, size, text);
	}
	buf_fini(&b);
}

static enum selftest_result
attempt_make(const struct place *p, const struct attempt *a)
{
	struct stat st;
	char ran[PATH_MAX];
	pid_t pid;

	if (str_fmt(ran, sizeof(ran), "%s/ran", p->work) != 0)
		return SELFTEST_NOT_RUN;
	(void)unlink(ran);
	pid = fork();
	if (pid == 0)
		attempt_exec(p, a);
	if (pid == -1 || waitpid(pid, NULL, 0) == -1)
		return SELFTEST_NOT_RUN;
	if (a->out(p))
		return SELFTEST_ESCAPED;
	return lstat(ran, &st) == 0 ? SELFTEST_CONTAINED : SELFTEST_NOT_RUN;
}

static void
attempt_judge(
    const struct place *p, const struct attempt *a, struct selftest *t)
{
	t->result = attempt_make(p, a);
	if (t->result == SELFTEST_NOT_RUN)
		attempt_why(p, t->why, sizeof(t->why));
}

int
selftest_run(struct selftest tests[SELFTESTS])
{
	struct place p = {.victim = -1};
	int i, r;

	for (i = 0; i < SELFTESTS; i++)
		tests[i] =
		    (struct selftest){attempts[i].name, SELFTEST_NOT_RUN, ""};
	r = place_make(&p);
	for (i = 0; r == 0 && i < SELFTESTS; i++)
		attempt_judge(&p, &attempts[i], &tests[i]);
	place_remove(&p);
	for (i = 0; i < SELFTESTS; i++)
		if (tests[i].result == SELFTEST_ESCAPED)
			r = ERR_PERM;
		else if (tests[i].result == SELFTEST_NOT_RUN && r == 0)
			r = ERR_IO;
	return r;
}

const char *
selftest_word(const struct selftest *t)
{
	static const char *const words[] = {[SELFTEST_NOT_RUN] = "NOT RUN",
	    [SELFTEST_CONTAINED] = "contained",
	    [SELFTEST_ESCAPED] = "ESCAPED"};

	return words[t->result];
}
