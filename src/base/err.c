/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the texts of the error list. */

#include "config.h"

#include <stddef.h>

#include "base/err.h"

static const char *const err_texts[] = {
    [0] = "no error",
    [-ERR_EOF] = "end of input",
    [-ERR_TRUNC] = "input ends too early",
    [-ERR_LENGTH] = "bad length",
    [-ERR_SPACE] = "limit reached",
    [-ERR_IO] = "input/output error",
    [-ERR_TYPE] = "unknown type",
    [-ERR_STATE] = "not permitted in this state",
    [-ERR_FORMAT] = "malformed",
    [-ERR_UTF8] = "not valid UTF-8",
    [-ERR_FD] = "wrong number of descriptors",
    [-ERR_DEPTH] = "nested too deep",
    [-ERR_DUP] = "given twice",
    [-ERR_RANGE] = "out of range",
    [-ERR_NOENT] = "does not exist",
    [-ERR_PERM] = "not permitted",
    [-ERR_UNSUPP] = "not supported here",
    [-ERR_TIMEOUT] = "timed out",
    [-ERR_CANCEL] = "cancelled",
    [-ERR_AGAIN] = "try again",
    [-ERR_CONFLICT] = "contradiction",
};

const char *
err_str(int err)
{
	size_t n = sizeof(err_texts) / sizeof(err_texts[0]);

	if (err > 0 || (size_t)-err >= n)
		return "unknown error";
	return err_texts[-err];
}
