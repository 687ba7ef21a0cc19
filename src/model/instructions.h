/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_INSTRUCTIONS_H
#define MODEL_INSTRUCTIONS_H

/* What the model is told of its task and of the cell, unless the person's
 * own configuration replaces it. */
extern const char instructions_text[];

#endif /* MODEL_INSTRUCTIONS_H */
