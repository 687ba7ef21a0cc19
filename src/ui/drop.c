/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the paths in what a terminal pastes for files dropped on it. */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "ui/drop.h"

static const char scheme[] = "file://";

static void
skip(struct bytes *b, size_t n)
{
	b->p += n;
	b->len -= n;
}

/* An address to the path that it names: its host is this one. */
static void
from_address(struct buf *path)
{
	struct bytes b = {buf_data(path), path->len};
	struct buf plain;
	uint8_t byte;
	char two[3];

	skip(&b, sizeof(scheme) - 1);
	while (b.len > 0 && b.p[0] != '/')
		skip(&b, 1);
	buf_init(&plain, path->len + 1);
	for (; b.len > 0; skip(&b, 1)) {
		byte = b.p[0];
		if (byte == '%' && b.len > 2) {
			memcpy(two, b.p + 1, 2);
			two[2] = '\0';
			if (str_unhex(&byte, 1, two) == 0)
				skip(&b, 2);
		}
		(void)buf_addc(&plain, (char)byte);
	}
	buf_clear(path);
	(void)buf_add(path, buf_data(&plain), plain.len);
	buf_fini(&plain);
}

bool
drop_next(struct bytes *text, struct buf *path)
{
	uint8_t quote = 0, c;

	buf_clear(path);
	while (text->len > 0 && isspace(text->p[0]))
		skip(text, 1);
	if (text->len == 0)
		return false;
	for (; text->len > 0 && (quote != 0 || !isspace(text->p[0]));
	     skip(text, 1)) {
		c = text->p[0];
		if (c == quote || (quote == 0 && (c == '\'' || c == '"'))) {
			quote = c == quote ? 0 : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && text->len > 1)
			skip(text, 1);
		(void)buf_addc(path, (char)text->p[0]);
	}
	if (path->len >= sizeof(scheme) - 1 &&
	    memcmp(buf_data(path), scheme, sizeof(scheme) - 1) == 0)
		from_address(path);
	return quote == 0 && path->len > 0 && buf_err(path) == 0 &&
	       memchr(buf_data(path), '\0', path->len) == NULL;
}
