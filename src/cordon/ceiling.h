/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CEILING_H
#define CORDON_CEILING_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox/spec.h"
#include "sandbox/tier.h"

struct msg_spawn;
struct paths;
struct session;
struct stat;

/*
 * The rights that every cell starts from: the host to read and execute but
 * its secrets, /tmp and a private home to write, names that tools obey
 * protected.  What is secret below home is so below the account's own folder
 * too, where that is another.  s is new.
 */
int ceiling_base(struct spec *s, const char *home);
/* Hides Cordon's own folders, and all that is hidden so far wherever links
 * lead: a home may be made of links into a folder of dotfiles. */
int ceiling_hide(struct spec *s, const struct paths *p);
/* The same of what was hidden since. */
int ceiling_links(struct spec *s);

/*
 * Resolves a path once, as bytes: what it is now, and its name without links
 * (PATH_MAX bytes).  ERR_NOENT with a line in why.
 */
int ceiling_resolve(
    const char *path, char *real, struct stat *st, char *why, size_t size);

/*
 * Adds a folder that commands may write.  path is resolved (its canonical
 * form goes to real, PATH_MAX bytes).  ERR_PERM or ERR_NOENT with a line in
 * why: it is "/", holds or lies in Cordon's own folders or below a protected
 * name, or, unless spelled is true, is the home itself.
 */
int ceiling_write(struct spec *s, const char *path, const char *home,
    bool spelled, char *real, char *why, size_t size);

/*
 * Tells the cell and the gate of a session its ceiling, and the cell its tier
 * and where the home's changes are kept: STATE/homes/HASH, one for each
 * workspace; made if it is missing.
 */
int ceiling_tell(struct session *s, enum tier tier, const struct spec *spec,
    const char *home, const char *state, const char *workspace, char *why,
    size_t size);

/* Has the cell of a session that was started run m with that grant, which is
 * encoded here; id names the call.  ERR_*. */
int ceiling_spawn(struct session *s, uint32_t id, const struct spec *grant,
    struct msg_spawn *m);

#endif /* CORDON_CEILING_H */
