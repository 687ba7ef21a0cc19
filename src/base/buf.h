/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A byte buffer that grows to a cap and not beyond.  The first failure is
 * sticky: a caller may add many pieces and ask buf_err once.
 */
struct buf {
	uint8_t *mem; /* owned */
	size_t off;   /* first byte not yet consumed */
	size_t len;   /* bytes after off */
	size_t size;  /* of mem */
	size_t cap;   /* len never exceeds it */
	int err;      /* first error, sticky */

	struct buf *from; /* borrowed: see buf_from */
	size_t left;      /* what is before it was given up by that */
	bool bulk;        /* see buf_init_bulk */
	int fd;           /* owned: of a bulk; -1 while it is short */
	size_t spilt;     /* bytes in there */
};

void buf_init(struct buf *b, size_t cap);
/*
 * One that is only added to, and only by buf_add and its like: what is more
 * than BUF_BULK bytes goes to a memfd, and is not in our memory.  buf_bulk
 * hands that over, sealed and with all of the content; or it is -1, and the
 * content is here.
 */
#define BUF_BULK 60000
void buf_init_bulk(struct buf *b, size_t cap);
int buf_bulk(struct buf *b, int *fd); /* 0 or the sticky error */
/* What is added to b out of from, in its order, is not needed there any more:
 * of long content the memory is given back, and reads as nothing.  NULL: all
 * stays, as it does at first. */
void buf_from(struct buf *b, struct buf *from);
void buf_fini(struct buf *b);
void buf_wipe(struct buf *b);  /* buf_fini for secrets */
void buf_clear(struct buf *b); /* empty, no error, memory kept */

/* All return 0 or the sticky error (ERR_SPACE). */
int buf_add(struct buf *b, const void *p, size_t len);
int buf_addc(struct buf *b, char c);
int buf_adds(struct buf *b, const char *s);
int buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_add_u8(struct buf *b, uint8_t n);
int buf_add_u16(struct buf *b, uint16_t n); /* big endian */
int buf_add_u32(struct buf *b, uint32_t n);
int buf_add_u64(struct buf *b, uint64_t n);

/*
 * Room for len more bytes behind the content, or NULL; what was written there
 * counts only after buf_commit.
 */
uint8_t *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);

void buf_drain(struct buf *b, size_t len); /* consume from the front */
const uint8_t *buf_data(const struct buf *b);
char *buf_cstr(struct buf *b); /* borrowed, NUL behind; NULL on error */
int buf_err(const struct buf *b);

#endif /* BASE_BUF_H */
