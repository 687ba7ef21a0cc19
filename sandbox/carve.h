/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_CARVE_H
#define SANDBOX_CARVE_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/spec.h"

/*
 * A grant by Landlock alone (tier lsm).  Landlock knows no exceptions, so a
 * folder that holds something forbidden is not granted itself, but each of
 * its other entries is; what is made in it later is not, until the next call.
 * The folders that a cell of tier full has its own of are not granted at all,
 * but for a private folder that TMPDIR names.  Protected names cannot be kept
 * from being written this way: keep.h restores them.
 */
struct carve {
	const struct spec *grant;   /* borrowed */
	const struct spec *ceiling; /* borrowed: of the session */
	const char *tmp;            /* borrowed: the private folder */
	const char *cache;          /* borrowed: one that is kept, or NULL */
	bool shm;                   /* /dev/shm holds nothing of others */
	int tty;                    /* the command's own terminal, or -1 */
	char **also; /* owned, each too: hidden, links followed */
	size_t nalso;
};

/* The first members are the caller's to set. */
void carve_init(struct carve *c);

/* SPEC_READ, WRITE and EXEC, as far as an absolute path has them. */
unsigned carve_access(const struct carve *c, const char *path);

/* Confines the calling process for good; needs no_new_privs. */
int carve_enforce(const struct carve *c);

#endif /* SANDBOX_CARVE_H */
