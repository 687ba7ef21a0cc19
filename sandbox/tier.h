/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_TIER_H
#define SANDBOX_TIER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What holds commands: namespaces, Landlock and seccomp; or, where user
 * namespaces are not to be had, the last two alone, helped by a broker
 * (broker.h).  There is no third: with less nothing is started.
 */
enum tier { TIER_FULL, TIER_LSM };

/* The oldest Landlock that tier lsm is built on: it keeps signals and
 * abstract sockets inside (Linux 6.12). */
#define TIER_LSM_ABI 6

const char *tier_word(enum tier t);

/*
 * The tier of a session: wanted ("full", "lsm"), or else ("auto", NULL) the
 * better one that is there, tried in a process that ends at once.  ERR_UNSUPP
 * with a line in why that says what the kernel lacks or has refused;
 * ERR_FORMAT for another word.
 * If it is the lesser one, why says what the better lacks, else it is empty.
 */
int tier_choose(enum tier *t, const char *wanted, char *why, size_t size);
/* Whether names can be resolved as a cell needs it: a cell of ours refuses
 * that to what runs in it, and so holds no other. */
bool tier_has_openat2(void);
/* Waits for that process, which takes longer to go than to answer. */
void tier_settle(void);

#endif /* SANDBOX_TIER_H */
