/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: how a session ends.
 *
 * The first role that dies, breaks the protocol or has said its last word
 * ends it for all: the others are stopped, and killed if they do not heed.
 */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cordon/session_int.h"
#include "proto/schema.h"

#define EXIT_LATE 124 /* as timeout(1) has it */

void
session_over(struct session *s, enum role role)
{
	s->members[role].over = true;
}

/* A cell closes its channel when it has undone and told everything; its
 * namespaces take longer to go, and nobody needs to wait for that. */
static bool
session_is_done(const struct session *s, const struct member *m)
{
	return m->dead || m->over ||
	       (s->stopping && m->start.role == ROLE_CELL && m->ready &&
		   m->chan == NULL);
}

bool
session_spares(enum role role)
{
	return role >= ROLE_MCP;
}

void
session_part(struct session *s, enum role role)
{
	const struct member *m = &s->members[role];

	if (m->pidfd != -1 && !m->dead)
		(void)kill(m->pid, SIGKILL);
}

bool
session_alive(const struct session *s)
{
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].pidfd != -1 &&
		    !session_is_done(s, &s->members[r]))
			return true;
	return false;
}

static void
session_kill(void *arg)
{
	struct session *s = arg;
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].pidfd != -1 && !s->members[r].dead)
			(void)kill(s->members[r].pid, SIGKILL);
}

void
session_stop(struct session *s, int code)
{
	unsigned r;

	if (s->stopping)
		return;
	s->stopping = true;
	s->code = code;
	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].chan != NULL)
			(void)chan_send(s->members[r].chan, 0, MSG_STOP,
			    &(struct msg_stop){});
	(void)loop_timer(s->loop, SESSION_STOP_MS, session_kill, s);
	if (!session_alive(s))
		loop_stop(s->loop);
}

/* What main says, and ends with, for a role that ended of itself. */
static int
session_code(const struct member *m)
{
	int code = WEXITSTATUS(m->status);

	return code >= EX__BASE && code <= EX__MAX ? code : EX_SOFTWARE;
}

/* The one that named an error and ended; others end because of it. */
static const struct member *
session_teller(const struct session *s)
{
	unsigned r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->members[r].told && s->members[r].dead)
			return &s->members[r];
	return NULL;
}

int
session_cause(const struct session *s, int code)
{
	const struct member *teller = session_teller(s);

	return teller == NULL ? code : session_code(teller);
}

/* It ended, and that is all that is known, unless a log had the reason. */
static void
session_unexplained(void *arg)
{
	const struct member *m = arg;
	struct session *s = m->session;
	const struct member *teller = session_teller(s);
	const char *word = role_word(m->start.role);

	if (s->stopping)
		return;
	if (teller != NULL)
		m = teller;
	else if (m->status == 0 && m->ready)
		log_error("%s ended in the middle of the session; 'cordon "
			  "resume %s' goes on",
		    word, s->id);
	else
		log_error("%s ended with status %d; 'cordon resume %s' goes on",
		    word, WEXITSTATUS(m->status), s->id);
	s->told = true;
	session_stop(s, session_code(m));
}

void
session_died(void *arg, pid_t pid, int status)
{
	struct member *m = arg;
	struct session *s = m->session;

	(void)pid;
	m->dead = true;
	m->status = status;
	if (m->start.role == ROLE_UI && WIFSIGNALED(status))
		s->front_killed = true;
	if (!s->stopping && session_spares(m->start.role))
		return;
	/* Its EXITING, or a peer's word that dropped it, may still be unread:
	 * who ended of itself is judged when there was time for that. */
	if (!s->stopping && WIFEXITED(status) &&
	    loop_timer(s->loop, SESSION_REASON_MS, session_unexplained, m) > 0)
		return;
	if (s->stopping) {
		if (m->start.role == ROLE_AUDIT && status != 0 && s->code == 0)
			s->code = session_code(m); /* not all is on record */
	} else if (WIFSIGNALED(status)) {
		log_error("%s was killed by signal %d (%s); 'cordon resume %s' "
			  "goes on",
		    role_word(m->start.role), WTERMSIG(status),
		    strsignal(WTERMSIG(status)), s->id);
		s->told = true;
		session_stop(s, EX_SOFTWARE);
	} else {
		session_unexplained(m);
	}
	if (!session_alive(s))
		loop_stop(s->loop);
}

void
session_closed(void *arg, struct chan *ch, int err)
{
	struct session *s = session_now;
	enum role role = chan_peer(ch);

	(void)arg;
	s->members[role].chan = NULL;
	chan_free(ch);
	if (s->stopping && !session_alive(s))
		loop_stop(s->loop);
	if (err == ERR_EOF)
		return; /* its exit follows and says more */
	log_error("%s sent a bad frame: %s", role_word(role), err_str(err));
	if (session_spares(role))
		session_part(s, role);
	else
		session_stop(s, EX_PROTOCOL);
}

/* A role is stopped, or does as it likes. */
static void
session_overdue(void *arg)
{
	struct session *s = arg;

	if (s->stopping)
		return;
	log_error("the session did not end in time, and is ended");
	session_stop(s, s->overdue);
}

static void
session_late(void *arg)
{
	struct session *s = arg;

	s->overdue = EXIT_LATE;
	session_overdue(s);
}

void
session_unattended(struct session *s, uint64_t deadline_ms)
{
	s->unattended = true;
	if (deadline_ms > 0 && deadline_ms <= UINT64_MAX - SESSION_HEED_MS)
		(void)loop_timer(
		    s->loop, deadline_ms + SESSION_HEED_MS, session_late, s);
}

/* On Ctrl-C the front, which has the terminal too, decides.  If nobody is
 * there who sees that it does not, it has a while, or until the next one. */
static bool
session_left_to_front(struct session *s, int signo)
{
	if (signo != SIGINT || s->members[ROLE_UI].pidfd == -1)
		return false;
	if (!s->unattended)
		return true;
	if (s->overdue == 128 + SIGINT)
		return false;
	s->overdue = 128 + SIGINT;
	return loop_timer(s->loop, SESSION_HEED_MS, session_overdue, s) > 0;
}

void
session_signal(void *arg, int signo)
{
	struct session *s = arg;

	if (session_left_to_front(s, signo))
		return;
	s->signo = signo;
	session_stop(s, 128 + signo);
	if (signo == SIGTERM)
		session_kill(s);
}

/* The front restores the terminal itself, unless it was killed. */
static void
session_restore_tty(struct session *s)
{
	/* The modes that ui/term.c switches on. */
	static const char off[] = "\033[<u\033[?2026l\033[?2004l\033[?1004l"
				  "\033[?7h\033[?25h\033[0m\r\n";

	if (!s->has_tty)
		return;
	if (s->front_killed && isatty(STDOUT_FILENO))
		(void)fd_write_all(STDOUT_FILENO, off, sizeof(off) - 1);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &s->tty);
}

int
session_run(struct session *s)
{
	if (!s->stopping && loop_run(s->loop) != 0)
		session_stop(s, EX_OSERR);
	while (session_alive(s))
		if (loop_once(s->loop, -1) != 0)
			break;
	session_restore_tty(s);
	return s->code;
}
