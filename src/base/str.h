/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes inside somebody else's memory; it may hold NULs. */
struct bytes {
	const uint8_t *p; /* borrowed */
	size_t len;
};

struct bytes bytes_of(const char *s); /* without the NUL */
bool bytes_eq(struct bytes a, struct bytes b);
bool bytes_is(struct bytes a, const char *s);
/* Copies with a NUL behind; ERR_SPACE if it does not fit, ERR_FORMAT if the
 * bytes hold a NUL themselves. */
int bytes_copy(char *dst, size_t size, struct bytes b);
/*
 * Takes from the front what buf_add_u8 and its like wrote: a number of size
 * bytes, at most 8; or a length of four bytes and so many.  ERR_TRUNC if there
 * is less.
 */
int bytes_take_number(struct bytes *b, size_t size, uint64_t *n);
int bytes_take(struct bytes *b, struct bytes *part);
/* Takes the next line off rest, without its newline, which the last one need
 * not have; false when nothing is left. */
bool bytes_line(struct bytes *rest, struct bytes *line);
char *bytes_dup(struct bytes b); /* with a NUL behind */

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* The candidate nearest to word by edit distance, or NULL if none is near
 * enough to be worth suggesting.  names ends with NULL. */
const char *str_nearest(const char *word, const char *const *names);

/* snprintf that answers ERR_SPACE instead of cutting. */
int str_fmt(char *dst, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define STR_HEX_SIZE(len) (2 * (len) + 1)
void str_hex(char *dst, const uint8_t *p, size_t len); /* STR_HEX_SIZE(len) */
int str_unhex(uint8_t *dst, size_t len, const char *hex); /* exactly len */

/* A number of bytes such as 512, 64K, 2G; a time such as 250ms, 60s, 5m. */
int str_size(const char *s, uint64_t *bytes);
int str_duration(const char *s, uint64_t *ms);

#endif /* BASE_STR_H */
