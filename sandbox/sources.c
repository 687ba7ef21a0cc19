/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what a world is made of, copied as detached mounts before anything
 * else changes.
 */

#include "config.h"

#include <sys/mount.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "sandbox/mnt.h"
#include "sandbox/world_int.h"

static void
world_source(struct build *b, int fd, const char *path)
{
	b->sources =
	    xreallocarray(b->sources, b->nsources + 1, sizeof(b->sources[0]));
	b->sources[b->nsources++] = (struct source){fd, xstrdup(path)};
}

/* A detached copy of the mount at path, shown through the id map. */
static int
world_copy(struct build *b, const char *path, bool whole)
{
	int at, fd;

	at = mnt_open(AT_FDCWD, path, false);
	if (at < 0)
		return at;
	fd = mnt_clone(at, "", whole && b->userns == -1);
	(void)close(at);
	if (fd < 0 || b->userns == -1)
		return fd;
	if (mnt_idmap(fd, b->userns) == 0)
		return fd;
	(void)close(fd);
	return ERR_UNSUPP;
}

/* Whether a row that only reads would vanish under a fresh folder. */
static bool
world_is_covered(const struct spec_path *p)
{
	return (p->access & SPEC_READ) != 0 &&
	       (spec_beneath(p->path, "/tmp") ||
		   spec_beneath(p->path, "/var/tmp") ||
		   spec_beneath(p->path, "/run"));
}

/* Copies of all that commands may write, or read beneath what is fresh, and
 * of what they write home to. */
static int
world_writable_sources(struct build *b)
{
	const struct spec *s = b->conf->ceiling;
	size_t i;
	int fd;

	for (i = 0; i < s->npaths; i++) {
		const struct spec_path *p = &s->paths[i];

		bool writable = (p->access & SPEC_WRITE) != 0;

		if ((!writable && !world_is_covered(p)) ||
		    world_is_fresh(p->path))
			continue;
		fd = world_copy(b, p->path, true);
		if (fd >= 0 && !writable &&
		    mnt_flags(fd, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, true) !=
			0) {
			(void)close(fd);
			fd = ERR_IO;
		}
		if (fd < 0) {
			(void)snprintf(
			    b->w->why, sizeof(b->w->why), "%s", p->path);
			return fd;
		}
		world_source(b, fd, p->path);
	}
	if (b->conf->store != NULL) {
		b->store = world_copy(b, b->conf->store, false);
		if (b->store < 0)
			return b->store;
	}
	return 0;
}

/* mountinfo's fifth field, octal escapes undone (proc(5)). */
static bool
world_mount_point(char *line, char *path, size_t size)
{
	char *p = line, *end;
	size_t n = 0;
	int i;

	for (i = 0; i < 4; i++) {
		p = strchr(p, ' ');
		if (p == NULL)
			return false;
		p++;
	}
	end = strchr(p, ' ');
	if (end == NULL)
		return false;
	for (; p < end && n < size - 1; p++) {
		if (p[0] == '\\' && end - p > 3) {
			path[n++] = (char)((p[1] - '0') << 6 |
					   (p[2] - '0') << 3 | (p[3] - '0'));
			p += 3;
		} else
			path[n++] = *p;
	}
	path[n] = '\0';
	return n > 0;
}

/* Root's view: each mount of the host by itself, for only so can it be
 * mapped.  One that cannot be shows its files as nobody's. */
static int
world_mapped_mounts(struct build *b)
{
	char path[PATH_MAX], *line, *save = NULL;
	struct buf text;
	int fd;

	buf_init(&text, 4u << 20);
	if (fd_read_file(AT_FDCWD, "/proc/self/mountinfo", &text) != 0) {
		buf_fini(&text);
		return ERR_IO;
	}
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!world_mount_point(line, path, sizeof(path)) ||
		    strcmp(path, "/") == 0 || world_is_fresh(path) ||
		    spec_beneath(path, "/run") || spec_beneath(path, "/tmp") ||
		    spec_beneath(path, "/var/tmp"))
			continue;
		fd = world_copy(b, path, false);
		if (fd == ERR_UNSUPP)
			fd = mnt_clone(AT_FDCWD, path, false);
		if (fd < 0)
			continue; /* covered by another: not visible either */
		if (mnt_flags(fd, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, false) !=
		    0) {
			buf_fini(&text);
			return ERR_IO;
		}
		world_source(b, fd, path);
	}
	buf_fini(&text);
	return 0;
}

void
world_drop_sources(struct build *b)
{
	size_t i;

	for (i = 0; i < b->nsources; i++) {
		fd_close(&b->sources[i].fd);
		free(b->sources[i].path);
	}
	free(b->sources);
	b->sources = NULL;
	b->nsources = 0;
	fd_close(&b->root);
	fd_close(&b->store);
}

/*
 * Root only: tries to show the host through a map onto unprivileged ids, so
 * that no command is uid 0 for the kernel.  Where a file system cannot be
 * mapped, root without any capability has to do.
 */
int
world_map(struct build *b)
{
	if (b->conf->uid != 0 || b->w->holder.pid == 0)
		return 0;
	b->userns = holder_userns(&b->w->holder);
	if (b->userns < 0) {
		b->userns = -1;
		return 0;
	}
	b->root = world_copy(b, "/", false);
	if (b->root >= 0 && world_mapped_mounts(b) == 0 &&
	    world_writable_sources(b) == 0) {
		b->w->id = WORLD_MAPPED;
		return 0;
	}
	world_drop_sources(b);
	fd_close(&b->userns);
	b->w->why[0] = '\0';
	return 0;
}

int
world_sources(struct build *b)
{
	if (b->w->id == WORLD_MAPPED)
		return 0;
	b->root = mnt_clone(AT_FDCWD, "/", true);
	return b->root < 0 ? b->root : world_writable_sources(b);
}
