/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include "base/buf.h"
#include "proto/proc.h"

/*
 * Inside cordon-load.  Main names the sources by CONF, one after the other,
 * and each is read as it is named:
 *
 *	load.KIND	value: the name of the file for messages; layer; line:
 *			the slot of its descriptor (FD_EXTRA + line)
 *	load.set	value: KEY=VALUE of the command line
 *	load.edit.key, load.edit.value
 *			what a source of the kind edit is to have
 *
 * The first mistake ends the reading: END carries it, and code EX_CONFIG.
 */

#define LOAD_TEXT_PIECE 60000 /* bytes of an edited text in one CONF */

struct load {
	struct proc proc;
	struct msg_end end; /* what main will be told; error: borrowed */
	char error[3000];
	char *edit_key;   /* owned; NULL until main names it */
	char *edit_value; /* owned; NULL: take the key out */
};

/* One file, read into memory. */
struct load_source {
	const char *name;  /* borrowed: for messages */
	struct bytes text; /* borrowed */
	uint8_t layer;
};

/* A kind of source: config.c, edit.c, and what else is added. */
struct load_kind {
	const char *word; /* behind "load." */
	size_t max;       /* bytes of a file */
	int (*read)(struct load *l, const struct load_source *src);
};

#define LOAD_LOG_MAX   (64u << 20) /* bytes of an audit log */
#define LOAD_VALUE_MAX 60000u      /* bytes of a value in a CONF frame */

extern const struct load_kind load_audit;
extern const struct load_kind load_config;
extern const struct load_kind load_edit;
extern const struct load_kind load_json;
extern const struct load_kind load_policy;

/* Records the first mistake; returns ERR_FORMAT. */
int load_fail(struct load *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Sends one message to main, waiting while it is behind. */
int load_send(struct load *l, enum msg_type type, const void *m);

/* A file on its way to CONF frames (config.c, json.c). */
struct walk {
	struct load *load; /* borrowed, as is the other */
	const struct load_source *src;
	struct buf key; /* the dotted key so far; cut back by its length */
};

#define WALK_KEY_MAX 255 /* bytes of a whole key */

/* A scalar and its place; line 0: unknown. */
struct leaf {
	struct bytes text; /* borrowed */
	uint32_t line, column;
};

/* Adds a part to the key; quoted unless bare. */
int walk_into(struct walk *w, const struct leaf *at, struct bytes part);
int walk_emit(
    struct walk *w, const struct leaf *leaf, enum conf_kind kind, bool list);

/* A KEY=VALUE of the command line. */
int config_set(struct load *l, struct bytes text);

#endif /* LOAD_LOAD_H */
