/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_GATE_H
#define GATE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/proc.h"

#include "gate/call.h"
#include "gate/judge.h"

#define GATE_ENV_MAX   128   /* variables of a command */
#define GATE_CALLS_MAX 64    /* calls in flight, sessions left running too */
#define GATE_IDS_MAX   65536 /* provider's call ids remembered */
#define GATE_OWN_IDS   0x80000000u /* frame ids of our own calls, and above */

/* The process: what it was told at the start, and the calls in flight. */
struct gate {
	struct proc proc;
	struct judge judge;
	char *cwd;               /* owned: absolute, of the session */
	char *shell;             /* owned: absolute, when a call names none */
	char *tool;              /* owned: absolute, of cordon-tool */
	char *env[GATE_ENV_MAX]; /* owned: "NAME=value" */
	size_t nenv;
	bool headless; /* nobody answers an ASK */
	bool lost;     /* a record was not written: nothing runs any more */
	bool stopping;

	struct call calls[GATE_CALLS_MAX];
	uint64_t began;        /* wall clock, seconds */
	uint64_t arrived;      /* calls so far; their order */
	uint32_t next_record;  /* id of the next RECORD frame */
	uint32_t next_session; /* number of the next session left running */
	uint32_t next_own;     /* frame id of the next call of our own */
	uint64_t seq;          /* newest acknowledged record */
	uint64_t *ids;         /* owned: hashes of provider's call ids */
	size_t nids;
};

struct gate *gate_self(void);
/* Sends; a lesser peer that is gone or does not read is no error here. */
int gate_send(struct gate *g, enum role peer, uint32_t id, enum msg_type type,
    const void *m);

/* Handlers of the model's calls (request.c). */
extern const struct chan_handler gate_from_model[];
extern const struct chan_handler gate_from_front[];

/* Starts the one call that is nobody's: what the workspace says of itself. */
void request_context(struct gate *g);
/* Looks at the files that the words of c name; then c has EV_DIGEST. */
void request_digest(struct gate *g, struct call *c);
void
request_digest_done(struct gate *g, struct call *d, const struct buf *text);
/* The lines of what was changed go to the front. */
void
request_changed_done(struct gate *g, struct call *d, const struct buf *lines);
/* Its answer, one JSON object or nothing, goes to the model. */
void request_context_done(struct gate *g, const struct buf *documents);

#endif /* GATE_GATE_H */
