/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Test helper: stands in the PATH under many names, and writes down how it
 * was called and what it could read: the arguments, each with a NUL behind,
 * a byte FE, the input, and a byte FF, in one write to $RECORD.  Exits with
 * $RECORD_STATUS.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX 16384

int
main(int argc, char **argv)
{
	static char rec[RECORD_MAX];
	const char *path = getenv("RECORD"), *status = getenv("RECORD_STATUS");
	size_t n, len = 0;
	ssize_t r;
	int fd, i;

	if (path == NULL || status == NULL)
		return 125;
	for (i = 0; i < argc; i++) {
		n = strlen(argv[i]) + 1;
		if (n > sizeof(rec) - len - 3)
			return 125;
		memcpy(rec + len, argv[i], n);
		len += n;
	}
	rec[len++] = '\xFE';
	while (len < sizeof(rec) - 2 &&
	       (r = read(STDIN_FILENO, rec + len, sizeof(rec) - 2 - len)) > 0)
		len += (size_t)r;
	rec[len++] = '\xFF';
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, rec, len) != (ssize_t)len)
		return 125;
	return status[0] == '0' ? 0 : 1;
}
