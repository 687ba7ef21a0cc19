/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_BROKER_INT_H
#define SANDBOX_BROKER_INT_H

/* Shared by the files of the broker: broker.c, broker_file.c,
 * broker_socket.c, broker_told.c. */

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/broker.h"

/* One call that waits. */
struct broker_ask {
	struct broker *b;               /* borrowed */
	const struct seccomp_notif *no; /* borrowed */
	char what[512]; /* for the report, where it is refused */
};

/* What a handler answers: a negative errno, 0, or one of these. */
#define BROKER_GO_ON 1 /* the kernel may: arguments cannot change */
#define BROKER_LATER 2 /* it is answered, or will be */

int
broker_memory(const struct broker_ask *a, uint64_t at, void *dst, size_t len);
/* A string of the caller's, at most size - 1 bytes. */
int
broker_string(const struct broker_ask *a, uint64_t at, char *dst, size_t size);
/* Opens /proc/CALLER/NAME. */
int broker_open_proc(const struct broker_ask *a, const char *name, int flags);
/* What a path argument of the caller's means, O_PATH; or a negative errno.  An
 * empty one is dirfd itself. */
int broker_resolve(
    const struct broker_ask *a, int dirfd, const char *path, bool follow);
/* Where an open object is; "" if nowhere. */
void broker_where(int fd, char *dst, size_t size);

/* Adds a line: the name of the call, what it was for, and the errno. */
void
broker_note(const struct broker_ask *a, struct broker_lines *lines, int err);

/* Notes what will be refused by others of a call that goes on. */
void broker_guess(struct broker_ask *a);
/* Sets what to the path that the call is about, if it is looked at. */
void broker_path(struct broker_ask *a);
/* ENETUNREACH where a connect leaves the loopback and there is nothing else. */
int broker_no_route(struct broker_ask *a);

int broker_file(struct broker_ask *a);
int broker_connect(struct broker_ask *a);
int broker_bind(struct broker_ask *a);
int broker_listen(struct broker_ask *a);

/* The caller's own open file number, not a copy: what is done to it is done.
 * Or a negative errno. */
int broker_take(const struct broker_ask *a, int number);

void broker_send(const struct broker_ask *a, int answer);

#endif /* SANDBOX_BROKER_INT_H */
