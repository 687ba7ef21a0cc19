/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_OUTPUT_H
#define CORDON_OUTPUT_H

#include "base/buf.h"

/* Writes the whole text to standard output and releases it.  EX_OK, or
 * EX_IOERR after a line. */
int output_text(struct buf *text);

#endif /* CORDON_OUTPUT_H */
