/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what a command prints as a whole, such as a JSON object. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cordon/output.h"

int
output_text(struct buf *text)
{
	int r = buf_err(text);

	if (r == 0 && fflush(stdout) != 0) /* what was printed before */
		r = -1;
	if (r == 0)
		r = fd_write_all(STDOUT_FILENO, buf_data(text), text->len);
	if (r != 0)
		log_error("standard output: %s", err_sys(errno));
	buf_fini(text);
	return r == 0 ? EX_OK : EX_IOERR;
}
