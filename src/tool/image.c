/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool image: recognises an image by its first bytes, reads its size and
 * passes it through: one line "TYPE WIDTH HEIGHT LENGTH", then the bytes.
 * Nothing is decoded here.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/image.h"

#include "tool/tool.h"

static int
image_print(const char *path, struct buf *b)
{
	struct image im = {0};
	char head[128];

	if (!image_sniff(buf_data(b), b->len, &im)) {
		(void)printf("unable to process image at `%s`: not a PNG, "
			     "JPEG, GIF or WebP image\n",
		    path);
		return TOOL_FAILED;
	}
	(void)snprintf(head, sizeof(head), "%s %u %u %zu\n", im.type, im.width,
	    im.height, b->len);
	if (fd_write_all(STDOUT_FILENO, head, strlen(head)) != 0 ||
	    fd_write_all(STDOUT_FILENO, buf_data(b), b->len) != 0)
		return TOOL_FAILED;
	return TOOL_OK;
}

static int
image_run(int argc, char **argv)
{
	struct buf b;
	int r;

	if (argc != 2)
		return tool_usage(&tool_image);
	buf_init(&b, IMAGE_MAX);
	errno = 0;
	r = fd_read_file(AT_FDCWD, argv[1], &b);
	if (r == 0) {
		r = image_print(argv[1], &b);
	} else {
		(void)printf("unable to locate image at `%s`: %s\n", argv[1],
		    r == ERR_SPACE  ? "larger than 20 MiB"
		    : r == ERR_TYPE ? "not a file"
		    : errno != 0    ? strerror(errno)
				    : err_str(r));
		r = TOOL_FAILED;
	}
	buf_fini(&b);
	return r;
}

const struct tool tool_image = {
    .name = "image",
    .usage = "file",
    .run = image_run,
};
