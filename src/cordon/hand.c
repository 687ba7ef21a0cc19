/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: files named on the command line, opened for the roles. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/image.h"
#include "cordon/front.h"
#include "cordon/hand.h"
#include "cordon/start.h"

#define SCHEMA_MAX (1024u * 1024)               /* bytes of a JSON schema */
#define IMAGES_MAX (FD_EXTRA_MAX - SLOT_IMAGES) /* with one prompt */

/* A file as a sealed memfd: its content cannot change after this.  im, which
 * may be NULL, is what it shows; type NULL: no image. */
static int
memfd_of(const char *path, size_t max, struct image *im, char *why, size_t size)
{
	struct buf text;
	int r;

	buf_init(&text, max);
	r = fd_read_file(AT_FDCWD, path, &text);
	if (r == 0 && im != NULL && !image_sniff(buf_data(&text), text.len, im))
		im->type = NULL;
	if (r == 0)
		r = fd_memfd("file", buf_data(&text), text.len);
	if (r < 0)
		(void)snprintf(why, size, "%s: %s", path, err_file(r));
	buf_fini(&text);
	return r;
}

static int
hand_image(
    struct session *s, unsigned i, const char *path, char *why, size_t size)
{
	struct image im = {0};
	int fd = memfd_of(path, IMAGE_MAX, &im, why, size);
	char key[64];

	if (fd < 0)
		return EX_NOINPUT;
	session_extra(s, ROLE_UI, SLOT_IMAGES + i, fd);
	if (im.type == NULL) {
		(void)snprintf(why, size,
		    "%s: not a PNG, JPEG, GIF or WebP image; convert it", path);
		return EX_DATAERR;
	}
	(void)snprintf(key, sizeof(key), "front.image.name.%u", i);
	session_confs(s, ROLE_UI, key, path);
	(void)snprintf(key, sizeof(key), "front.image.mime.%u", i);
	session_confs(s, ROLE_UI, key, im.type);
	return EX_OK;
}

static int
hand_images(
    struct session *s, const struct opt_list *images, char *why, size_t size)
{
	int r = EX_OK;
	unsigned i;

	if (images->n > IMAGES_MAX) {
		(void)snprintf(why, size, "at most %d images go with a prompt",
		    IMAGES_MAX);
		return EX_USAGE;
	}
	for (i = 0; r == EX_OK && i < images->n; i++)
		r = hand_image(s, i, images->v[i], why, size);
	return r;
}

int
hand_files(struct session *s, const struct launch *l, char *why, size_t size)
{
	int fd;

	if (l->schema != NULL) {
		fd = memfd_of(l->schema, SCHEMA_MAX, NULL, why, size);
		if (fd < 0)
			return EX_NOINPUT;
		session_extra(s, ROLE_MODEL, 1, fd);
	}
	if (l->last != NULL) {
		fd = open(l->last,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		if (fd == -1) {
			(void)snprintf(
			    why, size, "%s: %s", l->last, err_sys(errno));
			return EX_CANTCREAT;
		}
		session_extra(s, ROLE_UI, SLOT_LAST, fd);
	}
	return hand_images(s, &l->args->image, why, size);
}
