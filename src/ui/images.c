/* SPDX-License-Identifier: Apache-2.0 */

/* Front: the images of the command line, which go with the first prompt. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xmem.h"

#include "ui/front.h"

static struct {
	char *name, *mime; /* owned */
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
	*slot = xstrndup((const char *)value.p, value.len);
	if (n >= nimages)
		nimages = n + 1;
	return 0;
}

const char *
images_name(unsigned n)
{
	return n < nimages && images[n].name != NULL ? images[n].name : NULL;
}

unsigned
images_send(struct front *f)
{
	struct msg_image m;
	unsigned i, n = nimages;

	for (i = 0; i < n; i++) {
		m = (struct msg_image){.data = FRONT_FD_IMAGES + (int)i,
		    .mime =
			bytes_of(images[i].mime == NULL ? "" : images[i].mime),
		    .name =
			bytes_of(images[i].name == NULL ? "" : images[i].name)};
		front_send(f, ROLE_MODEL, 0, MSG_IMAGE, &m);
		(void)close(m.data);
		free(images[i].mime);
		free(images[i].name);
		images[i].mime = images[i].name = NULL;
	}
	nimages = 0;
	return n;
}
