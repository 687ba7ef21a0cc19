/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UNVIS_H
#define UNVIS_H

#include <stddef.h>

struct buf;

/* The inverse of vis_add with VIS_STRICT: ERR_FORMAT on what that never
 * writes. */
int unvis(struct buf *out, const char *s, size_t len);

#endif /* UNVIS_H */
