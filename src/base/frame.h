/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HDR    sizeof(uint32_t)
#define FRAME_FD_MAX 8 /* descriptors that may wait for their frame */

/*
 * Bounded reader for length-prefixed frames from one peer, on a stream
 * socket over which descriptors may come (unix(7), SCM_RIGHTS).
 */
struct frame_reader {
	uint8_t *mem; /* borrowed: one header and the largest payload */
	size_t size;  /* of mem */
	size_t off;   /* first byte not yet handed out */
	size_t len;   /* first byte not yet read */
	int fds[FRAME_FD_MAX]; /* owned: received, not yet taken */
	size_t nfds;
	size_t maxfds; /* 0: a descriptor from this peer is an error */
	int fd;        /* borrowed */
	int err;       /* first error, sticky */
};

void frame_init(
    struct frame_reader *fr, int fd, uint8_t *mem, size_t size, size_t maxfds);
void frame_fini(struct frame_reader *fr); /* closes what was not taken */

/* One recvmsg(2), after frame_next said 0.  Returns 0 or the sticky error;
 * ERR_EOF between frames, ERR_TRUNC inside one. */
int frame_fill(struct frame_reader *fr);
/* Returns 1 and a payload, valid until frame_fill; 0 if short; or an error. */
int frame_next(struct frame_reader *fr, const uint8_t **payload, size_t *len);
/* Wipes what was handed out, and what lies behind the rest. */
void frame_wipe(struct frame_reader *fr);
/* The oldest descriptor, now the caller's, or -1. */
int frame_take_fd(struct frame_reader *fr);

#endif /* BASE_FRAME_H */
