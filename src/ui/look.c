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

#include "ui/drop.h"
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

bool
look_image(struct tui *t, const char *path)
{
	size_t i;

	for (i = 0; i < LOOK_IMAGES && t->look_images[i].path != NULL; i++)
		;
	if (i == LOOK_IMAGES || strlen(path) > LOOK_PATH_MAX || !is_image(path))
		return false;
	t->look_images[i].path = xstrdup(path);
	t->look_images[i].id = look(t, path, true);
	return true;
}

/* The paths of a drop, if all are of images.  One may be named from here,
 * several only from the root: what a person says can end like that. */
static size_t
dropped_images(struct bytes text, char **paths)
{
	struct bytes whole = text, rest = text, line;
	bool all = true, rooted = true;
	struct buf path;
	size_t n = 0;

	buf_init(&path, LOOK_PATH_MAX);
	while (all && n < LOOK_IMAGES && drop_next(&rest, &path)) {
		rooted = rooted && *buf_data(&path) == '/';
		paths[n++] = xstrdup(buf_cstr(&path));
		all = is_image(paths[n - 1]) && (rooted || n == 1);
	}
	if (!all || rest.len > 0 || path.len > 0)
		while (n > 0)
			free(paths[--n]);
	/* The bare path of one with blanks in it. */
	if (n == 0 && bytes_line(&whole, &line) && whole.len == 0 &&
	    line.len > 0 && line.len <= LOOK_PATH_MAX && line.p[0] == '/') {
		paths[0] = xstrndup((const char *)line.p, line.len);
		if (is_image(paths[0]))
			n = 1;
		else
			free(paths[0]);
	}
	buf_fini(&path);
	return n;
}

bool
look_dropped(struct tui *t, struct bytes text)
{
	char *paths[LOOK_IMAGES];
	size_t n = dropped_images(text, paths), i;

	for (i = 0; i < n; i++) {
		(void)look_image(t, paths[i]);
		composer_put(&t->composer, bytes_of(paths[i]));
		composer_insert(&t->composer, " ", 1);
		free(paths[i]);
	}
	return n > 0;
}

bool
look_waits(const struct tui *t)
{
	size_t i;

	for (i = 0; i < LOOK_IMAGES; i++)
		if (t->look_images[i].path != NULL)
			return true;
	return t->want_image;
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
		if (m->data == -1) /* the cell has a /tmp of its own */
			tui_notice(t, "no image: %.*s%s", (int)m->error.len,
			    (const char *)m->error.p,
			    str_starts(t->look_images[i].path, "/tmp/")
				? "; cordon -i FILE takes one of /tmp"
				: "");
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
