/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a policy, read by cordon-load as ever, for cordon-report.
 *
 * It travels as standard input: the person's home and the bodies of all rules,
 * each behind its length, u32 and big endian.
 */

#include "config.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "cordon/policy.h"
#include "cordon/replay.h"
#include "cordon/report.h"
#include "cordon/settings.h"

#define REPLAY_MAX (64u << 20) /* bytes of the policy */

static void
add_bytes(void *arg, struct bytes b)
{
	uint32_t be = htobe32((uint32_t)b.len);

	(void)buf_add(arg, &be, sizeof(be));
	(void)buf_add(arg, b.p, b.len);
}

/* What stands in out becomes standard input. */
static int
become_input(const struct buf *out)
{
	int fd = buf_err(out), r = EX_OK;

	if (fd == 0)
		fd = fd_memfd("policy", buf_data(out), out->len);
	if (fd < 0 || dup2(fd, STDIN_FILENO) == -1) {
		log_error("the policy cannot be passed on: %s",
		    fd < 0 ? err_str(fd) : err_sys(errno));
		r = EX_OSERR;
	}
	fd_close(&fd);
	return r;
}

int
replay_run(const struct cmd_line *line, const char *file)
{
	struct policy_files files = {.user = file};
	struct policy p;
	struct paths paths;
	struct buf out;
	char why[2048];
	int r;

	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	buf_init(&out, REPLAY_MAX);
	add_bytes(&out, bytes_of(paths.home));
	r = policy_load(&p, &files, add_bytes, &out, why, sizeof(why));
	if (r != 0)
		log_error("%s", why);
	policy_fini(&p);
	paths_fini(&paths);
	if (r == EX_OK)
		r = become_input(&out);
	buf_fini(&out);
	return r == EX_OK ? report_run(line) : r;
}
