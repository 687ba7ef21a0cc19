/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_PERMIT_H
#define PROTO_PERMIT_H

#include <stdint.h>

#include "proto/msg.h"

#define PERMIT_SIZE 32 /* SHA-256 */

/*
 * What a PERMIT and the SPAWN that it permits have in common: the hash of the
 * words that run and of their folder.  Who shows an ASK to a person computes
 * it of what it shows, and the open cell of what it is told to run, so the
 * gate between them cannot make one of the other.
 */
void permit_hash(
    const struct msg_list *argv, struct bytes cwd, uint8_t hash[PERMIT_SIZE]);

#endif /* PROTO_PERMIT_H */
