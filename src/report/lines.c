/* SPDX-License-Identifier: Apache-2.0 */

/* Library: a file by lines. */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "report/lines.h"

#define CHUNK (256u << 10) /* bytes of one read */

void
lines_init(struct lines *l, int fd, size_t max)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	buf_init(&l->b, max + CHUNK);
}

void
lines_fini(struct lines *l)
{
	buf_fini(&l->b);
}

int
lines_next(struct lines *l, const uint8_t **line, size_t *len)
{
	const uint8_t *nl;
	uint8_t *to;
	ssize_t n;

	buf_drain(&l->b, l->done);
	l->done = 0;
	for (;;) {
		nl =
		    memchr(buf_data(&l->b) + l->seen, '\n', l->b.len - l->seen);
		if (nl != NULL) {
			*line = buf_data(&l->b);
			*len = (size_t)(nl - *line);
			l->done = *len + 1;
			l->seen = 0;
			return 1;
		}
		l->seen = l->b.len;
		to = buf_reserve(&l->b, CHUNK);
		if (to == NULL)
			return buf_err(&l->b);
		n = read(l->fd, to, CHUNK);
		if (n == -1 && errno != EINTR)
			return ERR_IO;
		if (n == 0) {
			*len = l->b.len;
			return 0;
		}
		if (n > 0)
			buf_commit(&l->b, (size_t)n);
	}
}
