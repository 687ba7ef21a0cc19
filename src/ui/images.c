/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the images that go with the next prompt. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/front.h"

static struct {
	char *name, *mime; /* owned */
	int data;          /* owned */
	bool named;        /* in a prompt, not on the command line */
} images[FRONT_IMAGES_MAX];
static unsigned nimages;

int
images_conf(const char *key, struct bytes value)
{
	bool name = str_starts(key, "name.");
	const char *bad;
	char **slot;
	unsigned n;

	if (!name && !str_starts(key, "mime."))
		return ERR_NOENT;
	n = (unsigned)strtonum(
	    key + strlen("name."), 0, FRONT_IMAGES_MAX - 1, &bad);
	if (bad != NULL)
		return ERR_RANGE;
	slot = name ? &images[n].name : &images[n].mime;
	free(*slot);
	*slot = bytes_dup(value);
	images[n].data = FRONT_FD_IMAGES + (int)n;
	if (n >= nimages)
		nimages = n + 1;
	return 0;
}

static void
images_drop(unsigned n)
{
	fd_close(&images[n].data);
	free(images[n].mime);
	free(images[n].name);
	memmove(
	    &images[n], &images[n + 1], (--nimages - n) * sizeof(images[0]));
}

void
images_add(const char *name, struct bytes mime, int data)
{
	if (nimages == FRONT_IMAGES_MAX)
		images_drop(0);
	images[nimages].name = xstrdup(name);
	images[nimages].mime = bytes_dup(mime);
	images[nimages].data = data;
	images[nimages++].named = true;
}

const char *
images_name(unsigned n)
{
	if (n >= nimages)
		return NULL;
	return images[n].name == NULL ? "" : images[n].name;
}

bool
images_wanted(unsigned n, const char *words)
{
	unsigned i;

	for (i = 0; i < n; i++) /* once is enough */
		if (strcmp(images_name(i), images_name(n)) == 0)
			return false;
	return !images[n].named || strstr(words, images[n].name) != NULL;
}

unsigned
images_send(struct front *f, const char *words)
{
	struct msg_image m;
	unsigned i, sent = 0;

	for (i = 0; i < nimages;) {
		if (!images_wanted(i, words)) {
			i++;
			continue;
		}
		m = (struct msg_image){.data = images[i].data,
		    .mime =
			bytes_of(images[i].mime == NULL ? "" : images[i].mime),
		    .name = bytes_of(images_name(i))};
		front_send(f, ROLE_MODEL, 0, MSG_IMAGE, &m);
		images_drop(i);
		sent++;
	}
	return sent;
}
