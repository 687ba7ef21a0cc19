/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs a fuzz target over the files of the folders given, each also cut and
 * with bits flipped, so that every corpus is exercised in make check by any
 * compiler; and once for each allocation that a run of the file makes, which
 * fails.  Exits 1 if there was nothing to run.
 */

#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "fuzz.h"

#define REPLAY_FILE_MAX (4u << 20)
#define REPLAY_STEPS    64  /* cuts and flips of one file, about */
#define REPLAY_STARVED  400 /* allocations of one file, at most */

/* A copy of exactly its size, so that a sanitizer sees a byte too far. */
static void
replay_bytes(const uint8_t *data, size_t size)
{
	uint8_t *copy = xmalloc(size);

	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
replay_whole(void *arg)
{
	const struct buf *b = arg;

	(void)LLVMFuzzerTestOneInput(buf_data(b), b->len);
}

static void
replay_file(int dir, const char *name)
{
	uint8_t *p;
	struct buf b;
	size_t i, step;

	buf_init(&b, REPLAY_FILE_MAX);
	if (fd_read_file(dir, name, &b) != 0) {
		(void)fprintf(stderr, "replay: cannot read %s\n", name);
		exit(1);
	}
	p = (uint8_t *)buf_cstr(&b);
	replay_bytes(p, b.len);
	if (!starve(replay_whole, &b, REPLAY_STARVED)) {
		(void)fprintf(stderr, "replay: of %s\n", name);
		exit(1);
	}
	step = b.len / REPLAY_STEPS + 1;
	for (i = 0; i < b.len; i += step) {
		replay_bytes(p, i);
		p[i] ^= (uint8_t)(1u << i % 8);
		replay_bytes(p, b.len);
		p[i] ^= (uint8_t)(1u << i % 8);
	}
	buf_fini(&b);
}

static int
replay_dir(const char *path)
{
	struct dirent *de;
	DIR *d = opendir(path);
	int n = 0;

	if (d == NULL)
		return 0;
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		replay_file(dirfd(d), de->d_name);
		n++;
	}
	(void)closedir(d);
	return n;
}

/* Without folders, tests/fuzz/corpus/NAME for a program named fuzz_NAME. */
int
main(int argc, char *argv[])
{
	const char *src = getenv("CORDON_SRC"), *name;
	char path[4096];
	int i, n = 0;

	if (argc == 1) {
		name = strrchr(argv[0], '/');
		name = name == NULL ? argv[0] : name + 1;
		if (strncmp(name, "fuzz_", 5) == 0)
			name += 5;
		(void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
		    src == NULL ? "." : src, name);
		n = replay_dir(path);
	}
	for (i = 1; i < argc; i++)
		n += replay_dir(argv[i]);
	(void)printf("%d files replayed\n", n);
	return n > 0 ? 0 : 1;
}
