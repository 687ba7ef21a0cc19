/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_PERSON_H
#define CORDON_PERSON_H

/* The programs that a person has chosen in the environment.  Each may be
 * several words, as a shell reads them. */

const char *person_editor(void); /* $VISUAL, $EDITOR, or vi */
const char *person_pager(void);  /* $PAGER, or less */

/* Runs one of them on a file, outside any cell, and waits.  Its exit status,
 * 127 if it cannot be run. */
int person_run(const char *program, const char *file);

#endif /* CORDON_PERSON_H */
