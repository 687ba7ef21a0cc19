/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what a world has of its own: private folders, and devices.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/mnt.h"
#include "sandbox/world_int.h"

#define WORLD_TMP_DEFAULT (1ULL << 30) /* bytes of /tmp without a limit */

/* What programs ask of /sys: how many processors there are. */
static const char *const fresh_sys[] = {
    "/sys/devices/system/cpu", "/sys/devices/system/node"};

static const char *const fresh_nodes[] = {"/dev/null", "/dev/zero", "/dev/full",
    "/dev/random", "/dev/urandom", "/dev/tty"};

/* A folder of which the host's content is replaced by an empty one. */
struct fresh {
	const char *path;
	const char *mode;
	bool readonly;
};

static const struct fresh fresh_dirs[] = {{"/run", "0755", true},
    {"/tmp", "1777", false}, {"/var/tmp", "1777", false},
    {"/sys", "0755", true}};

bool
world_is_fresh(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]); i++)
		if (strcmp(path, fresh_dirs[i].path) == 0)
			return true;
	return spec_beneath(path, "/dev") || spec_beneath(path, "/proc") ||
	       spec_beneath(path, "/sys");
}

bool
world_is_emptied(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]); i++)
		if (spec_beneath(path, fresh_dirs[i].path))
			return true;
	return world_is_fresh(path);
}

static int
world_fresh(const char *path, const char *mode, uint64_t size)
{
	char opts[64];
	struct stat st;

	if (lstat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return 0; /* a link to one of the others, or not there */
	(void)snprintf(opts, sizeof(opts), "mode=%s,size=%llu", mode,
	    (unsigned long long)size);
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, opts) == -1
		   ? ERR_IO
		   : 0;
}

/* The host's, whose root is still the working directory. */
static int
fresh_host(const char *path, unsigned long how)
{
	return mount(path + 1, path, NULL, MS_BIND | how, NULL) == -1 ? ERR_IO
								      : 0;
}

int
world_proc(void)
{
	return fresh_host("/proc", MS_REC);
}

static int
fresh_flags(const char *path, uint64_t set)
{
	struct mount_attr attr = {.attr_set = set};

	return mount_setattr(
		   AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) == -1
		   ? ERR_IO
		   : 0;
}

int
world_folders(struct build *b)
{
	uint64_t size = b->conf->ceiling->limits.tmp;
	size_t i;
	int r = 0;

	if (size == 0)
		size = WORLD_TMP_DEFAULT;
	for (i = 0; r == 0 && i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]);
	     i++)
		r = world_fresh(fresh_dirs[i].path, fresh_dirs[i].mode, size);
	for (i = 0; r == 0 && i < sizeof(fresh_sys) / sizeof(char *); i++)
		if (access(fresh_sys[i] + 1, F_OK) == 0 &&
		    mnt_mkdirs(AT_FDCWD, fresh_sys[i]) == 0 &&
		    fresh_host(fresh_sys[i], 0) == 0)
			r = fresh_flags(
			    fresh_sys[i], MOUNT_ATTR_RDONLY | WORLD_FIXED);
	return r;
}

static int
world_devpts(void)
{
	/* Its nodes are devices, of which a terminal is made. */
	if (mkdir("/dev/pts", 0755) == -1 ||
	    mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		"newinstance,ptmxmode=0666,mode=0620") == -1 ||
	    symlink("pts/ptmx", "/dev/ptmx") == -1)
		return ERR_IO;
	return 0;
}

int
world_devices(struct build *b)
{
	static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
	    {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"},
	    {"fd/2", "/dev/stderr"}};
	size_t i;
	int r = world_fresh("/dev", "0755", 1u << 20);

	(void)b;
	for (i = 0; r == 0 && i < sizeof(fresh_nodes) / sizeof(char *); i++)
		r = mknod(fresh_nodes[i], S_IFREG | 0600, 0) == -1
			? ERR_IO
			: fresh_host(fresh_nodes[i], 0);
	if (r == 0)
		r = fresh_flags("/dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	for (i = 0; r == 0 && i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) == -1)
			r = ERR_IO;
	if (r == 0)
		r = world_devpts();
	if (r == 0 && mkdir("/dev/shm", 01777) == -1)
		r = ERR_IO;
	if (r == 0)
		r = world_fresh("/dev/shm", "1777", WORLD_TMP_DEFAULT);
	return r;
}

/* What is made read-only after the fact: the empty folders of ours. */
int
world_seal(struct build *b)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	size_t i;

	(void)b;
	for (i = 0; i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]); i++)
		if (fresh_dirs[i].readonly &&
		    mount_setattr(AT_FDCWD, fresh_dirs[i].path, 0, &attr,
			sizeof(attr)) == -1 &&
		    errno != ENOENT && errno != EINVAL)
			return ERR_IO;
	return 0;
}
