/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: what a run is set to.
 *
 * Main opens the files and judges whose they are; cordon-load parses them;
 * the layers (conf/layer.h) decide.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "cordon/load.h"
#include "cordon/provider.h"
#include "cordon/settings.h"

#define WHY_SIZE 1024

struct reading {
	struct conf *conf; /* borrowed, as is the other */
	struct load *load;
	bool strict;
};

/* A frame of cordon-load as an item; the two tables of kinds are the same. */
static void
take_conf(void *arg, const struct msg_conf *m)
{
	struct reading *r = arg;
	char name[KEY_SIZE], file[PATH_MAX];
	struct conf_item item = {.name = name,
	    .kind = (enum value_kind)m->kind,
	    .list = m->list,
	    .layer = (enum conf_layer)m->layer,
	    .line = m->line,
	    .column = m->column};
	char *value;

	_Static_assert((int)VALUE_EMPTY == (int)CONF_EMPTY, "kinds differ");
	if (m->layer >= LAYER_COUNT ||
	    bytes_copy(name, sizeof(name), m->key) != 0 ||
	    bytes_copy(file, sizeof(file), m->file) != 0)
		return;
	if (m->layer != LAYER_CLI)
		item.file = file;
	value = xmemdup(
	    m->value.p == NULL ? (const void *)"" : m->value.p, m->value.len);
	item.value = value;
	conf_add(r->conf, &item);
	free(value);
}

static void
add_options(struct conf *c, const struct session_args *a)
{
	const struct {
		const char *name, *value;
	} rows[] = {
	    {"model", a->model},
	    {"sandbox_mode", a->sandbox},
	    {"sandbox_tier", a->tier},
	    {"sandbox_tier", a->require_tier},
	    {"approval_policy", a->approval},
	    {"approve.command", a->approve_with},
	    {"web_search", a->search ? "live" : NULL},
	    {"tui.alternate_screen", a->alt_screen ? "true" : NULL},
	};
	size_t i;

	if (a->full_auto) {
		conf_add_cli(c, "sandbox_mode", "workspace-write");
		conf_add_cli(c, "approval_policy", "on-request");
	}
	if (a->bypass) {
		conf_add_cli(c, "sandbox_mode", "danger-full-access");
		conf_add_cli(c, "approval_policy", "never");
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value != NULL)
			conf_add_cli(c, rows[i].name, rows[i].value);
	for (i = 0; i < a->add_dir.n; i++)
		conf_add_cli(c, "sandbox_workspace_write.writable_roots",
		    a->add_dir.v[i]);
}

/* A file of the person or the system: believed, absent, or an error. */
static void
add_trusted(struct reading *r, enum conf_layer layer, const char *path)
{
	char why[WHY_SIZE] = "";
	int fd = path_open_trusted(path, why, sizeof(why));

	if (fd >= 0)
		(void)load_file(r->load, "config", (uint8_t)layer, fd, path);
	else if (fd != ERR_NOENT)
		conf_fail(r->conf, why);
}

/*
 * The workspace's own file.  It is what others wrote, so a link or anything
 * but a plain file is not followed into something else.
 */
static void
add_project(struct reading *r, const char *dir)
{
	char path[PATH_MAX];
	struct stat st;
	int at, fd;

	if (str_fmt(path, sizeof(path), "%s/.cordon/config.toml", dir) != 0)
		return;
	at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = at == -1 ? -1
		      : openat(at, ".cordon",
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd_close(&at);
	at = fd;
	fd = at == -1 ? -1
		      : openat(at, "config.toml",
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (at == -1 || (fd == -1 && errno == ENOENT)) {
		fd_close(&at);
		return;
	}
	fd_close(&at);
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		(void)load_file(r->load, "config", LAYER_PROJECT, fd, path);
		return;
	}
	fd_close(&fd);
	if (r->strict)
		conf_fail(r->conf, "a project's config.toml is no plain file");
	else
		log_warn("%s is ignored: it is no plain file", path);
}

/* The repository's top folder and the current one, which may be the same. */
static void
add_projects(struct reading *r)
{
	char cwd[PATH_MAX], top[PATH_MAX], git[PATH_MAX];
	struct stat st;
	char *slash;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return;
	(void)strlcpy(top, cwd, sizeof(top));
	while (str_fmt(git, sizeof(git), "%s/.git", top) == 0 &&
	       lstat(git, &st) != 0) {
		slash = strrchr(top, '/');
		if (slash == NULL || slash == top) {
			(void)strlcpy(top, cwd, sizeof(top));
			break;
		}
		*slash = '\0';
	}
	if (strcmp(top, cwd) != 0)
		add_project(r, top);
	add_project(r, cwd);
}

static void
add_files(struct reading *r, const struct session_args *args,
    const struct paths *paths)
{
	static const struct load_ops ops = {.conf = take_conf};
	char path[PATH_MAX], error[WHY_SIZE];
	size_t i;

	add_trusted(r, LAYER_SYSTEM, CORDON_SYSCONFDIR "/config.toml");
	if (str_fmt(path, sizeof(path), "%s/config.toml", paths->config) == 0)
		add_trusted(r, LAYER_USER, path);
	add_projects(r);
	for (i = 0; i < args->config.n; i++)
		load_say(r->load, "load.set", args->config.v[i]);
	if (load_idle(r->load))
		return; /* nothing to parse: no process for it */
	if (load_run(r->load, &ops, r, error, sizeof(error)) != 0)
		conf_fail(r->conf, error);
}

/* Prints what is to be said; NULL and c freed if one is an error. */
static struct conf *
settings_judge(struct conf *c)
{
	const struct conf_diag *d;
	size_t i, n;

	d = conf_diags(c, &n);
	for (i = 0; i < n; i++) {
		if (d[i].error)
			log_error("%s", d[i].text);
		else
			log_warn("%s", d[i].text);
	}
	if (!conf_failed(c))
		return c;
	conf_free(c);
	return NULL;
}

int
settings_paths(struct paths *paths)
{
	char why[512];

	if (paths_find(paths, why, sizeof(why)) == 0)
		return EX_OK;
	log_error("%s", why);
	return EX_CONFIG;
}

struct conf *
settings_read(const struct session_args *args, const struct paths *paths)
{
	struct reading r = {.conf = conf_new(),
	    .load = load_new(),
	    .strict = args->strict_config};

	conf_strict(r.conf, args->strict_config);
	add_files(&r, args, paths);
	load_free(r.load);
	conf_add_env(r.conf);
	add_options(r.conf, args);
	provider_choose(r.conf, paths, args);
	conf_finish(r.conf, args->profile);
	return settings_judge(r.conf);
}

int
settings_check(int fd, const char *name, bool strict)
{
	static const struct load_ops ops = {.conf = take_conf};
	struct reading r = {.conf = conf_new(), .strict = strict};
	char error[WHY_SIZE];
	int code;

	r.load = load_new();
	(void)load_file(r.load, "config", LAYER_USER, fd, name);
	code = load_run(r.load, &ops, &r, error, sizeof(error));
	load_free(r.load);
	if (code != 0)
		conf_fail(r.conf, error);
	else
		conf_finish(r.conf, NULL);
	r.conf = settings_judge(r.conf);
	if (r.conf == NULL)
		return code == 0 ? EX_CONFIG : code;
	conf_free(r.conf);
	return EX_OK;
}
