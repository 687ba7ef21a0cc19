/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SETTINGS_H
#define CORDON_SETTINGS_H

#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/session_args.h"

/* Where the person's files are: EX_OK, or EX_CONFIG after a line. */
int settings_paths(struct paths *paths);

/*
 * The settings of a run: built in, from files, the environment and the
 * command line.  NULL after the diagnoses were printed, if one is an error.
 * The caller frees the result.
 */
struct conf *
settings_read(const struct session_args *args, const struct paths *paths);

/*
 * The same for a single file as if it were the person's own: only the
 * mistakes in it are of interest.  fd is owned from here on; name is for
 * messages.  0 or a sysexits code.
 */
int settings_check(int fd, const char *name, bool strict);

#endif /* CORDON_SETTINGS_H */
