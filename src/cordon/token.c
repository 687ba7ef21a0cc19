/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: the provider's token, on its way to the model process.
 *
 * The command runs below a fork of main, so that a slow one keeps nobody
 * waiting but the turn that needs it.  What it prints passes through one
 * buffer here, which is wiped as soon as the model has it.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cordon/login.h"
#include "cordon/oneshot.h"
#include "cordon/provider.h"
#include "cordon/session.h"
#include "cordon/token.h"

#define TOKEN_MAX     65000 /* bytes */
#define TOKEN_ARGS    64
#define TOKEN_TIMEOUT 5000 /* ms, as the table of keys has it */
#define TOKEN_FD      3    /* of the child: where the answer goes */

/* Variables that give a key for one run, whatever is configured. */
static const char *const run_keys[] = {"CORDON_API_KEY", "CODEX_API_KEY"};

static const char *
token_env(const struct conf *c)
{
	const char *name, *value;
	size_t i;

	for (i = 0; i < sizeof(run_keys) / sizeof(run_keys[0]); i++) {
		value = getenv(run_keys[i]);
		if (value != NULL && *value != '\0')
			return value;
	}
	name = provider_text(c, "env_key");
	value = name == NULL ? NULL : getenv(name);
	return value == NULL || *value == '\0' ? NULL : value;
}

static bool
token_of_login(const struct conf *c)
{
	const char *wanted = provider_text(c, "requires_openai_auth");

	return wanted != NULL && strcmp(wanted, "true") == 0;
}

enum token_source
token_source(const struct conf *c)
{
	if (token_env(c) != NULL)
		return TOKEN_ENV;
	if (provider_text(c, "auth.command") != NULL)
		return TOKEN_COMMAND;
	return provider_text(c, "env_key") != NULL || token_of_login(c)
		   ? TOKEN_ENV
		   : TOKEN_NONE;
}

void
token_init(struct token_giver *g)
{
	memset(g, 0, sizeof(*g));
	g->pipe = -1;
}

void
token_fini(struct token_giver *g)
{
	explicit_bzero(g->answer, sizeof(g->answer));
	fd_close(&g->pipe);
}

static void
token_send(struct token_giver *g, struct bytes token, const char *error)
{
	struct chan *model = session_chan(g->session, ROLE_MODEL);
	struct msg_token m = {token, bytes_of(error)};

	if (model != NULL)
		(void)chan_send(model, 0, MSG_TOKEN, &m);
}

/* The key of cordon login, where the provider is one that takes it. */
static bool
token_from_login(struct token_giver *g)
{
	char why[512] = "";
	struct buf key;
	int r;

	if (!token_of_login(g->conf))
		return false;
	buf_init(&key, LOGIN_KEY_MAX);
	r = login_read(g->paths, &key, why, sizeof(why));
	if (r == 0)
		token_send(g, (struct bytes){buf_data(&key), key.len}, "");
	else if (r != ERR_NOENT)
		token_send(g, bytes_of(""), why);
	buf_wipe(&key);
	return r != ERR_NOENT;
}

static void
token_from_env(struct token_giver *g)
{
	const char *value = token_env(g->conf), *name, *hint;
	char why[512];

	if (value != NULL) {
		token_send(g, bytes_of(value), "");
		return;
	}
	if (token_from_login(g))
		return;
	name = provider_text(g->conf, "env_key");
	hint = provider_text(g->conf, "env_key_instructions");
	if (name == NULL)
		name = "CORDON_API_KEY";
	(void)snprintf(why, sizeof(why),
	    "Missing environment variable: `%s`.%s%s", name,
	    hint == NULL ? "" : " ", hint == NULL ? "" : hint);
	token_send(g, bytes_of(""), why);
}

/* The command, in the child. */

static size_t
token_argv(const struct conf *c, const char **argv)
{
	const struct conf_value *args;
	size_t n = 0, i;

	argv[n++] = provider_text(c, "auth.command");
	args = provider_value(c, "auth.args");
	for (i = 0; args != NULL && i < args->n && n < TOKEN_ARGS - 1; i++)
		argv[n++] = args->v[i];
	argv[n] = NULL;
	return n;
}

static uint64_t
token_ms(const struct conf *c)
{
	const char *text = provider_text(c, "auth.timeout_ms"), *why;
	long long ms =
	    text == NULL ? TOKEN_TIMEOUT : strtonum(text, 1, INT32_MAX, &why);

	return ms > 0 ? (uint64_t)ms : TOKEN_TIMEOUT;
}

/* Everything as the person has it, but not the workspace. */
static int
token_spec(const struct token_giver *g, struct spec *s)
{
	int r;

	spec_init(s);
	r = spec_adds(s, "/", SPEC_READ | SPEC_WRITE | SPEC_EXEC);
	if (r == 0)
		r = spec_adds(s, g->workspace, SPEC_HIDE);
	s->net = SPEC_NET_HOST;
	s->limits.wall_ms = token_ms(g->conf);
	s->limits.fsize = TOKEN_MAX + 4096;
	return r;
}

static struct bytes
token_trim(struct bytes b)
{
	while (b.len > 0 && isspace(b.p[b.len - 1]))
		b.len--;
	while (b.len > 0 && isspace(b.p[0])) {
		b.p++;
		b.len--;
	}
	return b;
}

/* One byte, 0 for a token and 1 for what went wrong, and then that. */
static _Noreturn void
token_answer(bool ok, const void *p, size_t len)
{
	uint8_t head = !ok;

	(void)!write(TOKEN_FD, &head, 1);
	(void)fd_write_all(TOKEN_FD, p, len);
	_exit(0);
}

static _Noreturn void __attribute__((format(printf, 1, 2)))
token_refuse(const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	token_answer(false, why, strlen(why));
}

static _Noreturn void
token_run(const struct token_giver *g)
{
	const char *argv[TOKEN_ARGS], *cwd;
	struct oneshot o = {.argv = argv,
	    .paths = g->paths,
	    .env = (const char *const *)environ,
	    .in = -1,
	    .quiet = true};
	struct spec spec;
	struct bytes token;
	struct buf out;
	int code;

	(void)token_argv(g->conf, argv);
	cwd = provider_text(g->conf, "auth.cwd");
	o.cwd = cwd == NULL ? g->paths->config : cwd;
	if (token_spec(g, &spec) != 0)
		token_refuse("the token command `%s` cannot be run", argv[0]);
	o.ceiling = o.grant = &spec;
	buf_init(&out, 1u << 20);
	code = oneshot_run(&o, &out);
	token = token_trim((struct bytes){buf_data(&out), out.len});
	if (code == 124 || code == -EX_TEMPFAIL)
		token_refuse("the token command `%s` took more than %llu ms",
		    argv[0], (unsigned long long)token_ms(g->conf));
	if (code < 0)
		token_refuse("the token command `%s` cannot be run in %s",
		    argv[0], o.cwd);
	/* It cannot write more than a little beyond the limit. */
	if (out.len > TOKEN_MAX || code == 128 + SIGXFSZ)
		token_refuse(
		    "the token command `%s` printed more than 64 KiB", argv[0]);
	if (code != 0)
		token_refuse("the token command `%s` failed with status %d",
		    argv[0], code);
	if (token.len == 0)
		token_refuse("the token command `%s` printed nothing", argv[0]);
	token_answer(true, token.p, token.len);
}

static _Noreturn void
token_child(const struct token_giver *g, int fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setsid();
	if (dup2(fd, TOKEN_FD) == -1 ||
	    syscall(SYS_close_range, TOKEN_FD + 1u, ~0u, 0u) == -1)
		_exit(1);
	session_forget();
	token_run(g);
}

/* The answer. */

static void
token_done(struct token_giver *g)
{
	loop_fd_del(session_loop(g->session), g->pipe);
	fd_close(&g->pipe);
	if (g->len == 0)
		token_send(g, bytes_of(""), "the token command ended early");
	else if (g->answer[0] == 0)
		token_send(g, (struct bytes){g->answer + 1, g->len - 1}, "");
	else {
		g->answer[g->len < sizeof(g->answer) ? g->len : g->len - 1] =
		    '\0';
		token_send(g, bytes_of(""), (const char *)g->answer + 1);
	}
	explicit_bzero(g->answer, sizeof(g->answer));
	g->len = 0;
}

static void
token_ready(void *arg, int fd, short events)
{
	struct token_giver *g = arg;
	ssize_t n;

	(void)events;
	n = read(fd, g->answer + g->len, sizeof(g->answer) - g->len);
	if (n > 0)
		g->len += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		token_done(g);
}

static void
token_reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status; /* the end of the pipe says all */
}

static void
token_start(struct token_giver *g)
{
	struct loop *loop = session_loop(g->session);
	int p[2];
	pid_t pid;

	if (g->pipe != -1) /* one is running already; its answer will do */
		return;
	if (pipe2(p, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		token_send(g, bytes_of(""), "the token command cannot start");
		return;
	}
	if (pid == 0)
		token_child(g, p[1]);
	(void)close(p[1]);
	g->pipe = p[0];
	g->len = 0;
	if (loop_child(loop, pid, -1, token_reaped, g) != 0 ||
	    loop_fd(loop, g->pipe, POLLIN, token_ready, g) != 0)
		token_done(g);
}

void
token_wanted(struct token_giver *g, enum token_reason reason)
{
	(void)reason; /* a new token is a new token */
	if (token_source(g->conf) == TOKEN_COMMAND)
		token_start(g);
	else
		token_from_env(g);
}
