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
#include "gate/mcp.h"

#define GATE_ENV_MAX       128   /* variables of a command */
#define GATE_CALLS_MAX     128   /* in flight, sessions left running too */
#define GATE_IDS_MAX       65536 /* provider's call ids remembered */
#define GATE_GRANT_MS      (8u * 3600 * 1000) /* unless main says */
#define GATE_PRESETS_MAX   64                 /* commands granted beforehand */
#define GATE_WIDEN_MAX     64                 /* words of the second cell */
#define GATE_OWN_IDS       0x80000000u        /* and above: of our own calls */
#define GATE_DOCUMENTS_MAX (24u << 20)        /* bytes, as of one RESULT */

/* Who answers what the policy asks. */
enum answers { ANSWERS_NOBODY, ANSWERS_PERSON, ANSWERS_PROGRAM };

/* The process: what it was told at the start, and the calls in flight. */
struct gate {
	struct proc proc;
	struct judge judge;
	char *cwd;               /* owned: absolute, of the session */
	char *shell;             /* owned: absolute, when a call names none */
	char *tool;              /* owned: absolute, of cordon-tool */
	char *env[GATE_ENV_MAX]; /* owned: "NAME=value" */
	size_t nenv;
	bool headless; /* nobody is there for the model's own questions */
	enum answers answers;
	uint64_t grant_ms; /* how long an answer for the session holds */
	char *presets[GATE_PRESETS_MAX]; /* owned: command lines */
	size_t npresets;
	char *widen[GATE_WIDEN_MAX]; /* owned: of the second cell; or none */
	size_t nwiden;
	bool lost; /* a record was not written: nothing runs any more */
	bool stopping;
	bool cell_gone; /* main ends the session; the model hears no more */

	struct mcp_server servers[MCP_SERVERS_MAX];
	size_t nservers;
	struct buf documents; /* of the workspace, for the model */
	bool documented;      /* they are there */
	bool introduced;      /* the model has its CONTEXT */

	struct call calls[GATE_CALLS_MAX];
	uint64_t began;        /* wall clock, seconds */
	uint64_t arrived;      /* calls so far; their order */
	uint32_t next_record;  /* id of the next RECORD frame */
	uint32_t next_session; /* number of the next session left running */
	uint32_t next_own;     /* frame id of the next call of our own */
	uint64_t seq;          /* newest acknowledged record */
	uint64_t *ids;         /* owned: hashes of provider's call ids */
	size_t nids;

	enum { TREE_UNLISTED, TREE_LISTING, TREE_LISTED } listed;
	int tree; /* owned: memfd, the list; -1: there is none */
};

struct gate *gate_self(void);
/* Sends; a lesser peer that is gone or does not read is no error here. */
int gate_send(struct gate *g, enum role peer, uint32_t id, enum msg_type type,
    const void *m);

/* What the person looks at (person.c). */
int person_on_look(void *arg, struct chan *ch, uint32_t id, void *msg);
void person_look_done(
    struct gate *g, const struct call *c, const char *mime, struct buf *data);
int person_on_tools(void *arg, struct chan *ch, uint32_t id, void *msg);

/* Handlers of the model's calls (request.c). */
extern const struct chan_handler gate_from_model[];
extern const struct chan_handler gate_from_front[];

/* Who answers (approve.c): a CONF of main's, and as a word for the model. */
int approve_conf(struct gate *g, const char *key, struct bytes value);
const char *approve_word(const struct gate *g);
/* Whether anybody can answer for c; whether somebody has already. */
bool approve_possible(const struct gate *g, const struct call *c);
bool approve_known(struct gate *g, struct call *c);
int approve_ask(struct gate *g, struct call *c);
void approve_expire(struct gate *g); /* grants that hold no longer */
extern const struct chan_handler gate_from_main[];
chan_fn approve_on_answer, approve_on_grants;

/* The connections of commands (connect.c). */
chan_fn connect_on_socket, connect_on_asked;
void connect_allow(struct gate *g, const struct call *c);
void connect_refuse(struct gate *g, const struct call *c);
bool connect_same(const struct call *a, const struct call *b);
/* The command of target has ended, and with it what it is connected to. */
void connect_end(struct gate *g, struct call *target);

/* Writes that the sandbox refused (widen.c).  A word of the second cell, from
 * main; what EXIT guesses of c; whether c runs again if a person says so, and
 * waits for that; what that call has come to, for c; and that call, or NULL. */
int widen_conf(struct gate *g, struct bytes word);
void widen_note(struct call *c, const struct msg_list *guesses);
bool widen_offer(struct gate *g, struct call *c);
void widen_take(struct call *w);
/* It is known where links lead w's folder: that, or what the person has
 * granted around it, is asked about; false if it may not be.  What such a
 * grant is bound to; the highest folder that one may name, owned, or NULL;
 * whether names is one that it may. */
bool widen_settle(struct gate *g, struct call *w);
void widen_bind(const struct call *w, uint8_t hash[32]);
char *widen_top(const struct gate *g, const struct call *w);
bool widen_may_grant(
    const struct gate *g, const struct call *w, const struct msg_list *names);
struct call *widen_second(struct gate *g, const struct call *c);

/* What changed (changes.c).  Whether c has to wait for the list of the tree,
 * which it may cause; what the tool of c says of files, taken from its output;
 * what to do when a call of TOOL_CHANGED has ended. */
bool changes_pending(struct gate *g, const struct call *c);
void changes_read(struct call *c);
void changes_done(struct gate *g, struct call *c, const struct buf *text);
chan_fn changes_on_ask;

/* A new call, or NULL after the model was told why not; *err is then what the
 * handler returns. */
struct call *request_new(
    struct gate *g, enum tool tool, uint32_t id, struct bytes ident, int *err);
/* Gives up before anything was judged; what the handler returns. */
int request_bad(struct gate *g, struct call *c, const char *why);
/* Where it begins, from the session's folder; false if that is no path. */
bool request_cwd(struct gate *g, struct call *c, struct bytes workdir);

/* Where links lead (links.c).  The paths that a digest looks at, as a memfd or
 * an error; what it said of them, ERR_FORMAT if that is nothing; the place that
 * path leads to, itself if no link does; all of them, for an ASK, to be freed,
 * and for a record. */
int links_paths(struct call *c);
int links_take(struct call *c, struct bytes text);
const char *links_real(const struct call *c, const char *path);
struct msg_list links_list(const struct call *c);
void links_print(const struct call *c, struct jsonw *w);

/* Patches (patches.c): as a call, whatever it came as; and without the files
 * that were refused, which are some of what its subject writes: ERR_NOENT if
 * that is all of them. */
chan_fn patches_on_call;
int patches_request(
    struct gate *g, struct call *c, struct bytes text, struct bytes workdir);
int patches_narrow(struct gate *g, struct call *c, const struct approval *a);

/* What a tool that reads is told. */
#define READING_NUMBERS 3
struct reading {
	const char *word; /* of our program */
	struct bytes path;
	struct {
		const char *option;
		uint64_t n; /* 0: not given */
	} numbers[READING_NUMBERS];
	struct bytes glob, pattern; /* of grep */
};
/* Sets c going; ERR_FORMAT, and c is as it was, if the path is none. */
int request_reading(struct gate *g, struct call *c, const struct reading *r);
/* The program of a file tool; an option with a number unless it is 0; and all
 * of the session's folder for it to look at, by the tool's own name. */
void request_tool(struct gate *g, struct call *c, const char *tool);
void request_number(struct call *c, const char *option, uint64_t n);
void request_tree(struct gate *g, struct call *c);

/* Calls of our own (own.c).  What the workspace says of itself, for the model;
 * the files that the words of c name, after which it has EV_DIGEST; those that
 * the person could mention.  Then what each of them has answered. */
void own_context(struct gate *g);
void own_context_send(struct gate *g); /* once there is all for it */
void own_digest(struct gate *g, struct call *c);
chan_fn own_on_files;
void own_context_done(struct gate *g, const struct buf *documents);
void own_digest_done(struct gate *g, struct call *d, const struct buf *text);
void own_files_done(struct gate *g, const struct buf *names);

/* The model's tools, of which the first own_ntools are offered. */
#define OWN_TOOLS 9
extern const char *const own_tools[OWN_TOOLS];
size_t own_ntools(const struct gate *g);

#endif /* GATE_GATE_H */
