/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: control groups, see group.h.
 *
 * A group that has processes may hand no controllers down (cgroups(7), "no
 * internal processes"), hence the one for main; and nothing of ours leaves
 * the group that it was started in, whose limits hold as before.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "sandbox/group.h"
#include "sandbox/kin.h"

#define GROUP_OURS "cordon."
#define GROUP_MAIN GROUP_OURS "main"
#define GROUP_CELL "cell"
#define GROUP_TEXT 4096 /* bytes of a file of a group that are looked at */

/* Where it is mounted: alone, or beside version 1. */
static const char *const group_mounts[] = {
    "/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

/* What whoever divides a group has to be able to write (cgroups(7)). */
static const char *const group_files[] = {
    ".", "cgroup.procs", "cgroup.subtree_control"};

int
group_path(const char *text, char *dst, size_t size)
{
	const char *p = strstr(text, "0::/");

	while (p != NULL && p != text && p[-1] != '\n')
		p = strstr(p + 1, "0::/");
	if (p == NULL || str_starts(p, "0::/..")) /* above what we see */
		return ERR_NOENT;
	p += strlen("0::");
	return str_fmt(dst, size, "%.*s", (int)strcspn(p, "\n"), p);
}

bool
group_has_all(const char *controllers)
{
	char text[GROUP_TEXT + 2];

	(void)snprintf(text, sizeof(text), " %.*s ",
	    (int)strcspn(controllers, "\n"), controllers);
	return strstr(text, " memory ") != NULL &&
	       strstr(text, " pids ") != NULL;
}

static const char *
group_read(int group, const char *file, char text[GROUP_TEXT])
{
	(void)kin_text(group, NULL, file, text, GROUP_TEXT);
	return text;
}

static int
group_write(int group, const char *file, const char *text)
{
	int fd = openat(group, file, O_WRONLY | O_CLOEXEC), r;

	if (fd == -1)
		return ERR_IO;
	r = fd_write_all(fd, text, strlen(text));
	(void)close(fd);
	return r;
}

static int
group_open(int at, const char *path)
{
	int fd =
	    openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd == -1 ? ERR_IO : fd;
}

/* The group that the caller is in. */
static int
group_current(char path[PATH_MAX])
{
	char text[GROUP_TEXT], place[PATH_MAX];
	struct statfs fs;
	size_t i;

	if (group_path(group_read(AT_FDCWD, "/proc/self/cgroup", text), path,
		PATH_MAX) != 0)
		return ERR_NOENT;
	for (i = 0; i < sizeof(group_mounts) / sizeof(char *); i++)
		if (statfs(group_mounts[i], &fs) == 0 &&
		    fs.f_type == CGROUP2_SUPER_MAGIC &&
		    str_fmt(place, sizeof(place), "%s%s", group_mounts[i],
			path) == 0)
			return group_open(AT_FDCWD, place);
	return ERR_NOENT;
}

/* A whole list of one process a line. */
static bool
group_is_alone(int group, pid_t main)
{
	char text[GROUP_TEXT];
	const char *p = group_read(group, "cgroup.procs", text);
	pid_t pid;

	if (strlen(p) == GROUP_TEXT - 1)
		return false;
	while ((pid = (pid_t)kin_number(&p)) != 0)
		if (pid != main && pid != getpid())
			return false;
	return true;
}

int
group_own(pid_t main)
{
	char path[PATH_MAX], text[GROUP_TEXT];
	int own = group_current(path);
	bool good = own >= 0 && !str_ends(path, "/" GROUP_MAIN);
	size_t i;

	for (i = 0; good && i < sizeof(group_files) / sizeof(char *); i++)
		good = faccessat(own, group_files[i], W_OK, AT_EACCESS) == 0;
	if (good &&
	    group_has_all(group_read(own, "cgroup.controllers", text)) &&
	    group_is_alone(own, main)) /* the longer list of the two */
		return own;
	if (own >= 0)
		(void)close(own);
	return own < 0 ? own : ERR_PERM;
}

static int
group_hand_down(int group)
{
	return group_write(group, "cgroup.subtree_control", "+memory +pids");
}

/* Moves the caller into a group, made anew, below another, which can then
 * hand its controllers down. */
static int
group_divide(int group, const char *leaf)
{
	int fd, r;

	(void)mkdirat(group, leaf, 0755);
	fd = group_open(group, leaf);
	if (fd < 0)
		return fd;
	r = group_enter(fd);
	if (r == 0)
		r = group_hand_down(group);
	(void)close(fd);
	return r;
}

void
group_settle(void)
{
	int own = group_own(getpid());

	if (own >= 0 && group_divide(own, GROUP_MAIN) != 0)
		(void)group_enter(own);
	fd_close(&own);
}

/* Removes what cells have left that are gone: what is in use stays. */
static void
group_sweep(int above)
{
	int at = group_open(above, "."), cell;
	DIR *d = at < 0 ? NULL : fdopendir(at);
	struct dirent *de;
	unsigned i;

	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!str_starts(de->d_name, GROUP_OURS))
			continue;
		cell = group_open(above, de->d_name);
		for (i = 0; cell >= 0 && i < GROUP_SLOTS; i++)
			group_call_end(cell, i);
		if (cell >= 0)
			(void)unlinkat(cell, GROUP_CELL, AT_REMOVEDIR);
		fd_close(&cell);
		(void)unlinkat(above, de->d_name, AT_REMOVEDIR);
	}
	if (d != NULL)
		(void)closedir(d);
}

static int
group_give(int group, gid_t also)
{
	size_t i;

	for (i = 0; i < sizeof(group_files) / sizeof(char *); i++)
		if (fchownat(group, group_files[i], (uid_t)-1, also, 0) == -1 ||
		    fchmodat(group, group_files[i], i == 0 ? 0770 : 0660, 0) ==
			-1)
			return ERR_IO;
	return 0;
}

int
group_cell(gid_t also)
{
	char path[PATH_MAX], name[32];
	int leaf = group_current(path), above = ERR_NOENT, cell = ERR_NOENT;

	if (leaf >= 0 && str_ends(path, "/" GROUP_MAIN))
		above = group_open(leaf, "..");
	fd_close(&leaf);
	if (above < 0)
		return above;
	group_sweep(above);
	(void)snprintf(name, sizeof(name), GROUP_OURS "%d", (int)getpid());
	if (mkdirat(above, name, 0755) == 0)
		cell = group_open(above, name);
	fd_close(&above);
	if (cell >= 0 &&
	    (group_give(cell, also) != 0 || group_enter(cell) != 0))
		fd_close(&cell);
	return cell;
}

int
group_begin(int cell)
{
	return group_divide(cell, GROUP_CELL);
}

/* 0 is none of ours. */
static int
group_limit(int group, const char *file, uint64_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	return n == 0 ? 0 : group_write(group, file, text);
}

int
group_call(int cell, unsigned slot, const struct spec_limits *l)
{
	char name[16];
	int group;

	group_call_end(cell, slot);
	(void)snprintf(name, sizeof(name), "%u", slot);
	if (mkdirat(cell, name, 0755) == -1)
		return ERR_IO;
	group = group_open(cell, name);
	if (group < 0)
		return group;
	/* What is swapped out would not count; there may be no swap at all. */
	if (l->mem != 0)
		(void)group_write(group, "memory.swap.max", "0");
	if (group_limit(group, "memory.max", l->mem) == 0 &&
	    group_limit(group, "pids.max", l->procs) == 0)
		return group;
	(void)close(group);
	return ERR_IO;
}

void
group_call_end(int cell, unsigned slot)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "%u", slot);
	(void)unlinkat(cell, name, AT_REMOVEDIR);
}

int
group_enter(int group)
{
	return group_write(group, "cgroup.procs", "0");
}

void
group_kill(int group)
{
	(void)group_write(group, "cgroup.kill", "1");
}

/* The number behind a key. */
static uint64_t
group_count(int group, const char *file, const char *key)
{
	char text[GROUP_TEXT];
	const char *p = strstr(group_read(group, file, text), key);

	return p == NULL ? 0 : kin_number(&p);
}

enum group_hit
group_hit(int group)
{
	if (group_count(group, "memory.events", "oom_kill ") != 0)
		return GROUP_MEMORY;
	return group_count(group, "pids.events", "max ") == 0 ? GROUP_NOTHING
							      : GROUP_PROCS;
}
