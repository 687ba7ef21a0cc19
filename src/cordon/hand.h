/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_HAND_H
#define CORDON_HAND_H

#include <stddef.h>

#include "cordon/launch.h"

/*
 * The files that were named on the command line, opened here and handed on:
 * images and the file for the last message to the front, the schema of the
 * answer to the model.  EX_OK, or an exit status with a line in why.
 */
int
hand_files(struct session *s, const struct launch *l, char *why, size_t size);

#endif /* CORDON_HAND_H */
