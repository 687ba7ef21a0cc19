/* SPDX-License-Identifier: Apache-2.0 */

/* Library: byte buffer with a cap and a sticky error. */

#include "config.h"

#include <sys/mman.h>

#include <assert.h>
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"

#define BUF_FIRST 256        /* bytes of the first allocation */
#define BUF_GIVE  (1u << 20) /* bytes that are drained in one step */

void
buf_init(struct buf *b, size_t cap)
{
	assert(cap > 0 && cap < SIZE_MAX / 4);
	memset(b, 0, sizeof(*b));
	b->cap = cap;
}

void
buf_init_bulk(struct buf *b, size_t cap)
{
	buf_init(b, cap);
	b->bulk = true;
	b->fd = -1;
}

void
buf_fini(struct buf *b)
{
	free(b->mem);
	b->mem = NULL;
	b->off = b->len = b->size = b->left = 0;
	if (b->bulk)
		fd_close(&b->fd);
}

void
buf_wipe(struct buf *b)
{
	if (b->mem != NULL)
		explicit_bzero(b->mem, b->size);
	buf_fini(b);
}

void
buf_clear(struct buf *b)
{
	b->off = b->len = b->left = 0;
	b->err = 0;
}

/*
 * Makes room for want bytes and one NUL behind the content.  The memory is
 * moved only when the consumed part is larger than what is left, so a reader
 * that drains byte by byte does not make us copy the whole each time.
 */
static int
buf_grow(struct buf *b, size_t want)
{
	size_t need, size;
	uint8_t *mem;

	if (b->err != 0)
		return b->err;
	if (want > b->cap - b->len)
		return b->err = ERR_SPACE;
	need = b->len + want + 1;
	if (b->mem != NULL && b->off + need <= b->size)
		return 0;
	if (b->mem != NULL && b->off > b->len && need <= b->size) {
		memmove(b->mem, b->mem + b->off, b->len);
		b->off = 0;
		return 0;
	}
	for (size = b->size == 0 ? BUF_FIRST : b->size; size < b->off + need;)
		size *= 2;
	mem = realloc(b->mem, size);
	if (mem == NULL)
		return b->err = ERR_SPACE;
	b->mem = mem;
	b->size = size;
	return 0;
}

uint8_t *
buf_reserve(struct buf *b, size_t len)
{
	if (buf_grow(b, len) != 0)
		return NULL;
	return b->mem + b->off + b->len;
}

void
buf_commit(struct buf *b, size_t len)
{
	assert(b->off + b->len + len < b->size);
	b->len += len;
}

/* The content of a bulk, and what comes behind it, leave for the memfd. */
static int
buf_spill(struct buf *b, const void *p, size_t len)
{
	if (b->err != 0)
		return b->err;
	if (len > b->cap || b->spilt + b->len > b->cap - len)
		return b->err = ERR_SPACE;
	if (b->fd == -1)
		b->fd = fd_memfd_new("bulk");
	if (b->fd < 0 || fd_write_all(b->fd, buf_data(b), b->len) != 0 ||
	    fd_write_all(b->fd, p, len) != 0)
		return b->err = ERR_IO;
	b->spilt += b->len + len;
	b->off = b->len = 0;
	return 0;
}

int
buf_bulk(struct buf *b, int *fd)
{
	*fd = -1;
	if (b->err != 0 || !b->bulk || b->fd == -1)
		return b->err;
	if (buf_spill(b, "", 0) == 0 && fd_memfd_seal(b->fd) != 0)
		b->err = ERR_IO;
	if (b->err != 0)
		return b->err;
	*fd = b->fd;
	b->fd = -1;
	b->spilt = 0;
	return 0;
}

static int
buf_put(struct buf *b, const void *p, size_t len)
{
	uint8_t *to;

	if (b->bulk && b->len + len > BUF_BULK)
		return buf_spill(b, p, len);
	to = buf_reserve(b, len);
	if (to == NULL)
		return b->err;
	if (len > 0)
		memcpy(to, p, len);
	b->len += len;
	return 0;
}

/* The pages between two offsets that nobody will read again, in large steps:
 * they are the kernel's until something is written there. */
static void
buf_give(struct buf *b, size_t from, size_t to)
{
	const uintptr_t page = 4096;
	uintptr_t p = (uintptr_t)b->mem + from / BUF_GIVE * BUF_GIVE;
	uintptr_t end = (uintptr_t)b->mem + to / BUF_GIVE * BUF_GIVE;

	p = (p + page - 1) / page * page;
	end = end / page * page;
	if (p < end)
		(void)madvise((void *)p, end - p, MADV_DONTNEED);
}

/* Somebody has taken what is before p; nothing, if p is elsewhere. */
static void
buf_leave(struct buf *b, const uint8_t *p)
{
	size_t at = (uintptr_t)p - (uintptr_t)b->mem;

	if ((uintptr_t)p < (uintptr_t)b->mem || at > b->size ||
	    at / BUF_GIVE <= b->left / BUF_GIVE)
		return;
	buf_give(b, b->left, at);
	b->left = at;
}

void
buf_from(struct buf *b, struct buf *from)
{
	b->from = from;
}

int
buf_add(struct buf *b, const void *p, size_t len)
{
	const uint8_t *at = p;
	size_t n;

	if (b->from == NULL)
		return buf_put(b, p, len);
	for (; len > 0 && b->err == 0; at += n, len -= n) {
		n = len < BUF_GIVE ? len : BUF_GIVE;
		if (buf_put(b, at, n) == 0)
			buf_leave(b->from, at + n);
	}
	return b->err;
}

int
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	uint8_t *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	to = buf_reserve(b, (size_t)n);
	if (to == NULL)
		return b->err;
	va_start(ap, fmt);
	(void)vsnprintf((char *)to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

int
buf_add_u8(struct buf *b, uint8_t n)
{
	return buf_add(b, &n, sizeof(n));
}

int
buf_add_u16(struct buf *b, uint16_t n)
{
	n = htobe16(n);
	return buf_add(b, &n, sizeof(n));
}

int
buf_add_u32(struct buf *b, uint32_t n)
{
	n = htobe32(n);
	return buf_add(b, &n, sizeof(n));
}

int
buf_add_u64(struct buf *b, uint64_t n)
{
	n = htobe64(n);
	return buf_add(b, &n, sizeof(n));
}

void
buf_drain(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (b->off / BUF_GIVE < (b->off + len) / BUF_GIVE)
		buf_give(b, b->off, b->off + len);
	b->off += len;
	b->len -= len;
	if (b->len == 0)
		b->off = 0;
}

const uint8_t *
buf_data(const struct buf *b)
{
	static const uint8_t empty[1];

	return b->mem == NULL ? empty : b->mem + b->off;
}

char *
buf_cstr(struct buf *b)
{
	if (b->mem == NULL && buf_grow(b, 0) != 0)
		return NULL;
	if (b->err != 0)
		return NULL;
	b->mem[b->off + b->len] = '\0';
	return (char *)b->mem + b->off;
}

int
buf_err(const struct buf *b)
{
	return b->err;
}
