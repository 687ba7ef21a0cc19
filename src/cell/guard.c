/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the cell: names that are protected although they do not exist.
 *
 * A mount can only cover what is there, and making what is not there would
 * leave strange files in the person's folder.  So what was absent when the
 * session began is looked at after each call; what a command made of it is
 * moved aside under a name that no tool obeys, and reported.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cell/cell.h"
#include "cell/gitconf.h"
#include "sandbox/names.h"
#include "sandbox/repos.h"

#define GUARD_ASIDE      ".cordon-refused." /* and a number */
#define GUARD_CONFIG_MAX (1u << 20)         /* bytes of a configuration */
#define GUARD_NAME       200 /* bytes of the name that are kept before it */
#define GUARD_SMALL      8   /* numbers that are tried first */
#define GUARD_TRIES      16  /* all numbers */

/* Whether it is not there, and is to stay so. */
static bool
guard_absent(struct cell *c, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 || errno != ENOENT)
		return false;
	c->absent =
	    xreallocarray(c->absent, c->nabsent + 1, sizeof(c->absent[0]));
	c->absent[c->nabsent++] = xstrdup(path);
	return true;
}

/* /tmp and the like are gone with the cell. */
static bool
guard_is_kept(const struct spec_path *p)
{
	return (p->access & SPEC_WRITE) != 0 && !names_private(p->path);
}

static bool
guard_is_within(const struct cell *c, const char *path)
{
	size_t i;

	for (i = 0; i < c->ceiling.npaths; i++)
		if (guard_is_kept(&c->ceiling.paths[i]) &&
		    spec_beneath(path, c->ceiling.paths[i].path))
			return true;
	return false;
}

/* Whether it is, or holds, a folder that was given to be written. */
static bool
guard_is_top(const struct cell *c, const char *path)
{
	size_t i;

	for (i = 0; i < c->ceiling.npaths; i++)
		if (guard_is_kept(&c->ceiling.paths[i]) &&
		    spec_beneath(c->ceiling.paths[i].path, path))
			return true;
	return false;
}

/*
 * What is obeyed through a link is protected where it is, if commands may
 * write there.  They may also lead the link elsewhere, by a folder or another
 * link on the way: then it is not what it was.
 */
static int
guard_link(struct cell *c, const char *path)
{
	char real[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) == -1 || !S_ISLNK(st.st_mode))
		return 0;
	c->links = xreallocarray(c->links, c->nlinks + 1, sizeof(c->links[0]));
	c->links[c->nlinks] = (struct cell_link){.path = xstrdup(path)};
	if (stat(path, &st) == 0) {
		c->links[c->nlinks].dev = st.st_dev;
		c->links[c->nlinks].ino = st.st_ino;
	}
	c->nlinks++;
	if (realpath(path, real) == NULL || !guard_is_within(c, real) ||
	    guard_is_top(c, real))
		return 0;
	return c->tier == TIER_FULL ? world_pin(real)
				    : keep_add(&c->keep, real);
}

/* One protected path.  In tier full what is there is under a mount. */
static int
guard_note(struct cell *c, const char *path)
{
	int r;

	if (guard_absent(c, path))
		return 0;
	r = guard_link(c, path);
	return r != 0 || c->tier == TIER_FULL ? r : keep_add(&c->keep, path);
}

/* Hooks are often links to scripts in the folder of work. */
static int
guard_links_in(struct cell *c, const char *dir)
{
	char path[PATH_MAX];
	struct dirent *de;
	DIR *d = opendir(dir);
	int r = 0;

	while (d != NULL && r == 0 && (de = readdir(d)) != NULL)
		if (de->d_type == DT_LNK &&
		    str_fmt(path, sizeof(path), "%s/%s", dir, de->d_name) == 0)
			r = guard_link(c, path);
	if (d != NULL)
		(void)closedir(d);
	return r;
}

int
guard_repo(void *arg, const char *repo, bool file)
{
	struct cell *c = arg;
	char path[PATH_MAX];
	struct stat st, parent;
	size_t i;
	int r = 0;

	if (lstat(repo, &st) == -1 ||
	    str_fmt(path, sizeof(path), "%s/..", repo) != 0 ||
	    lstat(path, &parent) == -1)
		return 0;
	c->repos = xreallocarray(c->repos, c->nrepos + 1, sizeof(c->repos[0]));
	c->repos[c->nrepos++] = (struct cell_repo){
	    st.st_dev, st.st_ino, xstrdup(repo), parent.st_dev, parent.st_ino};
	if (file)
		return guard_note(c, repo);
	for (i = 0; r == 0 && names_git_protected[i] != NULL; i++)
		if (str_fmt(path, sizeof(path), "%s/%s", repo,
			names_git_protected[i]) == 0)
			r = guard_note(c, path);
	if (r == 0 && str_fmt(path, sizeof(path), "%s/hooks", repo) == 0)
		r = guard_links_in(c, path);
	return r;
}

/* A folder that commands may write. */
static int
guard_top(struct cell *c, const char *top)
{
	int r = c->world.walked ? 0 : repos_find(top, guard_repo, c);
	char path[PATH_MAX];
	size_t i;

	if (c->tier == TIER_FULL)
		r = 0; /* each check after a call says so */
	for (i = 0; r == 0 && i < c->ceiling.npaths; i++) {
		const struct spec_path *p = &c->ceiling.paths[i];

		if (p->path[0] != '/' &&
		    str_fmt(path, sizeof(path), "%s/%s", top, p->path) == 0)
			r = guard_note(c, path);
		/* A secret that a command made would be obeyed as one. */
		if (r == 0 && (p->access & SPEC_HIDE) != 0 &&
		    spec_beneath(p->path, top))
			(void)guard_absent(c, p->path);
	}
	return r;
}

int
guard_begin(struct cell *c)
{
	const struct spec *s = &c->ceiling;
	size_t i;
	int r = 0;

	if (!spec_protects(s)) /* as what the person themselves wants run */
		return 0;
	for (i = 0; r == 0 && i < s->npaths; i++) {
		const struct spec_path *p = &s->paths[i];

		if (guard_is_kept(p))
			r = guard_top(c, p->path);
		if (r == 0 && (p->access & SPEC_PROTECT) != 0 &&
		    p->path[0] == '/')
			r = guard_note(c, p->path);
		if (r != 0)
			log_error("protected names in %s: %s (at most %u MiB "
				  "in %u files are kept)",
			    p->path, r == ERR_IO ? strerror(errno) : err_str(r),
			    KEEP_BYTES >> 20, KEEP_FILES);
	}
	return r;
}

void
guard_moved(char **path, const char *from, const char *to)
{
	char *now;

	if (!spec_beneath(*path, from))
		return;
	now = xasprintf("%s%s", to, *path + strlen(from));
	free(*path);
	*path = now;
}

/* Opens a folder to which no link leads: what other commands do meanwhile
 * must not take us elsewhere. */
static int
guard_open(const char *path, int flags)
{
	struct open_how how = {
	    .flags = (unsigned)(flags | O_DIRECTORY | O_CLOEXEC),
	    .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* File systems of the network know no flags.  What comes to be at the new name
 * meanwhile is a command's doing, and lost. */
int
guard_rename(int from, const char *name, int to, const char *new)
{
	struct stat st;

	if (renameat2(from, name, to, new, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	if (fstatat(to, new, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return renameat(from, name, to, new);
	errno = EEXIST;
	return -1;
}

/* Moves name, in the open folder, out of the way; its new name goes to to. */
static int
guard_move(int dir, const char *name, char *to, size_t size)
{
	unsigned i;

	for (i = 0; i < GUARD_TRIES; i++) {
		/* Numbers that no command can have used up. */
		if (str_fmt(to, size, "%.*s" GUARD_ASIDE "%u", GUARD_NAME, name,
			i < GUARD_SMALL ? i : arc4random()) != 0)
			return ERR_SPACE;
		if (guard_rename(dir, name, dir, to) == 0)
			return 0;
		if (errno != EEXIST)
			return ERR_IO;
	}
	return ERR_SPACE;
}

void
guard_unlock(int dir, int how)
{
	char self[32];
	struct stat st;

	if (faccessat(dir, ".", how, 0) == 0 || fstat(dir, &st) == -1)
		return;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", dir);
	(void)chmod(self, (st.st_mode & 07777) | S_IRWXU);
}

/* One folder on the way is closed. */
static void
guard_unlock_way(const char *path)
{
	char part[PATH_MAX];
	size_t i;
	int fd;

	for (i = 1; i < sizeof(part) && path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		fd = guard_open(part, O_PATH);
		if (fd != -1)
			guard_unlock(fd, X_OK);
		fd_close(&fd);
	}
}

int
guard_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int fd;

	if (slash == NULL || str_fmt(parent, sizeof(parent), "%.*s/",
				 (int)(slash - path), path) != 0)
		return -1;
	*name = slash + 1;
	fd = guard_open(parent, O_PATH);
	if (fd == -1 && errno == EACCES) {
		guard_unlock_way(parent);
		fd = guard_open(parent, O_PATH);
	}
	return fd;
}

void
guard_aside(const char *path, struct buf *lines)
{
	char to[NAME_MAX + 1];
	const char *name;
	int dir = guard_parent(path, &name), r = ERR_IO;

	if (dir != -1) {
		guard_unlock(dir, W_OK | X_OK);
		r = guard_move(dir, name, to, sizeof(to));
	}
	if (r == 0)
		(void)buf_addf(lines, "%s: protected; moved to %s\n", path, to);
	else
		(void)buf_addf(lines,
		    "%s: protected, and cannot be undone: "
		    "%s\n",
		    path, r == ERR_IO ? strerror(errno) : err_str(r));
	fd_close(&dir);
}

void
guard_way(const char *path, struct buf *lines)
{
	char part[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 1; i < sizeof(part) && path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (lstat(part, &st) == -1)
			return;
		if (!S_ISDIR(st.st_mode)) {
			guard_aside(part, lines);
			return;
		}
	}
}

/* A hook that git would run. */
static void
guard_hooks(const char *repo, struct buf *lines)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent *de;
	struct stat st;
	DIR *d;
	int fd;

	if (str_fmt(dir, sizeof(dir), "%s/hooks", repo) != 0)
		return;
	if (lstat(dir, &st) == 0 && !S_ISDIR(st.st_mode)) {
		guard_aside(dir, lines);
		return;
	}
	fd = guard_open(dir, O_RDONLY);
	d = fd == -1 ? NULL : fdopendir(fd);
	while (d != NULL && (de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.' || str_ends(de->d_name, ".sample") ||
		    strstr(de->d_name, GUARD_ASIDE) != NULL ||
		    str_fmt(path, sizeof(path), "%s/%s", dir, de->d_name) !=
			0 ||
		    lstat(path, &st) == -1 ||
		    (S_ISREG(st.st_mode) && (st.st_mode & 0111) == 0))
			continue;
		guard_aside(path, lines);
	}
	if (d != NULL)
		(void)closedir(d);
}

/* A folder of work where commands may write, and not beyond. */
static bool
guard_worktree(const struct cell *c, const char *repo, const char *worktree)
{
	char path[PATH_MAX], real[PATH_MAX];

	if (worktree[0] == '\0')
		return true;
	if (str_fmt(path, sizeof(path), "%s/%s", worktree[0] == '/' ? "" : repo,
		worktree) != 0 ||
	    realpath(path, real) == NULL)
		return false;
	return guard_is_within(c, real);
}

static void
guard_config(
    const struct cell *c, const char *repo, const char *name, struct buf *lines)
{
	char path[PATH_MAX], worktree[PATH_MAX];
	struct buf text;
	struct stat st;
	bool good;
	int fd;

	if (str_fmt(path, sizeof(path), "%s/%s", repo, name) != 0 ||
	    lstat(path, &st) == -1)
		return;
	buf_init(&text, GUARD_CONFIG_MAX);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	good = fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       fd_read_all(fd, &text) == 0 &&
	       gitconf_harmless(
		   buf_data(&text), text.len, worktree, sizeof(worktree)) &&
	       guard_worktree(c, repo, worktree);
	fd_close(&fd);
	buf_fini(&text);
	if (!good)
		guard_aside(path, lines);
}

/* Where a link leads that led elsewhere when the session began; what tier lsm
 * keeps was written anew meanwhile, and is as it was. */
static void
guard_check_links(const struct cell *c, struct buf *lines)
{
	char real[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < c->nlinks; i++) {
		const struct cell_link *l = &c->links[i];

		if (stat(l->path, &st) == 0 &&
		    (st.st_dev != l->dev || st.st_ino != l->ino) &&
		    (c->tier == TIER_FULL || l->ino == 0) &&
		    realpath(l->path, real) != NULL && guard_is_within(c, real))
			guard_aside(real, lines);
	}
}

struct guard_look {
	struct cell *c;
	struct buf *lines;
};

/* A repository of the command's own making may be there, and may execute
 * nothing when the person's git looks at it. */
static int
guard_new_repo(void *arg, const char *repo, bool file)
{
	struct guard_look *look = arg;
	struct stat st;
	size_t i;

	if (file || lstat(repo, &st) == -1)
		return 0;
	for (i = 0; i < look->c->nrepos; i++)
		if (look->c->repos[i].dev == st.st_dev &&
		    look->c->repos[i].ino == st.st_ino &&
		    (look->c->tier == TIER_FULL ||
			strcmp(look->c->repos[i].path, repo) == 0))
			return 0;
	guard_hooks(repo, look->lines);
	guard_config(look->c, repo, "config", look->lines);
	guard_config(look->c, repo, "config.worktree", look->lines);
	return 0;
}

/* Remembers a repository that was not there when the session began. */
static int
guard_made(void *arg, const char *repo, bool file)
{
	struct cell *c = arg;
	size_t i;

	for (i = 0; !file && i < c->nmade; i++)
		if (strcmp(c->made[i], repo) == 0)
			break;
	if (file || i < c->nmade)
		return 0;
	c->made = xreallocarray(c->made, c->nmade + 1, sizeof(c->made[0]));
	c->made[c->nmade++] = xstrdup(repo);
	return 0;
}

/*
 * The folders are watched from the second call on: many sessions have but
 * one, and to let go of a watch the kernel waits for longer than a walk
 * through most workspaces takes.
 */
static void
guard_find(struct cell *c, struct buf *lines)
{
	const struct spec *s = &c->ceiling;
	struct stat st;
	size_t i, n = 0;
	int r;

	for (i = 0; i < c->nmade; i++)
		if (lstat(c->made[i], &st) == 0)
			c->made[n++] = c->made[i];
		else
			free(c->made[i]);
	c->nmade = n;
	r = watch_look(&c->watch, guard_made, c);
	if (r < 0)
		(void)buf_adds(lines, "too many folders to look at\n");
	if (++c->checks == 2)
		watch_init(&c->watch);
	for (i = 0; r == 1 && i < s->npaths; i++)
		if (guard_is_kept(&s->paths[i]) &&
		    watch_walk(&c->watch, s->paths[i].path, guard_made, c) != 0)
			(void)buf_addf(lines,
			    "%s: too many folders to look at\n",
			    s->paths[i].path);
}

void
guard_check(struct cell *c, struct buf *lines)
{
	struct guard_look look = {c, lines};
	struct stat st;
	size_t i;

	if (!spec_protects(&c->ceiling))
		return;
	if (c->tier == TIER_LSM) {
		moved_check(c, lines);
		keep_check(&c->keep, lines);
	}
	for (i = 0; i < c->nabsent; i++)
		if (lstat(c->absent[i], &st) == 0)
			guard_aside(c->absent[i], lines);
	guard_check_links(c, lines);
	guard_find(c, lines);
	for (i = 0; i < c->nmade; i++)
		(void)guard_new_repo(&look, c->made[i], false);
}

void
guard_fini(struct cell *c)
{
	size_t i;

	for (i = 0; i < c->nabsent; i++)
		free(c->absent[i]);
	free(c->absent);
	for (i = 0; i < c->nmade; i++)
		free(c->made[i]);
	free(c->made);
	for (i = 0; i < c->nlinks; i++)
		free(c->links[i].path);
	free(c->links);
	for (i = 0; i < c->nrepos; i++)
		free(c->repos[i].path);
	free(c->repos);
	keep_fini(&c->keep);
	watch_fini(&c->watch);
}
