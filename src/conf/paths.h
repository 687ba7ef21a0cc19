/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_PATHS_H
#define CONF_PATHS_H

#include <stddef.h>

/*
 * Where the person's and the system's files are, and whether they may be
 * believed: what others could have written is refused, not read.
 */
struct paths {
	char *config; /* owned: folder of config.toml and policy.toml */
	char *state;  /* owned: folder of sessions/ and audit/ */
	char *home;   /* owned: the person's home folder */
};

/*
 * CORDON_HOME, which is both folders; else $XDG_CONFIG_HOME/cordon and
 * $XDG_STATE_HOME/cordon with the defaults ~/.config and ~/.local/state.
 * Nothing is created.  ERR_FORMAT with the reason, one line, for a relative
 * path and where there is no home.
 */
int paths_find(struct paths *p, char *why, size_t size);
void paths_fini(struct paths *p);

/*
 * Opens a file that is believed.  The descriptor (the caller's); ERR_NOENT if
 * there is none; ERR_PERM with the reason if it is no regular file, if its
 * owner is neither the person nor root, or if it or a folder above it can be
 * written by others; ERR_IO.  Symbolic links are followed and what they lead
 * to is judged.
 */
int path_open_trusted(const char *path, char *why, size_t size);
/* As that, and ERR_PERM, with what is to be done then, if others may read it.
 */
int
path_open_secret(const char *path, const char *then, char *why, size_t size);

/* Makes the folder and those above it (0700) where they are missing, and
 * judges it as path_open_trusted does.  Its descriptor, or an error. */
int path_make_dir(const char *path, char *why, size_t size);

#endif /* CONF_PATHS_H */
