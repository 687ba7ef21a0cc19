/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/schema.h"

/*
 * Frames, as PROTOCOL gives them: u32 length | u16 type | u16 flags |
 * u32 call id | fields.  All integers are big endian.
 */

/* Hands out the next descriptor of a message, or -1. */
typedef int codec_take_fd(void *arg);

struct codec_header {
	const struct msg_def *def;
	uint32_t id;
};

/*
 * Appends a whole frame.  fds gets the descriptors (borrowed from m) that
 * must travel with it, nfds their number.  A value that breaks the schema is
 * our own bug: ERR_*, and nothing is appended.
 */
int codec_encode(struct buf *out, const struct msg_def *def, uint32_t id,
    const void *m, int fds[MSG_FD_MAX], size_t *nfds);

/* payload is what follows the length.  ERR_LENGTH, ERR_TYPE, ERR_FORMAT. */
int codec_header(const uint8_t *payload, size_t len, struct codec_header *h);

/*
 * Decodes the fields into m (the struct of def).  Everything is checked:
 * limits, UTF-8, nothing left over, flags and descriptors.  On error the
 * descriptors taken so far are closed and m must not be used.  Lists live in
 * a scratch that the next codec_decode of this process overwrites.
 */
int codec_decode(const struct msg_def *def, const uint8_t *payload, size_t len,
    codec_take_fd *take, void *arg, void *m);

/* Closes the descriptors of a decoded message that nobody wants. */
void codec_close_fds(const struct msg_def *def, void *m);

#endif /* PROTO_CODEC_H */
