/* SPDX-License-Identifier: Apache-2.0 */

/* Library: texts of the configuration that must have a form.  Pure functions.
 */

#include "config.h"

#include <netinet/in.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/form.h"

#define HTTP  "http://"
#define HTTPS "https://"

/* A name or an address, and where there is one a port that is a number. */
static int
check_authority(const char *host, size_t len)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	char text[256];
	const char *rest = text, *bad = NULL;

	if (str_fmt(text, sizeof(text), "%.*s", (int)len, host) != 0)
		return ERR_SPACE;
	if (*rest == '[')
		rest += strspn(rest + 1, "0123456789abcdefABCDEF:.") + 1;
	else
		rest += strspn(rest, fit);
	if (rest == text || (*text == '[' && *rest++ != ']'))
		return ERR_FORMAT;
	if (*rest == '\0')
		return 0;
	if (*rest++ == ':')
		(void)strtonum(rest, 1, 65535, &bad);
	else
		bad = rest;
	return bad == NULL ? 0 : ERR_FORMAT;
}

int
form_authority(const char *url, char *dst, size_t size)
{
	const char *host;
	size_t len;
	int port;

	if (str_starts(url, HTTPS))
		port = 443;
	else if (str_starts(url, HTTP))
		port = 80;
	else
		return ERR_FORMAT;
	host = strstr(url, "://") + 3;
	len = strcspn(host, "/?#");
	if (check_authority(host, len) != 0)
		return ERR_FORMAT;
	if (memrchr(host, ':', len) != NULL && host[len - 1] != ']')
		return str_fmt(dst, size, "%.*s", (int)len, host);
	return str_fmt(dst, size, "%.*s:%d", (int)len, host, port);
}

bool
form_clear(const char *url)
{
	char host[512];
	struct in_addr ip;

	if (!str_starts(url, HTTP) ||
	    form_authority(url, host, sizeof(host)) != 0)
		return false;
	*strrchr(host, ':') = '\0';
	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return false;
	return inet_pton(AF_INET, host, &ip) != 1 ||
	       ntohl(ip.s_addr) >> 24 != IN_LOOPBACKNET;
}

static bool
is_url(const char *text)
{
	char host[512];

	return form_authority(text, host, sizeof(host)) == 0;
}

static bool
is_variable(const char *text)
{
	if (isdigit((unsigned char)*text))
		return false;
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return *text == '\0';
}

static const struct {
	bool (*is)(const char *text);
	const char *wanted;
} forms[] = {
    [FORM_URL] = {is_url, "an address such as https://HOST/v1"},
    [FORM_VARIABLE] = {is_variable, "the name of a variable"},
};

const char *
form_wants(enum key_form form, const char *text)
{
	if (form == FORM_ANY || forms[form].is(text))
		return NULL;
	return forms[form].wanted;
}
