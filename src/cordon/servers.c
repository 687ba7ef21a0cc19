/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: the MCP servers of a session.
 *
 * Main makes the two pipes between a server and the process that speaks to it,
 * and keeps no end of them.  It starts no server: gate has that done, in the
 * cell.
 */

#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"

#include "cordon/servers.h"

#define TABLE       "mcp_servers."
#define SERVER_NAME 32 /* bytes at most */

struct server_build {
	struct session *s; /* borrowed, as are the others */
	const struct conf *conf;
	const char *cwd, *home;
	unsigned n; /* servers so far */
	char *why;
	size_t size;
};

/* What is set of a server; or NULL. */
static const struct conf_value *
value_of(const struct server_build *b, const char *name, const char *leaf)
{
	char key[KEY_SIZE];

	if (str_fmt(key, sizeof(key), TABLE "%s.%s", name, leaf) != 0)
		return NULL;
	return conf_get(b->conf, key);
}

static const char *
text_of(const struct server_build *b, const char *name, const char *leaf)
{
	const struct conf_value *v = value_of(b, name, leaf);

	return v == NULL || v->n == 0 ? NULL : v->v[0];
}

/* Names of tools begin with it, and no two servers' may be the same. */
bool
servers_name(const char *name)
{
	size_t i, n = strlen(name);

	if (n == 0 || n > SERVER_NAME || strstr(name, "__") != NULL ||
	    name[0] == '_' || name[n - 1] == '_')
		return false;
	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    name[i] != '-')
			return false;
	return true;
}

static int
refuse(struct server_build *b, const char *name, const char *what)
{
	(void)snprintf(b->why, b->size, TABLE "%.100s: %s", name, what);
	return ERR_FORMAT;
}

static void
tell_list(struct server_build *b, enum role role, const char *key,
    const struct conf_value *v)
{
	size_t i;

	for (i = 0; v != NULL && i < v->n; i++)
		session_confs(b->s, role, key, v->v[i]);
}

/* Seconds as configured, or as the table has them; in milliseconds. */
static void
tell_time(struct server_build *b, enum role role, const char *key,
    const char *name, const char *leaf)
{
	const char *text = text_of(b, name, leaf);
	char row[KEY_SIZE], ms[32];
	double d;

	if (text == NULL) {
		(void)snprintf(row, sizeof(row), TABLE "%s.%s", name, leaf);
		text = key_named(row)->def;
	}
	d = strtod(text, NULL) * 1000;
	(void)snprintf(ms, sizeof(ms), "%.0f", d < 1 ? 1 : d);
	session_confs(b->s, role, key, ms);
}

/* From the session's folder; ~ is the person's. */
static int
tell_folder(struct server_build *b, const char *name)
{
	const char *dir = text_of(b, name, "cwd");
	bool home = dir != NULL && (dir[0] == '~' && dir[1] == '/');
	char path[PATH_MAX];

	if (dir == NULL)
		return 0;
	if (str_fmt(path, sizeof(path), "%s%s%s",
		home          ? b->home
		: *dir == '/' ? ""
			      : b->cwd,
		home || *dir == '/' ? "" : "/", dir + home) != 0)
		return refuse(b, name, "cwd is too long");
	session_confs(b->s, ROLE_GATE, "mcp.cwd", path);
	return 0;
}

/* What stands in [mcp_servers.NAME.env], for that server alone. */
static int
tell_variables(struct server_build *b, const char *name)
{
	const struct conf_value *const *all;
	char prefix[KEY_SIZE], *line;
	struct key_path path;
	size_t i, n;

	(void)snprintf(prefix, sizeof(prefix), TABLE "%s.env.", name);
	all = conf_all(b->conf, &n);
	for (i = 0; i < n; i++) {
		if (!str_starts(all[i]->name, prefix) ||
		    key_split(&path, all[i]->name) != 0 || path.n != 4)
			continue;
		if (strchr(path.part[3], '=') != NULL)
			return refuse(b, name, "a variable's name has a =");
		line = xasprintf("%s=%s", path.part[3], all[i]->v[0]);
		session_confs(b->s, ROLE_GATE, "mcp.env", line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	return 0;
}

/* Gate has the server's ends until the cell gives them to it. */
static int
make_pipes(struct server_build *b, enum role role)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) == -1)
		return ERR_IO;
	if (pipe2(from, O_CLOEXEC) == -1) {
		fd_close(&to[0]);
		fd_close(&to[1]);
		return ERR_IO;
	}
	session_extra(b->s, ROLE_GATE, 2 * b->n, to[0]);
	session_extra(b->s, ROLE_GATE, 2 * b->n + 1, from[1]);
	session_extra(b->s, role, 0, from[0]);
	session_extra(b->s, role, 1, to[1]);
	return 0;
}

static int
add_server(struct server_build *b, const char *name)
{
	enum role role = (enum role)(ROLE_MCP + b->n);
	const char *command = text_of(b, name, "command");
	const char *enabled = text_of(b, name, "enabled");
	int r;

	if (!servers_name(name))
		return refuse(b, name, SERVERS_NAME);
	if (enabled != NULL && strcmp(enabled, "false") == 0)
		return 0;
	if (command == NULL || *command == '\0')
		return refuse(b, name, "command is missing");
	if (b->n == MCP_SERVERS_MAX)
		return refuse(
		    b, name, "no more than 8 servers can be enabled at once");
	session_add(b->s, role);
	session_confs(b->s, ROLE_GATE, "mcp.server", name);
	session_confs(b->s, ROLE_GATE, "mcp.arg", command);
	tell_list(b, ROLE_GATE, "mcp.arg", value_of(b, name, "args"));
	tell_time(b, ROLE_GATE, "mcp.call_ms", name, "tool_timeout_sec");
	session_confs(b->s, role, "mcp.name", name);
	tell_time(b, role, "mcp.startup_ms", name, "startup_timeout_sec");
	tell_time(b, role, "mcp.call_ms", name, "tool_timeout_sec");
	tell_list(b, role, "mcp.only", value_of(b, name, "enabled_tools"));
	tell_list(b, role, "mcp.without", value_of(b, name, "disabled_tools"));
	r = tell_folder(b, name);
	if (r == 0)
		r = tell_variables(b, name);
	if (r == 0)
		r = make_pipes(b, role);
	b->n++;
	return r;
}

int
servers_tell(struct session *s, const struct conf *conf, const char *cwd,
    const char *home, bool danger, char *why, size_t size)
{
	struct server_build b = {.s = s,
	    .conf = conf,
	    .cwd = cwd,
	    .home = home,
	    .why = why,
	    .size = size};
	const struct conf_value *const *all;
	char last[KEY_SIZE] = "";
	struct key_path path;
	size_t i, n;
	int r = 0;

	(void)snprintf(why, size, "the pipes of an MCP server cannot be made");
	all = conf_all(conf, &n);
	for (i = 0; r == 0 && i < n; i++) {
		if (!str_starts(all[i]->name, TABLE) ||
		    key_split(&path, all[i]->name) != 0)
			continue;
		if (strcmp(last, path.part[1]) == 0)
			continue;
		(void)strlcpy(last, path.part[1], sizeof(last));
		if (danger) {
			log_warn("MCP servers are not started: nothing would "
				 "confine them");
			return 0;
		}
		r = add_server(&b, path.part[1]);
	}
	return r;
}
