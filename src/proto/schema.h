/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "proto/msg.h"

#define SCHEMA_HASH_LEN 32 /* SHA-256 */

enum msg_kind {
	KIND_U8,
	KIND_U32,
	KIND_U64,
	KIND_BOOL,
	KIND_ENUM,
	KIND_STR,
	KIND_BYTES,
	KIND_LIST,
	KIND_FD
};

enum msg_flags {
	MSG_F_ONCE = 1,  /* at most once per channel */
	MSG_F_FDS = 2,   /* may carry descriptors */
	MSG_F_SECRET = 4 /* what carried it is wiped */
};

struct msg_field {
	const char *name;
	enum msg_kind kind;
	uint64_t max;  /* as schema.def says */
	size_t offset; /* in the message's struct */
};

struct msg_def {
	enum msg_type type;
	const char *name;
	uint32_t from, to; /* ROLE_BIT sets */
	unsigned flags;    /* MSG_F_* */
	uint32_t cap;      /* bytes behind the length */
	const struct msg_field *fields;
	size_t nfields;
};

extern const struct msg_def schema[];
extern const size_t schema_len;

const struct msg_def *schema_find(unsigned type); /* NULL if unknown */
/* SHA-256 over the text of the table and of what it is made of, by the build:
 * two builds that differ do not talk. */
void schema_hash(uint8_t hash[SCHEMA_HASH_LEN]);

#endif /* PROTO_SCHEMA_H */
