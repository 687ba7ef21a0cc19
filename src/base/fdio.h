/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_FDIO_H
#define BASE_FDIO_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

void fd_close(int *fd); /* closes unless -1, sets -1 */
int fd_nonblock(int fd, bool on);

/* Writes all or fails with ERR_IO; for blocking descriptors. */
int fd_write_all(int fd, const void *p, size_t len);
/* Appends until end of file; ERR_SPACE when the buf's cap is reached. */
int fd_read_all(int fd, struct buf *b);
/* Opens and reads a regular file (no FIFO, no device; links are followed). */
int fd_read_file(int dirfd, const char *path, struct buf *b);

/* Connected stream socket pair, close-on-exec and non-blocking. */
int fd_pair(int fds[2]);

/*
 * A memfd with the content, sealed against every change (memfd_create(2),
 * F_SEAL_*): how bulk travels between processes.  Returns a descriptor that
 * the caller owns, or an error.
 */
int fd_memfd(const char *name, const void *p, size_t len);
/* The same in two steps, between which it is written to. */
int fd_memfd_new(const char *name);
int fd_memfd_seal(int fd);
/* Reads a received memfd, refusing one that is not sealed. */
int fd_read_memfd(int fd, struct buf *b);
/* Or maps it, at most max bytes: ERR_FD, ERR_LENGTH, ERR_IO. */
int fd_map_memfd(int fd, size_t max, struct bytes *map);
void fd_unmap(struct bytes *map); /* empty maps are welcome */
/* Whoever has read n bytes of such a map at p says so: they are not in memory
 * any more, and are read from the memfd if anybody wants them again.  What lies
 * in no map stays. */
void fd_map_leave(const struct bytes *map, const void *p, size_t n);
/* fd_write_all of a map, which is left as it is written. */
int fd_write_map(int fd, const struct bytes *map);

/* Sends fd over a socket, with len bytes, of which a stream needs one. */
int fd_send(int sock, int fd, const void *p, size_t len);
/* Takes up to len bytes and what came with them (-1: nothing), which is the
 * caller's.  Returns the number of bytes, as recvmsg(2). */
ssize_t fd_receive(int sock, int *fd, void *p, size_t len);
/* Writes a file beside path, fsyncs and renames it over path. */
int fd_replace_file(
    int dirfd, const char *path, const void *p, size_t len, mode_t mode);
/*
 * Says that the file at this path is written from now until fd is closed, by a
 * shared flock(2), and gives it and its folder a new time: a reader that knows
 * both need not look at files one by one.
 */
void fd_hold(int fd, const char *path);
/* Removes a folder and what is in it, as far as that goes; links are removed,
 * not followed. */
void fd_remove_tree(const char *path);

#endif /* BASE_FDIO_H */
