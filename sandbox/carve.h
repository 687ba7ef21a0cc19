/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_CARVE_H
#define SANDBOX_CARVE_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/spec.h"

struct broker_bound;

/* What of the host a cell without namespaces (tier lsm) has. */
struct carve_lsm {
	const char *tmp;            /* borrowed: its private folder */
	const char *cache;          /* borrowed: one that is kept, or NULL */
	bool shm;                   /* /dev/shm holds nothing of others */
	struct broker_bound *bound; /* borrowed: see broker.h */
};

/*
 * A grant as Landlock rules.  In tier full the walls of the cell hide and
 * protect, and the rows are all.  In tier lsm they have to: Landlock knows no
 * exceptions, so a folder that holds something forbidden is not granted
 * itself, but each of its other entries is; what is made in it later is not,
 * until the next call.  The folders that a cell of tier full has its own of
 * are not granted at all, but for a private folder that TMPDIR names.
 * Protected names cannot be kept from being written this way: keep.h restores
 * them.
 */
struct carve {
	const struct spec *grant;    /* borrowed */
	const struct spec *ceiling;  /* borrowed: of the session */
	const struct carve_lsm *lsm; /* borrowed: NULL in tier full */
	int tty;                     /* the command's own terminal, or -1 */
	bool scratch; /* it may write /tmp, and what is as private */
};

/* Those up to tty are the caller's to set. */
void carve_init(struct carve *c);

/* SPEC_READ, WRITE and EXEC, as far as an absolute path has them. */
unsigned carve_access(const struct carve *c, const char *path);

/* The same as the kernel will have it: with devices, and in tier full too. */
unsigned carve_holds(const struct carve *c, const char *path);

/* Confines the calling process for good; needs no_new_privs. */
int carve_enforce(const struct carve *c);

#endif /* SANDBOX_CARVE_H */
