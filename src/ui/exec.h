/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_EXEC_H
#define UI_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/front.h"

#define EXEC_OUTPUT_MAX  (1024u * 1024)      /* bytes kept of one command */
#define EXEC_MESSAGE_MAX (64u * 1024 * 1024) /* bytes of one message */

/* A call between BEGIN and DONE. */
struct exec_call {
	uint32_t id; /* of the frames */
	enum tool tool;
	unsigned item; /* its number in the event stream, if it has one */
	char *command; /* owned: shell-quoted */
	char *cwd;     /* owned */
	char *tool_name, *arguments; /* owned: of an MCP call, else NULL */
	char **changes; /* owned, each too: "A path" ... of a patch */
	size_t nchanges;
	struct buf output; /* the first EXEC_OUTPUT_MAX bytes */
	enum verdict verdict;
	bool outside; /* in no sandbox */
	char rule[129];
	uint64_t seq;
	struct exec_call *next; /* owned */
};

/* One file that the run has changed. */
struct exec_file {
	char *path; /* owned */
	char kind;  /* 'A', 'M' or 'D' */
};

/* What both headless modes know. */
struct exec {
	struct exec_call *calls; /* owned: those that run */
	struct exec_file *files; /* owned: changed so far */
	size_t nfiles;
	unsigned next_item;
	const char *last; /* owned: the newest message of the model */
	size_t last_len;
	struct bytes last_map; /* where it lies, if it came as a memfd */
	struct bytes map;      /* the same of an item that is being shown */
	struct msg_usage usage;
	char *error; /* owned: why the turn failed */
	int code;    /* with which the command will end */
	unsigned ncalls, refused, asked;
	uint64_t seq;               /* of the newest audit record heard of */
	bool over;                  /* the turn */
	bool lost;                  /* it ended with the model; main says why */
	bool looking;               /* at what it has changed */
	bool finished;              /* all was said */
	bool commands;              /* some ran, so the changes are not known */
	enum turn_phase phase;      /* how it ended */
	const struct exec_ops *ops; /* borrowed */
	bool color;
	bool danger; /* nothing is confined */
};

/* How a mode shows what happens; see front.h for the rest. */
struct exec_ops {
	void (*begun)(struct front *f, struct exec_call *c);
	void (*done)(
	    struct front *f, struct exec_call *c, const struct msg_done *m);
	void (*message)(
	    struct front *f, enum item_kind kind, const char *text, size_t len);
	void (*failing)(
	    struct front *f, const char *text); /* will be retried */
	void (*over)(struct front *f, enum turn_phase phase);
};

struct exec *exec_of(struct front *f);
/* A piece of a message was shown: memory need not hold it for that. */
void exec_shown(struct front *f, const void *p, size_t len);

/* Standard output took it not, which errno explains: said once. */
void exec_unwritten(struct front *f);

/* The parts of a front_mode that both share. */
int exec_conf(struct front *f, const char *key, struct bytes value);
int exec_start(struct front *f);
void exec_stop(struct front *f);
void exec_lost(struct front *f, const struct exec_ops *ops, enum role peer);
int exec_item(struct front *f, const struct exec_ops *ops, struct msg_item *m);
int exec_usage(struct front *f, uint32_t id, struct msg_usage *m);
int exec_turn(struct front *f, const struct exec_ops *ops, struct msg_turn *m);
int exec_fail(struct front *f, const struct exec_ops *ops, struct msg_fail *m);
int exec_question(struct front *f, uint32_t id, struct msg_question *m);
int exec_ask(struct front *f, uint32_t id, struct msg_ask *m);
int exec_begin(struct front *f, const struct exec_ops *ops, uint32_t id,
    struct msg_begin *m);
int exec_changed(struct front *f, uint32_t id, struct msg_changed *m);
int
exec_server(struct front *f, const struct exec_ops *ops, struct msg_server *m);
int exec_output(struct front *f, uint32_t id, struct msg_output *m);
int exec_done(struct front *f, const struct exec_ops *ops, uint32_t id,
    struct msg_done *m);

/* The exit code as a shell gives it, of waitpid(2)'s status. */
int exec_exit_code(uint32_t status);
/* True if a tool that people run would later execute this file. */
bool toolchain_runs(const char *path);

#endif /* UI_EXEC_H */
