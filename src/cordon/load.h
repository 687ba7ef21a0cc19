/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_LOAD_H
#define CORDON_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/msg.h"

/*
 * One run of cordon-load: main opens the files and hands their descriptors
 * on; what they say comes back as frames.  A load is used once.
 */
struct load;

/* What came; the message is borrowed until the function returns. */
struct load_ops {
	void (*conf)(void *arg, const struct msg_conf *m);
	void (*rule)(void *arg, const struct msg_rule *m); /* or NULL */
};

struct load *load_new(void);
void load_free(struct load *l); /* accepts NULL; ends a run */

/*
 * A file: kind is "config" or what else cordon-load knows; fd is owned from
 * here on; name is for messages.  ERR_SPACE if there are too many.
 */
int load_file(
    struct load *l, const char *kind, uint8_t layer, int fd, const char *name);
/* A setting without a file, such as "load.set"; see load/load.h. */
void load_say(struct load *l, const char *key, const char *value);

bool load_idle(const struct load *l); /* nothing was added */

/*
 * Runs it.  0, or a sysexits code with what is to be said, one line, in
 * error: the mistake in a file, or why cordon-load could not do its work.
 */
int load_run(struct load *l, const struct load_ops *ops, void *arg, char *error,
    size_t size);

#endif /* CORDON_LOAD_H */
