/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the texts of the error list, and of the system's. */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

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

/* What a person can mend, with how. */
static const struct {
	int error;
	const char *text;
} err_sys_texts[] = {
    {ENOENT, "No such file or directory; check the path"},
    {ENOTDIR, "Not a directory; check the path"},
    {EISDIR, "Is a directory; name a file"},
    {EBADF, "Bad file descriptor; open it"},
    {EEXIST, "File exists; choose another name"},
    {ELOOP, "Too many levels of symbolic links; name the file itself"},
    {ENAMETOOLONG, "File name too long; choose a shorter one"},
    {EACCES, "Permission denied; check its mode and its folder's"},
    {EPERM, "Operation not permitted; check whose it is"},
    {EROFS, "Read-only file system; choose another place"},
    {ENOSPC, "No space left on device; make room there"},
    {EDQUOT, "Disk quota exceeded; make room there"},
    {ENFILE, "Too many open files in system; close some"},
    {EMFILE, "Too many open files; raise 'ulimit -n'"},
    {ENOMEM, "Cannot allocate memory; make some free"},
    {EPIPE, "Broken pipe; what read it is gone"},
    {ECONNREFUSED, "Connection refused; check that something listens there"},
    {ENETUNREACH, "Network is unreachable; check the network"},
    {EHOSTUNREACH, "No route to host; check the network"},
    {ETIMEDOUT, "Connection timed out; check the network"},
};

const char *
err_sys(int error)
{
	size_t i;

	for (i = 0; i < sizeof(err_sys_texts) / sizeof(err_sys_texts[0]); i++)
		if (err_sys_texts[i].error == error)
			return err_sys_texts[i].text;
	return strerror(error);
}

const char *
err_file(int err)
{
	switch (err) {
	case ERR_IO:
		return err_sys(errno);
	case ERR_NOENT:
		return err_sys(ENOENT);
	case ERR_TYPE:
		return "no regular file; name one";
	case ERR_SPACE:
		return "too large; make it smaller";
	default:
		return err_str(err);
	}
}
