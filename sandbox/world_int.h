/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_WORLD_INT_H
#define SANDBOX_WORLD_INT_H

/* Shared by the files of the world: world.c, sources.c, fresh.c, home.c,
 * cover.c. */

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/world.h"

/* Flags of every mount of the host's. */
#define WORLD_FIXED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

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
	int store;  /* owned: what keeps the home's changes, or -1 */
	bool *gone; /* owned: by row of the ceiling, what the home's overlay
		       lacks; NULL without one */
	struct source *sources; /* owned */
	size_t nsources;
	char **sockets; /* owned: the host's bound UNIX sockets */
	size_t nsockets;
	unsigned nrepos; /* that are protected */
	bool overlay;    /* the holder makes that of the home */
};

/* True for what the cell has an instance of its own of. */
bool world_is_fresh(const char *path);
/* The same, or what lies in one. */
bool world_is_emptied(const char *path);
/* Everything may be written: the host as the person has it, of which only
 * folders are hidden. */
bool world_open(const struct world_conf *conf);
/* Puts a mount at path, of which missing folders are made where possible. */
int world_place(int mnt, const char *path);

/* sources.c: root's view through an id map, if there can be one; then copies
 * of everything else; and their end. */
int world_map(struct build *b);
int world_sources(struct build *b);
void world_drop_sources(struct build *b);

/* fresh.c: in the new root, while the host's is the working directory; seal is
 * for when nothing is put there any more. */
int world_proc(void);
int world_folders(struct build *b);
int world_devices(struct build *b);
int world_seal(struct build *b);

int world_find_sockets(struct build *b);
/* home.c: what it consists of, before the folders; then it is put in place. */
int world_home(struct build *b);
int world_home_done(struct build *b);
int world_overlay(const int layers[HOLDER_FDS]);
int world_protect(struct build *b);
int world_hide(struct build *b);

#endif /* SANDBOX_WORLD_INT_H */
