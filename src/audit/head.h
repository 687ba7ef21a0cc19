/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_HEAD_H
#define AUDIT_HEAD_H

#include <stdint.h>

#include "audit/record.h"

/*
 * Heads: a record of type head signs the record before it, and so all of the
 * chain up to there.  Its data is, in this order,
 *
 *	{"seq":N,"count":N,"hash":"HASH","why":"WORD","key":"KEY",
 *	"next":"KEY","sig":"SIGNATURE"}
 *
 * seq and hash are those of the record before, count is seq + 1; sig is an
 * Ed25519 signature by key over the text
 *
 *	cordon-audit-head 1\n log ID\n seq N\n count N\n hash HASH\n why WORD\n
 *	time T\n mono N\n boot ID\n next KEY\n
 *
 * (no blanks before a word that begins a line) with log, time, mono and boot
 * of the head record itself.  next is the key of the next head; the first key
 * stands in the open record.  A seed makes one key pair, signs once, and is
 * replaced by its hash: who takes the process over has no seed of the past.
 */

#define HEAD_KEY_LEN  32
#define HEAD_SEED_LEN 32
#define HEAD_SIG_LEN  64

/* Why a head was made.  HEAD_CLOSE is the last of a run that ended in order. */
enum head_why {
	HEAD_APPROVAL,
	HEAD_COUNT,
	HEAD_TIME,
	HEAD_LOST,
	HEAD_CLOSE,
	HEAD_WHYS
};

/* A secret that changes with each signature. */
struct head_keys {
	uint8_t seed[HEAD_SEED_LEN]; /* of the next head */
	uint8_t key[HEAD_KEY_LEN];   /* public, of the next head */
};

struct head {
	uint64_t seq;
	uint8_t hash[RECORD_HASH_LEN];
	enum head_why why;
	uint8_t key[HEAD_KEY_LEN];
	uint8_t next[HEAD_KEY_LEN];
	uint8_t sig[HEAD_SIG_LEN];
};

/* A fresh seed from the kernel.  ERR_UNSUPP if libsodium cannot start. */
int head_keys_init(struct head_keys *k);
void head_keys_wipe(struct head_keys *k);
/* After a head is on the disk: its seed is gone, the next takes its place. */
void head_keys_advance(struct head_keys *k);

/*
 * Appends the head record r, whose clocks and ids are set, as the successor
 * of the record (seq r->seq - 1, hash r->prev).  The keys stay until
 * head_keys_advance.
 */
int head_print(struct buf *out, struct record *r, enum head_why why,
    const struct head_keys *k);

/* Takes the data of a head record apart; ERR_FORMAT. */
int head_parse(struct head *h, struct bytes data);
/* ERR_PERM unless the signature in r's data is that of h->key. */
int head_check(const struct head *h, const struct record *r);

#endif /* AUDIT_HEAD_H */
