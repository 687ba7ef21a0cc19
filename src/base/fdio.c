/* SPDX-License-Identifier: Apache-2.0 */

/* Library: reading, writing and passing descriptors. */

#include "config.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"

#define FD_CHUNK 65536      /* bytes of one read */
#define FD_PIECE (1u << 20) /* bytes of a map that are written at once */
#define FD_WALK  32         /* descriptors that a walk has open */
#define FD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

void
fd_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static int
fd_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);

	if (flags == -1)
		return ERR_IO;
	flags = on ? flags | flag : flags & ~flag;
	return fcntl(fd, set, flags) == -1 ? ERR_IO : 0;
}

int
fd_nonblock(int fd, bool on)
{
	return fd_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int
fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return ERR_IO;
	}
	return 0;
}

int
fd_read_all(int fd, struct buf *b)
{
	size_t want;
	uint8_t *to;
	ssize_t n;

	for (;;) {
		want = b->cap - b->len < FD_CHUNK ? b->cap - b->len : FD_CHUNK;
		if (want == 0) { /* full: is there more? */
			char c;

			n = read(fd, &c, 1);
			return n == 0 ? 0 : n == -1 ? ERR_IO : ERR_SPACE;
		}
		to = buf_reserve(b, want);
		if (to == NULL)
			return buf_err(b);
		n = read(fd, to, want);
		if (n == 0)
			return 0;
		if (n > 0)
			buf_commit(b, (size_t)n);
		else if (errno != EINTR)
			return ERR_IO;
	}
}

int
fd_read_file(int dirfd, const char *path, struct buf *b)
{
	struct stat st;
	int fd, r;

	/* O_NONBLOCK: a FIFO in the file's place must not make us wait. */
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? ERR_NOENT : ERR_IO;
	if (fstat(fd, &st) == -1)
		r = ERR_IO;
	else if (!S_ISREG(st.st_mode))
		r = ERR_TYPE;
	else
		r = fd_read_all(fd, b);
	(void)close(fd);
	return r;
}

int
fd_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		fds) == -1)
		return ERR_IO;
	return 0;
}

int
fd_memfd_new(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd == -1 ? ERR_IO : fd;
}

int
fd_memfd_seal(int fd)
{
	return lseek(fd, 0, SEEK_SET) == -1 ||
		       fcntl(fd, F_ADD_SEALS, FD_SEALS) == -1
		   ? ERR_IO
		   : 0;
}

int
fd_memfd(const char *name, const void *p, size_t len)
{
	int fd = fd_memfd_new(name), r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, p, len);
	if (r == 0)
		r = fd_memfd_seal(fd);
	if (r != 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

/* Without the seals the sender could change it while we read, or take pages
 * away that we have mapped. */
static bool
fd_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals != -1 && (seals & FD_SEALS) == FD_SEALS;
}

int
fd_map_memfd(int fd, size_t max, struct bytes *map)
{
	off_t size;
	void *p;

	*map = bytes_of("");
	if (!fd_sealed(fd))
		return ERR_FD;
	size = lseek(fd, 0, SEEK_END); /* fstat(3) is no right of all roles */
	if (size <= 0)
		return size == 0 ? 0 : ERR_IO;
	if ((uint64_t)size > max)
		return ERR_LENGTH;
	p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return ERR_IO;
	*map = (struct bytes){p, (size_t)size};
	return 0;
}

void
fd_unmap(struct bytes *map)
{
	if (map->len > 0)
		(void)munmap((void *)(uintptr_t)map->p, map->len);
	*map = bytes_of("");
}

void
fd_map_leave(const struct bytes *map, const void *p, size_t n)
{
	const uintptr_t page = 4096, at = (uintptr_t)p;
	uintptr_t from = at / page * page, to = (at + n) / page * page;

	if (map->len > 0 && at >= (uintptr_t)map->p &&
	    at + n <= (uintptr_t)map->p + map->len && from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

int
fd_write_map(int fd, const struct bytes *map)
{
	size_t at, n;
	int r = 0;

	for (at = 0; at < map->len && r == 0; at += n) {
		n = map->len - at < FD_PIECE ? map->len - at : FD_PIECE;
		r = fd_write_all(fd, map->p + at, n);
		fd_map_leave(map, map->p + at, n);
	}
	return r;
}

int
fd_read_memfd(int fd, struct buf *b)
{
	uint8_t *to;
	size_t want;
	off_t off = 0;
	ssize_t n;

	if (!fd_sealed(fd))
		return ERR_FD;
	for (;; off += n) { /* pread: the offset is shared with the sender */
		want = b->cap - b->len < FD_CHUNK ? b->cap - b->len : FD_CHUNK;
		to = buf_reserve(b, want == 0 ? 1 : want);
		if (to == NULL)
			return buf_err(b);
		n = pread(fd, to, want, off);
		if (n == -1 && errno != EINTR)
			return ERR_IO;
		if (n == 0)
			return 0;
		if (n > 0)
			buf_commit(b, (size_t)n);
		else
			n = 0;
	}
}

/* Room for one descriptor beside the bytes, unix(7). */
union fd_room {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

int
fd_send(int sock, int fd, const void *p, size_t len)
{
	union fd_room control = {0};
	struct iovec iov = {(void *)(uintptr_t)p, len};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	return sendmsg(sock, &m, MSG_NOSIGNAL) == (ssize_t)len ? 0 : ERR_IO;
}

ssize_t
fd_receive(int sock, int *fd, void *p, size_t len)
{
	union fd_room control = {0};
	struct iovec iov = {p, len};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (n >= 0 && CMSG_FIRSTHDR(&m) != NULL)
		memcpy(fd, CMSG_DATA(&control.head), sizeof(int));
	return n;
}

int
fd_replace_file(
    int dirfd, const char *path, const void *p, size_t len, mode_t mode)
{
	char tmp[PATH_MAX];
	int fd, r, saved;

	if (str_fmt(tmp, sizeof(tmp), "%s.%ld.new", path, (long)getpid()) != 0)
		return ERR_SPACE;
	fd = openat(dirfd, tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd == -1)
		return ERR_IO;
	r = fd_write_all(fd, p, len);
	if (r == 0 && fsync(fd) == -1)
		r = ERR_IO;
	saved = errno;
	if (close(fd) == -1 && r == 0)
		r = ERR_IO;
	else
		errno = saved;
	if (r == 0 && renameat(dirfd, tmp, dirfd, path) == -1)
		r = ERR_IO;
	saved = errno;
	if (r != 0)
		(void)unlinkat(dirfd, tmp, 0);
	errno = saved; /* what went wrong first */
	return r;
}

void
fd_hold(int fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	/* Where this cannot be done the reader looks a little less often. */
	(void)flock(fd, LOCK_SH);
	(void)futimens(fd, NULL);
	if (slash != NULL && str_fmt(folder, sizeof(folder), "%.*s",
				 (int)(slash - path), path) == 0)
		(void)utimensat(AT_FDCWD, folder, NULL, 0);
}

static int
fd_remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	(void)remove(path);
	return 0;
}

void
fd_remove_tree(const char *path)
{
	(void)nftw(path, fd_remove_one, FD_WALK, FTW_DEPTH | FTW_PHYS);
}
