/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon login, login status and logout: a provider's key in a file of the
 * person's own, for those who do not want it in their environment.  The key
 * comes on standard input alone, never as an argument, and is never shown.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "conf/paths.h"

#include "cordon/cmd.h"
#include "cordon/login.h"

#define PAGE "cordon-login(1)"

struct login_args {
	bool with_api_key;
};

static const struct opt login_opts[] = {
    {"with-api-key", '\0', OPT_FLAG, NULL,
	"read the key from standard input and keep it",
	.off = offsetof(struct login_args, with_api_key)},
    {0}};

static int
login_paths(struct paths *paths)
{
	char why[512];

	if (paths_find(paths, why, sizeof(why)) == 0)
		return EX_OK;
	log_error("%s", why);
	return EX_CONFIG;
}

/* A line of a terminal that does not show what is typed, or all there is. */
static int
login_input(struct buf *key)
{
	struct termios old, quiet;
	char c;
	int r;

	if (tcgetattr(STDIN_FILENO, &old) != 0)
		return fd_read_all(STDIN_FILENO, key);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)fputs("API key: ", stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	do
		r = read(STDIN_FILENO, &c, 1) == 1 ? buf_addc(key, c) : ERR_EOF;
	while (r == 0 && c != '\n');
	explicit_bzero(&c, sizeof(c));
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	(void)fputc('\n', stderr);
	return r == ERR_EOF && key->len > 0 ? 0 : r;
}

static int
login_store(const struct paths *paths, struct buf *key)
{
	char why[512];

	if (login_input(key) != 0 || login_trim(key) != 0) {
		log_error("login: there is no key on standard input: one line "
			  "of printable characters, at most %d bytes",
		    LOGIN_KEY_MAX);
		return EX_DATAERR;
	}
	if (login_write(paths, key, why, sizeof(why)) != 0) {
		log_error("login: %s", why);
		return EX_CANTCREAT;
	}
	(void)printf(
	    "Logged in: the key is in %s/%s.\n", paths->config, LOGIN_FILE);
	return EX_OK;
}

static int
login_run(const struct cmd_line *line)
{
	const struct login_args *args = line->args;
	struct paths paths;
	struct buf key;
	int code;

	if (!args->with_api_key) {
		log_error("login: give the key with --with-api-key, on "
			  "standard input");
		return EX_USAGE;
	}
	code = login_paths(&paths);
	if (code != EX_OK)
		return code;
	buf_init(&key, LOGIN_KEY_MAX);
	code = login_store(&paths, &key);
	buf_wipe(&key);
	paths_fini(&paths);
	return code;
}

static int
status_run(const struct cmd_line *line)
{
	struct paths paths;
	struct buf key;
	char why[512];
	int r;

	(void)line;
	r = login_paths(&paths);
	if (r != EX_OK)
		return r;
	buf_init(&key, LOGIN_KEY_MAX);
	r = login_read(&paths, &key, why, sizeof(why));
	buf_wipe(&key);
	if (r == 0)
		(void)printf("Logged in with an API key, in %s/%s.\n",
		    paths.config, LOGIN_FILE);
	else if (r == ERR_NOENT)
		(void)puts("Not logged in.");
	else
		log_error("login: %s", why);
	paths_fini(&paths);
	return r == 0 ? EX_OK : r == ERR_NOENT ? 1 : EX_NOPERM;
}

static int
logout_run(const struct cmd_line *line)
{
	struct paths paths;
	int r;

	(void)line;
	r = login_paths(&paths);
	if (r != EX_OK)
		return r;
	r = login_forget(&paths);
	if (r == 0 || r == ERR_NOENT)
		(void)puts(r == 0 ? "Logged out." : "Not logged in.");
	else
		log_error("logout: %s/%s cannot be removed", paths.config,
		    LOGIN_FILE);
	paths_fini(&paths);
	return r == 0 || r == ERR_NOENT ? EX_OK : EX_IOERR;
}

static const struct cmd login_status = {
    .name = "status",
    .summary = "Say whether a key is kept.",
    .man = PAGE,
    .run = status_run,
};

static const struct cmd *const login_subs[] = {&login_status, NULL};

const struct cmd cmd_login = {
    .name = "login",
    .summary = "Keep a provider's key.",
    .man = PAGE,
    .opts = login_opts,
    .args_size = sizeof(struct login_args),
    .subs = login_subs,
    .run = login_run,
};

const struct cmd cmd_logout = {
    .name = "logout",
    .summary = "Remove the key of cordon login.",
    .man = PAGE,
    .run = logout_run,
};
