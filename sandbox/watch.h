/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_WATCH_H
#define SANDBOX_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/repos.h"

/*
 * Where something was made in folders that commands may write, so that not
 * all of them are walked after each call.  inotify(7) tells of every name that
 * comes into a folder; what it loses, or may not watch, is walked again.
 */
struct watch {
	int fd;       /* owned: inotify(7)'s, or -1: blind */
	char **paths; /* owned, each too: by watch descriptor, or NULL */
	size_t npaths;
};

void watch_init(struct watch *w);
void watch_fini(struct watch *w);

/* repos_find beneath top, of which all folders are watched from then on. */
int watch_walk(struct watch *w, const char *top, repos_found *found, void *arg);

/*
 * Likewise, but only where something was made since.  1: it is not known
 * where, and everything must be walked.
 */
int watch_look(struct watch *w, repos_found *found, void *arg);

#endif /* SANDBOX_WATCH_H */
