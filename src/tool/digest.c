/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool digest: what an approval is bound to besides the words of a command:
 * the working directory itself, the content of every file that one of the
 * words names, and where the paths lead that its input has, each with a NUL
 * behind.  Prints one SHA-256; the same command prints another one when a
 * script was rewritten or a link laid meanwhile.  Behind that, of each path
 * and word that leads elsewhere through a link, it and the place, with a NUL
 * behind each.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

#include "tool/place.h"
#include "tool/tool.h"

#define CHUNK     65536
#define PATHS_MAX (16u << 20) /* bytes of all paths */
#define LINKS_MAX (1u << 20)  /* bytes of what is printed of links */

static void
add_identity(SHA2_CTX *ctx, const struct stat *st)
{
	uint64_t id[3] = {st->st_dev, st->st_ino, st->st_mode};

	SHA256Update(ctx, (const uint8_t *)id, sizeof(id));
}

static void
print_link(struct buf *out, const char *path, const char *place)
{
	(void)buf_add(out, path, strlen(path) + 1);
	(void)buf_add(out, place, strlen(place) + 1);
}

/* One that is asked about, absolute and plain. */
static int
add_path(SHA2_CTX *ctx, const char *path, struct buf *out)
{
	char place[PATH_MAX];
	int r = place_real(place, path);

	if (r != 0)
		return r;
	SHA256Update(ctx, (const uint8_t *)place, strlen(place) + 1);
	if (strcmp(place, path) != 0)
		print_link(out, path, place);
	return 0;
}

static int
add_paths(SHA2_CTX *ctx, struct buf *out)
{
	const char *p, *end;
	struct buf paths;
	int r;

	buf_init(&paths, PATHS_MAX);
	r = fd_read_all(STDIN_FILENO, &paths) == 0 ? 0 : -EIO;
	p = (const char *)buf_data(&paths);
	end = p + paths.len;
	if (r == 0 && paths.len > 0 && end[-1] != '\0')
		r = -EINVAL;
	for (; r == 0 && p < end; p += strlen(p) + 1)
		r = add_path(ctx, p, out);
	buf_fini(&paths);
	return r;
}

/* A file's name: what it leads to is bound already. */
static void
add_link(const char *word, const char *dir, struct buf *out)
{
	char whole[PATH_MAX], place[PATH_MAX], plain[PATH_MAX];

	if (str_fmt(whole, sizeof(whole), "%s/%s", *word == '/' ? "" : dir,
		word) == 0 &&
	    place_real(place, whole) == 0 && place_plain(plain, whole) == 0 &&
	    !place_same(place, plain))
		print_link(out, word, place);
}

/* Words that name no file are words: they stand in the command already. */
static bool
add_file(SHA2_CTX *ctx, const char *word, const char *dir, struct buf *out)
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
		add_link(word, dir, out);
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
	char hex[SHA256_DIGEST_STRING_LENGTH], dir[PATH_MAX];
	struct buf out, links;
	struct stat st;
	SHA2_CTX ctx;
	int i, r;

	if (stat(".", &st) == -1 || getcwd(dir, sizeof(dir)) == NULL)
		return tool_fail(".", errno);
	SHA256Init(&ctx);
	add_identity(&ctx, &st);
	buf_init(&links, LINKS_MAX);
	buf_init(&out, LINKS_MAX + sizeof(hex) + 1);
	r = add_paths(&ctx, &links);
	if (r != 0)
		return tool_fail("a path", -r);
	for (i = 1; i < argc; i++)
		if (!add_file(&ctx, argv[i], dir, &links))
			return tool_fail(argv[i], errno);
	if (buf_err(&links) != 0) /* all of them are told, or nothing is */
		return tool_fail("links", EFBIG);
	(void)buf_addf(&out, "%s\n", SHA256End(&ctx, hex));
	(void)buf_add(&out, buf_data(&links), links.len);
	buf_fini(&links);
	return tool_print(&out);
}

const struct tool tool_digest = {
    .name = "digest",
    .usage = "[word ...] < paths",
    .run = digest_run,
};
