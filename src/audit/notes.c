/* SPDX-License-Identifier: Apache-2.0 */

/* Part of audit: the transcript. */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonchk.h"
#include "audit/notes.h"
#include "audit/record.h"

static int
notes_fail(struct notes *n)
{
	n->why = errno;
	n->err = ERR_IO;
	return n->err;
}

int
notes_init(struct notes *n, int fd, int in)
{
	char last = '\n';
	off_t size;

	*n = (struct notes){.fd = fd};
	if (fd == -1 || in == -1)
		return 0;
	size = lseek(in, 0, SEEK_END); /* fstat is not among our calls */
	if (size == -1 || (size > 0 && pread(in, &last, 1, size - 1) != 1))
		return notes_fail(n);
	if (last != '\n' && fd_write_all(fd, "\n", 1) != 0)
		return notes_fail(n);
	return 0;
}

int
notes_add(
    struct notes *n, struct bytes line, const struct bytes *map, bool sync)
{
	if (!(map->len > 0 ? jsonchk_map(map)
			   : jsonchk_object(line.p, line.len)))
		return ERR_FORMAT;
	if (n->fd == -1 || n->err != 0)
		return n->err;
	/* A line without its end, should we die here, is ended by the next
	 * run, like any that a crash tore. */
	if ((map->len > 0 ? fd_write_map(n->fd, map)
			  : fd_write_all(n->fd, line.p, line.len)) != 0 ||
	    fd_write_all(n->fd, "\n", 1) != 0 ||
	    (sync && fdatasync(n->fd) == -1))
		return notes_fail(n);
	return 0;
}
