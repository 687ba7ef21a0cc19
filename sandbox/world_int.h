/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_WORLD_INT_H
#define SANDBOX_WORLD_INT_H

/* Shared by the files of the world: world.c, home.c, cover.c. */

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/world.h"

#define DEVICES 6
#define SYSDIRS 2

/* A detached mount and where it goes. */
struct source {
	int fd;     /* owned */
	char *path; /* owned */
};

struct build {
	struct world *w;               /* borrowed */
	const struct world_conf *conf; /* borrowed */
	int userns;                    /* owned: the id map's, or -1 */
	int root;                      /* owned */
	int proc;                      /* owned */
	int store;  /* owned: what keeps the home's changes, or -1 */
	bool *gone; /* owned: by row of the ceiling, what the home's overlay
		       lacks; NULL without one */
	int devices[DEVICES];   /* owned */
	int sysdirs[SYSDIRS];   /* owned */
	struct source *sources; /* owned */
	size_t nsources;
	char **sockets; /* owned: the host's bound UNIX sockets */
	size_t nsockets;
	unsigned nrepos; /* that are protected */
};

void world_source(struct build *b, int fd, const char *path);
/* True for what the cell has an instance of its own of. */
bool world_is_fresh(const char *path);
/* Everything may be written: the host as the person has it, of which only
 * folders are hidden. */
bool world_open(const struct world_conf *conf);
/* Puts a mount at path, of which missing folders are made where possible. */
int world_place(int mnt, const char *path);

int world_find_sockets(struct build *b);
int world_home(struct build *b);
int world_protect(struct build *b);
int world_hide(struct build *b);

#endif /* SANDBOX_WORLD_INT_H */
