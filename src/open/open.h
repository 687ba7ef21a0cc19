/* SPDX-License-Identifier: Apache-2.0 */

#ifndef OPEN_OPEN_H
#define OPEN_OPEN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * One command without any wall.  It runs below a keeper of ours, to which all
 * that it leaves behind comes back: when the command ends, is killed or the
 * open cell is gone, everything that descends from it is ended.
 */
struct run_conf {
	char *const *argv; /* borrowed; argv[0] is searched in PATH */
	char *const *env;  /* borrowed */
	const char *cwd;   /* borrowed: absolute */
	int stdio[3];      /* borrowed: become 0, 1, 2 */
	bool tty;          /* stdio[0] is to be the controlling terminal */
};

/* What the keeper reports, once, as raw bytes on its socket. */
struct run_report {
	int32_t err;    /* errno of what could not be started, or 0 */
	int32_t status; /* waitpid(2)'s */
	uint64_t wall_us, user_us, sys_us;
	uint64_t rss_kib; /* largest of one process */
};

/*
 * Starts it: the keeper's pid, and in *report (owned) the socket on which a
 * struct run_report comes, then its end.  A byte written to it is a signal for
 * the command's group; SIGKILL ends all.
 */
int run_start(const struct run_conf *conf, pid_t *keeper, int *report);

#endif /* OPEN_OPEN_H */
