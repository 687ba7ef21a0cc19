/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Linked into a cordon-audit for the tests, with write(2) and fdatasync(2)
 * wrapped: FAIL=write:28:3 makes the third write fail with errno 28, and a
 * fourth part, write:28:3:100, lets 100 bytes of it through before, which
 * strace(1) cannot.  fdatasync is the log's, notes that of the transcript.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/role.h"

ssize_t __real_write(int fd, const void *p, size_t len);
int __real_fdatasync(int fd);
ssize_t __wrap_write(int fd, const void *p, size_t len);
int __wrap_fdatasync(int fd);

/* Counts the calls of what; the errno to fail with, or 0. */
static int
fails(const char *what, size_t *part)
{
	static unsigned long count;
	const char *fail = getenv("FAIL");
	size_t n = strlen(what);
	unsigned long error, nth;
	char *end;

	*part = 0;
	if (fail == NULL || strncmp(fail, what, n) != 0 || fail[n] != ':')
		return 0;
	error = strtoul(fail + n + 1, &end, 10);
	nth = strtoul(end + 1, &end, 10);
	if (*end == ':')
		*part = strtoul(end + 1, NULL, 10);
	return ++count == nth ? (int)error : 0;
}

ssize_t
__wrap_write(int fd, const void *p, size_t len)
{
	size_t part;
	int error = fails("write", &part);

	if (error == 0)
		return __real_write(fd, p, len);
	if (part > 0)
		return __real_write(fd, p, part < len ? part : len);
	errno = error;
	return -1;
}

int
__wrap_fdatasync(int fd)
{
	size_t part;
	int error = fails(fd == FD_EXTRA ? "fdatasync" : "notes", &part);

	if (error == 0)
		return __real_fdatasync(fd);
	errno = error;
	return -1;
}
