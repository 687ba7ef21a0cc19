/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_GROUP_H
#define SANDBOX_GROUP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/spec.h"

/*
 * Control groups, version 2 (cgroups(7)), where our own is delegated: each
 * call has one, which the kernel counts, holds to its limits and kills as a
 * whole.  Elsewhere the init of the call does all that itself (init.c).
 *
 *	ours/cordon.main	main, and all roles
 *	ours/cordon.PID/cell	one cell, and the inits of its calls
 *	ours/cordon.PID/SLOT	one call: its command and what descends
 */

#define GROUP_SLOTS 64 /* calls of a cell at a time */

/* Whether ours can be divided so: it may be written, has the controllers, and
 * nobody is in it but the caller and main.  Returns it, or ERR_*. */
int group_own(pid_t main);
/* Of main, before it starts anybody: moves into the first, best effort. */
void group_settle(void);
/* Of a cell that may become one of another group id: makes ours/cordon.PID and
 * moves into it; returns it, or ERR_*. */
int group_cell(gid_t also);
/* The same, later: moves on into the leaf of it.  A control group namespace
 * has to be made in between, for nobody moves out of what its root was. */
int group_begin(int cell);
/* Makes a call's.  To be ended when all that was in it is dead. */
int group_call(int cell, unsigned slot, const struct spec_limits *l);
void group_call_end(int cell, unsigned slot);
int group_enter(int group); /* the caller does */
void group_kill(int group);

/* What of it the kernel has refused or killed for a limit. */
enum group_hit { GROUP_NOTHING, GROUP_MEMORY, GROUP_PROCS };
enum group_hit group_hit(int group);

/* For their test: the path in a text as /proc/self/cgroup has it, or
 * ERR_NOENT; whether a list of controllers names those that we need. */
int group_path(const char *text, char *dst, size_t size);
bool group_has_all(const char *controllers);

#endif /* SANDBOX_GROUP_H */
