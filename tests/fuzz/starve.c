/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Test library: what happens when the n-th allocation fails, for every n.
 * The allocator of the program is the C library's behind a count, which
 * shared libraries see as well (malloc(3), "replacing malloc").
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "fuzz.h"

#define STARVE_ENOUGH 111 /* a child's exit code: no allocation failed */

#if defined(CORDON_SANITIZED) ||                                               \
    defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)

_Noreturn void
fuzz_abort(void)
{
	abort();
}

bool
starve(void (*run)(void *arg), void *arg, unsigned most)
{
	(void)run;
	(void)arg;
	(void)most;
	return true;
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static unsigned left; /* allocations until one fails; 0: none will */
static bool failed;

static bool
fails(void)
{
	if (left == 0 || --left > 0)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size);
}

_Noreturn void
fuzz_abort(void)
{
	if (failed)
		_exit(0);
	abort();
}

static _Noreturn void
starve_child(void (*run)(void *arg), void *arg, unsigned n)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null != -1)
		(void)dup2(null, STDERR_FILENO);
	left = n;
	run(arg);
	_exit(failed ? 0 : STARVE_ENOUGH);
}

bool
starve(void (*run)(void *arg), void *arg, unsigned most)
{
	unsigned n;
	pid_t pid;
	int status;

	for (n = 1; n <= most; n++) {
		pid = fork();
		if (pid == 0)
			starve_child(run, arg, n);
		if (pid == -1 || waitpid(pid, &status, 0) != pid)
			return false;
		if (WIFEXITED(status) && WEXITSTATUS(status) == STARVE_ENOUGH)
			return true;
		if (WIFEXITED(status) &&
		    (WEXITSTATUS(status) == 0 ||
			WEXITSTATUS(status) == EX_SOFTWARE))
			continue;
		(void)fprintf(stderr,
		    "starve: with allocation %u failing: wait status %#x\n", n,
		    (unsigned)status);
		return false;
	}
	return true;
}

#endif
