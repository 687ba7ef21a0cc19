/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_ONESHOT_H
#define CORDON_ONESHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/paths.h"
#include "sandbox/spec.h"

/*
 * One program of ours in a cell of main's own, for commands that need no
 * session.  Input and output are memory, so a terminal is never handed in.
 */
struct oneshot {
	const char *const *argv;    /* borrowed, ended by NULL */
	const char *cwd;            /* borrowed: absolute, resolved */
	const struct paths *paths;  /* borrowed */
	const struct spec *ceiling; /* borrowed */
	const struct spec *grant;   /* borrowed */
	const char *tier;           /* borrowed: sandbox_tier; or NULL */
	int in;                     /* borrowed: a memfd to read from, or -1 */
	/* borrowed, ended by NULL; NULL: a few fixed variables */
	const char *const *env;
	bool settle; /* as SPAWN has it */
	bool quiet;  /* no input but in, and what goes to error is dropped */
};

/*
 * Returns the exit status as a shell gives it (124: out of time, and as if by
 * SIGXFSZ if it printed more than it may), with what was printed added to out;
 * or, after a line that says why, minus a sysexits code.
 */
int oneshot_run(const struct oneshot *o, struct buf *out);

#endif /* CORDON_ONESHOT_H */
