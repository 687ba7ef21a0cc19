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
	char *text;       /* owned: what exactly, as shown */
	uint8_t hash[32]; /* what an answer to it is bound to */
};

struct grants {
	struct grant v[GRANTS_MAX];
	uint32_t last; /* number */
};

void grants_fini(struct grants *gs);
/* Where there is no room, it was for this once. */
void grants_add(struct grants *gs, const uint8_t hash[32], uint32_t call,
    struct bytes text);
/* Whether hash is granted to the session or to that call. */
bool
grants_have(const struct grants *gs, const uint8_t hash[32], uint32_t call);
/* The call has ended. */
void grants_forget(struct grants *gs, uint32_t call);
void grants_revoke(struct grants *gs, uint32_t number);
/* Lists the session's to the front, in answer to its frame id. */
void grants_tell(const struct grants *gs, struct chan *front, uint32_t id);

#endif /* GATE_GRANTS_H */
