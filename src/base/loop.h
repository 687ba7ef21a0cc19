/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_FD_MAX    256 /* descriptors watched at once */
#define LOOP_TIMER_MAX 64

/*
 * A poll(2) loop for one process: descriptors, monotonic timers, signals (by
 * signalfd(2)) and child exits (by pidfd_open(2)).  Handlers may add and
 * remove anything, themselves included, at any time.
 */
struct loop;

/* events is what poll(2) reported: POLLIN, POLLOUT, POLLHUP, POLLERR. */
typedef void loop_fd_fn(void *arg, int fd, short events);
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);
/* status is waitpid(2)'s; the child has been reaped. */
typedef void loop_child_fn(void *arg, pid_t pid, int status);

struct loop *loop_new(void);
void loop_free(struct loop *l); /* accepts NULL; closes no fd of yours */

/* ERR_SPACE when full, ERR_DUP when fd is watched already.  fd borrowed. */
int loop_fd(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg);
void loop_fd_events(struct loop *l, int fd, short events);
void loop_fd_del(struct loop *l, int fd); /* no effect if not watched */

/* One shot after ms.  Returns an id above 0, or ERR_SPACE. */
int loop_timer(struct loop *l, uint64_t ms, loop_timer_fn *fn, void *arg);
void loop_timer_del(struct loop *l, int id); /* no effect if gone */

/* Blocks the signal for the process and delivers it here instead. */
int loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg);
/* Within a handler: what the sender sent with it (sigqueue(3)). */
int loop_signal_value(const struct loop *l);

/* Takes a pidfd (owned by the loop from here on) or makes one of the pid. */
int
loop_child(struct loop *l, pid_t pid, int pidfd, loop_child_fn *fn, void *arg);

int loop_run(struct loop *l); /* until loop_stop; 0 or ERR_IO */
int loop_once(struct loop *l, int timeout_ms); /* -1: no limit */
void loop_stop(struct loop *l);

#endif /* BASE_LOOP_H */
