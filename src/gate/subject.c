/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: building what policy is asked about.  No file is looked at. */

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

#include "gate/judge.h"

static void
list_free(char ***v, size_t *n)
{
	size_t i;

	for (i = 0; i < *n; i++)
		free((*v)[i]);
	free(*v);
	*v = NULL;
	*n = 0;
}

/* Grows at powers of two; one NULL is always behind the last. */
static void
list_add(char ***v, size_t *n, char *s)
{
	if (*n == 0 || ((*n + 1) & *n) == 0)
		*v = xreallocarray(*v, 2 * (*n + 1), sizeof(**v));
	(*v)[(*n)++] = s;
	(*v)[*n] = NULL;
}

void
subject_fini(struct subject *s)
{
	list_free(&s->argv, &s->argc);
	list_free(&s->reads, &s->nreads);
	list_free(&s->writes, &s->nwrites);
	free(s->line);
	free(s->cwd);
	free(s->words);
	free(s->host);
	free(s->widen);
	free(s->mcp);
	memset(s, 0, sizeof(*s));
}

void
subject_fresh(struct subject *s)
{
	list_free(&s->argv, &s->argc);
	list_free(&s->writes, &s->nwrites);
}

void
subject_arg(struct subject *s, struct bytes arg)
{
	list_add(&s->argv, &s->argc, xstrndup((const char *)arg.p, arg.len));
}

void
subject_args(struct subject *s, const char *arg)
{
	subject_arg(s, bytes_of(arg));
}

void
subject_host(struct subject *s)
{
	bool six = strchr(s->host, ':') != NULL;
	char *word =
	    xasprintf(six ? "[%s]:%u" : "%s:%u", s->host, (unsigned)s->port);

	list_add(&s->argv, &s->argc, word);
}

void
subject_read(struct subject *s, const char *path)
{
	list_add(&s->reads, &s->nreads, xstrdup(path));
}

void
subject_write(struct subject *s, const char *path)
{
	list_add(&s->writes, &s->nwrites, xstrdup(path));
}

/* Appends one component to the absolute path in dst, or removes one. */
static bool
path_step(char *dst, size_t *len, const uint8_t *p, size_t n)
{
	if (n == 0 || (n == 1 && p[0] == '.'))
		return true;
	if (n == 2 && p[0] == '.' && p[1] == '.') {
		while (*len > 0 && dst[--*len] != '/')
			;
		return true;
	}
	if (*len + 1 + n >= PATH_MAX)
		return false;
	dst[(*len)++] = '/';
	memcpy(dst + *len, p, n);
	*len += n;
	return true;
}

char *
subject_path(const char *dir, struct bytes path)
{
	struct bytes parts[2] = {bytes_of(dir), path};
	char dst[PATH_MAX];
	size_t len = 0, i, n;
	const uint8_t *p, *end, *slash;

	if (path.len == 0 || memchr(path.p, '\0', path.len) != NULL)
		return NULL;
	for (i = path.p[0] == '/'; i < 2; i++) {
		p = parts[i].p;
		end = p + parts[i].len;
		for (; p < end; p += n + 1) {
			slash = memchr(p, '/', (size_t)(end - p));
			n = (size_t)((slash == NULL ? end : slash) - p);
			if (!path_step(dst, &len, p, n))
				return NULL;
		}
	}
	if (len == 0)
		dst[len++] = '/';
	return xstrndup(dst, len);
}
