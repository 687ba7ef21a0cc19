/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_PEERS_H
#define GATE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/str.h"
#include "policy/rule.h"
#include "proto/chan.h"

/*
 * The real cordon-gate, with the test as its peers: what it sends is kept in
 * t.events, and each RECORD is acknowledged unless t.hold_acks.  All of these
 * fail the test that calls them when something is not as it should be.
 */

#define QUIET_MS   60 /* long enough for a frame that should not come */
#define EVENTS_MAX 512

/* One message that the gate sent, to whomever. */
struct event {
	enum msg_type type;
	uint32_t id;
	char *text; /* owned: the fields that tests look at */
};

struct peers {
	struct loop *loop;
	struct chan *main, *model, *ui, *cell, *audit, *net, *open;
	pid_t pid;
	struct event events[EVENTS_MAX];
	size_t nevents;
	uint64_t seq;
	bool hold_acks;    /* keep them back */
	uint32_t held[64]; /* records not yet acknowledged */
	size_t nheld;
	int out;          /* our end of the output of the running child */
	size_t asked;     /* bytes of the words of the last ASK */
	uint32_t granted; /* of it, as are these */
	char top[64];
	bool closed; /* the channel of main */
	bool stopping;
};

extern struct peers t;

/* How long an answer for the session holds: CONF's text, of the next gate. */
extern const char *grant_ms;
/* What the policy's defaults say of the network, and of writing. */
extern enum three default_net, default_write;
/* Whether there is an open cell, and a second one for what could not write. */
extern bool second_cell;
/* The process with this default of its policy; headless is "0" or "1". */
int start_gate(const char *headless, enum exec_default exec);
int setup(void **state); /* a person is there, commands run in the cell */
int setup_untrusted(void **state); /* and is asked about each */
/* Stopping is orderly: exit status 0, in good time. */
int teardown(void **state);

void conf(const char *key, struct bytes value);
void ack(uint32_t id);
void pump(int ms);
/* The first event of that kind whose text begins so (id 0: any), or NULL. */
const struct event *find(enum msg_type type, uint32_t id, const char *prefix);
/* Waits for it. */
const struct event *want(enum msg_type type, uint32_t id, const char *prefix);
void none(enum msg_type type); /* none comes */
void forget(void);             /* what came so far */

/* What the model and the cell say. */
void
call_exec(uint32_t id, const char *ident, const char *cmd, uint32_t yield_ms);
/* With a shell of the model's choice. */
void call_exec_by(
    uint32_t id, const char *ident, const char *shell, const char *cmd);
void call_patch(uint32_t id, const char *ident, const char *text);
void cancel(uint32_t id);
void cell_spawned(uint32_t id, bool input);
void cell_exit(uint32_t id, unsigned how, int status);

/* Answers what the gate asks about the files of a command: 64 times c. */
void digest_is(char c);
/* What the person says; hex is the ASK's hash. */
void answer(uint32_t id, enum answer what, const char *hex);
/* Yes for the session, and for what else one name is for. */
void answer_for(uint32_t id, const char *hex, const char *name);
/* Brings "sh ./x.sh" to the point where the person is asked. */
void asked(uint32_t id, const char *ident, char hex[STR_HEX_SIZE(32)]);

#endif /* GATE_PEERS_H */
