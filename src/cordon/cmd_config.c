/* SPDX-License-Identifier: Apache-2.0 */

/* cordon config: what is set, where it comes from, and changing it. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/log.h"
#include "conf/paths.h"
#include "conf/schema.h"
#include "cordon/cmd.h"

#define OUT_MAX (1u << 20) /* bytes that one of these prints */

static int
put_out(struct buf *out)
{
	int r = buf_err(out);

	if (r == 0)
		r = fd_write_all(STDOUT_FILENO, buf_data(out), out->len);
	if (r != 0)
		log_error("standard output: %m");
	buf_fini(out);
	return r == 0 ? EX_OK : EX_IOERR;
}

static int
schema_run(const struct cmd_line *line)
{
	struct buf out;

	(void)line;
	buf_init(&out, OUT_MAX);
	(void)schema_write(&out);
	return put_out(&out);
}

static const struct cmd config_schema = {
    .name = "schema",
    .summary = "Print the JSON Schema of config.toml.",
    .man = "cordon-config(1)",
    .run = schema_run,
};

static int
path_run(const struct cmd_line *line)
{
	struct paths paths;
	char why[512];

	(void)line;
	if (paths_find(&paths, why, sizeof(why)) != 0) {
		log_error("config: %s", why);
		return EX_CONFIG;
	}
	(void)printf("%s/config.toml\n", paths.config);
	paths_fini(&paths);
	return EX_OK;
}

static const struct cmd config_path = {
    .name = "path",
    .summary = "Print where your config.toml is, or would be.",
    .man = "cordon-config(1)",
    .run = path_run,
};

static const struct cmd *const config_subs[] = {
    &config_path, &config_schema, NULL};

const struct cmd cmd_config = {
    .name = "config",
    .summary = "Show, check and change the configuration.",
    .man = "cordon-config(1)",
    .subs = config_subs,
};
