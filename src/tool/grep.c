/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool grep: lines that match a regular expression (PCRE2), in one file or in
 * all text files below a directory that its ignore files do not leave out.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "tool/ignore.h"
#include "tool/tool.h"

#define HITS_DEFAULT 200
#define HITS_MAX     10000
#define FILE_MAX     (16u * 1024 * 1024) /* bytes of a file searched */
#define OUT_MAX      (1024u * 1024)      /* bytes of the answer */
#define LINE_SHOWN   400                 /* bytes of a line that are shown */
#define SNIFF        8192                /* bytes looked at for NULs */
#define DEPTH_MAX    64                  /* directories below each other */
#define PATTERN_MAX  4096                /* bytes of the expression */
#define STEPS_MAX    2000000             /* of one match, then it is given up */

struct search {
	struct buf out;
	pcre2_code *re;             /* owned */
	pcre2_match_data *match;    /* owned */
	pcre2_match_context *limit; /* owned */
	const char *include;        /* glob of file names, or NULL */
	size_t left;                /* hits that may still be shown */
	size_t skipped;             /* files too large */
	bool names_only;
	bool gave_up; /* the expression took too many steps */
};

static int
search_compile(struct search *s, const char *pattern, bool fold)
{
	uint32_t flags = PCRE2_MULTILINE | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
			 PCRE2_NEVER_BACKSLASH_C | (fold ? PCRE2_CASELESS : 0);
	unsigned char text[256];
	PCRE2_SIZE at;
	int err;

	if (strlen(pattern) > PATTERN_MAX) {
		(void)printf(
		    "the pattern is longer than %d bytes\n", PATTERN_MAX);
		return TOOL_FAILED;
	}
	s->re = pcre2_compile(
	    (PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, flags, &err, &at, NULL);
	if (s->re == NULL) {
		(void)pcre2_get_error_message(err, text, sizeof(text));
		(void)printf("bad pattern at byte %zu: %s\n", (size_t)at,
		    (const char *)text);
		return TOOL_FAILED;
	}
	s->match = pcre2_match_data_create(1, NULL);
	s->limit = pcre2_match_context_create(NULL);
	if (s->match == NULL || s->limit == NULL)
		return tool_fail("grep", ENOMEM);
	(void)pcre2_set_match_limit(s->limit, STEPS_MAX);
	(void)pcre2_set_heap_limit(s->limit, FILE_MAX / 1024);
	return TOOL_OK;
}

static void
search_fini(struct search *s)
{
	pcre2_code_free(s->re);
	pcre2_match_data_free(s->match);
	pcre2_match_context_free(s->limit);
	buf_fini(&s->out);
}

/* The next match at or behind off: its start, or false. */
static bool
search_next(
    struct search *s, const uint8_t *p, size_t len, size_t off, size_t *at)
{
	int n = pcre2_match(s->re, p, len, off, 0, s->match, s->limit);

	if (n < 0) {
		s->gave_up |= n != PCRE2_ERROR_NOMATCH;
		return false;
	}
	*at = pcre2_get_ovector_pointer(s->match)[0];
	return true;
}

static void
add_hit(struct search *s, const char *path, size_t lineno, const uint8_t *line,
    size_t len)
{
	size_t shown = len < LINE_SHOWN ? len : LINE_SHOWN;

	(void)buf_addf(&s->out, "%s:%zu:", path, lineno);
	(void)buf_add(&s->out, line, shown);
	(void)buf_adds(&s->out, shown < len ? " [...]\n" : "\n");
	s->left--;
}

static void
search_text(struct search *s, const char *path, const uint8_t *p, size_t len)
{
	size_t off = 0, at, line = 0, lineno = 1, i;
	const uint8_t *nl;

	while (s->left > 0 && off < len && search_next(s, p, len, off, &at)) {
		if (s->names_only) {
			(void)buf_addf(&s->out, "%s\n", path);
			s->left--;
			return;
		}
		for (i = line; i < at; i++)
			if (p[i] == '\n') {
				lineno++;
				line = i + 1;
			}
		if (line >= len) /* matched the nothing behind the last line */
			return;
		nl = memchr(p + line, '\n', len - line);
		off = nl == NULL ? len : (size_t)(nl - p);
		add_hit(s, path, lineno, p + line, off - line);
		off++;
		line = off;
		lineno++;
	}
}

static void
search_file(struct search *s, int dirfd, const char *name, const char *path)
{
	struct buf b;
	struct stat st;
	int fd;

	fd = openat(dirfd, name,
	    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (fd == -1)
		return;
	buf_init(&b, FILE_MAX);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		goto out;
	if (st.st_size > FILE_MAX || fd_read_all(fd, &b) != 0) {
		s->skipped++;
		goto out;
	}
	if (memchr(buf_data(&b), '\0', b.len < SNIFF ? b.len : SNIFF) == NULL)
		search_text(s, path, buf_data(&b), b.len);
out:
	buf_fini(&b);
	(void)close(fd);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
not_dots(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
	       strcmp(e->d_name, ".git") != 0;
}

static void search_dir(struct search *s, int fd, const char *path,
    const struct ignore *up, size_t top, unsigned depth);

static void
search_entry(struct search *s, int dirfd, const struct ignore *ig,
    const char *dir, const char *name, size_t top, unsigned depth)
{
	char *path = xasprintf("%s%s%s", dir, *dir == '\0' ? "" : "/", name);
	struct stat st;
	int fd;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    ignore_match(ig, path + top, name, S_ISDIR(st.st_mode)))
		goto out;
	if (S_ISREG(st.st_mode) &&
	    (s->include == NULL ||
		ignore_glob(s->include,
		    strchr(s->include, '/') == NULL ? name : path + top)))
		search_file(s, dirfd, name, path);
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
		fd = openat(dirfd, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd != -1)
			search_dir(s, fd, path, ig, top, depth + 1);
	}
out:
	free(path);
}

/* Takes fd.  top is how much of a path leads to the start of the walk. */
static void
search_dir(struct search *s, int fd, const char *path, const struct ignore *up,
    size_t top, unsigned depth)
{
	struct dirent **names;
	struct ignore ig;
	size_t len = strlen(path);
	int i, n;

	ignore_load(&ig, fd, len > top ? len + 1 - top : 0, up);
	n = scandirat(fd, ".", &names, not_dots, by_name);
	for (i = 0; i < n; i++) {
		if (s->left > 0 && buf_err(&s->out) == 0)
			search_entry(
			    s, fd, &ig, path, names[i]->d_name, top, depth);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	ignore_fini(&ig);
	(void)close(fd);
}

static int
search_run(struct search *s, char *path)
{
	bool here;
	size_t all = s->left, len = strlen(path);
	int fd;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	here = strcmp(path, ".") == 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		search_dir(s, fd, here ? "" : path, NULL,
		    here ? 0 : strlen(path) + 1, 0);
	else if (errno == ENOTDIR)
		search_file(s, AT_FDCWD, path, path);
	else
		return tool_fail(path, errno);
	s->out.cap += 1024; /* room for the remarks */
	if (s->left == all)
		(void)buf_adds(&s->out, "No matches found.\n");
	if (s->left == 0 || buf_err(&s->out) != 0) {
		s->out.err = 0;
		(void)buf_adds(&s->out, "[more matches were left out]\n");
	}
	if (s->skipped > 0)
		(void)buf_addf(&s->out, "[%zu files over %u MiB skipped]\n",
		    s->skipped, FILE_MAX >> 20);
	if (s->gave_up)
		(void)buf_adds(&s->out, "[the pattern took too many steps in "
					"some files]\n");
	return TOOL_OK;
}

static int
grep_run(int argc, char **argv)
{
	struct search s = {.left = HITS_DEFAULT};
	bool fold = false;
	int c, r;

	while ((c = getopt(argc, argv, "+ilg:n:")) != -1) {
		if (c == 'i')
			fold = true;
		else if (c == 'l')
			s.names_only = true;
		else if (c == 'g')
			s.include = optarg;
		else if (c == 'n')
			s.left = tool_number("-n", optarg, HITS_MAX);
		else
			return tool_usage(&tool_grep);
	}
	if (argc - optind != 2)
		return tool_usage(&tool_grep);
	buf_init(&s.out, OUT_MAX);
	r = search_compile(&s, argv[optind], fold);
	if (r == TOOL_OK)
		r = search_run(&s, argv[optind + 1]);
	if (r == TOOL_OK)
		r = tool_print(&s.out);
	search_fini(&s);
	return r;
}

const struct tool tool_grep = {
    .name = "grep",
    .usage = "[-il] [-g glob] [-n hits] pattern path",
    .run = grep_run,
};
