/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/http.h"
#include "model/provider.h"
#include "model/settings.h"
#include "model/sse.h"
#include "model/token.h"
#include "model/tools.h"
#include "proto/proc.h"

#define MODEL_CALLS_MAX 128 /* calls of one answer */

/* One call of the model, from its item to its output. */
struct model_call {
	uint32_t id;   /* of the frame to gate */
	char *call_id; /* owned: the provider's */
	bool custom;   /* a custom_tool_call */
	bool answered;
	struct buf output;  /* canonical JSON: a string or an array of parts */
	uint32_t questions; /* of request_user_input, still open */
	struct buf replies; /* to those */
};

/* Lines for the transcript. */
struct notes {
	struct note *v; /* owned */
	size_t n, size;
};

/* Where a turn is; turn.c has the table. */
enum turn_state {
	TURN_IDLE,    /* nothing to do */
	TURN_TOKEN,   /* waits for a token */
	TURN_ASKING,  /* a request is under way */
	TURN_CALLING, /* tools run */
	TURN_WAITING, /* before another try */
	TURN_STATES
};

enum turn_event {
	TE_PROMPT,
	TE_TOKEN,
	TE_NO_TOKEN,
	TE_ANSWER,  /* the answer is whole */
	TE_BROKEN,  /* it is not, and may be tried again */
	TE_DENIED,  /* the server said 401 */
	TE_FAILED,  /* no use to try again */
	TE_RESULTS, /* all calls have their output */
	TE_TIMER,
	TE_CANCEL,
	TE_COMPACT, /* the person wants a summary now */
	TURN_EVENTS
};

struct model {
	struct proc proc;
	struct settings settings;
	const struct provider *provider; /* borrowed */
	struct http *http;               /* owned */
	struct token *token;             /* owned */
	struct http_request *request;    /* owned */
	uint32_t next_frame;             /* ids of our frames */

	/* The conversation, in the provider's words. */
	struct buf history;
	struct buf opening; /* its beginning, which compaction keeps */
	struct buf head, tail, tools, schema;
	struct buf body;            /* an error body, or what is no stream */
	struct notes notes;         /* of an answer that is not whole yet */
	struct tools_offers offers; /* until then */
	bool context;               /* CONTEXT has come */
	bool queued;                /* a PROMPT waits for it */

	/* The turn. */
	enum turn_state state;
	uint32_t turn;
	struct reply reply;
	struct sse sse;
	int status;  /* HTTP */
	bool stream; /* the body is a stream of events */
	struct {
		struct buf text; /* deltas that the front has not got yet */
		uint32_t item;
		enum msg_type type;
	} delta;
	struct model_call calls[MODEL_CALLS_MAX];
	size_t ncalls;
	struct buf pending; /* the calls of this answer: "[item,item" */
	size_t answer_mark; /* length of history before this answer */
	uint32_t item_base; /* first item number of this answer */
	uint32_t tries;
	uint64_t unreached; /* monotonic ms since when; 0: the last try got
			       through, or there was none */
	uint32_t rejected;  /* 401s in a row */
	int timer;
	int deadline; /* timer */
	bool late;    /* the deadline has passed */
	bool cancelled;
	struct usage used; /* of the whole thread */
	uint64_t cost;     /* of it, in millionths of a dollar */
	uint64_t window_used;
	uint64_t connect;      /* id of the CONNECT under way */
	struct models *models; /* owned: a list that is asked for, or NULL */
	uint64_t token_at;     /* monotonic ms when it came */
	char account[160];     /* the header of whose it is, or "" */
	struct buf prompt;     /* the person's next item, canonical, open */
	struct {
		bool wanted; /* before the next step */
		bool only;   /* and nothing behind it */
		bool asking; /* the request under way is for the summary */
		struct buf wish, text;
	} compact;
};

/* turn.c */
void turn_event(struct model *m, enum turn_event ev);
void turn_fail(struct model *m, int code, bool retrying, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void turn_deadline(struct model *m);
void turn_want_token(struct model *m, enum token_reason reason);

/* ask.c: one request and its answer. */
void ask_start(struct model *m);
void ask_stop(struct model *m);
/* The headers of any request; there is room for ASK_HEADERS. */
size_t ask_headers(const struct model *m, const char **headers);
#define ASK_HEADERS (SETTINGS_HEADERS_MAX + 8)

/* history.c: items in and out of the conversation.  Each is put down in the
 * transcript too. */
int history_add(struct model *m, const struct json *item);
int history_add_text(struct model *m, struct bytes item);
/* Of an answer: in the transcript once that is whole, by notes_release; what
 * history_drop takes back has never been there.  from: where its texts lie, if
 * nobody needs them afterwards; else NULL. */
int
history_add_answer(struct model *m, const struct json *item, struct buf *from);
void history_drop(struct model *m);
void history_reopen(struct model *m); /* only the opening is left */
int history_message(struct model *m, const char *role, struct bytes text);
void history_turn_end(struct model *m); /* durable, with the usage so far */
/* The first items: instructions, documents, environment. */
int history_begin(struct model *m, const struct msg_context *c);
/* From a transcript (ERR_FORMAT names the line in why). */
int history_resume(struct model *m, int fd, char *why, size_t size);

/* notes.c: lines for the transcript, which take the buffer's memory. */
int notes_add(struct model *m, struct buf *line, bool sync);
int notes_hold(struct model *m, struct buf *line);
void notes_release(struct model *m); /* sends what is held */
void notes_drop(struct model *m);

/* compact.c */
bool compact_due(const struct model *m);
int compact_ask(struct model *m); /* before ask_start */
void compact_item(struct model *m, const struct json *item);
int compact_done(struct model *m); /* ERR_FORMAT: there is no summary */

/* results.c: what tools answered. */
extern const struct chan_handler model_from_gate[];
void results_answer(struct model *m, struct model_call *c, struct bytes text);
bool results_whole(const struct model *m);
int results_flush(struct model *m); /* outputs into the conversation */
void results_clear(struct model *m);
/* An item of a transcript: a call is open until its output comes; what is open
 * at the end is answered with what became of it. */
void results_resume(struct model *m, const struct json *item);
int results_resume_end(struct model *m);
struct model_call *results_find(struct model *m, uint32_t id);

/* front.c: what the person says and sees. */
extern const struct chan_handler model_from_front[];
void front_turn(struct model *m, enum turn_phase phase);
void front_usage(struct model *m);
/* What that has cost the model in use, by the person's own price list. */
uint64_t front_cost(const struct model *m, const struct usage *used);

/* models.c: those that the provider has. */
int models_on_ask(void *arg, struct chan *ch, uint32_t id, void *message);
void models_token(struct model *m); /* it has come, or will not */
/* False if the connection is for nobody here. */
bool models_connected(struct model *m, uint32_t id, int sock);
void models_unconnected(struct model *m, uint32_t id, const char *why);

/* A session that is gone on with: each item, and in the end what was said. */
void past_item(const struct json *item);
void past_show(struct model *m);
void front_place(struct model *m, const struct json *facts);
/* A piece of an item; what came in one turn of the loop is one message. */
void front_delta(
    struct model *m, enum msg_type type, uint32_t item, struct bytes delta);
void front_flush(struct model *m);
void front_item(
    struct model *m, uint32_t item, enum item_kind kind, struct bytes text);

#endif /* MODEL_MODEL_H */
