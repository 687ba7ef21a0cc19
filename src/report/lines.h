/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_LINES_H
#define REPORT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Bytes of one line of a transcript: NOTES_LINE_MAX and more; one of a log has
 * RECORD_LINE_MAX. */
#define LINES_MAX (81u << 20)

/* Lines of a file, as they come; more may be appended while we read. */
struct lines {
	int fd; /* borrowed */
	struct buf b;
	size_t seen; /* bytes of b that hold no newline */
	size_t done; /* bytes of b that the last line took */
};

void lines_init(struct lines *l, int fd, size_t max);
void lines_fini(struct lines *l);
/*
 * 1 and a line without its newline, valid until the next call; 0 at the end
 * of what there is (with *len bytes behind the last newline); ERR_IO,
 * ERR_SPACE.
 */
int lines_next(struct lines *l, const uint8_t **line, size_t *len);

#endif /* REPORT_LINES_H */
