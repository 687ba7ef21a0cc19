/* SPDX-License-Identifier: Apache-2.0 */

/* Net: host names and addresses as data. */

#include "config.h"

#include <netinet/in.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/host.h"

#define LABEL_MAX 63

static bool
host_label(const uint8_t *p, size_t len)
{
	size_t i;

	if (len == 0 || len > LABEL_MAX || p[0] == '-' || p[len - 1] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(p[i]) && p[i] != '-')
			return false;
	return true;
}

enum host_kind
host_kind(struct bytes host)
{
	char text[HOST_MAX + 1];
	uint8_t addr[16];
	size_t start, i;
	bool number = true; /* the last label looks like a number */

	if (host.len == 0 || bytes_copy(text, sizeof(text), host) != 0)
		return HOST_BAD;
	if (inet_pton(AF_INET, text, addr) == 1 ||
	    inet_pton(AF_INET6, text, addr) == 1)
		return HOST_ADDRESS;
	for (start = i = 0; i <= host.len; i++) {
		if (i < host.len && text[i] != '.')
			continue;
		if (i == host.len && i == start && i > 0)
			break; /* the dot at the end */
		if (!host_label((uint8_t *)text + start, i - start))
			return HOST_BAD;
		number = isdigit((unsigned char)text[start]) &&
			 strspn(text + start, "0123456789abcdefxABCDEFX") >=
			     i - start;
		start = i + 1;
	}
	/* Another spelling of an address, which resolvers would take. */
	return number ? HOST_BAD : HOST_NAME;
}

bool
host_same(struct bytes a, struct bytes b)
{
	if (a.len > 0 && a.p[a.len - 1] == '.')
		a.len--;
	if (b.len > 0 && b.p[b.len - 1] == '.')
		b.len--;
	return a.len == b.len &&
	       strncasecmp((const char *)a.p, (const char *)b.p, a.len) == 0;
}

struct block {
	uint32_t net;
	unsigned bits;
};

/* RFC 6890 and its successors; host byte order. */
static const struct block blocks[] = {{0x00000000, 8}, {0x0A000000, 8},
    {0x64400000, 10}, {0x7F000000, 8}, {0xA9FE0000, 16}, {0xAC100000, 12},
    {0xC0000000, 24}, {0xC0000200, 24}, {0xC0A80000, 16}, {0xC6120000, 15},
    {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3}};

static bool
host_private4(uint32_t ip)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if ((ip ^ blocks[i].net) >> (32 - blocks[i].bits) == 0)
			return true;
	return false;
}

static bool
host_private6(const uint8_t *a)
{
	static const uint8_t zero[12],
	    mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	static const uint8_t nat64[12] = {0, 0x64, 0xFF, 0x9B};
	uint32_t ip4;

	memcpy(&ip4, a + 12, sizeof(ip4));
	if (memcmp(a, zero, 12) == 0) /* ::, ::1, and IPv4-compatible */
		return true;
	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return host_private4(ntohl(ip4));
	/* Global unicast is 2000::/3; documentation is 2001:db8::/32. */
	if ((a[0] & 0xE0) != 0x20)
		return true;
	return a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0D && a[3] == 0xB8;
}

bool
host_private(const struct sockaddr *sa)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (sa->sa_family == AF_INET) {
		memcpy(&four, sa, sizeof(four));
		return host_private4(ntohl(four.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&six, sa, sizeof(six));
		return host_private6(six.sin6_addr.s6_addr);
	}
	return true;
}

bool
host_inside(struct bytes host)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	char text[HOST_MAX + 1];

	if (bytes_copy(text, sizeof(text), host) != 0)
		return false;
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return host_private((const struct sockaddr *)&four);
	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
		return host_private((const struct sockaddr *)&six);
	return host_same(host, bytes_of("localhost"));
}

/* One entry against the host: the whole of it, or its end behind a dot. */
static bool
host_entry(const char *p, size_t len, struct bytes host, uint32_t port)
{
	const char *colon = memrchr(p, ':', len), *bad;
	char number[8] = "";

	if (len == 1 && *p == '*')
		return true;
	if (colon != NULL && memchr(p, ':', (size_t)(colon - p)) == NULL) {
		(void)bytes_copy(number, sizeof(number),
		    (struct bytes){(const uint8_t *)colon + 1,
			(size_t)(p + len - colon - 1)});
		if ((uint32_t)strtonum(number, 1, 65535, &bad) != port ||
		    bad != NULL)
			return false;
		len = (size_t)(colon - p);
	}
	if (len > 0 && *p == '*') /* "*.example.com" */
		p++, len--;
	if (len > 0 && *p == '.')
		p++, len--;
	if (len == 0 || len > host.len ||
	    (len < host.len && host.p[host.len - len - 1] != '.'))
		return false;
	if (len < host.len && host_kind(host) == HOST_ADDRESS)
		return false;
	return host_same((struct bytes){host.p + host.len - len, len},
	    (struct bytes){(const uint8_t *)p, len});
}

static bool
host_here(struct bytes host)
{
	return bytes_is(host, "::1") ||
	       host_same(host, bytes_of("localhost")) ||
	       (host_kind(host) == HOST_ADDRESS && host.len > 4 &&
		   memcmp(host.p, "127.", 4) == 0);
}

bool
host_exempt(const char *list, struct bytes host, uint32_t port)
{
	size_t n;

	if (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	if (host_here(host))
		return true;
	for (; list != NULL && *list != '\0'; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n > 0 && host_entry(list, n, host, port))
			return true;
	}
	return false;
}
