/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: where links lead what is asked about.  The tool digest has looked, in
 * the cell, and an approval is bound to what it has found.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define PATHS_MAX (16u << 20) /* bytes, as the tool has it */
#define LINKS_MAX 256         /* of an ASK's list: pairs */

static void
add_paths(struct buf *b, char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)buf_add(b, v[i], strlen(v[i]) + 1);
}

/* They stay what they were when it was asked about, also if a part of them is
 * refused. */
static void
set_paths(struct call *c)
{
	const struct subject *s = &c->subject;
	bool files = s->file_tool || s->widen != NULL;
	struct buf b;

	buf_init(&b, PATHS_MAX);
	(void)buf_add(&b, s->cwd, strlen(s->cwd) + 1);
	add_paths(&b, s->writes, files ? s->nwrites : 0);
	add_paths(&b, s->reads, files ? s->nreads : 0);
	if (buf_err(&b) == 0) {
		c->paths = xmemdup(buf_data(&b), b.len);
		c->paths_len = b.len;
	}
	buf_fini(&b);
}

int
links_paths(struct call *c)
{
	if (c->paths == NULL)
		set_paths(c);
	if (c->paths == NULL)
		return ERR_SPACE;
	return fd_memfd("paths", c->paths, c->paths_len);
}

/* An even number of words, none of them empty. */
static bool
are_pairs(struct bytes text)
{
	size_t n = 0, len;

	if (text.len == 0)
		return true;
	if (text.p[text.len - 1] != '\0')
		return false;
	for (; text.len > 0; text.p += len, text.len -= len, n++) {
		len = strlen((const char *)text.p) + 1;
		if (len == 1)
			return false;
	}
	return n % 2 == 0;
}

int
links_take(struct call *c, struct bytes text)
{
	free(c->links);
	c->links = NULL;
	c->links_len = 0;
	if (!are_pairs(text))
		return ERR_FORMAT;
	if (text.len > 0)
		c->links = xmemdup(text.p, text.len);
	c->links_len = text.len;
	return 0;
}

/* The next word, or NULL; at is where the last one ended. */
static const char *
next(const struct call *c, size_t *at)
{
	const char *s = c->links + *at;

	if (*at >= c->links_len)
		return NULL;
	*at += strlen(s) + 1;
	return s;
}

const char *
links_real(const struct call *c, const char *path)
{
	const char *name, *place;
	size_t at = 0;

	while ((name = next(c, &at)) != NULL) {
		place = next(c, &at);
		if (strcmp(name, path) == 0)
			return place;
	}
	return path;
}

struct msg_list
links_list(const struct call *c)
{
	struct msg_list l = {.v = xcalloc(LINKS_MAX + 1, sizeof(*l.v))};
	const char *s;
	size_t at = 0;

	/* One too many is more than an ASK takes: then nobody is asked. */
	while (l.n <= LINKS_MAX && (s = next(c, &at)) != NULL)
		l.v[l.n++] = bytes_of(s);
	return l;
}

void
links_print(const struct call *c, struct jsonw *w)
{
	const char *s;
	size_t at = 0;

	if (c->links_len == 0)
		return;
	jsonw_name(w, "links");
	jsonw_array(w);
	while ((s = next(c, &at)) != NULL) {
		jsonw_object(w);
		jsonw_name(w, "path");
		jsonw_bytes(w, s, strlen(s));
		s = next(c, &at);
		jsonw_name(w, "place");
		jsonw_bytes(w, s, strlen(s));
		jsonw_end(w);
	}
	jsonw_end(w);
}
