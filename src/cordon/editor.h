/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_EDITOR_H
#define CORDON_EDITOR_H

#include <stddef.h>

#include "base/buf.h"
#include "conf/paths.h"

/*
 * The text in the person's editor ($VISUAL, $EDITOR, else vi), on our
 * terminal.  The editor runs in a cell as everything does: it reads the host
 * and writes the one file.  0 with the text replaced, or an error with a line
 * in why.  For a fork of main.
 */
int editor_run(const struct paths *paths, const char *tier, struct buf *text,
    char *why, size_t size);

#endif /* CORDON_EDITOR_H */
