/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_SSE_H
#define MODEL_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "json/skim.h"

#define SSE_EVENT_MAX (64u << 20) /* bytes of one event's data */
#define SSE_NAME_MAX  64          /* bytes of an event's name */

/*
 * Splits a stream of server-sent events (WHATWG HTML, 9.2): CR, LF or CRLF,
 * comments, data over several lines, a byte order mark, any pieces.  fn gets
 * each whole event, whose data it may spoil; a negative result of it is final,
 * as is ERR_SPACE.
 */
typedef int sse_event_fn(void *arg, const char *name, struct buf *data);
/* Whether the data of an event of that name is worth keeping, and which arrays
 * in it are not (see json_skim; NULL: all are). */
typedef bool sse_wants_fn(void *arg, const char *name, const char **unread);

struct sse {
	struct buf line; /* of the line under way */
	struct buf data; /* of the event under way */
	char name[SSE_NAME_MAX];
	sse_event_fn *fn;
	sse_wants_fn *wants;   /* NULL: all are */
	void *arg;             /* borrowed */
	int err;               /* sticky */
	struct json_skim skim; /* without a name: all is kept */
	size_t lines, dropped; /* bytes of an event that nobody wants */
	size_t said; /* grows with what is no comment and no blank line */
	unsigned char has_data, skip_lf, unwanted;
};

void sse_init(struct sse *s, sse_event_fn *fn, void *arg);
void sse_fini(struct sse *s);
int sse_feed(struct sse *s, const void *p, size_t len);

#endif /* MODEL_SSE_H */
