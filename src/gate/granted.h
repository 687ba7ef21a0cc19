/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_GRANTED_H
#define GATE_GRANTED_H

#include <sha2.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "sandbox/spec.h"

/* The rights of one call, ready for both who need them: the cell and the
 * record. */
struct granted {
	struct buf spec;    /* encoded; empty: there are none */
	struct buf summary; /* JSON: what may be written, network, hash */
	char sha256[SHA256_DIGEST_STRING_LENGTH]; /* of spec */
	enum spec_net net;
};

void granted_init(struct granted *gr);
void granted_fini(struct granted *gr);
void granted_clear(struct granted *gr);
int granted_set(struct granted *gr, const struct spec *s);
int granted_copy(struct granted *gr, const struct granted *from);
/* As a member of a record: the summary, or the hash alone. */
void granted_print(const struct granted *gr, struct jsonw *w, bool whole);

#endif /* GATE_GRANTED_H */
