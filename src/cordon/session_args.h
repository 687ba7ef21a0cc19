/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SESSION_ARGS_H
#define CORDON_SESSION_ARGS_H

#include <stdbool.h>

#include "cordon/opt.h"

/* What every command that starts a session can be told (session_opts). */
struct session_args {
	struct opt_list config; /* key=value, as given */
	struct opt_list add_dir;
	struct opt_list image;
	const char *profile; /* the rest: NULL if not given */
	const char *model;
	const char *sandbox;
	const char *tier;
	const char *require_tier;
	const char *approval;
	const char *cd;
	const char *policy;
	const char *local_provider;
	const char *approve_with; /* exec alone offers it */
	bool oss;
	bool search;
	bool alt_screen;
	bool full_auto;
	bool bypass;
	bool strict_config;
};

extern const struct opt session_opts[];

/* Which session to go on with, for the two commands named resume. */
struct resume_args {
	bool last;
};

extern const struct opt resume_opts[];

/*
 * Its id into id (SESSION_ID_SIZE): the first operand, or the newest session
 * of the folder cd with --last, and with newest also where no operand is
 * given.  *prompt is the operand behind it, or NULL.  A sysexits code, after a
 * line.
 */
int resume_session(const struct cmd_line *line, bool newest, const char *cd,
    char *id, const char **prompt);

#endif /* CORDON_SESSION_ARGS_H */
