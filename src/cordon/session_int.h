/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SESSION_INT_H
#define CORDON_SESSION_INT_H

/* What the parts of a session share, and nobody else includes. */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "base/buf.h"
#include "cordon/session.h"
#include "cordon/start.h"

#define SESSION_HANDLERS_MAX 32

/* One role of the session.  held is what it will be told at the start: of each
 * CONF or RULE u8 type, u32 length of key and value, and those. */
struct member {
	struct session *session; /* borrowed */
	bool wanted;
	struct start start;
	struct buf held;
	pid_t pid;
	int pidfd;         /* owned; -1 if not running */
	struct chan *chan; /* owned */
	bool ready;
	bool told; /* it has named an error itself */
	bool over; /* it has said its last */
	bool dead;
	int status; /* of waitpid(2), once dead */
};

struct session {
	struct loop *loop; /* owned */
	uint64_t began;    /* when its processes were started, in ns */
	char id[SESSION_ID_SIZE];
	struct member members[ROLE_COUNT];
	struct chan_handler handlers[SESSION_HANDLERS_MAX];
	void *arg; /* borrowed: of the added handlers */
	struct termios tty;
	bool has_tty;
	bool told;         /* the error that ended it has been named */
	bool front_killed; /* it could not restore the terminal */
	bool stopping;
	bool unattended;
	int overdue;   /* the exit status if nobody ends it in time */
	int exit_code; /* of the last EXITING */
	int code;
	int signo; /* that ended us, or 0 */
	enum front_next next;
	char next_id[SESSION_ID_SIZE];
};

/* Main has one at a time; its handlers have an argument of their own. */
extern struct session *session_now;

/* Of session_end.c, as the loop and a channel call them; arg is a member, the
 * session or of no use. */
void session_died(void *arg, pid_t pid, int status);
void session_closed(void *arg, struct chan *ch, int err);
void session_signal(void *arg, int signo);
/* What to end with: by a role that named an error and ended, or else code. */
int session_cause(const struct session *s, int code);
/* Whether a role is there that must still be waited for. */
bool session_alive(const struct session *s);

/* Whether the session goes on without it: gate sees that it is gone, and says
 * what that means.  And the end of such a one, whatever it does. */
bool session_spares(enum role role);
void session_part(struct session *s, enum role role);

/* Of session_start.c: closes main's copies of what a role was given. */
void session_release(struct member *m);

#endif /* CORDON_SESSION_INT_H */
