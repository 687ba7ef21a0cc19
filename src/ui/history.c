/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the prompts of before. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/utf8.h"
#include "base/xmem.h"

#include "ui/history.h"

/* False if it is the newest already. */
static bool
keep(struct history *h, const char *s)
{
	if (h->n > 0 && strcmp(h->v[h->n - 1], s) == 0)
		return false;
	if (h->n == HISTORY_MAX) {
		free(h->v[0]);
		memmove(h->v, h->v + 1, (HISTORY_MAX - 1) * sizeof(*h->v));
		h->n--;
	}
	h->v[h->n++] = xstrdup(s);
	return true;
}

/* The file is the person's, but may have been cut or edited. */
static void
keep_line(struct history *h, const char *p, size_t len)
{
	struct buf b;
	size_t i;

	if (len == 0 || !utf8_valid_str((const uint8_t *)p, len))
		return;
	buf_init(&b, HISTORY_LINE_MAX);
	for (i = 0; i < len; i++)
		if (p[i] == '\\' && i + 1 < len) {
			i++;
			(void)buf_addc(&b, p[i] == 'n' ? '\n' : p[i]);
		} else
			(void)buf_addc(&b, p[i]);
	if (buf_cstr(&b) != NULL)
		(void)keep(h, buf_cstr(&b));
	buf_fini(&b);
}

static void
load(struct history *h)
{
	off_t end = lseek(h->fd, 0, SEEK_END), from;
	char *mem, *p, *nl;
	ssize_t n;

	if (end <= 0)
		return;
	from =
	    end > (off_t)HISTORY_READ_MAX ? end - (off_t)HISTORY_READ_MAX : 0;
	mem = xmalloc(HISTORY_READ_MAX + 1);
	n = pread(h->fd, mem, HISTORY_READ_MAX, from);
	if (n > 0) {
		mem[n] = '\0';
		h->cut = mem[n - 1] != '\n';
		p = mem;
		if (from > 0) /* begins inside a line */
			p += strcspn(p, "\n");
		for (; (nl = memchr(p, '\n', (size_t)(mem + n - p))) != NULL;
		     p = nl + 1)
			keep_line(h, p, (size_t)(nl - p));
	}
	free(mem);
}

void
history_init(struct history *h, int fd)
{
	h->v = xcalloc(HISTORY_MAX, sizeof(*h->v));
	h->n = 0;
	h->cut = false;
	h->fd = fd;
	if (fd != -1)
		load(h);
}

void
history_fini(struct history *h)
{
	while (h->n > 0)
		free(h->v[--h->n]);
	free(h->v);
	fd_close(&h->fd);
}

void
history_add(struct history *h, const char *s)
{
	struct buf b;

	if (*s == '\0' || strlen(s) >= HISTORY_LINE_MAX / 2)
		return;
	if (!keep(h, s) || h->fd == -1)
		return;
	buf_init(&b, HISTORY_LINE_MAX);
	if (h->cut) /* somebody died while writing */
		(void)buf_addc(&b, '\n');
	h->cut = false;
	for (; *s != '\0'; s++)
		if (*s == '\n')
			(void)buf_adds(&b, "\\n");
		else if (*s == '\\')
			(void)buf_adds(&b, "\\\\");
		else
			(void)buf_addc(&b, *s);
	(void)buf_addc(&b, '\n');
	if (buf_err(&b) == 0) /* one write: several sessions append */
		(void)fd_write_all(h->fd, buf_data(&b), b.len);
	buf_fini(&b);
}

size_t
history_find(const struct history *h, size_t before, const char *needle)
{
	while (before-- > 0)
		if (strstr(h->v[before], needle) != NULL)
			return before;
	return h->n;
}
