/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: commands from the person's own Markdown files. */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/slash.h"

#define CUSTOM_MAX 100        /* commands */
#define PROMPT_MAX (4u << 20) /* bytes of an expanded one */

static struct custom *customs; /* owned */
static size_t ncustoms;

int
custom_add(const char *name, struct bytes body)
{
	struct custom *c, **at = &customs;
	const char *p;

	for (p = name; isalnum((unsigned char)*p) || *p == '-' || *p == '_';
	     p++)
		;
	if (p == name || *p != '\0' || !utf8_valid_str(body.p, body.len))
		return ERR_FORMAT;
	if (ncustoms == CUSTOM_MAX)
		return ERR_SPACE;
	while (*at != NULL)
		at = &(*at)->next;
	c = *at = xcalloc(1, sizeof(*c));
	c->name = xstrdup(name);
	c->body = bytes_dup(body);
	ncustoms++;
	return 0;
}

const struct custom *
custom_first(void)
{
	return customs;
}

/* Word n (from 1) of args; empty if there are fewer. */
static struct bytes
word_of(const char *args, unsigned n)
{
	size_t len;

	for (;; args += len) {
		args += strspn(args, " \t\n");
		len = strcspn(args, " \t\n");
		if (len == 0 || --n == 0)
			return (struct bytes){(const uint8_t *)args, len};
	}
}

static const char *
expand_at(struct buf *b, const char *p, const char *args)
{
	static const char all[] = "$ARGUMENTS";
	struct bytes w;

	if (str_starts(p, all)) {
		(void)buf_adds(b, args);
		return p + sizeof(all) - 1;
	}
	if (p[0] == '$' && p[1] >= '1' && p[1] <= '9') {
		w = word_of(args, (unsigned)(p[1] - '0'));
		(void)buf_add(b, w.p, w.len);
		return p + 2;
	}
	(void)buf_addc(b, *p);
	return p + 1;
}

char *
custom_expand(const char *name, size_t len, const char *args)
{
	const struct custom *c;
	const char *p;
	struct buf b;
	char *s = NULL;

	for (c = customs; c != NULL; c = c->next)
		if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
			break;
	if (c == NULL)
		return NULL;
	buf_init(&b, PROMPT_MAX);
	for (p = c->body; *p != '\0';)
		p = expand_at(&b, p, args);
	if (buf_cstr(&b) != NULL)
		s = xstrdup(buf_cstr(&b));
	buf_fini(&b);
	return s;
}
