/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_VERIFY_H
#define REPORT_VERIFY_H

#include <sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/head.h"
#include "audit/record.h"

/*
 * Checks one log, line by line.  What it says afterwards is what it saw: the
 * log may still have been written anew from its first record by somebody who
 * had the machine, which only a head known elsewhere excludes.
 */

enum verify_damage {
	DAMAGE_NONE,
	DAMAGE_FORM,      /* a line is no record, and no cut names it */
	DAMAGE_HASH,      /* a record does not bear its own hash */
	DAMAGE_SEQ,       /* not the next number: one is missing or moved */
	DAMAGE_CHAIN,     /* does not follow the record before */
	DAMAGE_LOG,       /* the record of another log */
	DAMAGE_ORDER,     /* a type that may not stand here */
	DAMAGE_CUT,       /* a recovered record that does not fit the log */
	DAMAGE_HEAD,      /* a head that does not fit the log */
	DAMAGE_KEY,       /* a head by another key than was announced */
	DAMAGE_SIGNATURE, /* a head whose signature is wrong */
	DAMAGE_TORN,      /* the last line has no end */
	DAMAGE_UNSIGNED,  /* more records without a head than are written so */
	DAMAGE_ANCHOR,    /* a head known elsewhere is not in the log */
	DAMAGES
};

/* A head known elsewhere. */
struct anchor {
	char log[RECORD_ID_SIZE];      /* empty: not known which */
	uint8_t hash[RECORD_HASH_LEN]; /* of a record */
	uint64_t seq;
	bool has_seq;
	bool remote;      /* kept by another host */
	const char *from; /* borrowed: where it is known from */
	bool found;
	uint64_t found_seq;
};

struct verify {
	uint64_t next; /* sequence number of the next record: their count */
	uint64_t bytes;
	uint64_t runs, heads, approvals, cuts;
	char log[RECORD_ID_SIZE];
	uint8_t hash[RECORD_HASH_LEN]; /* of the newest record */
	uint8_t key[HEAD_KEY_LEN];     /* of the next head */
	unsigned unsealed;             /* records of this run without one */
	uint64_t signed_count;         /* records before the newest head */
	enum audit_type last;
	bool closed, lost; /* the newest record is such a head */
	/* A line that is no record, until the next names it. */
	bool cut;
	uint64_t cut_at, cut_len;
	char cut_hash[SHA256_DIGEST_STRING_LENGTH];
	struct anchor *anchors; /* borrowed: all are looked for */
	size_t nanchors;
	enum verify_damage damage;
	uint64_t bad_seq; /* the first record that is wrong or missing */
};

/* The word of a kind of damage, for programs, and what it means. */
const char *verify_word(enum verify_damage d);
const char *verify_text(enum verify_damage d);

/* Of the log with this id; NULL: of that which the first record names. */
void verify_init(
    struct verify *v, const char *id, struct anchor *anchors, size_t nanchors);
/* One line without its newline.  0, or ERR_CONFLICT from the first damage
 * on. */
int verify_line(struct verify *v, const uint8_t *line, size_t len);
/* In the place of a line that is longer than any record. */
int verify_endless(struct verify *v);
/* At the end, with the number of bytes behind the last newline. */
int verify_end(struct verify *v, size_t rest);

#endif /* REPORT_VERIFY_H */
