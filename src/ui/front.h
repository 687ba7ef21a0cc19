/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_FRONT_H
#define UI_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/proc.h"

/*
 * The front talks to the person, or to the program that stands in for one.
 * What differs between an interactive terminal, plain output and JSON lines
 * is a mode; main names it with the setting "front.mode".
 */
struct front;

/*
 * A mode's functions; each may be NULL.  Those that are given a message with
 * descriptors own them.  A negative result drops the peer, as in chan.h.
 */
struct front_mode {
	const char *name;
	int (*conf)(struct front *f, const char *key, struct bytes value);
	int (*start)(struct front *f); /* model and gate can be written to */
	void (*stop)(struct front *f); /* last words, then the process ends */
	void (*lost)(struct front *f, enum role peer);
	/* from the model */
	int (*text)(struct front *f, uint32_t id, struct msg_text *m);
	int (*reason)(struct front *f, uint32_t id, struct msg_reason *m);
	int (*item)(struct front *f, uint32_t id, struct msg_item *m);
	int (*plan)(struct front *f, uint32_t id, struct msg_plan *m);
	int (*usage)(struct front *f, uint32_t id, struct msg_usage *m);
	int (*turn)(struct front *f, uint32_t id, struct msg_turn *m);
	int (*fail)(struct front *f, uint32_t id, struct msg_fail *m);
	int (*place)(struct front *f, uint32_t id, struct msg_place *m);
	int (*model_list)(
	    struct front *f, uint32_t id, struct msg_model_list *m);
	int (*question)(struct front *f, uint32_t id, struct msg_question *m);
	/* from the gate */
	int (*ask)(struct front *f, uint32_t id, struct msg_ask *m);
	int (*withdraw)(struct front *f, uint32_t id, struct msg_withdraw *m);
	int (*begin)(struct front *f, uint32_t id, struct msg_begin *m);
	int (*output)(struct front *f, uint32_t id, struct msg_output *m);
	int (*done)(struct front *f, uint32_t id, struct msg_done *m);
	int (*grant)(struct front *f, uint32_t id, struct msg_grant *m);
	int (*changed)(struct front *f, uint32_t id, struct msg_changed *m);
	int (*names)(struct front *f, uint32_t id, struct msg_names *m);
	int (*seen)(struct front *f, uint32_t id, struct msg_seen *m);
	int (*tool)(struct front *f, uint32_t id, struct msg_tool *m);
	int (*server)(struct front *f, uint32_t id, struct msg_server *m);
	/* from main */
	int (*give)(struct front *f, uint32_t id, struct msg_give *m);
};

struct front {
	struct proc proc;
	const struct front_mode *mode; /* NULL until "front.mode" came */
	void *state;                   /* owned by the mode */
	bool exiting;                  /* main was told */
	bool text;                     /* of the model came last, */
	uint32_t item;                 /* as a part of this */
};

extern const struct front_mode front_human, front_json, front_tui, front_plain;

/* The number of the descriptors that main hands to a front. */
enum front_fd {
	FRONT_FD_PROMPT = FD_EXTRA, /* the first prompt, a sealed memfd */
	FRONT_FD_LAST,              /* where the last message is written to */
	FRONT_FD_HISTORY,           /* earlier prompts, read and appended to */
	FRONT_FD_DRAFT,             /* the prompt that was not sent */
	FRONT_FD_IMAGES             /* the first of the prompt's images */
};
#define FRONT_IMAGES_MAX (FD_EXTRA_MAX - 4)

/* The images that go with the next prompt.  Of the command line: the settings
 * name.N and mime.N. */
int images_conf(const char *key, struct bytes value);
/* Another one, data being taken over; of too many the oldest goes. */
void images_add(const char *name, struct bytes mime, int data);
const char *images_name(unsigned n); /* NULL behind the last */
/* Whether a prompt with these words takes it along: one that was named in a
 * prompt has to be named there still. */
bool images_wanted(unsigned n, const char *words);
/* Those go to the model, and their number is told. */
unsigned images_send(struct front *f, const char *words);
/* The files whose instructions the conversation begins with, a line each. */
#define FRONT_GIVEN_MAX (1u << 17) /* bytes */
void front_given(const struct msg_place *m, struct buf *lines);
/* Sends to a peer; nothing happens if it is gone. */
void front_send(struct front *f, enum role peer, uint32_t id,
    enum msg_type type, const void *m);
/* Tells main with what the command ends; main then stops everybody. */
void front_exit(struct front *f, int code);
/* The same, and what comes then. */
void
front_exit_to(struct front *f, int code, enum front_next next, const char *id);

#endif /* UI_FRONT_H */
