/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the addresses that links lead to. */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/xmem.h"

#include "ui/link.h"

#define SLOTS (2 * LINK_MAX) /* a power of two */

static char *urls[LINK_MAX]; /* owned: of link n + 1 */
static uint16_t slots[SLOTS];
static size_t nurls, bytes;

static uint32_t
hash(const char *s)
{
	uint32_t h = 2166136261; /* FNV-1a */

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619;
	return h;
}

static bool
link_allowed(const char *url)
{
	size_t i;

	if (!str_starts(url, "https://") && !str_starts(url, "http://"))
		return false;
	for (i = 0; i <= LINK_URL_MAX && url[i] > 0x20 && url[i] < 0x7F; i++)
		;
	return i <= LINK_URL_MAX && url[i] == '\0';
}

unsigned
link_of(const char *url)
{
	size_t at = hash(url) % SLOTS;

	if (!link_allowed(url))
		return 0;
	for (; slots[at] != 0; at = (at + 1) % SLOTS)
		if (strcmp(urls[slots[at] - 1], url) == 0)
			return slots[at];
	if (nurls == LINK_MAX || bytes + strlen(url) > LINK_ALL_URLS)
		return 0;
	bytes += strlen(url);
	urls[nurls++] = xstrdup(url);
	slots[at] = (uint16_t)nurls;
	return slots[at];
}

const char *
link_url(unsigned link)
{
	return link > 0 && link <= nurls ? urls[link - 1] : "";
}
