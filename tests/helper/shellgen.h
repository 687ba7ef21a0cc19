/* SPDX-License-Identifier: Apache-2.0 */

#ifndef HELPER_SHELLGEN_H
#define HELPER_SHELLGEN_H

#include <stdint.h>

#include "base/buf.h"

/* Names that lines run; each is a recorder in the PATH of the test. */
extern const char *const shellgen_names[]; /* ends with NULL */

/* The file and the folder that are in the directory of a line. */
#define SHELLGEN_FILE "inputfile"
#define SHELLGEN_DIR  "sub"

struct shellgen {
	uint64_t state; /* of the random numbers */
	struct buf out;
	unsigned depth;
	unsigned pending; /* here-documents whose bodies are due */
};

void shellgen_init(struct shellgen *g, uint64_t seed);
void shellgen_fini(struct shellgen *g);
/* Puts a line into out: by a grammar, and one in two then changed at random. */
void shellgen_line(struct shellgen *g);

#endif /* HELPER_SHELLGEN_H */
