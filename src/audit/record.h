/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "proto/msg.h"

/*
 * One line of an audit log.  cordon-audit(5) is the description for others;
 * this header and that page say the same.
 *
 *	{"v":1,"seq":N,"log":"ID","time":"T","mono":N,"boot":"ID",
 *	"type":"WORD","data":{...},"prev":"HASH","hash":"HASH"}
 *
 * on one line, in this order, without blanks.  hash is the SHA-256 of the
 * bytes from the first brace to the character before ,"hash"; prev is the
 * hash of the record before, 64 zeros in the first.
 */

#define RECORD_HASH_LEN  32
#define RECORD_DATA_MAX  (16u << 20)              /* bytes of data */
#define RECORD_LINE_MAX  (RECORD_DATA_MAX + 1024) /* of a line */
#define RECORD_ID_SIZE   37                       /* a UUID and NUL */
#define RECORD_TIME_SIZE 28 /* 2026-11-28T12:00:00.000000Z and NUL */

struct record {
	uint64_t seq;
	char log[RECORD_ID_SIZE]; /* the session's id */
	char time[RECORD_TIME_SIZE];
	uint64_t mono; /* ns of CLOCK_MONOTONIC, since boot */
	char boot[RECORD_ID_SIZE];
	enum audit_type type;
	struct bytes data; /* borrowed: one JSON object */
	uint8_t prev[RECORD_HASH_LEN];
	uint8_t hash[RECORD_HASH_LEN];
};

/* The word of a type; NULL for what is none. */
const char *record_word(enum audit_type type);
/* The type of a word, or AUDIT_TYPES. */
enum audit_type record_type(const char *word);

/* Appends the line with its newline and sets r->hash.  The data must have
 * passed jsonchk_object.  0 or ERR_SPACE. */
int record_print(struct buf *out, struct record *r);

/*
 * Takes a line (without its newline) apart; what it says is the writer's word
 * until record_hash agrees.  ERR_FORMAT if it is not exactly of the form.
 */
int record_parse(struct record *r, const uint8_t *line, size_t len);

/* The hash that a line of this length should bear. */
int record_hash(uint8_t hash[RECORD_HASH_LEN], const uint8_t *line, size_t len);

#endif /* AUDIT_RECORD_H */
