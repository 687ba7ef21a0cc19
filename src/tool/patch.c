/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool patch: applies a patch from standard input to the current directory,
 * all of it or nothing.
 *
 * Everything is read, matched and written beside its place first; only when
 * nothing is left that can fail for the patch's own sake are the names
 * changed (commit.c).  With --hashes a NUL follows what is printed, and the
 * hash of each file that the patch names, without anything between them.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "patch/patch.h"
#include "tool/commit.h"
#include "tool/tool.h"
#include "tool/tree.h"

#define CONTENT_MAX (64u * 1024 * 1024) /* bytes of one patched file */
#define WHY_MAX     (64u * 1024)        /* bytes of an error text */
#define NOTES_MAX   (16u * 1024)        /* bytes of remarks */

#define HASH_MAX (256u * 1024 * 1024) /* bytes read again for hashes */

#define FAILED "apply_patch verification failed: "

enum job_mode { JOB_APPLY, JOB_HASHES, JOB_CHECK, JOB_PATHS };

/* SIGTERM: what is staged is undone. */
static volatile sig_atomic_t job_ended;

struct job {
	struct patch patch;
	struct commit commit;
	struct buf notes;
	struct buf why; /* the answer when it fails */
	int root;
};

/* A path as the patch writes it, without leading "./"; owned. */
static char *
path_of(struct bytes b)
{
	while (b.len > 2 && b.p[0] == '.' && b.p[1] == '/') {
		b.p += 2;
		b.len -= 2;
	}
	return xstrndup((const char *)b.p, b.len);
}

static int
job_fail(struct job *j, const char *path, int err)
{
	if (err == -EXDEV || err == -ELOOP)
		(void)buf_addf(&j->why,
		    "patch rejected: writing outside of the project; %s %s",
		    path,
		    err == -ELOOP
			? "goes through a symbolic link"
			: "is absolute or leads out of the directory");
	else
		(void)buf_addf(&j->why, FAILED "%s: %s", path, tool_why(-err));
	return err;
}

/* The content that path has at this point of the patch. */
static int
job_read(struct job *j, const char *path, struct buf *old, mode_t *mode)
{
	const struct op *staged;
	struct stat st;
	bool taken;
	int fd, r = 0;

	staged = commit_view(&j->commit, path, &taken);
	if (taken)
		return -ENOENT;
	if (staged != NULL && staged->content != NULL) {
		*mode = staged->mode;
		return buf_add(old, staged->content, staged->len) == 0 ? 0
								       : -EFBIG;
	}
	fd = tree_open(
	    j->root, staged != NULL ? staged->beside : path, O_RDONLY);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == -1)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
	else if ((r = fd_read_all(fd, old)) != 0)
		r = r == ERR_SPACE ? -EFBIG : -EIO;
	*mode = st.st_mode;
	(void)close(fd);
	return r;
}

/* What stands at path must be a file or nothing. */
static int
job_look(struct job *j, const char *path, bool must)
{
	const char *name;
	struct stat st;
	bool taken;
	int dir, r = 0;

	if (commit_view(&j->commit, path, &taken) != NULL)
		return 0;
	if (taken)
		return must ? -ENOENT : 0;
	dir = tree_parent(j->root, path, &name);
	if (dir < 0)
		return dir == -ENOENT && !must ? 0 : dir;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		r = errno == ENOENT && !must ? 0 : -errno;
	else if (S_ISLNK(st.st_mode))
		r = -ELOOP;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
	(void)close(dir);
	return r;
}

static int
job_add(struct job *j, const struct patch_file *f, const char *path)
{
	struct buf content;
	int r;

	buf_init(&content, CONTENT_MAX);
	r = job_look(j, path, false);
	if (r == 0 && patch_added(f, &content) != 0)
		r = -EFBIG;
	if (r == 0)
		r = commit_put(&j->commit, path,
		    (struct bytes){buf_data(&content), content.len}, 0);
	if (r != 0)
		r = job_fail(j, path, r);
	buf_fini(&content);
	return r;
}

static int
job_delete(struct job *j, const char *path)
{
	int r = job_look(j, path, true);

	if (r == 0)
		r = commit_take(&j->commit, path);
	return r == 0 ? 0 : job_fail(j, path, r);
}

static int
job_update(struct job *j, const struct patch_file *f, const char *path)
{
	struct buf old, content;
	char *dest = f->move_to.p == NULL ? xstrdup(path) : path_of(f->move_to);
	mode_t mode;
	int r;

	buf_init(&old, CONTENT_MAX);
	buf_init(&content, CONTENT_MAX);
	r = job_read(j, path, &old, &mode);
	if (r != 0) {
		r = job_fail(j, path, r);
		goto out;
	}
	(void)buf_adds(&j->why, FAILED);
	r = patch_update(f, (struct bytes){buf_data(&old), old.len}, &content,
	    &j->notes, &j->why);
	if (r == ERR_NOENT) /* why now says which lines */
		goto out;
	buf_clear(&j->why);
	if (r != 0) {
		r = job_fail(j, path, -EFBIG);
		goto out;
	}
	r = job_look(j, dest, false);
	if (r == 0)
		r = commit_put(&j->commit, dest,
		    (struct bytes){buf_data(&content), content.len}, mode);
	if (r == 0 && strcmp(dest, path) != 0)
		r = commit_take(&j->commit, path);
	if (r != 0)
		r = job_fail(j, dest, r);
out:
	buf_fini(&old);
	buf_fini(&content);
	free(dest);
	return r;
}

static int
job_stage(struct job *j)
{
	const struct patch_file *f;
	char *path;
	size_t i;
	int r = 0;

	for (i = 0; i < j->patch.nfiles && r == 0 && !job_ended; i++) {
		f = &j->patch.files[i];
		path = path_of(f->path);
		switch (f->kind) {
		case PATCH_ADD:
			r = job_add(j, f, path);
			break;
		case PATCH_DELETE:
			r = job_delete(j, path);
			break;
		case PATCH_UPDATE:
			r = job_update(j, f, path);
			break;
		}
		free(path);
	}
	if (r == 0 && job_ended) {
		(void)buf_adds(&j->why, "ended before anything was changed");
		r = -EINTR;
	}
	return r;
}

static void
job_report(const struct job *j, enum job_mode mode)
{
	static const struct {
		enum patch_kind kind;
		char letter;
	} order[] = {
	    {PATCH_ADD, 'A'}, {PATCH_UPDATE, 'M'}, {PATCH_DELETE, 'D'}};
	const struct patch_file *f;
	struct bytes b;
	size_t i, k;

	(void)printf(mode == JOB_CHECK
			 ? "It would update the following files:\n"
			 : "Success. Updated the following files:\n");
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (i = 0; i < j->patch.nfiles; i++) {
			f = &j->patch.files[i];
			if (f->kind != order[k].kind)
				continue;
			b = f->move_to.p == NULL ? f->path : f->move_to;
			(void)printf("%c ", order[k].letter);
			(void)fwrite(b.p, 1, b.len, stdout);
			(void)putchar('\n');
		}
	(void)fwrite(buf_data(&j->notes), 1, j->notes.len, stdout);
}

/* Every path that the patch names, in its order. */
static void
job_each(const struct job *j, void (*fn)(const struct job *, struct bytes))
{
	const struct patch_file *f;
	size_t i;

	for (i = 0; i < j->patch.nfiles; i++) {
		f = &j->patch.files[i];
		fn(j, f->path);
		if (f->move_to.p != NULL)
			fn(j, f->move_to);
	}
}

/* For who grants the rights to apply it: the files, one a line. */
static void
put_path(const struct job *j, struct bytes path)
{
	(void)j;
	(void)printf("%.*s\n", (int)path.len, (const char *)path.p);
}

/* For who keeps a record of it: what lies there now. */
static void
put_hash(const struct job *j, struct bytes path)
{
	static uint64_t left = HASH_MAX;
	char *name = path_of(path), hex[TOOL_HASH_SIZE];

	tool_hash(tree_open(j->root, name, O_RDONLY), &left, hex);
	(void)fputs(hex, stdout);
	free(name);
}

/* Stages, and unless only checking, commits. */
static int
job_run(struct job *j, struct bytes text, enum job_mode mode)
{
	char *failed = NULL;
	int r;

	if (patch_parse(&j->patch, text) != 0) {
		(void)buf_addf(
		    &j->why, FAILED "invalid patch: %s", j->patch.why);
		return TOOL_FAILED;
	}
	if (mode == JOB_PATHS)
		return TOOL_OK;
	r = job_stage(j);
	if (r == 0 && mode != JOB_CHECK) {
		r = commit_run(&j->commit, &failed);
		if (r != 0)
			(void)job_fail(j, failed, r);
		free(failed);
	}
	return r == 0 ? TOOL_OK : TOOL_FAILED;
}

static int
job_main(struct job *j, enum job_mode mode)
{
	struct buf text;
	int r = TOOL_FAILED;

	buf_init(&text, PATCH_TEXT_MAX);
	if (j->root == -1)
		(void)buf_addf(&j->why, FAILED "%s", strerror(errno));
	else if (fd_read_all(STDIN_FILENO, &text) != 0)
		(void)buf_addf(&j->why,
		    FAILED "the patch is larger than %u "
			   "bytes or cannot be read",
		    PATCH_TEXT_MAX);
	else
		r = job_run(j, (struct bytes){buf_data(&text), text.len}, mode);
	if (r == TOOL_OK && mode == JOB_PATHS)
		job_each(j, put_path);
	else if (r == TOOL_OK)
		job_report(j, mode);
	else
		(void)printf(
		    "%.*s\n", (int)j->why.len, (const char *)buf_data(&j->why));
	if (r == TOOL_OK && mode == JOB_HASHES) {
		(void)putchar('\0');
		job_each(j, put_hash);
	}
	commit_fini(&j->commit);
	patch_fini(&j->patch);
	buf_fini(&text);
	return r;
}

static void
on_end(int sig)
{
	(void)sig;
	job_ended = 1;
}

static int
patch_run(int argc, char **argv)
{
	const struct sigaction end = {.sa_handler = on_end};
	struct job j = {.root = -1};
	enum job_mode mode = JOB_APPLY;
	int r;

	if (argc == 2 && strcmp(argv[1], "--check") == 0)
		mode = JOB_CHECK;
	else if (argc == 2 && strcmp(argv[1], "--paths") == 0)
		mode = JOB_PATHS;
	else if (argc == 2 && strcmp(argv[1], "--hashes") == 0)
		mode = JOB_HASHES;
	else if (argc > 1)
		return tool_usage(&tool_patch);
	(void)sigaction(SIGTERM, &end, NULL);
	buf_init(&j.notes, NOTES_MAX);
	buf_init(&j.why, WHY_MAX);
	j.root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	commit_init(&j.commit, mode == JOB_CHECK ? -1 : j.root);
	r = job_main(&j, mode);
	fd_close(&j.root);
	buf_fini(&j.notes);
	buf_fini(&j.why);
	return r;
}

const struct tool tool_patch = {
    .name = "patch",
    .usage = "[--check | --hashes | --paths] < patch",
    .run = patch_run,
};
