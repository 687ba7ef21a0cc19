/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what was made in a tree of folders since it was walked.
 *
 * A folder is watched before it is read, so nothing falls in between.  A new
 * folder is not watched by the kernel, but its name is told, and it is walked
 * then, with all that is in it; so is one of which the mode changed, for it
 * may have been closed when it was walked.
 */

#include "config.h"

#include <sys/inotify.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/watch.h"

#define WATCH_MASK                                                             \
	(IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW |   \
	    IN_EXCL_UNLINK)
#define WATCH_MAX   (1u << 22) /* descriptors, which are never used twice */
#define WATCH_BYTES 65536      /* read at once */

/* Folders that have to be walked. */
struct watch_todo {
	char **v; /* owned, each too */
	size_t n;
	bool lost; /* not all are known */
};

void
watch_init(struct watch *w)
{
	memset(w, 0, sizeof(*w));
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

static void
watch_forget(struct watch *w)
{
	size_t i;

	for (i = 0; i < w->npaths; i++)
		free(w->paths[i]);
	free(w->paths);
	w->paths = NULL;
	w->npaths = 0;
}

void
watch_fini(struct watch *w)
{
	watch_forget(w);
	fd_close(&w->fd);
}

/* More folders than may be watched: from now on all are walked each time. */
static void
watch_blind(struct watch *w)
{
	watch_fini(w);
}

static void
watch_enter(void *arg, const char *path)
{
	struct watch *w = arg;
	size_t n, i;
	int wd;

	if (w->fd == -1)
		return;
	wd = inotify_add_watch(w->fd, path, WATCH_MASK);
	if (wd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return; /* gone, or not for anybody here to write */
	if (wd < 0 || (size_t)wd >= WATCH_MAX) {
		watch_blind(w);
		return;
	}
	if ((size_t)wd >= w->npaths) {
		n = (size_t)wd * 2 + 64;
		w->paths = xreallocarray(w->paths, n, sizeof(w->paths[0]));
		for (i = w->npaths; i < n; i++)
			w->paths[i] = NULL;
		w->npaths = n;
	}
	free(w->paths[wd]); /* it was moved */
	w->paths[wd] = xstrdup(path);
}

int
watch_walk(struct watch *w, const char *top, repos_found *found, void *arg)
{
	return repos_walk(top, found, arg, watch_enter, w);
}

/* A folder, or a name that makes one of the folder that it is in. */
static void
watch_event(
    struct watch *w, const struct inotify_event *ev, struct watch_todo *todo)
{
	char path[PATH_MAX];
	const char *dir;

	if (ev->mask & IN_Q_OVERFLOW)
		todo->lost = true;
	if (ev->wd < 0 || (size_t)ev->wd >= w->npaths)
		return;
	dir = w->paths[ev->wd];
	if (ev->mask & IN_IGNORED) {
		free(w->paths[ev->wd]);
		w->paths[ev->wd] = NULL;
		return;
	}
	if (dir == NULL || ev->len == 0)
		return;
	if (repos_is_mark(ev->name))
		(void)strlcpy(path, dir, sizeof(path));
	else if ((ev->mask & IN_ISDIR) == 0 ||
		 str_fmt(path, sizeof(path), "%s/%s", dir, ev->name) != 0)
		return;
	todo->v = xreallocarray(todo->v, todo->n + 1, sizeof(todo->v[0]));
	todo->v[todo->n++] = xstrdup(path);
}

static void
watch_read(struct watch *w, struct watch_todo *todo)
{
	static char bytes[WATCH_BYTES]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *ev;
	ssize_t n, i;

	while ((n = read(w->fd, bytes, sizeof(bytes))) > 0)
		for (i = 0; i < n; i += (ssize_t)(sizeof(*ev) + ev->len)) {
			ev = (const void *)(bytes + i);
			watch_event(w, ev, todo);
		}
	if (n == 0 || errno != EAGAIN)
		todo->lost = true;
}

int
watch_look(struct watch *w, repos_found *found, void *arg)
{
	struct watch_todo todo = {0};
	size_t i;
	int r = 0;

	if (w->fd == -1)
		return 1;
	watch_read(w, &todo);
	for (i = 0; i < todo.n; i++) {
		if (r == 0 && !todo.lost)
			r = watch_walk(w, todo.v[i], found, arg);
		free(todo.v[i]);
	}
	free(todo.v);
	/* Blind by now: what is below the last of them is walked again. */
	return todo.lost || w->fd == -1 ? 1 : r;
}
