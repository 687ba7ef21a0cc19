/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_GRANTS_H
#define GATE_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "proto/chan.h"

#define GRANTS_MAX 64

/* What a person allowed for longer than one question. */
struct grant {
	uint32_t number;  /* 0: the slot is free */
	uint32_t call;    /* whose connections it is for; 0: the session's */
	uint64_t until;   /* monotonic ms; 0: as long as the call */
	char *text;       /* owned: what exactly, as shown */
	uint8_t hash[32]; /* what an answer to it is bound to; or, with words,
			     all but the words (pattern.c) */
	char *words; /* owned: the first words, each with its NUL; or NULL */
	size_t words_len;
};

struct grants {
	struct grant v[GRANTS_MAX];
	uint32_t last; /* number */
};

void grants_fini(struct grants *gs);
/* The number of the new grant; where there is no room it was for this once, and
 * 0. */
uint32_t grants_add(struct grants *gs, const uint8_t hash[32], uint32_t call,
    struct bytes text, uint64_t until);
/* Makes it one for what begins with these words. */
void grants_widen(struct grants *gs, uint32_t number, const uint8_t hash[32],
    struct bytes words);
/* The number of one that words begin with, or 0. */
uint32_t grants_begin(
    const struct grants *gs, const uint8_t hash[32], struct bytes words);
/* Whether hash is granted to the session or to that call. */
bool
grants_have(const struct grants *gs, const uint8_t hash[32], uint32_t call);
/* The call has ended. */
void grants_forget(struct grants *gs, uint32_t call);
/* The session's grant of that number, or one that holds no longer; NULL. */
const struct grant *grants_find(const struct grants *gs, uint32_t number);
const struct grant *grants_expired(const struct grants *gs, uint64_t now);
void grants_remove(struct grants *gs, uint32_t number);
/* Lists the session's to the front, in answer to its frame id. */
void grants_tell(
    const struct grants *gs, struct chan *front, uint32_t id, uint64_t now);

#endif /* GATE_GRANTS_H */
