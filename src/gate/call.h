/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_CALL_H
#define GATE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/msg.h"

#include "gate/judge.h"
#include "gate/mcp.h"
#include "gate/output.h"

struct gate;

/* An answer to an ASK, from wherever it came; all borrowed. */
struct approval {
	enum answer answer;
	enum answer_channel channel;
	struct bytes bound, shown; /* hashes */
	struct bytes message, scope;
	struct msg_list words;   /* or hosts, or files that it is for, too */
	struct msg_list refused; /* of a patch's files, if not all */
	uint32_t grant;          /* its number, if the answer makes one */
	struct bytes request;    /* what was shown, to the byte */
	struct bytes program, program_hash; /* of a program alone */
};

#define CALL_HASH_LEN   64 /* of a file's content, hexadecimal; or dashes */
#define IMAGE_BYTES_MAX (21u * 1024 * 1024) /* what the image tool passes */

/* Where a call is; call.c has the table of what each state waits for. */
enum call_state {
	CALL_FREE,
	CALL_HASHING,  /* what an approval is bound to is looked at */
	CALL_ASKING,   /* a person decides */
	CALL_INTENT,   /* the record of what will run is on its way to disk */
	CALL_QUEUED,   /* recorded; another call has to end first */
	CALL_CHECKING, /* whether it still is what was approved */
	CALL_STARTING, /* the cell was told */
	CALL_RUNNING,
	CALL_DRAINING, /* ended; its last output is read */
	CALL_RESULT,   /* the record of the result is on its way */
	CALL_REFUSED,  /* the record of the refusal is on its way */
	CALL_WIDENING, /* ended, and runs again if a person says so */
	CALL_LOOKING,  /* a look at another call's output: waits for some */
	CALL_STATES
};

enum call_event {
	EV_ACK,    /* the record it waits for is on disk */
	EV_DIGEST, /* the digest that it waits for is there, or failed */
	EV_YES,    /* the person's answer */
	EV_NO,
	EV_SPAWNED,
	EV_EXIT,    /* the cell's EXIT: everything of it is dead */
	EV_DRAINED, /* no more output will come */
	EV_TURN,    /* a call before it has ended */
	EV_TIMER,   /* the time that the model wanted to wait is over */
	EV_CANCEL,
	CALL_EVENTS
};

/* One request of the model, from its arrival to the end of what it ran. */
struct call {
	enum call_state state;
	enum tool tool;
	uint32_t id;    /* the model's frame id */
	uint64_t order; /* of arrival */
	bool own;       /* our own: nobody sees it, no model waits for it */
	bool listing;   /* of TOOL_CHANGED: the list to compare with later */
	bool user;      /* the person's own: no model waits for it */
	bool answered;  /* RESULT was sent; a session was left running */
	bool cancelled;
	bool begun;      /* BEGIN was sent */
	bool shell_form; /* a patch that came as a shell command */

	char *ident; /* owned: the provider's call id */
	struct subject subject;
	struct decision decision;
	enum verdict verdict; /* as shown: approved beats ask */

	uint32_t waits;   /* id of the RECORD whose ACK moves it on; 0 none */
	uint32_t asked;   /* of our own: the peer's frame id to answer */
	uint32_t of;      /* of a connection: the call of its command */
	uint32_t session; /* number for write_stdin, 0 until left running */
	uint32_t yield_ms;
	uint32_t limit_ms; /* of the whole run; 0: the grant's alone */
	uint64_t tokens;
	int timer;
	uint64_t started;   /* monotonic ns */
	uint64_t looked;    /* when the time of this look began */
	uint64_t seq;       /* record of the intent, then of the result */
	uint64_t shown;     /* bytes of output sent to the front */
	bool flooded;       /* stopped for too much output */
	uint32_t granted;   /* the grant by which the front may answer, or 0 */
	uint32_t questions; /* questions about it and its connections */
	char digest[65];    /* of the files that its words name; hexadecimal */
	char approved[65];  /* the digest that was approved */
	char *paths; /* owned: that a digest looks at, each with its NUL */
	size_t paths_len;
	char *links; /* owned: "PATH\0PLACE\0" where a link leads */
	size_t links_len;
	uint8_t hash[32]; /* of an ASK: what the answer is bound to */

	int in, out;      /* owned: our ends; -1 */
	struct buf input; /* for in, not yet written */
	struct output output;
	struct msg_exit exit; /* its lists and bytes are not kept */
	struct buf denials;   /* lines of them, for people and the model */
	char *error;          /* owned: why it could not start */
	int input_fd;         /* owned: standard input handed to it; -1 */
	char *refused; /* owned: what it could not write, probably; or NULL */
	struct call *first;        /* that this is the second run of; or NULL */
	struct mcp_server *server; /* borrowed: whose tool is called */
	const char *server_tool;   /* borrowed: by the server's name */
	struct call *target; /* of a look, a digest or a connection: for whom */
	char *chars;         /* owned: of a look, for the target's input */
	size_t chars_len;
	/* Of a patch, of a look at the tree when it is over: owned, each too,
	 * "A path", relative to the session's directory if it is below. */
	char **changes;
	size_t nchanges;
	char *hashes;   /* owned: CALL_HASH_LEN characters for each, or NULL */
	char *left_out; /* owned: names of its files that were refused; NULL */
};

/* The table of them (calls.c). */
struct call *call_new(struct gate *g, enum tool tool, uint32_t id);
/* One of our own, in the session's folder. */
struct call *call_own(struct gate *g, enum tool tool);
/* What it calls turns out to be another tool. */
void call_is(struct call *c, enum tool tool);
/* The one behind c, the first if that is NULL; NULL behind the last. */
struct call *call_next(struct gate *g, struct call *c);
void call_free(struct gate *g, struct call *c);
void call_close(struct gate *g, struct call *c); /* its pipes */
void call_change(struct call *c, char *text);    /* owned from now on */
void call_changes_free(struct call *c);
struct call *call_find(struct gate *g, uint32_t id);
struct call *call_session(struct gate *g, uint32_t session);
struct call *call_waiting(struct gate *g, uint32_t record);

/* EV_TIMER after ms. */
void call_wait(struct gate *g, struct call *c, uint32_t ms);
/* The life of one (call.c).  Judges it, records that and sets it going. */
void call_go(struct gate *g, struct call *c);
/* Moves the call on; ERR_STATE if the event has no meaning there. */
int call_event(struct gate *g, struct call *c, enum call_event ev);
/* The audit log is lost: the next step of a call that waits for a record, none
 * of which runs anything. */
void call_lost(struct gate *g, struct call *c);
/* Ends everything but, while the session goes on, its MCP servers; without
 * waiting for the model. */
void call_stop_all(struct gate *g);

/* Immediate answers, for what never became a call. */
void call_answer(
    struct gate *g, uint32_t id, enum result_status status, const char *text);

/* Handlers of the cell (cellio.c). */
extern const struct chan_handler gate_from_cell[];
enum role cell_of(const struct gate *g, const struct call *c);
int cell_spawn(struct gate *g, struct call *c);
void cell_kill(struct gate *g, struct call *c);
/* The front sees it, within what it is shown of one call. */
void cell_show(struct gate *g, struct call *c, struct bytes text);
/* Writes what waits for the call's standard input. */
void cell_feed(struct gate *g, struct call *c);

/* ASK, BEGIN, DONE and RESULT (answer.c). */
enum result_status answer_status(const struct call *c);
int answer_ask(struct call *c, struct chan *whom);
void answer_begin(struct gate *g, struct call *c);
void answer_done(struct gate *g, struct call *c, enum result_status status,
    const char *reason);
void answer_result(struct gate *g, struct call *c);
/* A look at from (NULL: it is gone), or a session that is left running. */
void answer_chunk(struct gate *g, struct call *to, struct call *from);
void answer_refused(struct gate *g, struct call *c);

/* RECORD payloads (record.c); each returns the id of its frame. */
uint32_t record_call(struct gate *g, const struct call *c);
uint32_t record_decision(struct gate *g, const struct call *c);
uint32_t
record_approval(struct gate *g, const struct call *c, const struct approval *a);
/* A grant that holds no longer: how is "revoked" or "expired". */
uint32_t
record_grant(struct gate *g, const struct grant *grant, const char *how);
uint32_t record_intent(struct gate *g, const struct call *c);
uint32_t record_input(struct gate *g, const struct call *c);
uint32_t record_result(struct gate *g, struct call *c);
uint32_t record_refusal(struct gate *g, const struct call *c, const char *why);
/* What no call waits for: net's CONTACT; what the cell found amiss. */
void record_connect(struct gate *g, const struct msg_contact *m);
void record_violation(struct gate *g, const struct call *c, struct bytes why);

#endif /* GATE_CALL_H */
