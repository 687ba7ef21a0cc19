/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: files that are looked at before a prompt is sent: the
 * preview of one in a list, and images that go along.  The gate has both read
 * in the cell, which sees what the model could see.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/picker.h"
#include "ui/tui.h"

#define PREVIEW_MAX 65536 /* bytes */

static const char *const endings[] = {
    ".png", ".jpg", ".jpeg", ".gif", ".webp", NULL};

static uint32_t
look(struct tui *t, const char *path, bool image)
{
	struct msg_look m = {.image = image, .path = bytes_of(path)};

	front_send(t->f, ROLE_GATE, ++t->looks, MSG_LOOK, &m);
	return t->looks;
}

/* For a picker of files. */
bool
look_file(struct tui *t, const char *path)
{
	t->look_file = look(t, path, false);
	return true;
}

static bool
is_image(const char *path)
{
	size_t i, n = strlen(path), e;

	for (i = 0; endings[i] != NULL; i++) {
		e = strlen(endings[i]);
		if (n > e && strcasecmp(path + n - e, endings[i]) == 0)
			return true;
	}
	return false;
}

/* The path behind one that was dropped or pasted: 'a b', a\ b, file:///a. */
static char *
plain_path(struct bytes b)
{
	char *s = xmalloc(b.len + 1);
	size_t i, n = 0;
	bool quoted;

	while (b.len > 0 && strchr(" \n", b.p[b.len - 1]) != NULL)
		b.len--;
	if (b.len > 7 && memcmp(b.p, "file://", 7) == 0) {
		b.p += 7;
		b.len -= 7;
	}
	quoted = b.len > 1 && (b.p[0] == '\'' || b.p[0] == '"') &&
		 b.p[b.len - 1] == b.p[0];
	for (i = quoted; i + quoted < b.len; i++)
		if (quoted || b.p[i] != '\\' || i + 1 == b.len)
			s[n++] = (char)b.p[i];
	s[n] = '\0';
	return s;
}

const char *
look_image(struct tui *t, struct bytes words)
{
	char *path;
	size_t i;

	if (words.len == 0 || words.len > LOOK_PATH_MAX ||
	    memchr(words.p, '\n', words.len - 1) != NULL)
		return NULL;
	for (i = 0; i < LOOK_IMAGES && t->look_images[i].path != NULL; i++)
		;
	path = plain_path(words);
	if (i == LOOK_IMAGES || !is_image(path)) {
		free(path);
		return NULL;
	}
	t->look_images[i].path = path;
	t->look_images[i].id = look(t, path, true);
	return path;
}

bool
look_waits(const struct tui *t)
{
	size_t i;

	for (i = 0; i < LOOK_IMAGES; i++)
		if (t->look_images[i].path != NULL)
			return true;
	return false;
}

void
look_each(struct tui *t, const char *words,
    void (*fn)(struct tui *t, const char *name, void *arg), void *arg)
{
	const char *name;
	unsigned i;

	for (i = 0; (name = images_name(i)) != NULL; i++)
		if (images_wanted(i, words))
			fn(t, name, arg);
}

void
look_fini(struct tui *t)
{
	size_t i;

	for (i = 0; i < LOOK_IMAGES; i++)
		free(t->look_images[i].path);
}

static void
preview(struct tui *t, const struct msg_seen *m)
{
	struct buf b;

	buf_init(&b, PREVIEW_MAX);
	if (m->data != -1 && fd_read_memfd(m->data, &b) == 0)
		picker_preview(t, (struct bytes){buf_data(&b), b.len});
	else
		picker_preview(t, m->error);
	buf_fini(&b);
}

int
tui_on_seen(struct front *f, uint32_t id, struct msg_seen *m)
{
	struct tui *t = f->state;
	size_t i;

	for (i = 0; i < LOOK_IMAGES && (t->look_images[i].path == NULL ||
					   t->look_images[i].id != id);
	     i++)
		;
	if (i < LOOK_IMAGES) {
		if (m->data == -1)
			tui_notice(t, "no image: %.*s", (int)m->error.len,
			    (const char *)m->error.p);
		else
			images_add(t->look_images[i].path, m->mime, m->data);
		free(t->look_images[i].path);
		t->look_images[i].path = NULL;
		tui_dirty(t);
		return 0;
	}
	if (id == t->look_file)
		preview(t, m);
	fd_close(&m->data);
	return 0;
}
