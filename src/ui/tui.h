/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_TUI_H
#define UI_TUI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#include "ui/composer.h"
#include "ui/front.h"
#include "ui/history.h"
#include "ui/key.h"
#include "ui/md.h"
#include "ui/screen.h"
#include "ui/store.h"
#include "ui/term.h"

/*
 * The interactive front: what it knows of the session, and what is on the
 * screen.  tui.c has its life, tui_turn.c what the model says, tui_call.c the
 * tools that run, ask*.c the questions, tui_show.c what goes to the
 * scrollback, tui_draw.c the live region, tui_term.c the terminal, tui_keys.c
 * what keys do, slash.c the commands, pager.c the transcript.
 */
struct tui;

/* Something that has the keys and the region for a while. */
struct view {
	void (*draw)(struct tui *t);
	void (*event)(struct tui *t, const struct event *ev);
};
extern const struct view view_main, view_ask, view_pager, view_question,
    view_picker;

#define CALL_TAIL     2048         /* bytes of output shown while it runs */
#define CALL_KEPT     (256u << 10) /* bytes of output for the transcript */
#define FRAME_MS      33           /* between two paintings while text flows */
#define TICK_MS       120          /* of the spinner */
#define ESCAPE_MS     30           /* an Esc alone is a key after this */
#define DRAFT_MS      400          /* a changed draft is written after this */
#define QUIT_ARMED_MS 2000         /* for the second Ctrl-C */
#define QUEUE_MAX     16           /* prompts waiting for the turn's end */
#define COMPLETE_MAX  8            /* rows of the completion list */
#define LOOK_IMAGES   8            /* looked for at once */

/* Id of the question to gate what the commands of a turn have changed. */
#define TUI_TURN_OVER 1
#define CHANGED_ROWS  8 /* files named behind a turn */

/* A tool that runs. */
struct tui_call {
	uint32_t id;
	enum tool tool;
	enum verdict verdict;
	bool outside;          /* nothing holds it: drawn in red */
	bool diff;             /* its output is read in the pager */
	struct text title;     /* one line: what it does */
	struct buf patch;      /* a patch's text */
	struct buf tail;       /* the last output */
	struct buf kept;       /* the first CALL_KEPT bytes of it */
	uint64_t bytes;        /* of output */
	uint64_t since;        /* clock_mono_ms */
	struct tui_call *next; /* owned */
};

struct ask;
struct question;
struct pager;
struct picker;
struct mention;

struct tui_conf {
	char *cwd, *home, *branch, *tier, *profile, *model, *effort, *approval;
	char *sandbox, *version; /* all owned; NULL if not told */
	enum notify notify;
	bool notifications;
	bool hide_reasoning;
	bool color;
	bool alt_screen;
	bool screen_reader;
	bool vi;          /* the prompt has the keys of vi */
	enum theme theme; /* unless theme_auto */
	bool theme_auto;
	unsigned status[16]; /* indices into the table of status items */
	size_t nstatus;
};

struct tui {
	struct front *f; /* borrowed */
	struct tui_conf conf;
	struct term term;
	struct screen screen;
	struct keys keys;
	struct composer composer;
	struct history history;
	struct store store;
	const struct view *view;
	/* the answer that streams */
	struct md md;
	uint32_t item;
	bool item_open;             /* TEXT or REASON came, not yet complete */
	bool item_streamed;         /* TEXT or REASON of it came, not ITEM */
	bool item_reason;           /* it is reasoning */
	bool item_first;            /* nothing of it was shown yet */
	struct buf last;            /* the newest answer, for /copy */
	struct tui_call *calls;     /* owned: those that run */
	struct ask *asks;           /* owned: oldest first */
	struct question *questions; /* owned */
	struct pager *pager;        /* owned, while it is open */
	struct picker *picker;      /* owned, while it is open */
	struct mention *mention;    /* owned; NULL until an @ was typed */
	uint32_t looks;             /* id of the last LOOK */
	uint32_t look_file;         /* of the preview that is wanted */
	struct {
		uint32_t id;
		char *path; /* owned; NULL: free */
	} look_images[LOOK_IMAGES];
	struct msg_usage usage;
	bool running;       /* a turn */
	bool diff_asked;    /* the person's next command is /diff's */
	bool commands;      /* one ran, so what is on record is not all */
	struct buf changed; /* what was named as changed, lines */
	struct buf given;   /* front_given */
	uint64_t turn_since;
	unsigned spin;
	char *queue[QUEUE_MAX]; /* owned */
	size_t nqueue;
	char *notice; /* owned: a line above the composer, or NULL */
	/* history and completion */
	size_t hist_at; /* n: not in the history */
	char *stash;    /* owned: the draft while in the history */
	bool searching;
	struct buf needle;
	size_t complete_at;  /* the chosen row */
	bool complete_off;   /* closed until the text changes */
	uint64_t quit_armed; /* until, or 0 */
	int frame_timer, tick_timer, esc_timer, draft_timer, deaf_timer;
	uint64_t frame_at;
	bool draft_dirty;
	int draft_fd; /* owned; -1: drafts are not kept */
	bool first_turn_done;
	bool leaving;
	bool granted;    /* the list that comes has had something */
	bool shortcuts;  /* the keys are shown */
	bool vi_command; /* not inserting */
	char vi_before;  /* d or c, and one more key is to come */
	bool wanting;    /* GIVE has to come */
	bool want_image; /* that of an image */
	int want_timer;  /* tells that it takes its time */
	unsigned pasted; /* images out of the clipboard */
	bool away;       /* the terminal is somebody else's meanwhile */
};

#define SPINNER_FRAMES 10

/* tui_show.c */
/* Text that is finished: into the scrollback and the transcript. */
void tui_put(struct tui *t, const struct text *line, const struct text *first,
    const struct text *rest);
/* Into the transcript only: what the screen shows shortened. */
void tui_keep(struct tui *t, const struct text *line, size_t indent);
void tui_say(struct tui *t, unsigned style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The rows of a line, at the end of rows. */
void
tui_line_rows(struct tui *t, struct store *of, size_t n, struct lines *rows);
/* The end of the transcript above the region, where no scrollback has it. */
void tui_refill(struct tui *t);
void tui_say_lines(
    struct tui *t, unsigned style, const char *lead, const struct buf *lines);
void tui_gap(struct tui *t); /* an empty line */
void tui_notice(struct tui *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tui_dirty(struct tui *t); /* paint soon */
void tui_paint(struct tui *t); /* now */
void tui_tick(struct tui *t);  /* the spinner turns while something runs */
void tui_view(struct tui *t, const struct view *v);
void tui_attention(struct tui *t, const char *what);

/* tui_turn.c */
int tui_on_text(struct front *f, uint32_t id, struct msg_text *m);
int tui_on_reason(struct front *f, uint32_t id, struct msg_reason *m);
int tui_on_item(struct front *f, uint32_t id, struct msg_item *m);
int tui_on_plan(struct front *f, uint32_t id, struct msg_plan *m);
int tui_on_usage(struct front *f, uint32_t id, struct msg_usage *m);
int tui_on_turn(struct front *f, uint32_t id, struct msg_turn *m);
int tui_on_fail(struct front *f, uint32_t id, struct msg_fail *m);
int tui_on_place(struct front *f, uint32_t id, struct msg_place *m);
void tui_end_item(struct tui *t);
void tui_prompt(struct tui *t, const char *s, size_t len); /* sends it */
void tui_interrupt(struct tui *t);

/* tui_term.c */
void tui_event(void *arg, const struct event *ev); /* of arg's keys */
int tui_watch_keys(struct tui *t);
void tui_unwatch(struct tui *t);
int tui_watch(struct tui *t); /* keys and signals from now on */
void tui_resized(struct tui *t);
int tui_back(struct tui *t); /* the terminal is ours again */

/* tui.c */
void tui_quit(struct tui *t, int code);
/* Ends this session for another on the same terminal. */
void tui_go_to(struct tui *t, enum front_next next, const char *id);
void tui_changed(struct tui *t); /* the draft was edited */
/* A changed file as "M path"; false if it was named before. */
bool tui_newly_named(struct tui *t, struct bytes file);

/* tui_keys.c */
void tui_main_event(struct tui *t, const struct event *ev);
void tui_act(struct tui *t, enum action action);

/* tui_grants.c: lists them, after one is taken back unless that is 0 */
void tui_grants(struct tui *t, uint32_t revoke);
int tui_on_grant(struct front *f, uint32_t id, struct msg_grant *m);

/* shortcuts.c: what ? shows; true if the key is used up */
bool shortcuts_event(struct tui *t, const struct event *ev);
void shortcuts_list(struct tui *t, struct lines *rows, size_t max);

/* vi.c: true if the key is used up */
bool vi_event(struct tui *t, const struct event *ev);

/* tui_conf.c */
int tui_conf(struct tui *t, const char *key, struct bytes value);
void tui_conf_init(struct tui_conf *c);
void tui_conf_fini(struct tui_conf *c);
/* No walls at all: every screen says so. */
bool tui_conf_open(const struct tui_conf *c);
/* What the status line says, as "a · b", in at most cols columns. */
void tui_status_text(struct tui *t, struct text *line, size_t cols);

/* tui_call.c */
int call_begin(struct tui *t, uint32_t id, struct msg_begin *m);
int call_output(struct tui *t, uint32_t id, const struct msg_output *m);
int call_done(struct tui *t, uint32_t id, const struct msg_done *m);
void call_draw(struct tui *t, size_t max); /* the running ones, live */
void call_free_all(struct tui *t);

/* wish.c: what main does for us */
bool wish(struct tui *t, enum want_what what, struct bytes text);
void wish_editor(struct tui *t);
void wish_stop(struct tui *t);
bool wish_rule(struct tui *t, struct bytes toml);
void wish_image(struct tui *t);
/* Waits for that no more; false if it did not. */
bool wish_leave(struct tui *t);
int tui_on_give(struct front *f, uint32_t id, struct msg_give *m);

/* ask.c */
void ask_effect(struct tui *t, struct bytes lines); /* of the rule shown */
int ask_open(struct tui *t, uint32_t id, struct msg_ask *m);
void ask_withdraw(struct tui *t, uint32_t id);
void ask_free_all(struct tui *t);
int question_open(struct tui *t, uint32_t id, const struct msg_question *m);
void question_free_all(struct tui *t);

/* pager.c */
void pager_open(struct tui *t); /* the transcript, at its end */
/* Another text, at its beginning, coloured as lang; title is not copied. */
void pager_open_text(
    struct tui *t, const char *title, const char *lang, struct bytes text);
void pager_close(struct tui *t); /* no effect if it is not open */
void pager_free(struct tui *t);

/* mention.c */
size_t mention_complete(struct tui *t, struct lines *rows, size_t max,
    size_t chosen, size_t *from, char *dst, size_t size);
int tui_on_names(struct front *f, uint32_t id, struct msg_names *m);
void mention_pick(struct tui *t); /* from a list, with a preview */
void mention_free(struct tui *t);

/* look.c */
#define LOOK_PATH_MAX 4000 /* bytes */
bool look_file(struct tui *t, const char *path);
/* Looks for the image of this path; false if it is none by its name. */
bool look_image(struct tui *t, const char *path);
/* If what was pasted is the paths of images, those go into the prompt and are
 * looked for. */
bool look_dropped(struct tui *t, struct bytes text);
bool look_waits(const struct tui *t); /* an image has not come yet */
/* The images that a prompt of these words takes along. */
void look_each(struct tui *t, const char *words,
    void (*fn)(struct tui *t, const char *name, void *arg), void *arg);
int tui_on_seen(struct front *f, uint32_t id, struct msg_seen *m);
void look_fini(struct tui *t);

/* slash.c */
int tui_on_tool(struct front *f, uint32_t id, struct msg_tool *m);
int tui_on_server(struct front *f, uint32_t id, struct msg_server *m);
int tui_on_model_list(struct front *f, uint32_t id, struct msg_model_list *m);
/* True if it was a command and has been dealt with. */
bool slash_run(struct tui *t, const char *line);
/* The completion list for the draft: how long it is, at most max rows of it
 * with the chosen one among them, and what that would put in place of the
 * bytes from *from. */
size_t slash_complete(struct tui *t, struct lines *rows, size_t max,
    size_t chosen, size_t *from, char *dst, size_t size);

#endif /* UI_TUI_H */
