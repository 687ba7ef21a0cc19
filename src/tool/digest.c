/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool digest: what an approval is bound to besides the words of a command:
 * the working directory itself and the content of every file that one of the
 * words names.  Prints one SHA-256; the same command prints another one when
 * a script was rewritten meanwhile.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/tool.h"

#define CHUNK 65536

static void
add_identity(SHA2_CTX *ctx, const struct stat *st)
{
	uint64_t id[3] = {st->st_dev, st->st_ino, st->st_mode};

	SHA256Update(ctx, (const uint8_t *)id, sizeof(id));
}

/* Words that name no file are words: they stand in the command already. */
static bool
add_file(SHA2_CTX *ctx, const char *word)
{
	static uint8_t chunk[CHUNK];
	struct stat st;
	ssize_t n = -1;
	int fd;

	fd = open(word, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
		       errno == ENAMETOOLONG || errno == ELOOP ||
		       errno == ENXIO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		SHA256Update(ctx, (const uint8_t *)word, strlen(word) + 1);
		add_identity(ctx, &st);
		while ((n = read(fd, chunk, sizeof(chunk))) > 0)
			SHA256Update(ctx, chunk, (size_t)n);
	} else {
		n = 0;
	}
	(void)close(fd);
	return n == 0;
}

static int
digest_run(int argc, char **argv)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	struct stat st;
	SHA2_CTX ctx;
	int i;

	if (stat(".", &st) == -1)
		return tool_fail(".", errno);
	SHA256Init(&ctx);
	add_identity(&ctx, &st);
	for (i = 1; i < argc; i++)
		if (!add_file(&ctx, argv[i]))
			return tool_fail(argv[i], errno);
	(void)printf("%s\n", SHA256End(&ctx, hex));
	return TOOL_OK;
}

const struct tool tool_digest = {
    .name = "digest",
    .usage = "[word ...]",
    .run = digest_run,
};
