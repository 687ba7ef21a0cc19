/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_WRITER_H
#define AUDIT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "audit/head.h"
#include "audit/record.h"

/*
 * Appends records to one log: each with one write(2), and writer_sync makes
 * durable what was written since the last, so that records which come together
 * share one fdatasync(2).  The first failure is final: nothing is tried twice,
 * since a failed fdatasync(2) may have dropped what it was to keep, and every
 * later call returns the same error.
 */

#define WRITER_HEAD_RECORDS 64   /* records at most between two heads */
#define WRITER_HEAD_MS      5000 /* and time */

/* How far the log has come. */
struct writer_mark {
	uint64_t seq;                  /* of the next record */
	uint8_t hash[RECORD_HASH_LEN]; /* of the newest */
};

struct writer {
	int fd;      /* borrowed: the log, O_APPEND */
	int reserve; /* owned: closing it frees room for the last words; -1 */
	char log[RECORD_ID_SIZE];
	char boot[RECORD_ID_SIZE];
	struct writer_mark at;   /* written */
	struct writer_mark done; /* on the disk */
	uint64_t size;           /* of the log */
	struct head_keys keys;
	unsigned unsealed; /* records since the last head */
	struct buf out;    /* one line, printed */
	int err;           /* first error, sticky */
	int why;           /* its errno */
};

/* reserve may be -1.  The log is empty until writer_resume says otherwise. */
int writer_init(
    struct writer *w, int fd, int reserve, const char *log, const char *boot);
void writer_fini(struct writer *w);

/*
 * Goes on with a log that exists, read through in (borrowed).  What stands
 * behind the last complete line stays where it is and is named by a recovered
 * record, as is a run that did not close.  ERR_FORMAT if the last line is no
 * record of this log or its hash is wrong: a damaged log is not continued.
 */
int writer_resume(struct writer *w, int in);

/* The first record of a run, durable: data, with our public key put into it. */
int writer_open(struct writer *w, struct bytes data);
/* One record, and a head with it where one is due.  r gets what was written;
 * r->data is borrowed from the caller. */
int writer_add(struct writer *w, enum audit_type type, struct bytes data,
    struct record *r);
/* Signs what is not signed yet; nothing to do is no error. */
int writer_seal(struct writer *w, enum head_why why);
/* Whether a head is due that no record brought with it. */
bool writer_due(const struct writer *w);
/* All that was written is on the disk. */
int writer_sync(struct writer *w);
/* The last record of a run and its head, durable. */
int writer_close(struct writer *w, const char *why);

#endif /* AUDIT_WRITER_H */
