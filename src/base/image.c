/* SPDX-License-Identifier: Apache-2.0 */

/* Library: which image some bytes are, by the first of them.  Pure functions.
 */

#include "config.h"

#include <string.h>

#include "base/image.h"

#define IMAGE_SIDE 65535 /* pixels */

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned
le16(const uint8_t *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

static unsigned
le24(const uint8_t *p)
{
	return (unsigned)p[2] << 16 | le16(p);
}

static bool
is_png(const uint8_t *p, size_t len, struct image *im)
{
	if (len < 24 || memcmp(p, "\x89PNG\r\n\x1a\n", 8) != 0 ||
	    memcmp(p + 12, "IHDR", 4) != 0)
		return false;
	im->width = be16(p + 16) << 16 | be16(p + 18);
	im->height = be16(p + 20) << 16 | be16(p + 22);
	return true;
}

static bool
is_gif(const uint8_t *p, size_t len, struct image *im)
{
	if (len < 10 ||
	    (memcmp(p, "GIF87a", 6) != 0 && memcmp(p, "GIF89a", 6) != 0))
		return false;
	im->width = le16(p + 6);
	im->height = le16(p + 8);
	return true;
}

/* The segments of a JPEG up to the frame header, which has the size. */
static bool
is_jpeg(const uint8_t *p, size_t len, struct image *im)
{
	size_t i = 2, seg;

	if (len < 4 || p[0] != 0xff || p[1] != 0xd8)
		return false;
	while (len - i >= 9 && p[i] == 0xff) {
		uint8_t m = p[i + 1];

		if (m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 &&
		    m != 0xcc) {
			im->height = be16(p + i + 5);
			im->width = be16(p + i + 7);
			return true;
		}
		seg = m == 0xff ? 1 : 2 + (size_t)be16(p + i + 2);
		if (seg > len - i)
			return false;
		i += seg;
	}
	return false;
}

static bool
is_webp(const uint8_t *p, size_t len, struct image *im)
{
	if (len < 30 || memcmp(p, "RIFF", 4) != 0 ||
	    memcmp(p + 8, "WEBP", 4) != 0)
		return false;
	if (memcmp(p + 12, "VP8X", 4) == 0) {
		im->width = le24(p + 24) + 1;
		im->height = le24(p + 27) + 1;
	} else if (memcmp(p + 12, "VP8L", 4) == 0) {
		im->width = (le16(p + 21) & 0x3fff) + 1;
		im->height = ((le24(p + 22) >> 6) & 0x3fff) + 1;
	} else if (memcmp(p + 12, "VP8 ", 4) == 0) {
		im->width = le16(p + 26) & 0x3fff;
		im->height = le16(p + 28) & 0x3fff;
	} else {
		return false;
	}
	return true;
}

bool
image_sniff(const uint8_t *p, size_t len, struct image *im)
{
	static const struct {
		const char *type;
		bool (*is)(const uint8_t *, size_t, struct image *);
	} kinds[] = {
	    {"image/png", is_png},
	    {"image/jpeg", is_jpeg},
	    {"image/gif", is_gif},
	    {"image/webp", is_webp},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].is(p, len, im))
			continue;
		im->type = kinds[i].type;
		return im->width > 0 && im->width <= IMAGE_SIDE &&
		       im->height > 0 && im->height <= IMAGE_SIDE;
	}
	return false;
}
