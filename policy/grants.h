/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_GRANTS_H
#define POLICY_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define GRANTS_MAX 64

/* What a grant names that is for more than exactly what was asked. */
enum grant_for {
	GRANT_FOR_EXACT, /* nothing */
	GRANT_FOR_WORDS, /* the first words of a command, with any behind them
			  */
	GRANT_FOR_HOSTS, /* a host and port as host_matches has them */
	GRANT_FOR_PATHS, /* files, and folders, which end with a slash */
	GRANT_FOR_WRITES /* one folder of the second cell */
};

/*
 * What a person allowed for longer than one question; an answer for once
 * leaves none behind, but for the connections of a command that runs.
 */
struct grant {
	uint32_t number;  /* 0: the slot is free */
	uint32_t call;    /* whose connections it is for; 0: the session's */
	uint64_t until;   /* ms since the boot; 0: as long as the call */
	char *text;       /* owned: what exactly, as shown */
	uint8_t hash[32]; /* what an answer to it is bound to; or, if it is
			     wider, all but the names (grant_bind) */
	enum grant_for kind;
	char *names; /* owned: what the kind says, each with its NUL */
	size_t names_len;
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
/* Makes it one for these names, if they cover those that were asked about. */
void grants_widen(struct grants *gs, uint32_t number, enum grant_for kind,
    const uint8_t hash[32], struct bytes names, struct bytes asked);
/* The number of one that covers all that is asked about, or 0. */
uint32_t grants_cover(
    const struct grants *gs, const uint8_t hash[32], struct bytes asked);
/* Whether hash is granted to the session or to that call. */
bool
grants_have(const struct grants *gs, const uint8_t hash[32], uint32_t call);
/* The call has ended. */
void grants_forget(struct grants *gs, uint32_t call);
/* The session's: that of a number, the one behind g (NULL: the first); and any
 * that holds no longer.  NULL if there is none. */
const struct grant *grants_find(const struct grants *gs, uint32_t number);
const struct grant *grants_next(const struct grants *gs, const struct grant *g);
const struct grant *grants_expired(const struct grants *gs, uint64_t now);
void grants_remove(struct grants *gs, uint32_t number);

struct request; /* policy/decide.h */

/*
 * Of a request that is one plain command, its words, each with a NUL behind;
 * false of all else, as only of such a command it is known which words it has.
 */
bool grant_words(const struct request *rq, struct buf *words);
/*
 * What a grant by names is bound to besides them: the kind and the tool, the
 * folder, the rule that asks (so that what another rule asks about is asked
 * about), and the rights.
 */
void grant_bind(const struct request *rq, enum grant_for kind, const char *rule,
    struct bytes rights, bool tty, uint8_t hash[32]);

#endif /* POLICY_GRANTS_H */
