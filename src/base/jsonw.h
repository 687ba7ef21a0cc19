/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define JSONW_DEPTH 32

/*
 * Writes one JSON text (RFC 8259), compact, into a buf.  Commas and colons
 * come by themselves.  Misuse (a value without a name in an object, closing
 * what is not open) is our own bug and asserts.  Bytes that are not UTF-8
 * become U+FFFD; jsonw_bytes keeps them as {"b64": "..."} where a record
 * must be exact.
 */
struct jsonw {
	struct buf *out; /* borrowed */
	unsigned depth;
	char open[JSONW_DEPTH];  /* '{' or '[' */
	bool first[JSONW_DEPTH]; /* no comma yet */
	bool named;              /* a name waits for its value */
};

void jsonw_init(struct jsonw *w, struct buf *out);
void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w); /* closes the innermost */
void jsonw_name(struct jsonw *w, const char *name);
void jsonw_namen(struct jsonw *w, const void *name, size_t len);
void jsonw_str(struct jsonw *w, const char *s);
void jsonw_strn(struct jsonw *w, const void *p, size_t len);
void jsonw_bytes(struct jsonw *w, const void *p, size_t len);
void jsonw_u64(struct jsonw *w, uint64_t n);
void jsonw_i64(struct jsonw *w, int64_t n);
void jsonw_bool(struct jsonw *w, bool b);
void jsonw_null(struct jsonw *w);
void jsonw_raw(struct jsonw *w, const void *p, size_t len); /* JSON already */

/* name and value in one. */
void jsonw_kstr(struct jsonw *w, const char *name, const char *s);
void jsonw_kstrn(struct jsonw *w, const char *name, struct bytes b);
void jsonw_ku64(struct jsonw *w, const char *name, uint64_t n);
void jsonw_ki64(struct jsonw *w, const char *name, int64_t n);
void jsonw_kbool(struct jsonw *w, const char *name, bool b);

/* Base64 (RFC 4648) of the bytes. */
int jsonw_b64(struct buf *out, const uint8_t *p, size_t len);
/* The inside of a JSON string, quotes not included. */
int jsonw_escape(struct buf *out, const void *p, size_t len);

#endif /* BASE_JSONW_H */
