/* SPDX-License-Identifier: Apache-2.0 */

/* Library: repositories in a folder that commands may write. */

#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/repos.h"

#define REPOS_DEPTH 512     /* folders in folders; each holds a descriptor */
#define REPOS_DIRS  1000000 /* folders in all */

struct repos_walk {
	repos_found *found;
	void *arg;
	repos_enter *enter; /* or NULL */
	void *enter_arg;
	unsigned dirs;
	char path[PATH_MAX];
};

/* What git(1) looks for (gitrepository-layout(5)): the first two make a
 * repository, the last two a working tree's part of one. */
static const char *const repos_marks[] = {
    "objects", "refs", "HEAD", "commondir"};
#define REPOS_WHOLE 3u
#define REPOS_PART  12u

bool
repos_is_mark(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(repos_marks) / sizeof(char *); i++)
		if (strcmp(name, repos_marks[i]) == 0)
			return true;
	return false;
}

static int repos_dir(struct repos_walk *w, int at, size_t len, int depth);

/* One name in the folder of which the path has len bytes. */
static int
repos_entry(struct repos_walk *w, int at, size_t len, int depth,
    const struct dirent *de)
{
	size_t n = strlen(de->d_name);
	int fd, r;

	if (len + 1 + n >= sizeof(w->path) || strcmp(de->d_name, ".") == 0 ||
	    strcmp(de->d_name, "..") == 0)
		return 0;
	w->path[len] = '/';
	memcpy(w->path + len + 1, de->d_name, n + 1);
	if (de->d_type == DT_REG && strcmp(de->d_name, ".git") == 0)
		return w->found(w->arg, w->path, true);
	if (de->d_type != DT_DIR && de->d_type != DT_UNKNOWN)
		return 0;
	if (depth >= REPOS_DEPTH || ++w->dirs > REPOS_DIRS)
		return ERR_SPACE;
	fd = openat(
	    at, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1) /* not readable for its owner: for nobody else either */
		return 0;
	r = repos_dir(w, fd, len + 1 + n, depth + 1);
	w->path[len] = '\0';
	return r;
}

/* Consumes at. */
static int
repos_dir(struct repos_walk *w, int at, size_t len, int depth)
{
	struct dirent *de;
	unsigned marks = 0, i;
	DIR *d = fdopendir(at);
	int r = 0;

	if (w->enter != NULL)
		w->enter(w->enter_arg, w->path);

	/* One of that name can become a repository at any time. */
	if (len >= 5 && strcmp(w->path + len - 5, "/.git") == 0)
		marks = REPOS_WHOLE;
	if (d == NULL) {
		(void)close(at);
		return ERR_IO;
	}
	while (r == 0 && (de = readdir(d)) != NULL) {
		for (i = 0; i < sizeof(repos_marks) / sizeof(char *); i++)
			if (strcmp(de->d_name, repos_marks[i]) == 0)
				marks |= 1u << i;
		r = repos_entry(w, dirfd(d), len, depth, de);
	}
	w->path[len] = '\0';
	if (r == 0 && ((marks & REPOS_WHOLE) == REPOS_WHOLE ||
			  (marks & REPOS_PART) == REPOS_PART))
		r = w->found(w->arg, w->path, false);
	(void)closedir(d);
	return r;
}

int
repos_walk(const char *top, repos_found *found, void *arg, repos_enter *enter,
    void *enter_arg)
{
	struct repos_walk w = {
	    .found = found, .arg = arg, .enter = enter, .enter_arg = enter_arg};
	int fd;

	if (strlcpy(w.path, top, sizeof(w.path)) >= sizeof(w.path))
		return ERR_SPACE;
	fd = open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd == -1 ? 0 : repos_dir(&w, fd, strlen(top), 0);
}

int
repos_find(const char *top, repos_found *found, void *arg)
{
	return repos_walk(top, found, arg, NULL, NULL);
}
