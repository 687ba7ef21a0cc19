/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what the model and net are told of the provider. */

#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/form.h"
#include "conf/keys.h"
#include "cordon/provider.h"
#include "cordon/proxy.h"
#include "cordon/tell.h"
#include "cordon/token.h"

#define QUERY_MAX  4096
#define HEADER_MAX 8192

struct tell {
	const struct conf *conf; /* borrowed */
	struct session *session; /* borrowed */
	struct buf query;
};

/* Leaves that the model is told as they are. */
static const char *const plain[] = {"wire_api", "request_max_retries",
    "stream_max_retries", "stream_idle_timeout_ms"};

/* RFC 3986, 2.3: what stands for itself. */
static void
tell_encode(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL)
			(void)buf_addc(out, *s);
		else
			(void)buf_addf(out, "%%%02X", (unsigned char)*s);
}

/* RFC 9110, 5.6.2: what a name is made of. */
static bool
tell_header_name(const char *s)
{
	while (isalnum((unsigned char)*s) ||
	       (*s != '\0' && strchr("!#$%&'*+-.^_`|~", *s) != NULL))
		s++;
	return *s == '\0';
}

static bool
tell_header_safe(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7F)
			return false;
	return true;
}

static int
tell_header(struct tell *t, const char *name, const char *value)
{
	char line[HEADER_MAX];

	if (value == NULL) /* an unset variable: no header */
		return 0;
	if (!tell_header_name(name) || !tell_header_safe(value) ||
	    str_fmt(line, sizeof(line), "%s: %s", name, value) != 0)
		return ERR_FORMAT;
	session_confs(t->session, ROLE_MODEL, "provider.header", line);
	return 0;
}

/* One value of the provider's table: leaf, and below it perhaps a name. */
static int
tell_value(
    struct tell *t, const char *leaf, const char *name, const char *value)
{
	char key[128];
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(leaf, plain[i]) == 0) {
			(void)snprintf(key, sizeof(key), "provider.%s", leaf);
			session_confs(t->session, ROLE_MODEL, key, value);
		}
	if (name == NULL)
		return 0;
	if (strcmp(leaf, "http_headers") == 0)
		return tell_header(t, name, value);
	if (strcmp(leaf, "env_http_headers") == 0)
		return tell_header(t, name, getenv(value));
	if (strcmp(leaf, "query_params") == 0) {
		if (t->query.len > 0)
			(void)buf_addc(&t->query, '&');
		tell_encode(&t->query, name);
		(void)buf_addc(&t->query, '=');
		tell_encode(&t->query, value);
		return buf_err(&t->query);
	}
	return 0;
}

static int
tell_values(struct tell *t, char *why, size_t size)
{
	const char *provider = conf_text(t->conf, "model_provider");
	const struct conf_value *const *all;
	struct key_path path;
	size_t i, n;
	int r = 0;

	all = conf_all(t->conf, &n);
	for (i = 0; r == 0 && i < n; i++) {
		if (!str_starts(all[i]->name, "model_providers.") ||
		    all[i]->n != 1 || key_split(&path, all[i]->name) != 0 ||
		    path.n < 3 || strcmp(path.part[1], provider) != 0)
			continue;
		r = tell_value(t, path.part[2],
		    path.n > 3 ? path.part[3] : NULL, all[i]->v[0]);
		if (r == ERR_FORMAT)
			(void)snprintf(why, size,
			    "%s is no header; a name has letters, digits and "
			    "-, a value is one line",
			    all[i]->name);
		else if (r != 0)
			(void)snprintf(why, size, "%s: %s; make it shorter",
			    all[i]->name, err_str(r));
	}
	return r;
}

int
tell_provider(const struct conf *c, const struct paths *paths,
    struct session *s, char *why, size_t size)
{
	const char *url = token_base_url(c, paths), *private;
	struct tell t = {.conf = c, .session = s};
	char host[512];
	int r;

	if (url == NULL) {
		(void)snprintf(why, size,
		    "provider %s has no base_url: set "
		    "model_providers.%s.base_url",
		    conf_text(c, "model_provider"),
		    conf_text(c, "model_provider"));
		return ERR_NOENT;
	}
	r = form_authority(url, host, sizeof(host));
	assert(r == 0 && "the table of keys has checked it");
	buf_init(&t.query, QUERY_MAX);
	r = tell_values(&t, why, size);
	if (r == 0 && t.query.len > 0)
		session_confs(
		    s, ROLE_MODEL, "provider.query", buf_cstr(&t.query));
	buf_fini(&t.query);
	session_confs(s, ROLE_MODEL, "provider.base_url", url);
	private = provider_text(c, "private_address");
	session_confs(s, ROLE_NET,
	    private != NULL && strcmp(private, "true") == 0 ? "net.private_host"
							    : "net.host",
	    host);
	if (r == 0)
		r = proxy_tell(s, url, why, size);
	session_confs(s, ROLE_MODEL, "provider.token",
	    token_source(c) == TOKEN_NONE ? "0" : "1");
	if (token_source(c) == TOKEN_COMMAND)
		session_confs(s, ROLE_MODEL, "provider.refresh_interval_ms",
		    provider_text(c, "auth.refresh_interval_ms"));
	return r;
}
