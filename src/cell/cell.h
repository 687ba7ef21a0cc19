/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CELL_CELL_H
#define CELL_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/proc.h"
#include "sandbox/child.h"
#include "sandbox/spec.h"
#include "sandbox/watch.h"
#include "sandbox/world.h"

#define CELL_CALLS_MAX 64 /* commands at a time */

/* One running command. */
struct cell_call {
	bool used;
	struct chan *asker; /* borrowed: who is told; NULL when it is gone */
	uint32_t id;
	struct child child;
	int terminal; /* owned: the master of its terminal, or -1 */
	struct child_report report;
	size_t got; /* bytes of report */
	bool reported;
	bool dead;   /* the init is */
	bool told;   /* EXIT was sent */
	bool killed; /* by KILL */
	char *error; /* owned */
};

struct cell {
	struct proc proc;
	struct spec ceiling;
	struct buf within; /* the grant that was last compared with it */
	char home[4096], store[4096];
	struct world world;
	struct filter filter;
	struct cell_call calls[CELL_CALLS_MAX];
	/* Protected names that did not exist when the session began. */
	char **absent; /* owned, each too */
	size_t nabsent;
	/* The repositories that existed then, by device and inode. */
	struct cell_repo {
		dev_t dev;
		ino_t ino;
	} * repos; /* owned */
	size_t nrepos;
	char **made; /* owned, each too: repositories that came later */
	size_t nmade;
	struct watch watch; /* of all folders that commands may write */
};

/* Handlers of SPAWN, KILL and RESIZE, for gate and main alike. */
extern const struct chan_handler cell_handlers[];
void cell_stop_all(struct cell *c);

/* guard.c: notes what is absent; undoes what a command made of it.  Each
 * undone name is added to lines, ended by a newline. */
void guard_begin(struct cell *c);
void guard_check(struct cell *c, struct buf *lines);
void guard_fini(struct cell *c);

#endif /* CELL_CELL_H */
