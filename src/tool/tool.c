/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-tool: the file tools of the model.
 *
 * It decides nothing and holds nothing: it is started inside a cell whose
 * grant is exactly what one call needs, does that one thing and ends.  The
 * files that it reads and the patch that it applies are hostile input.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"

#include "tool/tool.h"

#define HASH_CHUNK 65536

static const struct tool *const tools[] = {
    &tool_patch,
    &tool_read,
    &tool_list,
    &tool_grep,
    &tool_image,
    &tool_context,
    &tool_digest,
    &tool_changed,
    &tool_files,
};
#define NTOOLS (sizeof(tools) / sizeof(tools[0]))

const char *
tool_why(int err)
{
	return err == ENXIO ? "Not a regular file" : strerror(err);
}

int
tool_fail(const char *what, int err)
{
	(void)printf("%s: %s\n", what, tool_why(err));
	return TOOL_FAILED;
}

int
tool_usage(const struct tool *t)
{
	(void)fprintf(stderr, "usage: cordon-tool %s %s\n", t->name, t->usage);
	return TOOL_USAGE;
}

size_t
tool_number(const char *option, const char *s, size_t max)
{
	const char *bad;
	long long n = strtonum(s, 0, (long long)max, &bad);

	if (bad != NULL)
		fatalx(TOOL_USAGE, "%s %s: the number is %s", option, s, bad);
	return (size_t)n;
}

int
tool_print(struct buf *b)
{
	int r = fd_write_all(STDOUT_FILENO, buf_data(b), b->len);

	buf_fini(b);
	return r == 0 ? TOOL_OK : TOOL_FAILED;
}

/* False if it is no file that may be read, or there is too much of it. */
static bool
hash_file(int fd, uint64_t *left, struct sha256_ctx *hash)
{
	static uint8_t chunk[HASH_CHUNK];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((uint64_t)n > *left)
			return false;
		*left -= (uint64_t)n;
		sha256_update(hash, (size_t)n, chunk);
	}
	return n == 0;
}

void
tool_hash(int fd, uint64_t *left, char hex[TOOL_HASH_SIZE])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;

	memset(hex, '-', TOOL_HASH_SIZE - 1);
	hex[TOOL_HASH_SIZE - 1] = '\0';
	if (fd < 0)
		return;
	sha256_init(&hash);
	if (hash_file(fd, left, &hash)) {
		sha256_digest(&hash, sizeof(digest), digest);
		str_hex(hex, digest, sizeof(digest));
	}
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	size_t i;
	int r;

	for (i = 0; argc > 1 && i < NTOOLS; i++) {
		if (strcmp(argv[1], tools[i]->name) != 0)
			continue;
		r = tools[i]->run(argc - 1, argv + 1);
		if (fflush(stdout) != 0 && r == TOOL_OK)
			r = TOOL_FAILED;
		return r;
	}
	for (i = 0; i < NTOOLS; i++)
		(void)tool_usage(tools[i]);
	return TOOL_USAGE;
}
