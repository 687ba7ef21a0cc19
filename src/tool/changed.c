/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool changed: what happened to the files below the current directory.
 *
 * Without -b it lists them as they are now, each "TIME PATH", TIME being 16
 * hexadecimal digits of nanoseconds; with -b such a list is standard input, and
 * what is new, changed or gone since is named: "HASH A path", or M, or D, HASH
 * as tool_hash has it.  It goes by the inode's change time, which no program
 * can set back.  All end with a NUL, which no name holds.  A tree that is too
 * large for a list has an empty one, and against that only what was made or
 * changed since -s SECONDS is named: "HASH M path".
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "tool/tool.h"

#define DEPTH_MAX   64
#define ENTRIES_MAX 500000              /* looked at */
#define LIST_MAX    (16u * 1024 * 1024) /* bytes of the list */
#define LIST_MS     500                 /* a command waits for the list */
#define OUT_MAX     (512u * 1024)       /* bytes of names and hashes */
#define HASH_MAX    (64u * 1024 * 1024) /* bytes read for hashes */
#define EPOCH_MAX   ((size_t)1 << 40)   /* seconds */
#define NANO        UINT64_C(1000000000)
#define TIME_DIGITS 16

/* A file as it was. */
struct file {
	const char *path; /* borrowed from the list */
	uint64_t changed; /* ns */
	bool there;       /* still */
};

struct walk {
	struct buf out;
	bool list;          /* make one */
	uint64_t since;     /* ns; without a list */
	struct file *files; /* owned: the list, sorted by path; or NULL */
	size_t nfiles;
	uint64_t unread; /* bytes that may still be */
	size_t left;     /* entries that may still be looked at */
	uint64_t end;    /* monotonic ms: of making a list */
	bool cut;        /* not everything was looked at */
};

/* What git itself writes all the time and nobody executes. */
static bool
is_noise(const char *dir, const char *name)
{
	static const char *const names[] = {"objects", "logs", "index",
	    "COMMIT_EDITMSG", "ORIG_HEAD", "FETCH_HEAD", "HEAD", "refs",
	    "index.lock", "packed-refs"};
	size_t i, n = strlen(dir);

	if (n < 4 || strcmp(dir + n - 4, ".git") != 0)
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int
file_compare(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
print(struct walk *w, char kind, const char *path)
{
	char hex[TOOL_HASH_SIZE];

	tool_hash(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
				 O_NOCTTY),
	    &w->unread, hex);
	(void)buf_addf(&w->out, "%s %c %s", hex, kind, path);
	(void)buf_addc(&w->out, '\0');
}

/* One file that is there. */
static void
take(struct walk *w, const char *path, uint64_t changed)
{
	const struct file key = {.path = path};
	struct file *f;

	if (w->list) {
		(void)buf_addf(&w->out, "%016" PRIx64 " %s", changed, path);
		(void)buf_addc(&w->out, '\0');
		return;
	}
	if (w->files == NULL) {
		if (changed >= w->since)
			print(w, 'M', path);
		return;
	}
	f = bsearch(&key, w->files, w->nfiles, sizeof(*w->files), file_compare);
	if (f == NULL || f->changed != changed)
		print(w, f == NULL ? 'A' : 'M', path);
	if (f != NULL)
		f->there = true;
}

static void walk_dir(struct walk *w, int fd, const char *dir, unsigned depth);

static void
walk_entry(struct walk *w, int dirfd, const char *dir, const char *name,
    unsigned depth)
{
	char *path = xasprintf("%s%s%s", dir, *dir == '\0' ? "" : "/", name);
	struct statx st;
	int fd;

	if (is_noise(dir, name) || statx(dirfd, name, AT_SYMLINK_NOFOLLOW,
				       STATX_TYPE | STATX_CTIME, &st) == -1)
		goto out;
	if (!S_ISDIR(st.stx_mode)) {
		take(w, path,
		    (uint64_t)st.stx_ctime.tv_sec * NANO +
			st.stx_ctime.tv_nsec);
		goto out;
	}
	fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1 && depth < DEPTH_MAX)
		walk_dir(w, fd, path, depth + 1);
	else if (fd != -1)
		(void)close(fd);
out:
	free(path);
}

/* Takes fd. */
static void
walk_dir(struct walk *w, int fd, const char *dir, unsigned depth)
{
	struct dirent *e;
	DIR *d = fdopendir(fd);

	if (d == NULL) {
		(void)close(fd);
		return;
	}
	if (w->list && clock_mono_ms() > w->end)
		w->left = 0;
	while (
	    w->left > 0 && buf_err(&w->out) == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		w->left--;
		walk_entry(w, fd, dir, e->d_name, depth);
	}
	w->cut |= w->left == 0 || buf_err(&w->out) != 0;
	(void)closedir(d);
}

/* One entry of the list; its end, or NULL if there is no more. */
static const char *
list_entry(const char *p, const char *end, struct file *f)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;
	size_t i;

	if (p == end || memchr(p, '\0', (size_t)(end - p)) == NULL)
		return NULL;
	f->changed = 0;
	for (i = 0; i < TIME_DIGITS; i++) {
		d = *p == '\0' ? NULL : strchr(digits, *p++);
		if (d == NULL)
			return NULL;
		f->changed = f->changed << 4 | (uint64_t)(d - digits);
	}
	if (*p != ' ')
		return NULL;
	f->path = p + 1;
	return f->path + strlen(f->path) + 1;
}

static int
read_list(struct walk *w, struct buf *text)
{
	const char *p, *end;
	struct file f = {.there = false};

	if (fd_read_all(STDIN_FILENO, text) != 0)
		return tool_fail("the list", errno);
	p = (const char *)buf_data(text);
	for (end = p + text->len; (p = list_entry(p, end, &f)) != NULL;) {
		if (w->nfiles % 1024 == 0)
			w->files = xreallocarray(
			    w->files, w->nfiles + 1024, sizeof(f));
		w->files[w->nfiles++] = f;
	}
	if (w->nfiles > 0)
		qsort(w->files, w->nfiles, sizeof(f), file_compare);
	return TOOL_OK;
}

static int
walk_run(struct walk *w)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t i;

	if (fd == -1)
		return tool_fail(".", errno);
	if (w->list) /* so that the list of an empty tree is not empty */
		take(w, ".", 0);
	walk_dir(w, fd, "", 0);
	for (i = 0; !w->cut && i < w->nfiles; i++)
		if (!w->files[i].there && strcmp(w->files[i].path, ".") != 0)
			print(w, 'D', w->files[i].path);
	if (w->list && w->cut)
		buf_clear(&w->out);
	return tool_print(&w->out);
}

static int
changed_run(int argc, char **argv)
{
	struct walk w = {.list = true, .unread = HASH_MAX, .left = ENTRIES_MAX};
	struct buf before;
	int c, r = TOOL_OK;

	buf_init(&before, LIST_MAX);
	while ((c = getopt(argc, argv, "+bs:")) != -1) {
		if (c == 'b')
			w.list = false;
		else if (c == 's')
			w.since = tool_number("-s", optarg, EPOCH_MAX) * NANO;
		else
			return tool_usage(&tool_changed);
	}
	if (argc != optind)
		return tool_usage(&tool_changed);
	buf_init(&w.out, w.list ? LIST_MAX : OUT_MAX);
	w.end = clock_mono_ms() + LIST_MS;
	if (!w.list)
		r = read_list(&w, &before);
	if (r == TOOL_OK)
		r = walk_run(&w);
	free(w.files);
	buf_fini(&before);
	return r;
}

const struct tool tool_changed = {
    .name = "changed",
    .usage = "[-b [-s seconds]]",
    .run = changed_run,
};
