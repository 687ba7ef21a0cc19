/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon patch: applies a patch of the apply_patch format.
 *
 * The patch is read by nobody but cordon-tool in a cell: first without any
 * right to write, to learn which files it names, then with the right to
 * write beside those.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "conf/paths.h"
#include "sandbox/names.h"

#include "cordon/ceiling.h"
#include "cordon/cmd.h"
#include "cordon/oneshot.h"
#include "cordon/settings.h"
#include "cordon/start.h"

#define PATCH_MAX  (8u * 1024 * 1024)  /* bytes of a patch */
#define OUTPUT_MAX (16u * 1024 * 1024) /* bytes of an answer */

struct patch_args {
	bool check;
};

static const struct opt patch_opts[] = {
    {"check", '\0', OPT_FLAG, NULL, "only see whether it would apply",
	.off = offsetof(struct patch_args, check)},
    {0}};

struct job {
	struct paths paths;
	struct spec ceiling, grant;
	char cwd[PATH_MAX], tool[PATH_MAX];
	char **files; /* owned, each too: absolute */
	size_t nfiles;
	int patch; /* owned: a memfd */
};

static int
job_open(struct job *j, const char *file)
{
	struct buf text;
	int r;

	buf_init(&text, PATCH_MAX);
	if (file != NULL && str_starts(file, "*** Begin Patch"))
		r = buf_adds(&text, file); /* as models call apply_patch */
	else if (file == NULL || strcmp(file, "-") == 0)
		r = fd_read_all(STDIN_FILENO, &text);
	else
		r = fd_read_file(AT_FDCWD, file, &text);
	if (r == 0)
		j->patch = fd_memfd("patch", buf_data(&text), text.len);
	else
		log_error("%s: %s", file == NULL ? "standard input" : file,
		    err_file(r));
	buf_fini(&text);
	return r == 0 && j->patch >= 0 ? EX_OK : EX_NOINPUT;
}

/* The ceiling: this directory, as a session would have it. */
static int
job_rights(struct job *j)
{
	char why[1024], real[PATH_MAX];
	int r;

	if (getcwd(j->cwd, sizeof(j->cwd)) == NULL ||
	    start_program(j->tool, sizeof(j->tool), "tool") != 0) {
		log_error("patch: this folder or cordon-tool cannot be found; "
			  "go to another, or reinstall cordon");
		return EX_UNAVAILABLE;
	}
	if (settings_paths(&j->paths) != EX_OK)
		return EX_CONFIG;
	r = ceiling_base(&j->ceiling, j->paths.home);
	if (r == 0)
		r = spec_adds(
		    &j->ceiling, start_libexec(), SPEC_READ | SPEC_EXEC);
	if (r == 0)
		r = ceiling_hide(&j->ceiling, &j->paths);
	if (r != 0) {
		log_error("rights cannot be computed: %s", err_str(r));
		return EX_SOFTWARE;
	}
	if (ceiling_write(&j->ceiling, j->cwd, j->paths.home, false, real, why,
		sizeof(why)) != 0) {
		log_error("%s", why);
		return EX_NOPERM;
	}
	return EX_OK;
}

/* Only paths below this directory; the tool refuses the others by name. */
static void
add_file(struct job *j, struct bytes line)
{
	char *path =
	    xasprintf("%s/%.*s", j->cwd, (int)line.len, (const char *)line.p);

	if (spec_beneath(path, j->cwd) && strstr(path, "/./") == NULL &&
	    strstr(path, "/../") == NULL && strstr(path, "//") == NULL &&
	    !str_ends(path, "/..") && !str_ends(path, "/.") &&
	    !str_ends(path, "/")) {
		j->files =
		    xreallocarray(j->files, j->nfiles + 1, sizeof(*j->files));
		j->files[j->nfiles++] = path;
		return;
	}
	free(path);
}

/* What other tools obey is not patched. */
static int
job_judge(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->nfiles; i++) {
		const char *path = j->files[i];

		if ((spec_access(&j->ceiling, path) & SPEC_WRITE) != 0 &&
		    !names_in_git(path))
			continue;
		log_error("%s is protected, since programs outside the sandbox "
			  "would obey it; change it yourself",
		    path);
		return -EX_NOPERM;
	}
	return 0;
}

static int
job_tool(struct job *j, const char *option, struct buf *out)
{
	const char *argv[] = {j->tool, "patch", option, NULL};
	struct oneshot o = {.argv = argv,
	    .cwd = j->cwd,
	    .paths = &j->paths,
	    .ceiling = &j->ceiling,
	    .grant = &j->grant,
	    .in = j->patch,
	    .settle = true};
	int r;

	spec_init(&j->grant);
	r = spec_for_files(&j->grant, &j->ceiling, j->files, j->nfiles, j->cwd);
	if (r == 0)
		r = oneshot_run(&o, out);
	else
		r = -EX_NOPERM;
	spec_fini(&j->grant);
	return r;
}

static int
job_learn(struct job *j, struct buf *out)
{
	struct bytes rest, line;
	int r = job_tool(j, "--paths", out);

	if (r != 0)
		return r;
	rest = (struct bytes){buf_data(out), out->len};
	while (bytes_line(&rest, &line)) {
		if (line.len > 2 && line.p[0] == '.' && line.p[1] == '/') {
			line.p += 2;
			line.len -= 2;
		}
		add_file(j, line);
	}
	buf_clear(out);
	return 0;
}

static void
job_say(const struct buf *out, bool ok)
{
	struct buf shown;

	buf_init(&shown, 8 * OUTPUT_MAX);
	(void)vis_add(&shown, buf_data(out), out->len, VIS_NL | VIS_TAB);
	(void)fd_write_all(
	    ok ? STDOUT_FILENO : STDERR_FILENO, buf_data(&shown), shown.len);
	buf_fini(&shown);
}

static int
patch_run(const struct cmd_line *line)
{
	const struct patch_args *a = line->args;
	struct job j = {.patch = -1};
	struct buf out;
	size_t i;
	int r;

	spec_init(&j.ceiling);
	buf_init(&out, OUTPUT_MAX);
	r = job_open(&j, line->given.n > 0 ? line->given.v[0] : NULL);
	if (r == EX_OK)
		r = -job_rights(&j);
	else
		r = -r;
	if (r == 0)
		r = job_learn(&j, &out);
	if (r == 0)
		r = job_judge(&j);
	if (r == 0)
		r = job_tool(&j, a->check ? "--check" : NULL, &out);
	if (out.len > 0)
		job_say(&out, r == 0);
	for (i = 0; i < j.nfiles; i++)
		free(j.files[i]);
	free(j.files);
	spec_fini(&j.ceiling);
	paths_fini(&j.paths);
	fd_close(&j.patch);
	buf_fini(&out);
	return r < 0 ? -r : r;
}

const struct cmd cmd_patch = {
    .name = "patch",
    .summary = "Apply a patch in the format that models write.",
    .operands = "[FILE | -]",
    .man = "cordon-patch(1)",
    .opts = patch_opts,
    .args_size = sizeof(struct patch_args),
    .max = 1,
    .run = patch_run,
};
