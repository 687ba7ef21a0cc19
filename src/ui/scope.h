/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_SCOPE_H
#define UI_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "proto/msg.h"

/*
 * How far a yes for the session goes: exactly what was asked, or a few steps
 * wider.  Of a plain command that is more words behind its own, then behind
 * fewer of them; of a host all names below its domain; of files whatever
 * happens to them, then to all in their folder.  Of a folder that could not be
 * written it is always that folder, whatever the command; then those above it.
 */
#define SCOPE_NAMES 64
#define SCOPE_MAX   800 /* bytes of names that can be widened */

struct scope {
	enum ask_what what;
	char *exact;                    /* owned: what was asked, in words */
	char *root;                     /* owned: the folder it runs in */
	size_t top;                     /* bytes of the highest folder */
	struct bytes from[SCOPE_NAMES]; /* owned: words, the host, or files */
	size_t nfrom;
	size_t wide, widest; /* steps; 0 is exactly what was asked */
	struct bytes one;    /* owned: the domain or the folder */
	struct msg_list to;  /* borrowed: what an answer names; none at 0 */
	char *text;          /* owned: the whole of it, in words */
};

/* title is taken over: what is asked about, in short. */
void scope_init(struct scope *s, const struct msg_ask *m, char *title);
void scope_fini(struct scope *s);
/* False if there is no such step. */
bool scope_step(struct scope *s, bool wider);
/* What it is as a rule of a policy that would not ask; false if that has to be
 * written by hand. */
bool scope_rule(const struct scope *s, struct buf *toml);

#endif /* UI_SCOPE_H */
