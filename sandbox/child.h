/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/broker.h"
#include "sandbox/carve.h"
#include "sandbox/filter.h"
#include "sandbox/spec.h"

/* What is noted and guessed of what is denied; it costs time. */
enum child_tell { CHILD_TELL_NOTHING, CHILD_TELL_WRITES, CHILD_TELL_ALL };

/* The loopback of the call's own; with CHILD_NET_PROXY, a socket there. */
enum child_net { CHILD_NET_CELL, CHILD_NET_OWN, CHILD_NET_PROXY };

/*
 * One command in a cell.  It runs below an init of ours, in a PID and mount
 * namespace of its own: when the command ends, is killed or exceeds a limit,
 * everything that descends from it is dead before the report is written.
 */
struct child_conf {
	char *const *argv;           /* borrowed; argv[0] is searched in PATH */
	char *const *env;            /* borrowed */
	const char *cwd;             /* borrowed: absolute */
	const struct spec *grant;    /* borrowed */
	const struct spec *ceiling;  /* borrowed */
	const struct filter *filter; /* borrowed */
	int stdio[3];                /* borrowed: become 0, 1, 2 */
	bool tty; /* stdio[0] is to be the controlling terminal */
	enum child_tell tell;
	bool settle; /* its end is SIGTERM and, if it must, some time later */
	const struct carve_lsm *lsm; /* borrowed: NULL in tier full */
	enum child_net net;
	int group; /* borrowed: the control group of the call, or -1 */
};

enum child_how {
	CHILD_STATUS,
	CHILD_NOTFOUND,
	CHILD_NOEXEC,
	CHILD_NOSTART, /* could not be confined or set up */
	CHILD_TIMEOUT,
	CHILD_MEMORY,
	CHILD_PROCS,
	CHILD_FSIZE
};

/* What the init reports, once, as raw bytes on the report socket. */
struct child_report {
	uint32_t how;   /* enum child_how */
	int32_t status; /* waitpid(2)'s */
	uint64_t wall_us;
	uint64_t user_us;
	uint64_t sys_us;
	uint64_t rss_kib;            /* largest of one process */
	char error[160];             /* of CHILD_NOSTART: what failed */
	struct broker_lines denied;  /* as far as it is known */
	struct broker_lines guessed; /* where it is not */
};

struct child {
	pid_t pid;   /* of the init */
	int pidfd;   /* owned */
	int report;  /* owned: struct child_report comes here, then its end;
			a byte written to it is a signal for the command */
	int proxy;   /* owned: the socket of CHILD_NET_PROXY, or -1 */
	bool settle; /* child_conf's */
};

int child_start(struct child *c, const struct child_conf *conf);
/* Ends the command and all that descends from it; the report follows where the
 * init itself must live to see to it: in tier lsm, and of what may settle. */
void child_end(struct child *c, bool lsm);

#endif /* SANDBOX_CHILD_H */
