/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon login, login status and logout: a sign-in with a plan, or a
 * provider's key, in a file of the person's own.  A key comes on standard
 * input alone, never as an argument; neither it nor a token is ever shown.
 */

#include "config.h"

#include <errno.h>
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
#include "cordon/settings.h"
#include "cordon/signin.h"

struct login_args {
	bool with_api_key, device;
	struct opt_list config;
};

static const struct opt login_opts[] = {
    {"with-api-key", '\0', OPT_FLAG, NULL,
	"read the key from standard input and keep it",
	.off = offsetof(struct login_args, with_api_key)},
    {"device", '\0', OPT_FLAG, NULL,
	"sign in by a code that is typed in a browser elsewhere",
	.off = offsetof(struct login_args, device)},
    {"config", 'c', OPT_LIST, "KEY=VALUE", "set a configuration key",
	.off = offsetof(struct login_args, config)},
    {0}};

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
		log_error(
		    "login: there is no key on standard input; give one line "
		    "of printable characters, at most %d bytes",
		    LOGIN_KEY_MAX);
		return EX_DATAERR;
	}
	if (login_write(paths, key, why, sizeof(why)) != 0) {
		log_error("login: %s", why);
		return EX_CANTCREAT;
	}
	(void)signin_forget(paths);
	(void)printf(
	    "Logged in: the key is in %s/%s.\n", paths->config, LOGIN_FILE);
	return EX_OK;
}

static void
login_show(const char *url, const char *code)
{
	(void)printf(
	    "Open this address in a browser and sign in:\n\n  %s\n\n", url);
	if (*code != '\0')
		(void)printf("and type this code there:\n\n  %s\n\n"
			     "Type no code that somebody else has sent you.\n",
		    code);
	(void)fflush(stdout);
}

static int
login_sign_in(const struct login_args *args, const struct paths *paths)
{
	const struct session_args session = {.config = args->config};
	struct conf *c = settings_read(&session, paths);
	struct signin s;
	char why[512];
	int r;

	if (c == NULL)
		return EX_CONFIG;
	signin_init(&s);
	r = signin_run(c, args->device ? "device" : "browser", &s, login_show,
	    why, sizeof(why));
	if (r == 0)
		r = signin_write(paths, &s, why, sizeof(why));
	if (r == 0) {
		(void)login_forget(paths);
		(void)printf("Signed in: what the issuer gave is in %s/%s.\n",
		    paths->config, SIGNIN_FILE);
	} else
		log_error("login: %s", why);
	signin_fini(&s);
	conf_free(c);
	return r == 0 ? EX_OK : EX_UNAVAILABLE;
}

static int
login_run(const struct cmd_line *line)
{
	const struct login_args *args = line->args;
	struct paths paths;
	struct buf key;
	int code;

	if (args->with_api_key && args->device) {
		log_error("login: --with-api-key and --device are two ways; "
			  "give one");
		return EX_USAGE;
	}
	code = settings_paths(&paths);
	if (code != EX_OK)
		return code;
	buf_init(&key, LOGIN_KEY_MAX);
	code = args->with_api_key ? login_store(&paths, &key)
				  : login_sign_in(args, &paths);
	buf_wipe(&key);
	paths_fini(&paths);
	return code;
}

/* A sign-in, if there is one; ERR_NOENT if not. */
static int
status_signin(const struct paths *paths, char *why, size_t size)
{
	struct signin s;
	int r;

	signin_init(&s);
	r = signin_read(paths, &s, why, size);
	if (r == 0)
		(void)printf("Signed in%s%s, in %s/%s.\n",
		    *s.account == '\0' ? "" : " to account ", s.account,
		    paths->config, SIGNIN_FILE);
	signin_fini(&s);
	return r;
}

static int
status_run(const struct cmd_line *line)
{
	struct paths paths;
	struct buf key;
	char why[512];
	int r;

	(void)line;
	r = settings_paths(&paths);
	if (r != EX_OK)
		return r;
	r = status_signin(&paths, why, sizeof(why));
	if (r != ERR_NOENT) {
		if (r != 0)
			log_error("login: %s", why);
		paths_fini(&paths);
		return r == 0 ? EX_OK : EX_NOPERM;
	}
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
	int r, other;

	(void)line;
	r = settings_paths(&paths);
	if (r != EX_OK)
		return r;
	r = login_forget(&paths);
	other = signin_forget(&paths);
	if (r == ERR_NOENT || (r == 0 && other != ERR_NOENT))
		r = other;
	if (r == 0 || r == ERR_NOENT)
		(void)puts(r == 0 ? "Logged out." : "Not logged in.");
	else
		log_error("logout: the files in %s cannot be removed: %s",
		    paths.config, err_sys(errno));
	paths_fini(&paths);
	return r == 0 || r == ERR_NOENT ? EX_OK : EX_IOERR;
}

static const struct cmd login_status = {
    .name = "status",
    .summary = "Say whether you are signed in.",
    .run = status_run,
};

static const struct cmd *const login_subs[] = {&login_status, NULL};

const struct cmd cmd_login = {
    .name = "login",
    .summary = "Sign in, or keep a provider's key.",
    .man = "cordon-login(1)",
    .opts = login_opts,
    .args_size = sizeof(struct login_args),
    .subs = login_subs,
    .run = login_run,
};

const struct cmd cmd_logout = {
    .name = "logout",
    .summary = "Remove what cordon login keeps.",
    .man = "cordon-login(1)",
    .run = logout_run,
};
