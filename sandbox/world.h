/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/holder.h"
#include "sandbox/repos.h"
#include "sandbox/spec.h"

/*
 * The world of a cell: user, mount, network, IPC, UTS and cgroup namespaces,
 * built once, to the ceiling of the session.  The host is read-only in it,
 * what the ceiling lets be written is writable, /tmp and /dev and the home
 * are its own, secrets and the host's sockets are not there, names that other
 * tools obey are read-only.  Each child then gets PID and mount namespaces of
 * its own inside it (child.h).  A ceiling that writes "/" makes an open world:
 * the host as it is, with what is hidden covered.
 */
struct world_conf {
	const struct spec *ceiling; /* borrowed */
	const char *home;           /* borrowed: absolute, or NULL */
	const char *store; /* borrowed: folder on the host that keeps what
			      commands write to the home, or NULL: forgotten
			      at the end */
	uid_t uid;         /* of the person */
	/* Told of each repository that is protected: one walk for two. */
	repos_found *found;
	void *arg;
};

enum world_id {
	WORLD_SAME_UID, /* the person's own uid, in a user namespace */
	WORLD_MAPPED,   /* the person is root: files are shown through a
			   mapping, and the kernel sees an unprivileged uid */
	WORLD_ROOT      /* root without capabilities: mapping is not possible */
};

struct world {
	struct holder holder; /* of what is made ahead */
	enum world_id id;
	bool walked;   /* found was told of all that there is */
	int work;      /* owned: what the home's overlay works in, or -1 */
	char why[256]; /* on failure: which step, and errno's text */
};

#define WORLD_NONE                                                             \
	{                                                                      \
		.holder = HOLDER_NONE, .work = -1                              \
	}

/* Makes ahead what needs nothing of the ceiling.  What fails is tried again,
 * and told, by world_enter. */
void world_begin(struct world *w);
/*
 * Moves the calling, single-threaded process into a new world; there it has
 * all capabilities of the new user namespace and none outside.  0, or an
 * error with w->why, after which the caller must exit.
 */
int world_enter(struct world *w, const struct world_conf *conf);

/* In a world, before anything runs: what stands at path, with no link in it,
 * can be neither written, moved nor removed. */
int world_pin(const char *path);

/* No world is wanted after all. */
void world_drop(struct world *w);

/* After the last command, and when nobody waits any more: to clear what an
 * overlay worked in takes a disk longer than the command may have. */
void world_leave(struct world *w);

#endif /* SANDBOX_WORLD_H */
