/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon policy grants: what a person has permitted for a session.
 *
 * The list is read from the session's log.  To take one back the process is
 * looked for that has the log locked, which is the session's cordon-audit, and
 * its parent, the session's main process, gets a signal with the number: that
 * can take a grant away and nothing else.
 */

#include "config.h"

#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "conf/paths.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/report.h"
#include "cordon/settings.h"
#include "cordon/store.h"

struct grants_args {
	bool json;
};

static const struct opt list_opts[] = {
    {"json", '\0', OPT_FLAG, NULL, "one JSON object a line",
	OPT_AT(grants_args, json)},
    {0}};

/* A line of a file of proc(5) that has the text; NULL, or the caller's. */
static char *
proc_line(const char *path, const char *text)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	bool found = false;
	size_t size = 0;

	while (f != NULL && !found && getline(&line, &size, f) > 0)
		found = strstr(line, text) != NULL;
	if (f != NULL)
		(void)fclose(f);
	if (found)
		return line;
	free(line);
	return NULL;
}

/* The number at the end of the text; 0: none. */
static pid_t
last_pid(char *text)
{
	size_t at = strcspn(text, "\n");
	const char *bad;

	text[at] = '\0';
	while (at > 0 && !isspace((unsigned char)text[at - 1]))
		at--;
	return (pid_t)strtonum(text + at, 1, INT_MAX, &bad);
}

/* The process that has the file locked, as proc_locks(5) says: its number
 * stands before the device and the inode.  0: none. */
static pid_t
lock_holder(const struct stat *st)
{
	char file[64], *line;
	pid_t pid = 0;

	(void)snprintf(file, sizeof(file), " %02x:%02x:%llu ",
	    major(st->st_dev), minor(st->st_dev),
	    (unsigned long long)st->st_ino);
	line = proc_line("/proc/locks", file);
	if (line != NULL && strstr(line, " FLOCK ") != NULL) {
		*strstr(line, file) = '\0';
		pid = last_pid(line);
	}
	free(line);
	return pid;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64], *line;
	pid_t parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	line = proc_line(path, "PPid:\t");
	if (line != NULL)
		parent = last_pid(line);
	free(line);
	return parent;
}

/* A descriptor of the session's main process; below 0 if it does not run. */
static int
session_main(const char *log)
{
	struct stat st;
	pid_t holder, parent;
	int fd;

	if (stat(log, &st) == -1 || (holder = lock_holder(&st)) == 0 ||
	    (parent = parent_of(holder)) <= 1)
		return -1;
	fd = pidfd_open(parent, 0);
	/* Whoever had these numbers before has them still. */
	if (fd != -1 &&
	    (lock_holder(&st) != holder || parent_of(holder) != parent))
		fd_close(&fd);
	return fd;
}

static int
tell_revoked(const char *log, unsigned number)
{
	siginfo_t si = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
	int fd = session_main(log), r = EX_OK;

	si.si_pid = getpid();
	si.si_uid = getuid();
	si.si_value.sival_int = (int)number;
	if (fd == -1) {
		log_error("that session does not run, and its grants ended "
			  "with it; there is nothing to revoke");
		return EX_NOINPUT;
	}
	if (pidfd_send_signal(fd, SIGUSR1, &si, 0) == -1) {
		log_error("the session cannot be told: %s", err_sys(errno));
		r = EX_OSERR;
	}
	fd_close(&fd);
	return r;
}

static int
run_revoke(const struct cmd_line *line)
{
	char id[64], cwd[PATH_MAX], log[PATH_MAX];
	const char *bad = NULL;
	unsigned number =
	    (unsigned)strtonum(line->given.v[0], 1, INT_MAX, &bad);
	struct paths paths;
	int r = EX_NOINPUT;

	if (bad != NULL) {
		log_error("policy grants revoke: %s is no grant's number; "
			  "'cordon policy grants list' has them",
		    line->given.v[0]);
		return EX_USAGE;
	}
	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	if (line->given.n > 1)
		(void)strlcpy(id, line->given.v[1], sizeof(id));
	else if (getcwd(cwd, sizeof(cwd)) == NULL ||
		 store_newest(id, sizeof(id), paths.state, cwd) != 0)
		id[0] = '\0';
	if (store_path(log, sizeof(log), paths.state, STORE_AUDIT, id) != 0)
		log_error("policy grants: there is no such session; 'cordon "
			  "sessions list' has them");
	else
		r = tell_revoked(log, number);
	paths_fini(&paths);
	return r;
}

static const struct cmd grants_list = {
    .name = "list",
    .summary = "List what still stands; of the last session, or that one.",
    .operands = "[ID]",
    .opts = list_opts,
    .args_size = sizeof(struct grants_args),
    .max = 1,
    .run = report_run,
};

static const struct cmd grants_revoke = {
    .name = "revoke",
    .summary = "Take one back from this folder's last session, or that one.",
    .operands = "NUMBER [ID]",
    .min = 1,
    .max = 2,
    .run = run_revoke,
};

static const struct cmd *const subs[] = {&grants_list, &grants_revoke, NULL};

const struct cmd policy_grants = {
    .name = "grants",
    .summary = "List or take back what a person has permitted for a session.",
    .man = "cordon-policy(1)",
    .subs = subs,
};
