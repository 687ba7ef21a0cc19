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
	store_fn *fn;
	void *arg;
	struct store_entry e;
};

static int
backwards(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int
walk_file(struct walk *w, int dirfd, const char *name)
{
	size_t len = strlen(name);

	if (len != STORE_ID_SIZE - 1 + strlen(SUFFIX) ||
	    !str_ends(name, SUFFIX) ||
	    fstatat(dirfd, name, &w->e.st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(w->e.st.st_mode))
		return 0;
	memcpy(w->e.id, name, STORE_ID_SIZE - 1);
	w->e.id[STORE_ID_SIZE - 1] = '\0';
	return w->fn(w->arg, &w->e);
}

/* The path of a folder stands in w->e.path. */
static int
walk_dir(struct walk *w, int depth)
{
	size_t at = strlen(w->e.path);
	struct dirent **names;
	int i, n, fd, r = 0;

	fd = open(w->e.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return 0;
	n = scandirat(fd, ".", &names, NULL, backwards);
	for (i = 0; i < n; i++) {
		if (r == 0 && names[i]->d_name[0] != '.' &&
		    str_fmt(w->e.path + at, sizeof(w->e.path) - at, "/%s",
			names[i]->d_name) == 0)
			r = depth > 0 ? walk_dir(w, depth - 1)
				      : walk_file(w, fd, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	w->e.path[at] = '\0';
	(void)close(fd);
	return r;
}

int
store_each(const char *state, enum store_kind kind, store_fn *fn, void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};

	if (str_fmt(
		w.e.path, sizeof(w.e.path), "%s/%s", state, folders[kind]) != 0)
		return ERR_SPACE;
	return walk_dir(&w, DEPTH);
}

struct search {
	const char *word;
	struct store_entry *found;
	unsigned n;
};

static int
on_entry(void *arg, const struct store_entry *e)
{
	struct search *s = arg;

	if (!str_starts(e->id, s->word))
		return 0;
	if (s->n++ == 0)
		*s->found = *e;
	/* The newest of all, or certainly not the only one. */
	return *s->word == '\0' || s->n > 1;
}

int
store_open(const char *state, enum store_kind kind, const char *word,
    struct store_entry *e)
{
	struct search s = {.word = word, .found = e};
	int fd, r;

	if (word == NULL || strcmp(word, "last") == 0)
		s.word = "";
	r = store_each(state, kind, on_entry, &s);
	if (r < 0)
		return r;
	if (s.n == 0)
		return ERR_NOENT;
	if (*s.word != '\0' && s.n > 1)
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
		log_error("%s: %s", e->path, strerror(errno));
	else if (fd == ERR_DUP)
		log_error("more than one session begins with %s", word);
	else if (word == NULL || strcmp(word, "last") == 0)
		log_error("there is no session yet");
	else
		log_error("there is no session %s", word);
	return -1;
}
