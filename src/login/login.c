/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: login.  It signs a person in at an issuer, or renews what that
 * gave (OAuth 2.0 with PKCE: RFC 6749, RFC 7636).
 *
 * It has no file and makes no connection of its own: it listens on a socket
 * that main has opened, speaks to the issuer over descriptors that net has
 * connected, hands the tokens to main, and ends.
 */

#include "config.h"

#include <sys/random.h>

#include <sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/xmem.h"
#include "http/http.h"
#include "json/json.h"
#include "login/callback.h"
#include "login/grant.h"
#include "proto/proc.h"
#include "sandbox/confine.h"

#define LOGIN_FD_LISTEN FD_EXTRA
#define LOGIN_URL_MAX   2048
#define LOGIN_BODY_MAX  (256u << 10)
#define LOGIN_HTTP_MS   30000
#define LOGIN_POLL_MS   5000 /* where the issuer does not say */
#define LOGIN_EXTRA                                                            \
	"&id_token_add_organizations=true"                                     \
	"&codex_cli_simplified_flow=true"

/* What is asked of the issuer at the moment. */
enum step { STEP_CODE, STEP_POLL, STEP_GRANT };

static struct login {
	struct proc proc;
	struct http *http;            /* owned */
	struct http_request *request; /* owned by http */
	uint32_t connect;             /* id of the CONNECT under way */
	enum step step;
	int status; /* HTTP */
	struct buf ask, answer;
	bool json; /* ask is */
	char mode[16], issuer[512], client[128], scopes[512];
	char url[LOGIN_URL_MAX], redirect[600];
	uint16_t port;
	uint64_t limit_ms, poll_ms;
	struct buf refresh;             /* the old one, of mode refresh */
	struct callback_server *server; /* owned */
	char verifier[64], state[64];
	char device[512], user[64];
} login;

static struct bytes
login_bytes(const struct buf *b)
{
	return (struct bytes){buf_data(b), b->len};
}

/* The end, with tokens or without. */
static void
login_tell(struct grant *g, const char *error)
{
	struct msg_granted m = {.error = bytes_of(error)};

	if (g != NULL) {
		m.access = login_bytes(&g->access);
		m.refresh = login_bytes(&g->refresh);
		m.account = bytes_of(g->account);
		m.expires = g->expires;
	}
	callback_close(login.server);
	login.server = NULL;
	(void)chan_send(login.proc.main, 0, MSG_GRANTED, &m);
}

static void __attribute__((format(printf, 1, 2)))
login_fail(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	login_tell(NULL, text);
}

/* Requests. */

static void login_answered(void);

static void
on_wanted(void *arg, const char *host, uint16_t port)
{
	struct msg_connect m = {bytes_of(host), port};
	struct chan *net = login.proc.peers[ROLE_NET];

	(void)arg;
	login.connect++;
	if (net == NULL || chan_send(net, login.connect, MSG_CONNECT, &m) != 0)
		http_fail(login.request, "no way to connect");
}

static void
on_status(void *arg, int status, const char *type)
{
	(void)arg;
	(void)type;
	login.status = status;
}

static int
on_body(void *arg, const void *p, size_t len)
{
	(void)arg;
	return buf_add(&login.answer, p, len);
}

static void
on_done(void *arg, int err, const char *why)
{
	(void)arg;
	login.request = NULL;
	buf_wipe(&login.ask);
	if (err != 0)
		login_fail("%s: %s", login.issuer, why);
	else
		login_answered();
	buf_wipe(&login.answer);
}

static const struct http_ops http_ops = {
    on_wanted, on_status, on_body, on_done};

/* Sends login.ask to that path of the issuer. */
static void
login_post(enum step step, const char *path)
{
	static const char *const forms[] = {
	    "Content-Type: application/x-www-form-urlencoded",
	    "Accept: application/json", "User-Agent: cordon/" PACKAGE_VERSION,
	    NULL};
	static const char *const jsons[] = {"Content-Type: application/json",
	    "Accept: application/json", "User-Agent: cordon/" PACKAGE_VERSION,
	    NULL};
	struct http_spec spec = {.url = login.url,
	    .headers = login.json ? jsons : forms,
	    .nparts = 1,
	    .connect_ms = LOGIN_HTTP_MS,
	    .idle_ms = LOGIN_HTTP_MS};

	login.step = step;
	login.status = 0;
	spec.parts[0] = login_bytes(&login.ask);
	if (buf_err(&login.ask) == 0 && str_fmt(login.url, sizeof(login.url),
					    "%s%s", login.issuer, path) == 0)
		login.request = http_start(login.http, &spec, &http_ops, NULL);
	if (login.request == NULL)
		login_fail("%s is no address of an issuer; set login.issuer",
		    login.issuer);
}

static void
login_form(const char *name, const char *value)
{
	(void)grant_form(&login.ask, name, bytes_of(value));
}

static void
login_exchange(const char *code, const char *verifier)
{
	login.json = false;
	login_form("grant_type", "authorization_code");
	login_form("code", code);
	login_form("redirect_uri", login.redirect);
	login_form("client_id", login.client);
	login_form("code_verifier", verifier);
	login_post(STEP_GRANT, "/oauth/token");
}

static void
login_refresh(void)
{
	login.json = false;
	login_form("grant_type", "refresh_token");
	(void)grant_form(
	    &login.ask, "refresh_token", login_bytes(&login.refresh));
	login_form("client_id", login.client);
	login_form("scope", login.scopes);
	login_post(STEP_GRANT, "/oauth/token");
}

/* The device flow. */

static void
device_ask(void)
{
	struct jsonw w;

	login.json = true;
	jsonw_init(&w, &login.ask);
	jsonw_object(&w);
	jsonw_kstr(&w, "client_id", login.client);
	jsonw_end(&w);
	login_post(STEP_CODE, "/api/accounts/deviceauth/usercode");
}

static void
device_poll(void *arg)
{
	struct jsonw w;

	(void)arg;
	login.json = true;
	jsonw_init(&w, &login.ask);
	jsonw_object(&w);
	jsonw_kstr(&w, "device_auth_id", login.device);
	jsonw_kstr(&w, "user_code", login.user);
	jsonw_end(&w);
	login_post(STEP_POLL, "/api/accounts/deviceauth/token");
}

static void
login_show(const char *url, const char *code)
{
	struct msg_show m = {bytes_of(url), bytes_of(code)};

	(void)chan_send(login.proc.main, 0, MSG_SHOW, &m);
}

/* The interval is a number in some answers and a text in others. */
static void
device_show(const struct json *j)
{
	const struct json *interval = json_member(j, "interval");
	char url[sizeof(login.issuer) + 32];
	const char *bad;
	int64_t s = json_number(interval);

	if (json_kind(interval) == JSON_T_STR)
		s = strtonum(json_str(j, "interval"), 0, 600, &bad);
	login.poll_ms = s > 0 && s <= 600 ? (uint64_t)s * 1000 : LOGIN_POLL_MS;
	(void)strlcpy(
	    login.device, json_str(j, "device_auth_id"), sizeof(login.device));
	(void)strlcpy(login.user, json_str(j, "user_code"), sizeof(login.user));
	if (*login.device == '\0' || *login.user == '\0') {
		login_fail(
		    "%s gave no code; sign in with a browser", login.issuer);
		return;
	}
	(void)snprintf(url, sizeof(url), "%s/codex/device", login.issuer);
	login_show(url, login.user);
	(void)loop_timer(login.proc.loop, login.poll_ms, device_poll, NULL);
}

static void
device_polled(const struct json *j)
{
	if (login.status == 403 || login.status == 404) { /* not yet */
		(void)loop_timer(
		    login.proc.loop, login.poll_ms, device_poll, NULL);
		return;
	}
	if (login.status != 200 || *json_str(j, "authorization_code") == '\0') {
		login_fail("%s answered %d", login.issuer, login.status);
		return;
	}
	(void)snprintf(login.redirect, sizeof(login.redirect),
	    "%s/deviceauth/callback", login.issuer);
	login_exchange(
	    json_str(j, "authorization_code"), json_str(j, "code_verifier"));
}

/* Answers. */

static void
login_granted(void)
{
	struct grant g;

	grant_init(&g);
	if (grant_read(&g, login_bytes(&login.answer), (uint64_t)time(NULL)) ==
		0 &&
	    login.status == 200)
		login_tell(&g, "");
	else
		login_fail("%s refused (%d)%s%s", login.issuer, login.status,
		    *g.why == '\0' ? "" : ": ", g.why);
	grant_fini(&g);
}

static void
login_answered(void)
{
	struct json *j;
	int err;

	if (login.step == STEP_GRANT) {
		login_granted();
		return;
	}
	j = json_parse(
	    buf_data(&login.answer), login.answer.len, LOGIN_BODY_MAX, &err);
	if (login.step == STEP_POLL)
		device_polled(j);
	else if (login.status == 200)
		device_show(j);
	else
		login_fail("%s answered %d: it may not offer codes for "
			   "devices; sign in with a browser",
		    login.issuer, login.status);
	json_free(j);
}

/* The browser's flow. */

static void
on_callback(void *arg, const struct callback *c)
{
	(void)arg;
	callback_close(login.server);
	login.server = NULL;
	if (*c->error != '\0')
		login_fail("%s refused: %.200s", login.issuer, c->error);
	else
		login_exchange(c->code, login.verifier);
}

static void
random_text(char *dst, size_t size)
{
	uint8_t bytes[32];
	struct buf b;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		fatal("no randomness");
	buf_init(&b, size - 1);
	(void)grant_b64url(&b, bytes, sizeof(bytes));
	(void)strlcpy(dst, buf_cstr(&b), size);
	buf_wipe(&b);
	explicit_bzero(bytes, sizeof(bytes));
}

static void
browser_start(void)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct buf query, challenge;
	char url[LOGIN_URL_MAX];
	SHA2_CTX ctx;

	random_text(login.verifier, sizeof(login.verifier));
	random_text(login.state, sizeof(login.state));
	(void)snprintf(login.redirect, sizeof(login.redirect),
	    "http://localhost:%u" CALLBACK_PATH, login.port);
	SHA256Init(&ctx);
	SHA256Update(
	    &ctx, (const uint8_t *)login.verifier, strlen(login.verifier));
	SHA256Final(digest, &ctx);
	buf_init(&challenge, 64);
	(void)grant_b64url(&challenge, digest, sizeof(digest));
	buf_init(&query, LOGIN_URL_MAX);
	(void)grant_form(&query, "response_type", bytes_of("code"));
	(void)grant_form(&query, "client_id", bytes_of(login.client));
	(void)grant_form(&query, "redirect_uri", bytes_of(login.redirect));
	(void)grant_form(&query, "scope", bytes_of(login.scopes));
	(void)grant_form(&query, "code_challenge", login_bytes(&challenge));
	(void)grant_form(&query, "code_challenge_method", bytes_of("S256"));
	(void)grant_form(&query, "state", bytes_of(login.state));
	(void)buf_adds(&query, LOGIN_EXTRA);
	login.server = callback_listen(login.proc.loop, LOGIN_FD_LISTEN,
	    login.port, login.state, on_callback, NULL);
	if (login.server == NULL || buf_cstr(&query) == NULL ||
	    str_fmt(url, sizeof(url), "%s/oauth/authorize?%s", login.issuer,
		buf_cstr(&query)) != 0)
		login_fail("%s is no address of an issuer; set login.issuer",
		    login.issuer);
	else
		login_show(url, "");
	buf_fini(&query);
	buf_fini(&challenge);
}

/* The process. */

static void
login_late(void *arg)
{
	(void)arg;
	if (login.request != NULL)
		http_cancel(login.request);
	login.request = NULL;
	login_fail("nobody signed in in time; run 'cordon login' again");
}

static int
login_number(struct bytes value, uint64_t max, uint64_t *n)
{
	char text[24];
	const char *bad = "";

	if (bytes_copy(text, sizeof(text), value) == 0)
		*n = (uint64_t)strtonum(text, 0, (long long)max, &bad);
	return bad == NULL ? 0 : ERR_RANGE;
}

static int
login_conf(void *arg, const struct msg_conf *m)
{
	static const struct {
		const char *key;
		char *to;
		size_t size;
	} texts[] = {{"login.mode", login.mode, sizeof(login.mode)},
	    {"login.issuer", login.issuer, sizeof(login.issuer)},
	    {"login.client_id", login.client, sizeof(login.client)},
	    {"login.scopes", login.scopes, sizeof(login.scopes)}};
	uint64_t n = 0;
	size_t i;
	int r;

	(void)arg;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (bytes_is(m->key, texts[i].key))
			return bytes_copy(texts[i].to, texts[i].size, m->value);
	if (bytes_is(m->key, "login.refresh"))
		return buf_add(&login.refresh, m->value.p, m->value.len);
	if (bytes_is(m->key, "login.timeout_ms"))
		return login_number(m->value, INT32_MAX, &login.limit_ms);
	if (!bytes_is(m->key, "login.port"))
		return 0;
	r = login_number(m->value, UINT16_MAX, &n);
	login.port = (uint16_t)n;
	return r;
}

static int
login_start(void *arg)
{
	static const struct {
		const char *mode;
		void (*start)(void);
	} modes[] = {{"browser", browser_start}, {"device", device_ask},
	    {"refresh", login_refresh}};
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(login.mode, modes[i].mode) == 0) {
			(void)loop_timer(
			    login.proc.loop, login.limit_ms, login_late, NULL);
			modes[i].start();
			return 0;
		}
	return ERR_UNSUPP;
}

static int
on_socket(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_socket *m = message;

	(void)arg;
	(void)ch;
	if (login.request != NULL && id == login.connect)
		http_connected(login.request, m->sock);
	else
		fd_close(&m->sock);
	return 0;
}

static int
on_netfail(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_netfail *m = message;
	char why[256];

	(void)arg;
	(void)ch;
	(void)bytes_copy(why, sizeof(why), m->text);
	if (login.request != NULL && id == login.connect)
		http_fail(login.request, why);
	return 0;
}

static const struct chan_handler from_net[] = {
    {MSG_SOCKET, on_socket}, {MSG_NETFAIL, on_netfail}, {0, NULL}};
static const struct proc_peer peers[] = {
    {ROLE_NET, from_net, false}, {ROLE_COUNT, NULL, false}};
static const struct proc_ops ops = {
    .conf = login_conf, .start = login_start, .peers = peers};

int
main(void)
{
	int code;

	proc_init(&login.proc, ROLE_LOGIN, &ops, &login);
	buf_init(&login.ask, LOGIN_BODY_MAX);
	buf_init(&login.answer, LOGIN_BODY_MAX);
	buf_init(&login.refresh, GRANT_TOKEN_MAX);
	login.http = http_new(login.proc.loop);
	confine_role_or_die("login", NULL);
	code = proc_run(&login.proc);
	buf_wipe(&login.refresh);
	explicit_bzero(login.verifier, sizeof(login.verifier));
	return code;
}
