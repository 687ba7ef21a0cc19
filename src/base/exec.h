/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_EXEC_H
#define BASE_EXEC_H

/* In a child before it becomes another program: no signal is blocked, held
 * or ignored, whatever this process or its parent did: execve(2). */
void exec_signals_default(void);

/*
 * Becomes argv[0], looked for in env's PATH unless it has a slash: as
 * execvpe(3), but empty entries are skipped and what has no "#!" goes to no
 * shell.  Returns only if that failed, with errno set: ENOENT or ENOTDIR if
 * there is no such program.
 */
void exec_path(char *const argv[], char *const env[]);

#endif /* BASE_EXEC_H */
