/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the person's editor, in a cell with one file to write. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/ceiling.h"
#include "cordon/editor.h"
#include "cordon/person.h"
#include "cordon/relay.h"
#include "cordon/session.h"
#include "sandbox/spec.h"

#define CALL      1 /* the frame id of the one call */
#define ENV_MAX   16
#define FILE_NAME "prompt.md"

struct editor {
	struct session *s; /* owned */
	struct relay relay;
	struct spec spec;
	char dir[PATH_MAX]; /* of the one file; empty: not made */
	const char *program;
	int status;
};

static int
on_spawned(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_spawned *m = msg;
	struct editor *e = arg;

	(void)ch;
	(void)id;
	relay_terminal(&e->relay, m->in, m->out);
	return 0;
}

static int
on_ended(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_exit *m = msg;
	struct editor *e = arg;

	(void)ch;
	(void)id;
	relay_finish(&e->relay);
	e->status = m->how == EXIT_STATUS && m->status == 0 ? 0 : 1;
	session_stop(e->s, EX_OK);
	return 0;
}

static const struct chan_handler handlers[] = {{MSG_SPAWNED, on_spawned},
    {MSG_EXIT, on_ended}, {MSG_STAT, session_unheard}, {0, NULL}};

static int
write_file(struct editor *e, const struct buf *text)
{
	const char *tmp = getenv("TMPDIR");
	char made[PATH_MAX];
	int dir, r;

	if (str_fmt(made, sizeof(made), "%s/cordon-XXXXXX",
		tmp == NULL || *tmp != '/' ? "/tmp" : tmp) != 0 ||
	    mkdtemp(made) == NULL || realpath(made, e->dir) == NULL)
		return ERR_IO;
	dir = open(e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir == -1 ? ERR_IO
		      : fd_replace_file(
			    dir, FILE_NAME, buf_data(text), text->len, 0600);
	fd_close(&dir);
	return r;
}

/* Reads it back: a plain file, whatever the editor has made of it. */
static int
read_file(struct editor *e, struct buf *text)
{
	int dir = open(e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, r;

	fd = dir == -1 ? -1
		       : openat(dir, FILE_NAME,
			     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
				 O_NOCTTY);
	buf_clear(text);
	r = fd == -1 ? ERR_IO : fd_read_all(fd, text);
	fd_close(&fd);
	fd_close(&dir);
	while (r == 0 && text->len > 0 && buf_data(text)[text->len - 1] == '\n')
		text->len--;
	return r;
}

/* The file, and what editors leave beside it. */
static void
remove_file(struct editor *e)
{
	static const char *const names[] = {FILE_NAME, FILE_NAME "~",
	    "." FILE_NAME ".swp", "." FILE_NAME ".swo", "#" FILE_NAME "#"};
	int dir = open(e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t i;

	for (i = 0; dir != -1 && i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(dir, names[i], 0);
	fd_close(&dir);
	(void)rmdir(e->dir);
}

static int
add_rights(struct editor *e, const struct paths *p)
{
	int r = ceiling_base(&e->spec, p->home);

	if (r == 0)
		r = ceiling_hide(&e->spec, p);
	if (r == 0)
		r = spec_adds(&e->spec, e->dir, SPEC_READ | SPEC_WRITE);
	return r;
}

static size_t
environment(struct bytes *env)
{
	static const char *const passed[] = {"HOME", "USER", "LOGNAME", "LANG",
	    "LC_ALL", "LC_CTYPE", "TERM", "TZ", "COLORTERM", "NO_COLOR",
	    "PATH"};
	const char *v;
	size_t i, n = 0;

	for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		v = getenv(passed[i]);
		if (v != NULL)
			env[n++] = bytes_of(xasprintf("%s=%s", passed[i], v));
	}
	env[n++] = bytes_of("TMPDIR=/tmp");
	return n;
}

/* As git does: the variable is words of a shell's, the file one more. */
static int
spawn(struct editor *e)
{
	char *line = xasprintf("%s \"$@\"", e->program);
	struct bytes argv[] = {bytes_of("/bin/sh"), bytes_of("-c"),
	    bytes_of(line), bytes_of("editor"), bytes_of(FILE_NAME)};
	struct bytes env[ENV_MAX];
	struct msg_spawn m = {.argv = {5, argv},
	    .cwd = bytes_of(e->dir),
	    .stdio = STDIO_PTY,
	    .in = -1,
	    .out = -1,
	    .err = -1};
	struct winsize ws = {0};
	int r;

	m.env = (struct msg_list){(uint32_t)environment(env), env};
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0) {
		m.rows = ws.ws_row;
		m.cols = ws.ws_col;
	}
	r = relay_start(
	    &e->relay, session_loop(e->s), session_chan(e->s, ROLE_CELL), CALL);
	if (r == 0)
		r = ceiling_spawn(e->s, CALL, &e->spec, &m);
	free(line);
	return r;
}

static int
run_in_cell(struct editor *e, const struct paths *p, const char *wanted,
    char *why, size_t size)
{
	enum tier tier;
	int r;

	r = tier_choose(&tier, wanted, why, size);
	if (r != 0)
		return r;
	e->s = session_new();
	session_add(e->s, ROLE_CELL);
	session_handlers(e->s, handlers, e);
	/* One private home for every prompt: the configuration's. */
	r = ceiling_tell(
	    e->s, tier, &e->spec, p->home, p->state, p->config, why, size);
	if (r == 0 && session_start(e->s) != EX_OK)
		r = ERR_IO;
	if (r == 0)
		r = spawn(e);
	if (r == 0 && session_run(e->s) != EX_OK)
		r = ERR_IO;
	relay_fini(&e->relay);
	session_free(e->s);
	return r == 0 && e->status != 0 ? ERR_IO : r;
}

int
editor_run(const struct paths *paths, const char *tier, struct buf *text,
    char *why, size_t size)
{
	struct editor e = {.program = person_editor(), .status = -1};
	int r;

	spec_init(&e.spec);
	*why = '\0';
	r = write_file(&e, text);
	if (r == 0)
		r = add_rights(&e, paths);
	if (r == 0)
		r = run_in_cell(&e, paths, tier, why, size);
	if (r == 0)
		r = read_file(&e, text);
	if (r != 0 && *why == '\0')
		(void)snprintf(
		    why, size, "%.100s: the prompt stays as it was", e.program);
	if (*e.dir != '\0')
		remove_file(&e);
	spec_fini(&e.spec);
	return r;
}
