/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: starting one command in tier lsm.
 *
 * The init is the command's parent and subreaper instead of PID 1, and stays
 * outside of the command's Landlock domain, so that nothing in it can signal
 * or trace it.  The command installs its filter itself and hands the init the
 * descriptor by which the init answers for it.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/keyctl.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "sandbox/carve.h"
#include "sandbox/child_int.h"
#include "sandbox/confine.h"
#include "sandbox/init.h"

static _Noreturn void
lsm_command(const struct child_conf *conf, const struct carve *carve, int out)
{
	struct init_word word = {.how = CHILD_STATUS}; /* it says nothing */
	int listener;

	child_prepare(conf, &out);
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		child_fail(out, CHILD_NOSTART, "no_new_privs");
	if (carve_enforce(carve) != 0)
		child_fail(out, CHILD_NOSTART, "Landlock");
	if (confine_drop_caps() != 0)
		child_fail(out, CHILD_NOSTART, "capabilities");
	listener = filter_load_supervised(conf->filter);
	if (listener < 0)
		child_fail(out, CHILD_NOSTART, "seccomp");
	if (fd_send(out, listener, &word, sizeof(word)) != 0)
		child_fail(out, CHILD_NOSTART, "seccomp listener");
	(void)close(listener);
	child_execute(conf, out);
}

static _Noreturn void
lsm_init(const struct child_conf *conf, int report)
{
	struct carve carve = {.grant = conf->grant,
	    .ceiling = conf->lsm->ceiling,
	    .tmp = conf->lsm->tmp,
	    .cache = conf->lsm->cache,
	    .shm = conf->lsm->shm,
	    .tty = conf->tty ? conf->stdio[0] : -1};
	struct init_conf init = {.report = report,
	    .limits = &conf->grant->limits,
	    .cwd = conf->cwd,
	    .started = clock_mono_ns(),
	    .carve = &carve,
	    .bound = conf->lsm->bound};
	int words[2];
	pid_t pid;

	(void)prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, words) == -1)
		init_fail(&init, "socket pair");
	carve_init(&carve);
	init_signals();
	pid = fork();
	if (pid == -1)
		init_fail(&init, "fork");
	if (pid == 0)
		lsm_command(conf, &carve, words[1]);
	(void)close(words[1]);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    confine_drop_caps() != 0 ||
	    filter_load(filter_of(FILTER_FOR_BROKER)) != 0)
		init_fail(&init, "confinement of init");
	init_run(&init, pid, words[0]);
}

int
child_start_lsm(struct child *c, const struct child_conf *conf)
{
	int sv[2], pidfd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return ERR_IO;
	pid = fork();
	if (pid == 0) {
		(void)close(sv[0]);
		lsm_init(conf, sv[1]);
	}
	(void)close(sv[1]);
	pidfd = pid == -1 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1) {
		/* Without its socket the init ends the command, then itself. */
		(void)close(sv[0]);
		return ERR_IO;
	}
	*c = (struct child){pid, pidfd, sv[0], -1};
	return 0;
}
