/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

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
	int (*read)(struct load *l, const struct load_source *src);
};

extern const struct load_kind load_config;
extern const struct load_kind load_edit;

/* Records the first mistake; returns ERR_FORMAT. */
int load_fail(struct load *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Sends one message to main, waiting while it is behind. */
int load_send(struct load *l, enum msg_type type, const void *m);

/* A KEY=VALUE of the command line. */
int config_set(struct load *l, struct bytes text);

#endif /* LOAD_LOAD_H */
