/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_REDACT_H
#define AUDIT_REDACT_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends a JSON text to out with each key of a well-known form inside its
 * strings replaced by "[redacted: NAME]": neither length nor hash is kept.
 * Returns how many, or ERR_SPACE.
 *
 * This is a net under mistakes, not a wall: a key of an unknown form, one cut
 * in two by a record's end, and one inside {"b64": ...} pass.
 */
int redact(struct buf *out, struct bytes json);

#endif /* AUDIT_REDACT_H */
