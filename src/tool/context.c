/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool context: what the model is told of the workspace before the first
 * turn, as one JSON object:
 *
 *   {"cwd": "...", "root": "...",
 *    "git": {"branch": "...", "head": "...", "dirty": true|false|null},
 *    "documents": [{"path": "...", "text": "..."}],
 *    "cut": [{"path": "...", "bytes": 123}]}
 *
 * documents are the project's instructions, from the repository's root down
 * to the current directory.  They are data for the model and never policy.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/utf8.h"

#include "tool/git.h"
#include "tool/tool.h"

#define DOC_BYTES_DEFAULT (32u * 1024) /* of all documents together */
#define DOC_BYTES_MAX     (1024u * 1024)
#define FILE_MAX          (4u * 1024 * 1024) /* bytes of one document */
#define OUT_MAX           (16u * 1024 * 1024)

/* In each directory the first of these that exists is the document. */
static const char *const doc_names[] = {
    "AGENTS.override.md", "AGENTS.md", "CLAUDE.md", "GEMINI.md"};

struct context {
	char cwd[PATH_MAX];
	char root[PATH_MAX];  /* empty: not in a repository */
	size_t left;          /* bytes that documents may still take */
	struct buf docs, cut; /* the two JSON arrays */
	struct jsonw docs_w, cut_w;
};

static void
find_root(struct context *c)
{
	char dir[PATH_MAX], git[PATH_MAX + 8], *slash;
	struct stat st;

	(void)strlcpy(dir, c->cwd, sizeof(dir));
	for (;;) {
		(void)snprintf(git, sizeof(git), "%s/.git", dir);
		if (lstat(git, &st) == 0) {
			(void)strlcpy(
			    c->root, *dir == '\0' ? "/" : dir, sizeof(c->root));
			return;
		}
		slash = strrchr(dir, '/');
		if (slash == NULL)
			return;
		*slash = '\0';
	}
}

static void
add_doc(struct context *c, const char *path, const struct buf *b)
{
	size_t n = b->len;

	if (n > c->left) {
		n = utf8_complete(buf_data(b), c->left);
		jsonw_object(&c->cut_w);
		jsonw_kstr(&c->cut_w, "path", path);
		jsonw_ku64(&c->cut_w, "bytes", b->len - n);
		jsonw_end(&c->cut_w);
	}
	c->left -= n;
	if (n == 0)
		return;
	jsonw_object(&c->docs_w);
	jsonw_kstr(&c->docs_w, "path", path);
	jsonw_kstrn(&c->docs_w, "text", (struct bytes){buf_data(b), n});
	jsonw_end(&c->docs_w);
}

static void
read_doc(struct context *c, const char *dir)
{
	char path[PATH_MAX + 32];
	struct buf b;
	size_t i;
	int r = ERR_NOENT;

	buf_init(&b, FILE_MAX);
	for (i = 0; i < sizeof(doc_names) / sizeof(doc_names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, doc_names[i]);
		buf_clear(&b);
		r = fd_read_file(AT_FDCWD, path, &b);
		if (r == ERR_NOENT)
			continue;
		if ((r == 0 || r == ERR_SPACE) && b.len > 0)
			add_doc(c, path, &b);
		break;
	}
	buf_fini(&b);
}

/* Every directory from the root down to cwd, or cwd alone. */
static void
read_docs(struct context *c)
{
	char dir[PATH_MAX];
	size_t at = strlen(c->root), len = strlen(c->cwd);

	if (at == 0) {
		read_doc(c, c->cwd);
		return;
	}
	if (strcmp(c->root, "/") == 0)
		at = 0;
	for (;;) {
		memcpy(dir, c->cwd, at);
		dir[at] = '\0';
		read_doc(c, dir);
		if (at >= len || len == 1)
			return;
		at++;
		at += strcspn(c->cwd + at, "/");
	}
}

static void
add_git(struct jsonw *w, const struct context *c)
{
	struct git_facts g;

	if (*c->root == '\0' || !git_read(c->root, &g))
		return;
	jsonw_kstr(w, "root", c->root);
	jsonw_name(w, "git");
	jsonw_object(w);
	jsonw_kstr(w, "branch", g.branch);
	jsonw_kstr(w, "head", g.head);
	jsonw_name(w, "dirty");
	if (g.dirty == GIT_UNKNOWN)
		jsonw_null(w);
	else
		jsonw_bool(w, g.dirty == GIT_DIRTY);
	jsonw_end(w);
}

static int
context_print(struct context *c)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, OUT_MAX);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_kstr(&w, "cwd", c->cwd);
	add_git(&w, c);
	jsonw_name(&w, "documents");
	jsonw_raw(&w, buf_data(&c->docs), c->docs.len);
	jsonw_name(&w, "cut");
	jsonw_raw(&w, buf_data(&c->cut), c->cut.len);
	jsonw_end(&w);
	(void)buf_addc(&out, '\n');
	return tool_print(&out);
}

static int
context_run(int argc, char **argv)
{
	struct context c = {.left = DOC_BYTES_DEFAULT};
	int opt, r;

	while ((opt = getopt(argc, argv, "+b:")) != -1) {
		if (opt != 'b')
			return tool_usage(&tool_context);
		c.left = tool_number("-b", optarg, DOC_BYTES_MAX);
	}
	if (argc != optind)
		return tool_usage(&tool_context);
	if (getcwd(c.cwd, sizeof(c.cwd)) == NULL)
		return tool_fail(".", errno);
	buf_init(&c.docs, OUT_MAX);
	buf_init(&c.cut, OUT_MAX);
	jsonw_init(&c.docs_w, &c.docs);
	jsonw_array(&c.docs_w);
	jsonw_init(&c.cut_w, &c.cut);
	jsonw_array(&c.cut_w);
	find_root(&c);
	read_docs(&c);
	jsonw_end(&c.docs_w);
	jsonw_end(&c.cut_w);
	r = context_print(&c);
	buf_fini(&c.docs);
	buf_fini(&c.cut);
	return r;
}

const struct tool tool_context = {
    .name = "context",
    .usage = "[-b bytes]",
    .run = context_run,
};
