/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what an interactive front gets. */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sha2.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"

#include "cordon/front.h"
#include "cordon/provider.h"

#define COMMAND_MAX 60000 /* bytes of a command's file; one CONF */

/* Keys of the configuration that the front is told. */
static const char *const front_keys[] = {"tui.", "model",
    "model_reasoning_effort", "approval_policy", "sandbox_mode",
    "hide_agent_reasoning"};

/* What a variable says; one that is empty says nothing. */
static const char *
said_by(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

bool
front_color(int fd)
{
	const char *force = said_by("CLICOLOR_FORCE");

	if (*said_by("NO_COLOR") != '\0')
		return false;
	if (*force != '\0' && strcmp(force, "0") != 0)
		return true;
	if (strcmp(said_by("CLICOLOR"), "0") == 0)
		return false;
	return isatty(fd) == 1;
}

static bool
for_front(const char *name)
{
	size_t i, len;

	for (i = 0; i < sizeof(front_keys) / sizeof(front_keys[0]); i++) {
		len = strlen(front_keys[i]);
		if (strcmp(name, front_keys[i]) == 0 ||
		    (front_keys[i][len - 1] == '.' &&
			str_starts(name, front_keys[i])))
			return true;
	}
	return false;
}

static void
tell_settings(struct session *s, const struct conf *c)
{
	const struct conf_value *const *all;
	size_t i, j, n;

	all = conf_all(c, &n);
	for (i = 0; i < n; i++)
		for (j = 0; for_front(all[i]->name) && j < all[i]->n; j++)
			session_confs(s, ROLE_UI, all[i]->name, all[i]->v[j]);
	if (conf_get(c, "model") == NULL &&
	    provider_text(c, "default_model") != NULL)
		session_confs(
		    s, ROLE_UI, "model", provider_text(c, "default_model"));
	session_confs(s, ROLE_UI, "session.version", PACKAGE_VERSION);
}

static int
hand_history(struct session *s, int dir)
{
	int fd = openat(dir, "history",
	    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1)
		return ERR_IO;
	session_extra(s, ROLE_UI, SLOT_HISTORY, fd);
	return 0;
}

/* A draft for each workspace, named by its path's hash. */
static int
hand_draft(struct session *s, int dir, const char *cwd)
{
	char name[SHA256_DIGEST_STRING_LENGTH + 8];
	char hex[SHA256_DIGEST_STRING_LENGTH];
	int fd;

	(void)SHA256Data((const uint8_t *)cwd, strlen(cwd), hex);
	(void)snprintf(name, sizeof(name), "draft.%.16s", hex);
	fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return ERR_IO;
	session_extra(s, ROLE_UI, SLOT_DRAFT, fd);
	return 0;
}

static void
tell_command(struct session *s, const char *dir, const char *file)
{
	char path[PATH_MAX], key[300], why[512];
	struct buf b;
	int fd;

	if (!str_ends(file, ".md") ||
	    str_fmt(path, sizeof(path), "%s/%s", dir, file) != 0 ||
	    str_fmt(key, sizeof(key), "front.command.%.*s",
		(int)strlen(file) - 3, file) != 0)
		return;
	fd = path_open_trusted(path, why, sizeof(why));
	if (fd < 0) {
		log_warn("%s", why);
		return;
	}
	buf_init(&b, COMMAND_MAX);
	if (fd_read_all(fd, &b) == 0)
		session_conf(
		    s, ROLE_UI, key, (struct bytes){buf_data(&b), b.len});
	else
		log_warn("%s: not read: a command has at most %d bytes", path,
		    COMMAND_MAX);
	buf_fini(&b);
	(void)close(fd);
}

static void
tell_commands(struct session *s, const char *config)
{
	char dir[PATH_MAX];
	const struct dirent *de;
	DIR *d;

	if (str_fmt(dir, sizeof(dir), "%s/commands", config) != 0)
		return;
	d = opendir(dir);
	if (d == NULL)
		return;
	while ((de = readdir(d)) != NULL)
		tell_command(s, dir, de->d_name);
	(void)closedir(d);
}

int
front_tell(struct session *s, const struct conf *c, const struct paths *p,
    const char *cwd, char *why, size_t size)
{
	int dir, r = 0;

	tell_settings(s, c);
	tell_commands(s, p->config);
	if (conf_is(c, "history.persistence", "none"))
		return 0;
	dir = path_make_dir(p->state, why, size);
	if (dir < 0)
		return dir;
	r = hand_history(s, dir);
	if (r == 0)
		r = hand_draft(s, dir, cwd);
	if (r != 0)
		(void)snprintf(why, size, "%s: history and draft: %s", p->state,
		    err_sys(errno));
	(void)close(dir);
	return r;
}
