/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SESSION_H
#define CORDON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/str.h"
#include "proto/chan.h"

/*
 * The processes of one run: main adds roles with what each is to know and
 * hold, starts them all, and waits.  Which pairs get a channel follows from
 * the message table.  When one role dies the others are stopped, at the
 * latest after SESSION_STOP_MS by SIGKILL, and nothing that they started is
 * left.
 */
struct session;

#define SESSION_READY_MS  30000 /* from start to READY, however busy */
#define SESSION_STOP_MS   1500  /* from STOP to SIGKILL */
#define SESSION_REASON_MS 500   /* from a role's own end to a reason for it */
#define SESSION_HEED_MS   4000  /* for roles to end of themselves when due */
#define SESSION_TOLD_MS   20    /* for what was sent before an EXITING */
#define SESSION_ID_SIZE   37    /* a UUID (RFC 9562, version 7) and NUL */

struct session *session_new(void);
void session_free(struct session *s); /* accepts NULL; kills what runs */
/* In a fork of main: the session is the parent's; another may be made. */
void session_forget(void);

const char *session_id(const struct session *s);
/* For a resumed session; ERR_FORMAT if it is no UUID. */
int session_set_id(struct session *s, const char *id);
struct loop *session_loop(struct session *s);

void session_add(struct session *s, enum role role);
/* The front's real descriptors; borrowed. */
void session_stdio(struct session *s, enum role role, int in, int out, int err);
/* Hands fd over (main's copy is closed once the role runs); it will have the
 * number FD_EXTRA + slot there. */
void session_extra(struct session *s, enum role role, unsigned slot, int fd);
/* Queues a CONF for the role; copied.  Keys as in src/conf/keys.c, or facts
 * of the session. */
void session_conf(
    struct session *s, enum role role, const char *key, struct bytes value);
void session_confs(
    struct session *s, enum role role, const char *key, const char *value);
/* Queues a RULE for the gate; copied. */
void session_rule(struct session *s, struct bytes body);
/* Handles what is told although nobody here waits for it. */
int session_unheard(void *arg, struct chan *ch, uint32_t id, void *msg);
/*
 * Handlers of what roles tell main besides READY, LOG, DROPPED and EXITING, or
 * instead of a handler of the session's own;
 * borrowed.  arg is theirs.
 */
void session_handlers(
    struct session *s, const struct chan_handler *handlers, void *arg);

/* A handler of MSG_SPAWNED for whom neither end of the command matters. */
int session_unread(void *arg, struct chan *ch, uint32_t id, void *msg);

/*
 * Starts a role ahead of all others, which gets ready to be told something
 * while main finds out what.  Whoever it will have a channel to is added
 * before, and what it is handed over.  0, or as session_start.
 */
int session_early(struct session *s, enum role role);
/*
 * Starts all and waits for each READY.  0, or a sysexits code after a line
 * that says what failed.
 */
int session_start(struct session *s);
/* The same in two steps: what is sent to a role in between it finds when it is
 * ready, and nobody waits for the other. */
int session_begin(struct session *s);
int session_await(struct session *s);
/* Until the front says EXITING, a role dies or a signal ends us.  Everything
 * is down when it returns the exit status of the command. */
int session_run(struct session *s);
void session_stop(struct session *s, int code); /* ends session_run */
/* Nothing more is wanted of the role, whose end is not waited for. */
void session_over(struct session *s, enum role role);
/* Nobody watches it: SESSION_HEED_MS after an interrupt, or after a deadline
 * (from now; 0: none), it is ended whatever its roles do. */
void session_unattended(struct session *s, uint64_t deadline_ms);

/* A record of main's own; the data is one JSON object.  Audit writes it down
 * before anything that is sent to it afterwards. */
void session_record(struct session *s, enum audit_type type, struct bytes data);

/* Makes an id (RFC 9562, version 7) that nobody else has. */
void session_new_id(char id[SESSION_ID_SIZE]);

/* What the front's last word asked for besides, and the session's id (empty
 * if none was named). */
enum front_next session_next(const struct session *s);
const char *session_next_id(const struct session *s);

/* To talk to a role after the start; NULL if it is not there. */
struct chan *session_chan(struct session *s, enum role role);

#endif /* CORDON_SESSION_H */
