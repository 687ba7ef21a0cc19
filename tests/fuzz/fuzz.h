/* SPDX-License-Identifier: Apache-2.0 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a target defines; see LLVM's page on libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * What a target calls for what must not be: abort(3).  Where an allocation
 * failed on purpose, errors that follow from it are none, and it is exit(3).
 */
_Noreturn void fuzz_abort(void);

/*
 * Runs something in children of its own, in the n-th of which the n-th
 * allocation fails, for all n that there are (or the first most).  Each must
 * end by itself: with 0, or with fatal's 70 for what dies of it.  Returns
 * whether all did; the first that did not is named on stderr.  A build with
 * sanitizers has an allocator of its own, and there nothing is run.
 */
bool starve(void (*run)(void *arg), void *arg, unsigned most);

#endif /* FUZZ_H */
