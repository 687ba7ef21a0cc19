/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_ASK_H
#define UI_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/permit.h"

#include "ui/composer.h"
#include "ui/front.h"
#include "ui/scope.h"
#include "ui/text.h"

#define ASK_HASH      32
#define ASK_PATCH_MAX (8u << 20) /* bytes; more cannot be approved here */
#define ASK_FILES     64         /* files of a patch answered one by one */

/* A file that a patch changes. */
struct ask_file {
	char *path;        /* owned */
	char *moved;       /* owned: its new name, or NULL */
	struct bytes text; /* borrowed from the patch: what changes in it */
	bool no;           /* the person does not want it */
};

/* A question of the gate, and what it takes to answer it. */
struct asked {
	uint32_t id;
	enum ask_what what;
	uint8_t hash[ASK_HASH];
	uint8_t permit[PERMIT_SIZE]; /* of what is shown; see proto/permit.h */
	struct ask_text *text;       /* owned: what is shown */
	struct scope scope;          /* what "for this session" means */
	struct buf cell;             /* of ASK_WRITE: see widened.h */
	char *cwd;                   /* owned */
};

/* Consumes the message's patch and leaves its text in patch, to be finished
 * by the caller.  Returns 1; 0 if it cannot be shown and was therefore
 * answered with no; or ERR_TYPE. */
int asked_init(struct asked *q, struct front *f, uint32_t id, struct msg_ask *m,
    struct buf *patch);
void asked_fini(struct asked *q);
/* Whether it would run outside of the session's cell: once, and the open cell
 * has to hear of it. */
bool asked_leaves(const struct asked *q);
/* Whether a yes can hold for the session; and whether the person has said yes
 * to it before, so that it was answered. */
bool asked_lasts(const struct asked *q);
bool asked_known(struct front *f, uint32_t id, const struct msg_ask *m);
/* The answer of the person; say goes back with a no, and a yes to a patch is
 * none to the files that are refused. */
void asked_send(const struct asked *q, struct front *f, enum answer answer,
    const char *say, struct msg_list refused);

/* What the person is asked, as text; made of the message alone. */
struct ask_line {
	struct text lead; /* a label; its width indents what wraps */
	struct text text;
	bool prose; /* breaks at words; else where a row is full */
};

struct ask_text {
	struct ask_line *v; /* owned */
	size_t n;
};

struct ask_text *
ask_text_new(const struct msg_ask *m, struct bytes patch, bool more);
/* What is shown, its lines ended by newlines, and the SHA-256 of that.  shown
 * is new and holds it as far as its cap allows: all of it, or buf_err. */
void ask_text_shown(
    const struct ask_text *a, struct buf *shown, uint8_t hash[ASK_HASH]);
#define ASK_SHOWN_MAX 56000             /* bytes that travel with an answer */
void ask_text_free(struct ask_text *a); /* accepts NULL */
/* The words to run, exactly: joined, the lines decode to argv's shell form. */
void ask_words(struct lines *l, const struct msg_list *argv);
/* Words as a shell reads them back, cut at ASK_TITLE bytes.  To be freed. */
char *ask_string(const struct msg_list *argv, bool unwrap);
/* What it is about, in at most ASK_TITLE bytes.  To be freed. */
char *ask_title(const struct msg_ask *m);
#define ASK_TITLE 1000
/* The files of a patch, which are those that are asked about; 0 if they cannot
 * be answered one by one. */
size_t ask_files(struct ask_file files[ASK_FILES],
    const struct msg_list *writes, struct bytes patch);

#endif /* UI_ASK_H */
