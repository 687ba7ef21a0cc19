/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: the transcript behind the pager.
 *
 * A line is u32 bytes that follow, u16 indentation, and runs of one style that
 * lead to one place: u16 style, u16 link, u16 bytes, text.  It is our own
 * memory, read back as it was written; it passes vis again on its way out like
 * everything else.
 */

#include "config.h"

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/store.h"

#define HELD_MAX       65536      /* bytes written at once */
#define RUN_MAX        60000      /* bytes of one run */
#define RUN_HEAD       6          /* bytes before its text */
#define STORE_LINE_MAX (4u << 20) /* bytes of one line; the rest is cut */

static void
part_init(struct store_part *p)
{
	memset(p, 0, sizeof(*p));
	p->fd = -1;
}

static void
part_fini(struct store_part *p)
{
	fd_close(&p->fd);
	free(p->index);
	part_init(p);
}

void
store_init(struct store *s)
{
	part_init(&s->old);
	part_init(&s->now);
	buf_init(&s->held, HELD_MAX + STORE_LINE_MAX);
}

void
store_fini(struct store *s)
{
	part_fini(&s->old);
	part_fini(&s->now);
	buf_fini(&s->held);
}

static void
store_flush(struct store *s)
{
	if (s->held.len > 0)
		(void)fd_write_all(s->now.fd, buf_data(&s->held), s->held.len);
	buf_clear(&s->held);
}

static void
put_u16(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static size_t
get_u16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static void
encode(struct buf *b, const struct text *t)
{
	size_t i = 0, from, bytes;
	uint8_t head[RUN_HEAD], *dst;

	while (i < t->n) {
		from = i;
		for (bytes = 0;
		     i < t->n && t->c[i].style == t->c[from].style &&
		     t->c[i].link == t->c[from].link && bytes < RUN_MAX;
		     i++)
			bytes += t->c[i].len;
		put_u16(head, t->c[from].style);
		put_u16(head + 2, t->c[from].link);
		put_u16(head + 4, bytes);
		(void)buf_add(b, head, sizeof(head));
		dst = buf_reserve(b, (i - from) * CELL_BYTES);
		if (dst == NULL)
			return;
		buf_commit(b, text_bytes(dst, t->c + from, i - from));
	}
}

/* A fresh part, the full one becoming the old one. */
static int
store_turn(struct store *s)
{
	int fd = memfd_create("transcript", MFD_CLOEXEC);

	if (fd == -1)
		return ERR_IO;
	store_flush(s);
	part_fini(&s->old);
	s->old = s->now;
	part_init(&s->now);
	s->now.fd = fd;
	return 0;
}

void
store_add(struct store *s, const struct text *first, const struct text *t,
    size_t rest)
{
	static struct buf b;
	struct store_part *p = &s->now;
	uint8_t *head;

	if (b.cap == 0)
		buf_init(&b, STORE_LINE_MAX);
	buf_clear(&b);
	(void)buf_add(&b, "\0\0\0\0\0\0", 6);
	if (first != NULL)
		encode(&b, first);
	encode(&b, t);
	if (buf_err(&b) != 0) /* a line of megabytes is not for a pager */
		return;
	head = (uint8_t *)buf_cstr(&b);
	put_u16(head, (b.len - 4) >> 16);
	put_u16(head + 2, b.len - 4);
	put_u16(head + 4, rest);
	if ((p->fd == -1 || p->size + b.len > STORE_PART_MAX) &&
	    store_turn(s) != 0)
		return;
	if (p->lines % STORE_STEP == 0) {
		p->index =
		    xreallocarray(p->index, p->nindex + 1, sizeof(*p->index));
		p->index[p->nindex++] = p->size;
	}
	(void)buf_add(&s->held, buf_data(&b), b.len);
	if (s->held.len >= HELD_MAX)
		store_flush(s);
	p->size += b.len;
	p->lines++;
}

size_t
store_lines(const struct store *s)
{
	return s->old.lines + s->now.lines;
}

static int
read_at(int fd, uint64_t off, void *p, size_t len)
{
	return pread(fd, p, len, (off_t)off) == (ssize_t)len ? 0 : ERR_IO;
}

/* The offset of line n, from the nearest one that is known. */
static int
seek_line(const struct store_part *p, size_t n, uint64_t *off, size_t *len)
{
	uint8_t head[4];
	size_t i = n / STORE_STEP * STORE_STEP;

	*off = p->index[n / STORE_STEP];
	for (;; i++) {
		if (read_at(p->fd, *off, head, sizeof(head)) != 0)
			return ERR_IO;
		*len = get_u16(head) << 16 | get_u16(head + 2);
		*off += sizeof(head);
		if (i == n)
			return 0;
		*off += *len;
	}
}

static int
decode(const uint8_t *p, size_t len, struct text *t, size_t *rest)
{
	size_t n, from;

	if (len < 2)
		return ERR_FORMAT;
	*rest = get_u16(p);
	for (p += 2, len -= 2; len >= RUN_HEAD; p += n, len -= n) {
		n = RUN_HEAD + get_u16(p + 4);
		if (n > len)
			return ERR_FORMAT;
		from = t->n;
		text_add(
		    t, (unsigned)get_u16(p), p + RUN_HEAD, n - RUN_HEAD, 0);
		text_link(t, from, (unsigned)get_u16(p + 2));
	}
	return 0;
}

int
store_get(struct store *s, size_t n, struct text *t, size_t *rest)
{
	const struct store_part *p = &s->old;
	uint64_t off;
	size_t len;
	uint8_t *mem;
	int r;

	text_clear(t);
	store_flush(s);
	if (n >= p->lines) {
		n -= p->lines;
		p = &s->now;
	}
	if (n >= p->lines)
		return ERR_NOENT;
	r = seek_line(p, n, &off, &len);
	if (r != 0)
		return r;
	mem = xmalloc(len + 1);
	r = read_at(p->fd, off, mem, len);
	if (r == 0)
		r = decode(mem, len, t, rest);
	free(mem);
	return r;
}
