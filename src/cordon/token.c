/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: the provider's token, on its way to the model process.  What
 * a token command prints passes through the errand's buffer, which is wiped
 * as soon as the model has it.
 */

#include "config.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xmem.h"
#include "cordon/errand.h"
#include "cordon/login.h"
#include "cordon/oneshot.h"
#include "cordon/provider.h"
#include "cordon/session.h"
#include "cordon/token.h"

#define TOKEN_MAX     65000 /* bytes */
#define TOKEN_ARGS    64
#define TOKEN_TIMEOUT 5000 /* ms, as the table of keys has it */

/* Variables that give a key for one run, whatever is configured. */
static const char *const run_keys[] = {"CORDON_API_KEY", "CODEX_API_KEY"};

#define RUN_KEYS (sizeof(run_keys) / sizeof(run_keys[0]))

/*
 * Keys that variables gave.  What a process was started with is open to all
 * others of its user, proc(5), so the values there are written over; as long
 * as they were, since a variable goes on to count as set.
 */
static struct taken {
	char *name; /* owned, or NULL */
	struct buf value;
} taken[RUN_KEYS + 1];

/* The i-th variable that can give a key, the first that does so wins. */
static const char *
token_variable(const struct conf *c, size_t i)
{
	return i < RUN_KEYS ? run_keys[i] : provider_text(c, "env_key");
}

static struct taken *
token_taken(const char *name)
{
	struct taken *t = taken;

	while (t < taken + RUN_KEYS + 1 && t->name != NULL &&
	       strcmp(t->name, name) != 0)
		t++;
	return t;
}

/* The name of the variable that gives the key, or NULL. */
static const char *
token_env(const struct conf *c)
{
	const char *name, *value;
	size_t i;

	for (i = 0; i <= RUN_KEYS; i++) {
		name = token_variable(c, i);
		value = name == NULL ? NULL : getenv(name);
		if (value != NULL && *value != '\0')
			return name;
	}
	return NULL;
}

/* Sessions follow each other in one process, and the next one's provider may
 * have another variable: one too many is left where it is. */
static void
token_take(const struct conf *c)
{
	struct taken *t;
	const char *name;
	char *value;
	size_t i;

	for (i = 0; i <= RUN_KEYS; i++) {
		name = token_variable(c, i);
		value = name == NULL ? NULL : getenv(name);
		if (value == NULL)
			continue;
		t = token_taken(name);
		if (t == taken + RUN_KEYS + 1 || t->name != NULL)
			continue;
		t->name = xstrdup(name);
		buf_init(&t->value, strlen(value) + 1);
		(void)buf_adds(&t->value, value);
		memset(value, 'x', strlen(value));
	}
}

static const char *
token_value(const char *name)
{
	struct taken *t = token_taken(name);

	return t == taken + RUN_KEYS + 1 || t->name == NULL
		   ? getenv(name)
		   : buf_cstr(&t->value);
}

static bool
token_of_login(const struct conf *c)
{
	const char *wanted = provider_text(c, "requires_openai_auth");

	return wanted != NULL && strcmp(wanted, "true") == 0;
}

const char *
token_base_url(const struct conf *c, const struct paths *paths)
{
	const struct conf_value *url = provider_value(c, "base_url");

	if (url != NULL && url->layer == LAYER_BUILTIN && token_of_login(c) &&
	    token_env(c) == NULL && signin_there(paths))
		return conf_text(c, "login.base_url");
	return provider_text(c, "base_url");
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

static errand_done_fn token_done;

void
token_init(struct token_giver *g)
{
	token_take(g->conf);
	errand_init(&g->errand, g->session, token_done, g);
}

void
token_fini(struct token_giver *g)
{
	errand_fini(&g->errand);
}

static void
token_send(struct token_giver *g, struct bytes token, const char *error)
{
	struct chan *model = session_chan(g->session, ROLE_MODEL);
	struct msg_token m = {.token = token, .error = bytes_of(error)};

	if (model != NULL)
		(void)chan_send(model, 0, MSG_TOKEN, &m);
}

static void
token_start(struct token_giver *g, errand_run_fn *run)
{
	if (errand_runs(&g->errand)) /* its answer will do */
		return;
	if (errand_start(&g->errand, run, g, -1) != 0)
		token_send(g, bytes_of(""), "no process can be started for it");
}

/* A sign-in, renewed below a fork where that is due, so that a slow issuer
 * keeps nobody waiting but the turn that needs it. */

static void
token_send_signed(
    struct token_giver *g, struct bytes token, const char *account)
{
	struct chan *model = session_chan(g->session, ROLE_MODEL);
	struct msg_token m = {token, bytes_of(account), bytes_of("")};

	signin_digest(g->sent, token);
	g->has_sent = true;
	if (model != NULL)
		(void)chan_send(model, 0, MSG_TOKEN, &m);
}

/* The account, a blank, and the token. */
static void
token_renew(const void *what, int input)
{
	const struct token_giver *g = what;
	struct signin s;
	struct buf out;
	char why[400];

	(void)input;
	signin_init(&s);
	if (signin_renew(g->conf, g->paths, g->refused ? g->sent : NULL, &s,
		why, sizeof(why)) != 0)
		errand_refuse("%s", why);
	buf_init(&out, SIGNIN_TOKEN_MAX + sizeof(s.account));
	(void)buf_addf(&out, "%s ", s.account);
	if (buf_add(&out, buf_data(&s.access), s.access.len) != 0)
		errand_refuse("the token is too long");
	errand_answer(buf_data(&out), out.len);
}

static void
token_renewed(struct token_giver *g, struct bytes answer)
{
	const uint8_t *blank = memchr(answer.p, ' ', answer.len);
	char account[129];
	size_t n = blank == NULL ? 0 : (size_t)(blank - answer.p);

	if (blank == NULL || bytes_copy(account, sizeof(account),
				 (struct bytes){answer.p, n}) != 0)
		token_send(g, bytes_of(""), "the sign-in ended early");
	else
		token_send_signed(
		    g, (struct bytes){blank + 1, answer.len - n - 1}, account);
}

/* The sign-in, if there is one: as it is, or renewed. */
static bool
token_from_signin(struct token_giver *g)
{
	char why[512] = "";
	struct signin s;
	int r;

	signin_init(&s);
	r = signin_read(g->paths, &s, why, sizeof(why));
	if (r == 0 && !g->refused && !signin_stale(&s, (uint64_t)time(NULL)))
		token_send_signed(g,
		    (struct bytes){buf_data(&s.access), s.access.len},
		    s.account);
	else if (r == 0)
		token_start(g, token_renew);
	else if (r != ERR_NOENT)
		token_send(g, bytes_of(""), why);
	signin_fini(&s);
	return r != ERR_NOENT;
}

/* What cordon login keeps, where the provider is one that takes it. */
static bool
token_from_login(struct token_giver *g)
{
	char why[512] = "";
	struct buf key;
	int r;

	if (!token_of_login(g->conf))
		return false;
	if (token_from_signin(g))
		return true;
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
	const char *name = token_env(g->conf), *hint;
	char why[512];

	if (name != NULL) {
		token_send(g, bytes_of(token_value(name)), "");
		return;
	}
	if (token_from_login(g))
		return;
	name = provider_text(g->conf, "env_key");
	hint = provider_text(g->conf, "env_key_instructions");
	if (name == NULL)
		name = "CORDON_API_KEY";
	(void)snprintf(why, sizeof(why),
	    "Missing environment variable: `%s`. %s", name,
	    hint == NULL ? "Export it, or name another in env_key." : hint);
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

static void
token_run(const void *what, int input)
{
	const struct token_giver *g = what;
	const char *argv[TOKEN_ARGS], *cwd;
	struct oneshot o = {.argv = argv,
	    .paths = g->paths,
	    .env = (const char *const *)environ,
	    .tier = conf_text(g->conf, "sandbox_tier"),
	    .in = -1,
	    .quiet = true};
	struct spec spec;
	struct bytes token;
	struct buf out;
	int code;

	(void)input;
	(void)token_argv(g->conf, argv);
	cwd = provider_text(g->conf, "auth.cwd");
	o.cwd = cwd == NULL ? g->paths->config : cwd;
	if (errand_spec(
		&spec, g->workspace, token_ms(g->conf), TOKEN_MAX + 4096) != 0)
		errand_refuse("the token command `%s` cannot be run", argv[0]);
	o.ceiling = o.grant = &spec;
	buf_init(&out, 1u << 20);
	code = oneshot_run(&o, &out);
	token = token_trim((struct bytes){buf_data(&out), out.len});
	if (code == 124 || code == -EX_TEMPFAIL)
		errand_refuse("the token command `%s` took more than %llu ms",
		    argv[0], (unsigned long long)token_ms(g->conf));
	if (code < 0)
		errand_refuse("the token command `%s` cannot be run in %s",
		    argv[0], o.cwd);
	/* It cannot write more than a little beyond the limit. */
	if (out.len > TOKEN_MAX || code == 128 + SIGXFSZ)
		errand_refuse(
		    "the token command `%s` printed more than 64 KiB", argv[0]);
	if (code != 0)
		errand_refuse("the token command `%s` failed with status %d",
		    argv[0], code);
	if (token.len == 0)
		errand_refuse(
		    "the token command `%s` printed nothing", argv[0]);
	errand_answer(token.p, token.len);
}

static void
token_done(void *arg, bool ok, struct bytes answer)
{
	struct token_giver *g = arg;
	char why[512];

	if (ok && token_source(g->conf) == TOKEN_COMMAND) {
		token_send(g, answer, "");
		return;
	}
	if (ok) {
		token_renewed(g, answer);
		return;
	}
	(void)snprintf(
	    why, sizeof(why), "%.*s", (int)answer.len, (const char *)answer.p);
	token_send(g, bytes_of(""), why);
}

/* That a token is used and why, never which. */
static void
token_record(struct token_giver *g, enum token_reason reason)
{
	static const char *const reasons[] = {[TOKEN_FIRST] = "first",
	    [TOKEN_STALE] = "stale",
	    [TOKEN_REJECTED] = "rejected"};
	static const char *const sources[] = {[TOKEN_NONE] = "none",
	    [TOKEN_ENV] = "kept",
	    [TOKEN_COMMAND] = "command"};
	char data[128];

	(void)snprintf(data, sizeof(data),
	    "{\"reason\":\"%s\",\"from\":\"%s\"}", reasons[reason],
	    sources[token_source(g->conf)]);
	session_record(g->session, AUDIT_TOKEN, bytes_of(data));
}

void
token_wanted(struct token_giver *g, enum token_reason reason)
{
	token_record(g, reason);
	/* For a command a new token is a new token. */
	g->refused = reason == TOKEN_REJECTED && g->has_sent;
	if (token_source(g->conf) == TOKEN_COMMAND)
		token_start(g, token_run);
	else
		token_from_env(g);
}
