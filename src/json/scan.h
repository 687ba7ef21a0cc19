/* SPDX-License-Identifier: Apache-2.0 */

#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * What is done with a text before jansson sees it.  jansson recurses as deep
 * as the text nests and takes as many values as it has, so both are counted;
 * and it looks at each byte of a string several times and copies it twice, so
 * a long one is kept from it: a mark stands in its place.
 */

/* A mark begins with the NUL that no text may hold, escaped or not. */
#define SCAN_MARK_LEN  (1 + 2 * sizeof(struct bytes))
#define SCAN_MARK_SIZE (SCAN_MARK_LEN + 8) /* bytes of it in a text */

/* 0, ERR_DEPTH, ERR_SPACE (too many values), or ERR_FORMAT for what jansson
 * would not refuse: a NUL. */
int scan_limits(const uint8_t *p, size_t len);

/*
 * The same, and what is left for jansson in out: strings of most bytes and
 * more that are no names are decoded where they stand, a NUL behind each, and
 * have a mark in out.  ERR_FORMAT for one that is malformed, too.
 */
int scan_lift(struct buf *out, uint8_t *p, size_t len, size_t most);

/* Decodes what stands between quotation marks, where it stands, a NUL behind
 * it; false if it is malformed. */
bool scan_decode(uint8_t *p, uint8_t *end, size_t *len);

/* The mark of a string; its size is SCAN_MARK_LEN + 1. */
void scan_mark(char *mark, const struct bytes *string);
/* The string of a mark; false if it is none. */
bool scan_marked(const char *text, size_t len, struct bytes *string);

#endif /* JSON_SCAN_H */
