/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: structs to frames and back, driven by the schema alone.
 *
 * Every length is compared with what is left of the frame and with the
 * field's own limit before it is used, so a frame can neither make us
 * allocate nor reach beyond itself.  One frame has one spelling: a bool is 0
 * or 1, the descriptor flag says exactly whether there are any, and nothing
 * may follow the last field.
 */

#include "config.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/utf8.h"
#include "proto/codec.h"

#define FLAG_FDS 1u /* frame flag: descriptors travel with it */

static struct bytes codec_items[MSG_ITEMS_MAX];

static const void *
codec_member(const void *m, const struct msg_field *f)
{
	return (const char *)m + f->offset;
}

/* Encoding. */

static uint64_t
codec_number(const void *v, enum msg_kind kind)
{
	uint32_t n32;
	uint64_t n64;

	if (kind == KIND_U64) {
		memcpy(&n64, v, sizeof(n64));
		return n64;
	}
	if (kind == KIND_U32) {
		memcpy(&n32, v, sizeof(n32));
		return n32;
	}
	if (kind == KIND_BOOL)
		return *(const bool *)v;
	return *(const uint8_t *)v;
}

static int
codec_put_bytes(struct buf *out, struct bytes b)
{
	(void)buf_add_u32(out, (uint32_t)b.len);
	return buf_add(out, b.p, b.len);
}

static int
codec_put_list(struct buf *out, const struct msg_list *list, uint64_t max)
{
	uint32_t i;

	if (list->n > max)
		return ERR_RANGE;
	(void)buf_add_u32(out, list->n);
	for (i = 0; i < list->n; i++) {
		if (list->v[i].len > MSG_FRAME_MAX)
			return ERR_RANGE;
		(void)codec_put_bytes(out, list->v[i]);
	}
	return buf_err(out);
}

static int
codec_put_number(struct buf *out, const struct msg_field *f, const void *v)
{
	uint64_t n = codec_number(v, f->kind);

	if (f->kind != KIND_BOOL && n > f->max)
		return ERR_RANGE;
	if (f->kind == KIND_U64)
		return buf_add_u64(out, n);
	if (f->kind == KIND_U32)
		return buf_add_u32(out, (uint32_t)n);
	return buf_add_u8(out, (uint8_t)n);
}

static int
codec_put(struct buf *out, const struct msg_field *f, const void *v, int *fds,
    size_t *nfds)
{
	const struct bytes *b = v;
	const int *fd = v;

	switch (f->kind) {
	case KIND_STR:
	case KIND_BYTES:
		if (b->len > f->max)
			return ERR_RANGE;
		if (f->kind == KIND_STR && !utf8_valid_str(b->p, b->len))
			return ERR_UTF8;
		return codec_put_bytes(out, *b);
	case KIND_LIST:
		return codec_put_list(out, v, f->max);
	case KIND_FD:
		if (*fd == -1)
			return buf_add_u8(out, 0);
		/* 0 is what a struct holds that was zeroed and not filled;
		 * our own standard descriptors never travel. */
		if (*fd <= STDERR_FILENO || *nfds == MSG_FD_MAX)
			return ERR_FD;
		fds[(*nfds)++] = *fd;
		return buf_add_u8(out, 1);
	case KIND_U8:
	case KIND_U32:
	case KIND_U64:
	case KIND_BOOL:
	case KIND_ENUM:
		return codec_put_number(out, f, v);
	}
	return ERR_TYPE;
}

int
codec_encode(struct buf *out, const struct msg_def *def, uint32_t id,
    const void *m, int fds[MSG_FD_MAX], size_t *nfds)
{
	struct buf b;
	size_t i;
	int r = 0;

	*nfds = 0;
	buf_init(&b, def->cap);
	/* Nothing of a secret stays behind in memory that was too short. */
	if ((def->flags & MSG_F_SECRET) != 0)
		(void)buf_reserve(&b, def->cap);
	(void)buf_add_u16(&b, (uint16_t)def->type);
	(void)buf_add_u16(&b, 0);
	(void)buf_add_u32(&b, id);
	for (i = 0; r == 0 && i < def->nfields; i++)
		r = codec_put(&b, &def->fields[i],
		    codec_member(m, &def->fields[i]), fds, nfds);
	if (r == 0 && *nfds > 0)
		b.mem[b.off + 3] = FLAG_FDS;
	if (r == 0 && out->cap - out->len < b.len + sizeof(uint32_t))
		r = ERR_SPACE;
	if (r == 0) {
		(void)buf_add_u32(out, (uint32_t)b.len);
		r = buf_add(out, buf_data(&b), b.len);
	}
	if ((def->flags & MSG_F_SECRET) != 0)
		buf_wipe(&b);
	else
		buf_fini(&b);
	return r;
}

/* Decoding. */

static int
codec_get_list(
    struct bytes *c, struct msg_list *list, uint64_t max, size_t *items)
{
	uint64_t n;
	uint32_t i;
	int r = bytes_take_number(c, sizeof(uint32_t), &n);

	if (r != 0)
		return r;
	if (n > max || n > MSG_ITEMS_MAX - *items)
		return ERR_RANGE;
	list->n = (uint32_t)n;
	list->v = codec_items + *items;
	for (i = 0; i < list->n; i++) {
		r = bytes_take(c, &list->v[i]);
		if (r != 0)
			return r;
	}
	*items += list->n;
	return 0;
}

static int
codec_get_scalar(struct bytes *c, const struct msg_field *f, void *v)
{
	static const size_t sizes[] = {[KIND_U8] = 1,
	    [KIND_U32] = 4,
	    [KIND_U64] = 8,
	    [KIND_BOOL] = 1,
	    [KIND_ENUM] = 1};
	uint64_t n;
	uint32_t n32;
	int r = bytes_take_number(c, sizes[f->kind], &n);

	if (r != 0)
		return r;
	if (n > (f->kind == KIND_BOOL ? 1 : f->max))
		return ERR_RANGE;
	if (f->kind == KIND_U64)
		memcpy(v, &n, sizeof(n));
	else if (f->kind == KIND_U32) {
		n32 = (uint32_t)n;
		memcpy(v, &n32, sizeof(n32));
	} else if (f->kind == KIND_BOOL)
		*(bool *)v = n == 1;
	else
		*(uint8_t *)v = (uint8_t)n;
	return 0;
}

static int
codec_get_fd(
    struct bytes *c, codec_take_fd *take, void *arg, int *fd, size_t *nfds)
{
	uint64_t n;
	int r = bytes_take_number(c, 1, &n);

	if (r != 0)
		return r;
	if (n > 1)
		return ERR_RANGE;
	if (n == 0)
		return 0;
	*fd = take == NULL ? -1 : take(arg);
	if (*fd == -1)
		return ERR_FD;
	(*nfds)++;
	return 0;
}

static int
codec_get_str(struct bytes *c, const struct msg_field *f, struct bytes *b)
{
	int r = bytes_take(c, b);

	if (r != 0)
		return r;
	if (b->len > f->max)
		return ERR_RANGE;
	if (f->kind == KIND_STR && !utf8_valid_str(b->p, b->len))
		return ERR_UTF8;
	return 0;
}

int
codec_header(const uint8_t *payload, size_t len, struct codec_header *h)
{
	struct bytes c = {payload, len};
	uint64_t head, id;

	if (bytes_take_number(&c, 4, &head) != 0 ||
	    bytes_take_number(&c, 4, &id) != 0)
		return ERR_LENGTH;
	h->def = schema_find((unsigned)(head >> 16));
	h->id = (uint32_t)id;
	if (h->def == NULL)
		return ERR_TYPE;
	if (len > h->def->cap)
		return ERR_LENGTH;
	if ((head & 0xFFFF & ~FLAG_FDS) != 0)
		return ERR_FORMAT;
	return 0;
}

/* Marks all descriptors absent, so that an error can close what is there. */
static void
codec_clear(const struct msg_def *def, void *m)
{
	size_t i;
	int none = -1;

	for (i = 0; i < def->nfields; i++)
		if (def->fields[i].kind == KIND_FD)
			memcpy((char *)m + def->fields[i].offset, &none,
			    sizeof(none));
}

void
codec_close_fds(const struct msg_def *def, void *m)
{
	size_t i;
	int fd;

	for (i = 0; i < def->nfields; i++) {
		if (def->fields[i].kind != KIND_FD)
			continue;
		memcpy(&fd, (char *)m + def->fields[i].offset, sizeof(fd));
		if (fd != -1)
			(void)close(fd);
	}
	codec_clear(def, m);
}

static int
codec_decode_field(struct bytes *c, const struct msg_field *f,
    codec_take_fd *take, void *arg, void *v, size_t *items, size_t *nfds)
{
	switch (f->kind) {
	case KIND_STR:
	case KIND_BYTES:
		return codec_get_str(c, f, v);
	case KIND_LIST:
		return codec_get_list(c, v, f->max, items);
	case KIND_FD:
		return codec_get_fd(c, take, arg, v, nfds);
	case KIND_U8:
	case KIND_U32:
	case KIND_U64:
	case KIND_BOOL:
	case KIND_ENUM:
		return codec_get_scalar(c, f, v);
	}
	return ERR_TYPE;
}

int
codec_decode(const struct msg_def *def, const uint8_t *payload, size_t len,
    codec_take_fd *take, void *arg, void *m)
{
	struct bytes c;
	size_t i, items = 0, nfds = 0;
	bool flagged;
	int r = 0;

	assert(len >= MSG_HDR);
	flagged = (payload[3] & FLAG_FDS) != 0;
	c = (struct bytes){payload + MSG_HDR, len - MSG_HDR};
	codec_clear(def, m);
	for (i = 0; r == 0 && i < def->nfields; i++)
		r = codec_decode_field(&c, &def->fields[i], take, arg,
		    (char *)m + def->fields[i].offset, &items, &nfds);
	if (r == 0 && c.len != 0)
		r = ERR_LENGTH;
	if (r == 0 && flagged != (nfds > 0))
		r = ERR_FD;
	if (r != 0)
		codec_close_fds(def, m);
	return r;
}
