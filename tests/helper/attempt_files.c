/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: what is done to a folder outside, and ways to it. */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "attempt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What is done to the folder outside; dir is a way to it. */

static long
op_write(const char *dir)
{
	return put(open(beneath(dir, "canary"), O_WRONLY | O_APPEND));
}

static long
op_truncate(const char *dir)
{
	return truncate(beneath(dir, "canary"), 0);
}

static long
op_create(const char *dir)
{
	return put(open(beneath(dir, "new"), O_WRONLY | O_CREAT, 0644));
}

static long
op_unlink(const char *dir)
{
	return unlink(beneath(dir, "canary"));
}

static long
op_replace(const char *dir)
{
	char *mine = beneath(where("WORK"), "mine");

	(void)put(open(mine, O_WRONLY | O_CREAT, 0644));
	return rename(mine, beneath(dir, "canary"));
}

static long
op_steal(const char *dir)
{
	return rename(beneath(dir, "canary"), beneath(where("WORK"), "stolen"));
}

static long
op_link_in(const char *dir)
{
	char *mine = beneath(where("WORK"), "linked");

	if (link(beneath(dir, "canary"), mine) == -1)
		return -1;
	return put(open(mine, O_WRONLY | O_APPEND));
}

static long
op_link_out(const char *dir)
{
	char *mine = beneath(where("WORK"), "mine");

	(void)put(open(mine, O_WRONLY | O_CREAT, 0644));
	return link(mine, beneath(dir, "new"));
}

static long
op_symlink(const char *dir)
{
	return symlink("/etc/passwd", beneath(dir, "new"));
}

static long
op_mkdir(const char *dir)
{
	return mkdir(beneath(dir, "new"), 0755);
}

static long
op_rmdir(const char *dir)
{
	return rmdir(beneath(dir, "empty"));
}

static long
op_mkfifo(const char *dir)
{
	return mkfifo(beneath(dir, "new"), 0644);
}

static long
op_chmod(const char *dir)
{
	return chmod(beneath(dir, "canary"), 0777);
}

static long
op_fchmod(const char *dir)
{
	int fd = open(beneath(dir, "canary"), O_RDONLY);

	return fd == -1 ? -1 : fchmod(fd, 0777);
}

static long
op_chown(const char *dir)
{
	return chown(beneath(dir, "canary"), (uid_t)-1, getgid() + 1);
}

static long
op_utime(const char *dir)
{
	struct timeval tv[2] = {{1, 0}, {1, 0}};

	return utimes(beneath(dir, "canary"), tv);
}

static long
op_xattr(const char *dir)
{
	return setxattr(beneath(dir, "canary"), "user.x", "y", 1, 0);
}

static long
op_tmpfile(const char *dir)
{
	char self[64];
	int fd = open(where("WORK"), O_TMPFILE | O_WRONLY, 0644);

	if (fd == -1 ||
	    str_fmt(self, sizeof(self), "/proc/self/fd/%d", fd) != 0)
		return -1;
	return linkat(
	    AT_FDCWD, self, AT_FDCWD, beneath(dir, "new"), AT_SYMLINK_FOLLOW);
}

static long
op_fifo_write(const char *dir)
{
	return put(open(beneath(dir, "fifo"), O_RDWR | O_NONBLOCK));
}

static long
op_socket(const char *dir)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (chdir(dir) == -1)
		return -1;
	(void)strlcpy(un.sun_path, "new", sizeof(un.sun_path));
	return bind(fd, (struct sockaddr *)&un, sizeof(un));
}

static long
op_reopen(const char *dir)
{
	char self[64];
	int fd = open(beneath(dir, "canary"), O_RDONLY);

	if (fd == -1 ||
	    str_fmt(self, sizeof(self), "/proc/self/fd/%d", fd) != 0)
		return -1;
	return put(open(self, O_WRONLY | O_APPEND));
}

static long
op_map(const char *dir)
{
	int fd = open(beneath(dir, "canary"), O_RDWR);
	char *p = fd == -1 ? MAP_FAILED
			   : mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	*p = 'X';
	return msync(p, 1, MS_SYNC);
}

static const struct {
	const char *name;
	long (*run)(const char *dir);
} ops[] = {{"write", op_write}, {"truncate", op_truncate},
    {"create", op_create}, {"unlink", op_unlink}, {"replace", op_replace},
    {"steal", op_steal}, {"link-in", op_link_in}, {"link-out", op_link_out},
    {"symlink", op_symlink}, {"mkdir", op_mkdir}, {"rmdir", op_rmdir},
    {"mkfifo", op_mkfifo}, {"chmod", op_chmod}, {"fchmod", op_fchmod},
    {"chown", op_chown}, {"utime", op_utime}, {"xattr", op_xattr},
    {"tmpfile", op_tmpfile}, {"fifo-write", op_fifo_write},
    {"socket", op_socket}, {"reopen", op_reopen}, {"map", op_map}};

/* Ways to the folder outside. */

static const char *
way_plain(void)
{
	return where("OUT");
}

static const char *
way_symlink(void)
{
	char *p = beneath(where("WORK"), "way");

	if (symlink(where("OUT"), p) == -1)
		exit(2);
	return p;
}

static const char *
way_dotdot(void)
{
	return beneath(where("WORK"), "../out");
}

static const char *
way_root(void)
{
	return beneath("/proc/self/root", where("OUT") + 1);
}

static const char *
way_cwd(void)
{
	return "/proc/self/cwd/../out";
}

static const char *
way_fd(void)
{
	static char path[64];
	int fd = open(where("OUT"), O_PATH | O_DIRECTORY);

	if (str_fmt(path, sizeof(path), "/proc/self/fd/%d", fd) != 0)
		exit(2);
	return path;
}

static const struct {
	const char *name;
	const char *(*find)(void);
} ways[] = {{"plain", way_plain}, {"symlink", way_symlink},
    {"dotdot", way_dotdot}, {"proc-root", way_root}, {"proc-cwd", way_cwd},
    {"proc-fd", way_fd}};

/* Every operation by the plain way and by one other, the first by all. */
static bool
files_made(size_t op, size_t way)
{
	return op == 0 || way == 0 || way == 1 + op % (COUNT(ways) - 1);
}

void
files_list(void)
{
	size_t i, j;

	for (i = 0; i < COUNT(ops); i++)
		for (j = 0; j < COUNT(ways); j++)
			if (files_made(i, j))
				(void)printf("files\t%s@%s\tstate\n",
				    ops[i].name, ways[j].name);
}

bool
files_attempt(const char *name, long *result)
{
	const char *at = strchr(name, '@');
	size_t i, j, n = at == NULL ? 0 : (size_t)(at - name);

	for (i = 0; at != NULL && i < COUNT(ops); i++)
		for (j = 0; j < COUNT(ways); j++)
			if (strncmp(ops[i].name, name, n) == 0 &&
			    ops[i].name[n] == '\0' &&
			    strcmp(ways[j].name, at + 1) == 0) {
				*result = ops[i].run(ways[j].find());
				return true;
			}
	return false;
}
