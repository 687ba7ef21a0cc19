/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CELL_CELL_H
#define CELL_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cell/keep.h"
#include "proto/proc.h"
#include "sandbox/child.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"
#include "sandbox/watch.h"
#include "sandbox/world.h"

#define CELL_CALLS_MAX 64 /* commands at a time */

#define CELL_WORDS_CAP                                                         \
	(6u << 20) /* bytes of an argv: what the kernel takes                  \
		    */

#define CELL_LINES_CAP 32768 /* bytes of violations of one call */

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
};

struct cell {
	struct proc proc;
	struct spec ceiling;
	/* The newest that was seen to be within it, and as it came. */
	struct spec grant;
	struct buf encoded;
	struct buf words; /* the argv of the next command, if it is long */
	char home[4096], store[4096];
	enum tier tier;
	/* Main wants to be told what its one command is denied, and what a
	 * filter of ours refused nobody would hear of: see cell_waits. */
	enum child_tell tell;
	bool confined;
	int group;          /* owned: the control group of the cell, or -1 */
	struct world world; /* tier full */
	/* Tier lsm: */
	struct carve_lsm lsm;
	char tmp[64], cache[4096];
	struct keep keep;
	struct cell_call calls[CELL_CALLS_MAX];
	/* Protected names that did not exist when the session began. */
	char **absent; /* owned, each too */
	size_t nabsent;
	/* Protected names that were links, and what they led to. */
	struct cell_link {
		char *path; /* owned */
		dev_t dev;  /* 0: nothing */
		ino_t ino;
	} * links; /* owned */
	size_t nlinks;
	/* The repositories that existed then, by device and inode. */
	struct cell_repo {
		dev_t dev;
		ino_t ino;
		char *path; /* owned */
		dev_t pdev; /* of the folder that holds it */
		ino_t pino;
	} * repos; /* owned */
	size_t nrepos;
	char **made; /* owned, each too: repositories that came later */
	size_t nmade;
	struct watch watch; /* of all folders that commands may write */
	unsigned checks;    /* after calls */
};

/* Handlers of SPAWN, KILL and RESIZE, for gate and main alike. */
extern const struct chan_handler cell_handlers[];
/* Loads the cell's own filter, once. */
int cell_confine(struct cell *c);
/* Ends all calls; whether there was one of which more than the init lived. */
bool cell_stop_all(struct cell *c);

/*
 * guard.c: protected names.  Notes what is absent, and in tier lsm what is
 * there, and undoes what a command made of it.  Each undone name is added to
 * lines, ended by a newline.  ERR_SPACE, which is logged: more than is kept.
 */
int guard_begin(struct cell *c);
/* A repository that is there already, found while the world was built; arg is
 * the cell. */
int guard_repo(void *arg, const char *repo, bool file);
void guard_check(struct cell *c, struct buf *lines);
void guard_fini(struct cell *c);
/* The folder that holds path, opened (O_PATH) with no link on the way, or -1;
 * name is the end of path. */
int guard_parent(const char *path, const char **name);
/* Gives the owner of an open folder its rights, where one of those is missing:
 * a command can close what it may write, where we have no walls to us too. */
void guard_unlock(int dir, int how);
/* A rename that replaces nothing; 0, or -1 with errno. */
int guard_rename(int from, const char *name, int to, const char *new);
/* What lies beneath from now lies beneath to. */
void guard_moved(char **path, const char *from, const char *to);
/* Moves what stands at path aside; no link is followed on the way. */
void guard_aside(const char *path, struct buf *lines);
/* The same with what, on the way to path, is no folder any more. */
void guard_way(const char *path, struct buf *lines);

/* moved.c: undoes, or follows, moves of repositories; before keep_check. */
void moved_check(struct cell *c, struct buf *lines);

/* lsm.c: the cell of tier lsm. */
int lsm_begin(struct cell *c);
void lsm_end(struct cell *c);
/* An init died before its command: ends what nobody waits for any more. */
void lsm_strays(const struct cell *c);
/* Where programs find the private folders, in an environment (NULL at its
 * end, owned as xcalloc and xstrdup give it). */
char **lsm_environment(const struct cell *c, char **env);

#endif /* CELL_CELL_H */
