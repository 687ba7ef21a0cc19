/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * The one list of error results.  A function that can fail returns 0 (or a
 * count) when it succeeds and one of these, all negative, when it does not.
 */
enum err {
	ERR_EOF = -1,      /* the peer or file ended where it may */
	ERR_TRUNC = -2,    /* it ended in the middle of something */
	ERR_LENGTH = -3,   /* a length is zero or above its limit */
	ERR_SPACE = -4,    /* the destination's cap is reached */
	ERR_IO = -5,       /* a system call failed; errno says how */
	ERR_TYPE = -6,     /* unknown type, kind or enum value */
	ERR_STATE = -7,    /* known, but not permitted here or now */
	ERR_FORMAT = -8,   /* the bytes do not have the promised form */
	ERR_UTF8 = -9,     /* not valid UTF-8, or a NUL in a string */
	ERR_FD = -10,      /* a descriptor is missing, or one too many */
	ERR_DEPTH = -11,   /* nested too deep */
	ERR_DUP = -12,     /* given twice */
	ERR_RANGE = -13,   /* a number outside its range */
	ERR_NOENT = -14,   /* there is no such thing */
	ERR_PERM = -15,    /* refused by a rule */
	ERR_UNSUPP = -16,  /* the kernel or build lacks it */
	ERR_TIMEOUT = -17, /* not in time */
	ERR_CANCEL = -18,  /* somebody asked to stop */
	ERR_AGAIN = -19,   /* not now; nothing was done */
	ERR_CONFLICT = -20 /* true of one, not of both */
};

const char *err_str(int err); /* static text; never NULL */

/* strerror with what to do, where a person can do something about it. */
const char *err_sys(int error);
/* The same of a result of reading or writing a file, errno included. */
const char *err_file(int err);

#endif /* BASE_ERR_H */
