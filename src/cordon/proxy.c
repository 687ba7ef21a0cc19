/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the proxy of the person's environment. */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "cordon/proxy.h"

#define PROXY_SCHEME "http://"
#define PROXY_PORT   "80"
#define PROXY_MAX    2048 /* bytes */

static const char *
proxy_env(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if (value == NULL || *value == '\0')
		value = getenv(upper);
	return value == NULL || *value == '\0' ? NULL : value;
}

static int
proxy_hex(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* "USER:PASSWORD" with %XX in it, as HTTP's Basic has it. */
static int
proxy_auth(struct buf *out, const char *p, size_t len)
{
	struct buf plain;
	size_t i;
	int r;

	buf_init(&plain, PROXY_MAX);
	for (i = 0; i < len; i++) {
		if (p[i] == '%' && len - i > 2 && proxy_hex(p[i + 1]) >= 0 &&
		    proxy_hex(p[i + 2]) >= 0) {
			(void)buf_addc(&plain, (char)(proxy_hex(p[i + 1]) * 16 +
						      proxy_hex(p[i + 2])));
			i += 2;
		} else
			(void)buf_addc(&plain, p[i]);
	}
	if (memchr(p, ':', len) == NULL)
		(void)buf_addc(&plain, ':');
	r = buf_err(&plain);
	if (r == 0)
		r = jsonw_b64(out, buf_data(&plain), plain.len);
	buf_wipe(&plain);
	return r;
}

/* [http://][USER:PASSWORD@]HOST[:PORT][/] */
static int
proxy_parse(struct session *s, const char *value)
{
	const char *at, *colon;
	char where[512];
	struct buf auth;
	size_t len;
	int r = 0;

	if (strncasecmp(value, PROXY_SCHEME, strlen(PROXY_SCHEME)) == 0)
		value += strlen(PROXY_SCHEME);
	else if (strstr(value, "://") != NULL)
		return ERR_FORMAT;
	len = strlen(value);
	at = memrchr(value, '@', len);
	buf_init(&auth, PROXY_MAX * 2);
	if (at != NULL) {
		r = proxy_auth(&auth, value, (size_t)(at - value));
		value = at + 1;
	}
	len = strcspn(value, "/?#");
	colon = memrchr(value, ':', len);
	if (r == 0)
		r = str_fmt(where, sizeof(where), "%.*s%s", (int)len, value,
		    colon != NULL && value[len - 1] != ']' ? ""
							   : ":" PROXY_PORT);
	if (r == 0 && len == 0)
		r = ERR_FORMAT;
	if (r == 0)
		session_confs(s, ROLE_NET, "net.proxy", where);
	if (r == 0 && auth.len > 0)
		session_conf(s, ROLE_NET, "net.proxy_auth",
		    (struct bytes){buf_data(&auth), auth.len});
	buf_wipe(&auth);
	return r;
}

int
proxy_tell(struct session *s, const char *url, char *why, size_t size)
{
	const char *value = proxy_env("https_proxy", "HTTPS_PROXY");
	const char *none = proxy_env("no_proxy", "NO_PROXY");

	if (value == NULL || !str_starts(url, "https://"))
		return 0;
	if (proxy_parse(s, value) != 0) {
		(void)snprintf(why, size,
		    "https_proxy in the environment names no HTTP proxy: "
		    "http://[USER:PASSWORD@]HOST:PORT is what is understood");
		return ERR_FORMAT;
	}
	if (none != NULL)
		session_confs(s, ROLE_NET, "net.no_proxy", none);
	return 0;
}
