/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_JSONCHK_H
#define BASE_JSONCHK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define JSONCHK_DEPTH 32 /* objects and arrays inside each other */

/*
 * Whether the bytes are exactly one JSON object (RFC 8259) on one line: valid
 * UTF-8, no control character, no white space outside of strings but blanks,
 * nested at most JSONCHK_DEPTH deep.  Nothing is built; names that are given
 * twice are the reader's business.
 */
bool jsonchk_object(const uint8_t *p, size_t len);
/* The same of a mapped memfd (fd_map_memfd), which is left as it is read. */
bool jsonchk_map(const struct bytes *map);

#endif /* BASE_JSONCHK_H */
