/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_ATTEMPT_H
#define TESTS_ATTEMPT_H

#include <stdbool.h>

/* Shared by the files of the helper attempt. */

/* How success shows, see attempt.c. */
enum shows { SHOWS_STATE, SHOWS_LATER, SHOWS_LEAK, SHOWS_EXIT, SHOWS_LIMIT };

struct attempt {
	const char *name;
	enum shows shows;
	long (*run)(void);            /* -1: it failed */
	long (*with)(const char *of); /* or this: what follows the colon */
};

/* The families but that of files; each ends with a row without a name. */
extern const struct attempt attempts_secret[], attempts_process[],
    attempts_network[], attempts_ipc[], attempts_privilege[], attempts_kernel[],
    attempts_device[], attempts_terminal[], attempts_resource[],
    attempts_persistence[];

const char *where(const char *name); /* a variable of the environment */
long number(const char *name);       /* one that is a number */
char *beneath(const char *dir, const char *name); /* one of four buffers */
long put(int fd);            /* writes a byte; -1 if fd is or it fails */
long show(const char *path); /* a file on standard output */
/* What went past the question whether the caller may, and failed by that. */
long judged(long result, int err);

/* Attempts on files outside: each operation by ways to the folder. */
void files_list(void);
bool files_attempt(const char *name, long *result); /* false: not one */

#endif /* TESTS_ATTEMPT_H */
