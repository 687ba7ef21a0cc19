/* SPDX-License-Identifier: Apache-2.0 */

/* Library: finding logs and transcripts. */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "report/store.h"

#define DEPTH  3 /* year, month, day */
#define SUFFIX ".jsonl"

static const char *const folders[] = {
    [STORE_AUDIT] = "audit",
    [STORE_SESSIONS] = "sessions",
};

struct walk {
	store_folder_fn *fn;
	void *arg;
	struct store_folder f;
};

struct each {
	store_fn *fn;
	void *arg;
};

static int
backwards(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int
each_file(
    const struct store_folder *f, const char *name, store_fn *fn, void *arg)
{
	size_t len = strlen(name);
	struct store_entry e;

	if (len != STORE_ID_SIZE - 1 + strlen(SUFFIX) ||
	    !str_ends(name, SUFFIX) ||
	    fstatat(f->fd, name, &e.st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(e.st.st_mode) ||
	    str_fmt(e.path, sizeof(e.path), "%s/%s", f->path, name) != 0)
		return 0;
	memcpy(e.id, name, STORE_ID_SIZE - 1);
	e.id[STORE_ID_SIZE - 1] = '\0';
	return fn(arg, &e);
}

int
store_file(
    const struct store_folder *f, const char *id, store_fn *fn, void *arg)
{
	char name[STORE_ID_SIZE + sizeof(SUFFIX)];

	if (str_fmt(name, sizeof(name), "%s%s", id, SUFFIX) != 0)
		return 0;
	return each_file(f, name, fn, arg);
}

int
store_files(const struct store_folder *f, store_fn *fn, void *arg)
{
	struct dirent **names;
	int i, n, r = 0;

	n = scandirat(f->fd, ".", &names, NULL, backwards);
	for (i = 0; i < n; i++) {
		if (r == 0)
			r = each_file(f, names[i]->d_name, fn, arg);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return r;
}

static int walk_below(struct walk *w, int depth);

/* The path of the folder stands in w->f.path. */
static int
walk_dir(struct walk *w, int depth)
{
	int r = 0;

	w->f.fd =
	    open(w->f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (w->f.fd == -1)
		return 0;
	if (depth > 0)
		return walk_below(w, depth);
	if (fstat(w->f.fd, &w->f.st) == 0)
		r = w->fn(w->arg, &w->f);
	(void)close(w->f.fd);
	return r;
}

static int
walk_below(struct walk *w, int depth)
{
	size_t at = strlen(w->f.path);
	struct dirent **names;
	int i, n, r = 0;

	n = scandirat(w->f.fd, ".", &names, NULL, backwards);
	(void)close(w->f.fd);
	for (i = 0; i < n; i++) {
		if (r == 0 && names[i]->d_name[0] != '.' &&
		    str_fmt(w->f.path + at, sizeof(w->f.path) - at, "/%s",
			names[i]->d_name) == 0)
			r = walk_dir(w, depth - 1);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	w->f.path[at] = '\0';
	return r;
}

int
store_folders(
    const char *state, enum store_kind kind, store_folder_fn *fn, void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};

	if (str_fmt(
		w.f.path, sizeof(w.f.path), "%s/%s", state, folders[kind]) != 0)
		return ERR_SPACE;
	return walk_dir(&w, DEPTH);
}

static int
each_folder(void *arg, const struct store_folder *f)
{
	struct each *e = arg;

	return store_files(f, e->fn, e->arg);
}

int
store_each(const char *state, enum store_kind kind, store_fn *fn, void *arg)
{
	struct each e = {fn, arg};

	return store_folders(state, kind, each_folder, &e);
}

struct search {
	const char *word; /* NULL: the newest */
	struct store_entry *found;
	unsigned n;
};

static int
on_entry(void *arg, const struct store_entry *e)
{
	struct search *s = arg;

	if (s->word != NULL && !str_starts(e->id, s->word))
		return 0;
	if (s->n++ == 0)
		*s->found = *e;
	/* The newest of all, or certainly not the only one. */
	return s->word == NULL || s->n > 1;
}

/* A descriptor, or ERR_NOENT, ERR_DUP (more than one), ERR_IO. */
static int
store_open(const char *state, enum store_kind kind, const char *word,
    struct store_entry *e)
{
	struct search s = {.word = word, .found = e};
	int fd, r;

	if (word != NULL && strcmp(word, "last") == 0)
		s.word = NULL;
	if (s.word != NULL && *s.word == '\0') /* as of an unset variable */
		return ERR_NOENT;
	r = store_each(state, kind, on_entry, &s);
	if (r < 0)
		return r;
	if (s.n == 0)
		return ERR_NOENT;
	if (s.word != NULL && s.n > 1)
		return ERR_DUP;
	fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	return fd == -1 ? ERR_IO : fd;
}

int
store_open_say(const char *state, enum store_kind kind, const char *word,
    struct store_entry *e)
{
	int fd = store_open(state, kind, word, e);

	if (fd >= 0)
		return fd;
	if (fd == ERR_IO)
		log_error("%s: %s", e->path, err_sys(errno));
	else if (fd == ERR_DUP)
		log_error(
		    "more than one session begins with %s; give more of its id",
		    word);
	else if (word == NULL || strcmp(word, "last") == 0)
		log_error(
		    "there is no session yet; 'cordon exec PROMPT' makes one");
	else
		log_error("there is no session '%s'; 'cordon %s list' has them",
		    word, kind == STORE_AUDIT ? "audit" : "sessions");
	return -1;
}
