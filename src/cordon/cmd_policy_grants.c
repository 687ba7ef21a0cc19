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

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

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

/* The process that has the file locked, as proc_locks(5) says; 0: none. */
static pid_t
lock_holder(const struct stat *st)
{
	FILE *f = fopen("/proc/locks", "re");
	unsigned long inode;
	unsigned major, minor;
	char *line = NULL;
	size_t size = 0;
	pid_t pid = 0;
	int holder;

	while (f != NULL && pid == 0 && getline(&line, &size, f) > 0)
		if (sscanf(line, "%*s FLOCK %*s WRITE %d %x:%x:%lu", &holder,
			&major, &minor, &inode) == 4 &&
		    makedev(major, minor) == st->st_dev && inode == st->st_ino)
			pid = holder;
	free(line);
	if (f != NULL)
		(void)fclose(f);
	return pid;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64], *line = NULL;
	size_t size = 0;
	int parent = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && parent == 0 && getline(&line, &size, f) > 0)
		if (sscanf(line, "PPid: %d", &parent) != 1)
			parent = 0;
	free(line);
	if (f != NULL)
		(void)fclose(f);
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
			  "with it");
		return EX_NOINPUT;
	}
	if (pidfd_send_signal(fd, SIGUSR1, &si, 0) == -1) {
		log_error("the session cannot be told: %s", strerror(errno));
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
		log_error("%s is no grant's number", line->given.v[0]);
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
		log_error("there is no such session; name it by its id");
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
