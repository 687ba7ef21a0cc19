/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_CHAN_H
#define PROTO_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "proto/msg.h"

/*
 * One end of the stream socket between two roles.  Receiving is always the
 * same four steps: length against cap; type permitted on this channel now;
 * fields decoded, nothing left over; handler gets a struct.  Whatever fails
 * closes the channel for good and is told once to the closed function.
 */
struct chan;

#define CHAN_OUT_MAX (4u << 20) /* bytes that may wait to be sent */

/*
 * m is the struct of the handler's message (see msg.h).  A handler that does
 * not keep a descriptor of m closes it.  A negative result drops the peer as
 * if it had broken the protocol.
 */
typedef int chan_fn(void *arg, struct chan *ch, uint32_t id, void *m);

struct chan_handler {
	enum msg_type type;
	chan_fn *fn;
};

/* err: ERR_EOF when the peer closed between frames, else what it did.  The
 * channel is dead, but still allocated; chan_free may be called. */
typedef void chan_closed_fn(void *arg, struct chan *ch, int err);

/*
 * fd (owned from here on) is non-blocking.  handlers (borrowed, static, ended
 * by a NULL fn) must name every message that the schema lets peer send to
 * self, unless the schema says so for other roles only; a message without
 * handler is refused.
 */
struct chan *chan_new(struct loop *loop, int fd, enum role self, enum role peer,
    const struct chan_handler *handlers, chan_closed_fn *closed, void *arg);
void chan_free(struct chan *ch); /* accepts NULL; drops what waits */

enum role chan_peer(const struct chan *ch);

/* Whether a message is welcome now.  All that have a handler are, until
 * refused; ONCE messages are refused by themselves after the first. */
void chan_permit(struct chan *ch, enum msg_type type, bool welcome);

/*
 * Queues a message; m is the struct of type, and its descriptors are
 * duplicated (the caller keeps its own).  0, ERR_SPACE when the peer does not
 * read (nothing was queued), ERR_EOF when it is gone, or what is wrong with m.
 */
int chan_send(struct chan *ch, uint32_t id, enum msg_type type, const void *m);
/* From now on, until it is switched off, what is sent within one turn of the
 * loop leaves together. */
void chan_gather(struct chan *ch, bool gather);
/* Bytes still waiting: a producer pauses its source while this is large. */
size_t chan_waiting(const struct chan *ch);
/* Blocks until all is sent or ms have passed.  0, ERR_TIMEOUT or ERR_EOF. */
int chan_flush(struct chan *ch, int ms);
/* Handles what has come already; false if nothing has, or not any more: then
 * the channel may be gone.  For a handler of another channel, that must not
 * be ahead of this one. */
bool chan_take(struct chan *ch);

#endif /* PROTO_CHAN_H */
