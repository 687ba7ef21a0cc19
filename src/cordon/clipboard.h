/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CLIPBOARD_H
#define CORDON_CLIPBOARD_H

#include <stddef.h>

#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/opt.h"
#include "sandbox/spec.h"

/*
 * The image in the clipboard of the person's desktop: a program of the
 * person's own prints it, the only one that ever gets to the desktop's socket.
 * It runs as the command that prints a token does (see errand.h), but with a
 * few variables alone.
 */
#define CLIPBOARD_TOOL "clipboard"
#define CLIPBOARD_CWD  "/"
#define CLIPBOARD_ENV  16
#define CLIPBOARD_ARGS 63 /* oneshot.c passes as many on */

struct clipboard {
	const char *args[CLIPBOARD_ARGS + 1]; /* each borrowed */
	struct opt_list argv;                 /* those */
	const char *env[CLIPBOARD_ENV];       /* each owned; NULL at the end */
	size_t nenv;
	struct spec spec; /* its ceiling and grant */
};

/* What is configured, or what the desktop has.  cb is new, and to be finished
 * in any case; if there is nothing to run, why says so. */
int clipboard_find(struct clipboard *cb, const struct conf *c,
    const char *workspace, char *why, size_t size);
void clipboard_fini(struct clipboard *cb);
/*
 * For a fork of main: writes the image to a descriptor and sets its type, or
 * sets NULL and says why.  Returns what oneshot_run does.
 */
int clipboard_run(const struct clipboard *cb, const struct paths *paths,
    const char *tier, int to, const char **type, char *why, size_t size);

#endif /* CORDON_CLIPBOARD_H */
