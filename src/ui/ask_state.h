/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_ASK_STATE_H
#define UI_ASK_STATE_H

#include "ui/ask.h"
#include "ui/tui.h"

/* A question that a person has at the moment: what ask.c and ask_draw.c
 * share. */
enum ask_mode { MODE_KEYS, MODE_MESSAGE, MODE_FILES, MODE_RULE, MODE_SCOPE };

struct ask {
	struct asked q;
	struct ask_text *whole; /* owned: what is shown, with explanations */
	bool explained;
	bool stale;      /* the effect that comes is of another rule */
	struct buf rule; /* what would allow it always */
	bool has_rule;
	struct lines effect; /* what it would change; none: not yet known */
	struct buf patch;
	struct ask_file files[ASK_FILES];
	size_t nfiles, file;
	bool drawn;       /* it has been on the screen */
	bool hearing;     /* and nothing typed before that waits */
	size_t top, page; /* the first row shown; rows of a page */
	size_t sub_top;   /* the same of what is looked at meanwhile, */
	size_t sub_page;  /* and of the part of it that moves */
	bool seen;        /* the last row has been on the screen */
	enum ask_mode mode;
	struct composer message;
	struct ask *next; /* owned */
};

/* When a key answers. */
enum ask_when {
	WHEN_ANY,
	WHEN_INSIDE, /* not if it leaves the cordon: no rule can allow that */
	WHEN_LASTS,  /* a yes can be for the session */
	WHEN_FILES   /* if a patch changes more than one */
};

struct ask_key {
	const char *key, *word, *help;
	enum ask_when when;
	void (*fn)(struct tui *t);
};

enum {
#define ASK(fn, key, when, word, help) ASK_KEY_##fn,
#include "ui/ask.def"
#undef ASK
	ASK_KEYS
};
extern const struct ask_key ask_keys[ASK_KEYS];

bool ask_key_works(const struct ask *a, const struct ask_key *key);
/* The first row shown: of the question, or of what is looked at meanwhile. */
size_t *ask_top(struct ask *a);
/* Hears no answer before there was a pause. */
void ask_stay_deaf(struct tui *t);
void ask_draw(struct tui *t);

/* Something else is looked at: the question stays where it was. */
static inline bool
ask_aside(const struct ask *a)
{
	return a->mode == MODE_FILES || a->mode == MODE_RULE ||
	       a->mode == MODE_SCOPE;
}

#endif /* UI_ASK_STATE_H */
