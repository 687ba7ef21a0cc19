/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_PROVIDER_H
#define MODEL_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "json/glance.h"
#include "model/settings.h"

/*
 * A provider's API: how a conversation is asked and how an answer is read.
 *
 * The conversation is a row of items in one canonical form, that of the
 * Responses API (message, reasoning, function_call, function_call_output,
 * custom_tool_call, ...).  An item is put into the provider's words once,
 * when it is added; a request is a head, those words, and a tail.
 */

#define HISTORY_MAX (512u << 20) /* bytes of a conversation */
#define EVENT_MAX   (64u << 20)  /* bytes of one event */

struct json;
struct jsonw;

struct usage {
	uint64_t input, cached, cache_write, output, reasoning;
};

/* What an answer consists of, told as it comes; text and reason are both
 * NULL where nobody looks before an item is whole. */
struct reply_ops {
	void (*text)(void *arg, uint32_t item, struct bytes delta);
	void (*reason)(void *arg, uint32_t item, struct bytes delta);
	/* An item is whole: canonical JSON. */
	int (*item)(void *arg, uint32_t item, const struct json *j);
	void (*usage)(void *arg, const struct usage *u);
};

enum reply_end {
	REPLY_OPEN, /* no end yet */
	REPLY_DONE,
	REPLY_LENGTH,  /* cut at the output limit */
	REPLY_REFUSED, /* the provider will not answer this */
	REPLY_CONTEXT, /* the conversation is too long */
	REPLY_LATER,   /* overloaded or rate limited: try again */
	REPLY_BROKEN,  /* a failure of the provider: try again */
	REPLY_DENIED   /* quota, account: no use to try again */
};

/* One answer being read; state is the provider's own. */
struct reply {
	const struct reply_ops *ops; /* borrowed */
	void *arg;                   /* borrowed */
	void *state;                 /* owned by the provider */
	struct buf *source; /* borrowed: has the texts of what is told now, and
			       no use behind that */
	enum reply_end end;
	bool paused;       /* whole, but to be gone on with */
	uint64_t after_ms; /* of REPLY_LATER: wait at least this */
	char why[512];     /* the provider's words, untrusted */
};

/* What a request is made of, beside the words.  All borrowed. */
struct request {
	const struct settings *settings;
	const char *session;
	struct bytes schema; /* of the answer; empty: it is free */
	struct bytes tools;  /* canonical JSON array */
};

struct provider {
	const char *wire_api;
	const char *path;    /* behind base_url */
	const char *header;  /* of the token: "Authorization: Bearer " */
	const char *version; /* a further header, or NULL */
	/* It has freeform tools. */
	bool custom_tools;
	/* Appends one canonical item in the provider's words. */
	int (*add)(struct buf *words, const struct json *item);
	/* The request around the words. */
	int (*head)(struct buf *out, const struct request *r);
	int (*tail)(struct buf *out, const struct request *r);
	/* Whether an event of that name is of any use, and which arrays in it
	 * are of none (NULL: all are); NULL: names tell not. */
	bool (*wants)(
	    const struct reply *a, const char *name, const char **unread);
	/* What most events are: a text more.  arg is the reply. */
	const struct json_glance *deltas;
	/* Any event of the stream; ERR_FORMAT for what cannot go on. */
	int (*event)(struct reply *a, const char *name, const struct json *j);
	void *(*begin)(void); /* a state, and what releases it */
	void (*end)(void *state);
};

extern const struct provider provider_responses;
extern const struct provider provider_chat;
extern const struct provider provider_messages;

/* NULL if there is none of that name. */
const struct provider *provider_find(const char *wire_api);

/* One event of an answer, whose data it may spoil, and the end of it. */
int provider_read(const struct provider *p, struct reply *a, const char *name,
    struct buf *data);
void provider_end(const struct provider *p, struct reply *a);

/* The beginning of any request's object. */
void provider_open(struct jsonw *w, struct buf *out, const struct request *r);
/* "type": "json_schema", and in the object of that name, or beside it if that
 * is NULL, the schema. */
void
provider_schema(struct jsonw *w, const char *object, const struct request *r);

/* What each kind of event does, ended by NULL.  One without run says again
 * what another says, and one that only shows is of no use where nobody looks.
 */
struct provider_event {
	const char *type;
	int (*run)(struct reply *a, const struct json *j);
	bool shows;
	const char *repeats; /* an array of what other events have said */
};

/* One event by such a table: its kind is its member type, or else its name.
 * What comes behind the end or is of a newer kind does nothing. */
int provider_event(struct reply *a, const struct provider_event *table,
    const char *name, const struct json *j);
/* False where the name alone tells that the event does nothing. */
bool provider_wants(const struct reply *a, const struct provider_event *table,
    const char *name, const char **unread);
/* Pieces of an item, for who looks. */
void provider_text(struct reply *a, uint32_t item, struct bytes delta);
void provider_reason(struct reply *a, uint32_t item, struct bytes delta);
/* How an answer ends that stopped for this reason, in the words of any of
 * the APIs: whole, or cut, and then a->why says how. */
enum reply_end provider_stop(struct reply *a, const char *reason);
/* An error body or object of any provider: what to do about it. */
enum reply_end provider_error(const char *code, int status);

#endif /* MODEL_PROVIDER_H */
