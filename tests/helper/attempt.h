/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_ATTEMPT_H
#define TESTS_ATTEMPT_H

#include <stdbool.h>

/* Shared by the files of the helper attempt. */

const char *where(const char *name); /* a variable of the environment */
char *beneath(const char *dir, const char *name); /* one of four buffers */
long put(int fd); /* writes a byte; -1 if fd is or it fails */

/* Attempts on files outside: each operation by each way to the folder. */
void files_list(void);
bool files_attempt(const char *name, long *result); /* false: not one */

#endif /* TESTS_ATTEMPT_H */
