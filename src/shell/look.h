/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_LOOK_H
#define SHELL_LOOK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if a terminal would show the text as something else than it is:
 * control, invisible, reordering or unassigned characters, bytes that are no
 * UTF-8, blanks that are none of ASCII's, and so many blanks in a row that
 * what follows is out of sight.  *why and *off say what and where.
 */
bool look_deceptive(const char *s, size_t len, const char **why, size_t *off);

/* True if a word that is not quoted has a character that is easily taken for
 * one of ASCII that the shell or a program would obey, and is none. */
bool look_mistaken(const char *s, size_t len);

/* The most blanks in a row outside such deception; *off is where it ends. */
size_t look_blanks(const char *s, size_t len, size_t *off);

#endif /* SHELL_LOOK_H */
