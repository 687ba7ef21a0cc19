/* SPDX-License-Identifier: Apache-2.0 */

/* cordon config: what is set, where it comes from, and changing it. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "conf/layer.h"
#include "conf/paths.h"
#include "conf/schema.h"
#include "cordon/cmd.h"
#include "cordon/cmd_config.h"
#include "cordon/output.h"
#include "cordon/settings.h"

struct config_args {
	struct opt_list config;
	const char *profile;
	bool strict;
	bool origin;
};

#define AT(member) .off = offsetof(struct config_args, member)

/* What decides about the values in force. */
static const struct opt get_opts[] = {
    {"config", 'c', OPT_LIST, "KEY=VALUE", "as for a session", AT(config)},
    {"profile", 'p', OPT_STR, "NAME", "as for a session", AT(profile)},
    {"strict-config", '\0', OPT_FLAG, NULL, "as for a session", AT(strict)},
    {0}};

static const struct opt show_opts[] = {{.kind = OPT_TABLE, .table = get_opts},
    {"origin", 'o', OPT_FLAG, NULL,
	"say behind each value which layer, file and line it comes from",
	AT(origin)},
    {0}};

#define OUT_MAX (4u << 20) /* bytes that one of these prints */

/* The settings as a run in this folder would have them. */
static struct conf *
read_settings(const struct config_args *args)
{
	const struct session_args session = {.config = args->config,
	    .profile = args->profile,
	    .strict_config = args->strict};
	struct paths paths;
	struct conf *c;

	if (settings_paths(&paths) != EX_OK)
		return NULL;
	c = settings_read(&session, &paths);
	paths_fini(&paths);
	return c;
}

static void
put_origin(struct buf *out, const struct conf_value *v)
{
	(void)buf_addf(out, "\t# %s", layer_name(v->layer));
	if (v->profile != NULL)
		(void)buf_addf(out, " %s", v->profile);
	if (v->file != NULL && v->line > 0)
		(void)buf_addf(out, " %s:%u", v->file, v->line);
	else if (v->file != NULL)
		(void)buf_addf(out, " %s", v->file);
}

static int
show_run(const struct cmd_line *line)
{
	const struct config_args *args = line->args;
	const struct conf_value *const *all;
	struct conf *c = read_settings(args);
	struct buf out;
	size_t i, n;

	if (c == NULL)
		return EX_CONFIG;
	buf_init(&out, OUT_MAX);
	all = conf_all(c, &n);
	for (i = 0; i < n; i++) {
		(void)buf_addf(&out, "%s = ", all[i]->name);
		if ((all[i]->key->flags & KEY_HIDDEN) != 0)
			(void)buf_adds(&out, "\"(hidden)\"");
		else
			(void)conf_value_toml(&out, all[i]);
		if (args->origin)
			put_origin(&out, all[i]);
		(void)buf_addc(&out, '\n');
	}
	conf_free(c);
	return output_text(&out);
}

static const struct cmd config_show = {
    .name = "show",
    .summary = "Print every value in force, as TOML.",
    .opts = show_opts,
    .args_size = sizeof(struct config_args),
    .run = show_run,
};

const struct key *
config_key(const char *command, const char *name, bool of_profile)
{
	struct key_path path;
	const struct key *key;
	char near[KEY_SIZE];
	unsigned first;

	if (key_split(&path, name) != 0) {
		log_error("config %s: '%s' is not the name of a key; 'cordon "
			  "help config-file' has them",
		    command, name);
		return NULL;
	}
	first = of_profile ? key_base(&path) : 0;
	key = key_find(&path, first);
	if (key != NULL)
		return key;
	if (key_is_table(&path, first))
		log_error("config %s: %s is a table; name a key of it", command,
		    name);
	else if (key_nearest(near, sizeof(near), &path, first))
		log_error("config %s: no key %s; did you mean %s?", command,
		    name, near);
	else
		log_error("config %s: no key %s; 'cordon help config-file' "
			  "has them",
		    command, name);
	return NULL;
}

static int
get_run(const struct cmd_line *line)
{
	const struct conf_value *v;
	struct conf *c;
	size_t i;

	if (config_key("get", line->given.v[0], false) == NULL)
		return EX_USAGE;
	c = read_settings(line->args);
	if (c == NULL)
		return EX_CONFIG;
	v = conf_get(c, line->given.v[0]);
	for (i = 0; v != NULL && i < v->n; i++)
		(void)puts(v->v[i]);
	conf_free(c);
	return v == NULL ? 1 : EX_OK;
}

static const struct cmd config_get = {
    .name = "get",
    .summary = "Print the value of one key; exit 1 if it has none.",
    .operands = "KEY",
    .opts = get_opts,
    .args_size = sizeof(struct config_args),
    .min = 1,
    .max = 1,
    .run = get_run,
};

static int
schema_run(const struct cmd_line *line)
{
	struct buf out;

	(void)line;
	buf_init(&out, OUT_MAX);
	(void)schema_write(&out);
	return output_text(&out);
}

static const struct cmd config_schema = {
    .name = "schema",
    .summary = "Print the JSON Schema of config.toml.",
    .run = schema_run,
};

static int
path_run(const struct cmd_line *line)
{
	struct paths paths;

	(void)line;
	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	(void)printf("%s/config.toml\n", paths.config);
	paths_fini(&paths);
	return EX_OK;
}

static const struct cmd config_path = {
    .name = "path",
    .summary = "Print where your config.toml is, or would be.",
    .run = path_run,
};

/* Any file: a draft is checked before it is put in place. */
static int
check_file(const char *path, bool strict)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1) {
		log_error("%s: %s", path, err_sys(errno));
		return EX_NOINPUT;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return settings_check(fd, path, strict);
	log_error("%s is no regular file; name one", path);
	fd_close(&fd);
	return EX_NOINPUT;
}

static int
check_run(const struct cmd_line *line)
{
	const struct config_args *args = line->args;
	struct conf *c;

	if (line->given.n > 0)
		return check_file(line->given.v[0], args->strict);
	c = read_settings(args);
	if (c == NULL)
		return EX_CONFIG;
	conf_free(c);
	return EX_OK;
}

static const struct cmd config_check = {
    .name = "check",
    .summary = "Check a file, or the files that a session here would read.",
    .operands = "[FILE]",
    .opts = get_opts,
    .args_size = sizeof(struct config_args),
    .max = 1,
    .run = check_run,
};

static const struct cmd *const config_subs[] = {&config_show, &config_get,
    &config_set, &config_unset, &config_edit, &config_check, &config_path,
    &config_schema, &config_import, NULL};

const struct cmd cmd_config = {
    .name = "config",
    .summary = "Show, check and change the configuration.",
    .man = "cordon-config(1)",
    .subs = config_subs,
};
