/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon config set, unset and edit: changing the person's own file.
 *
 * The text is changed by cordon-load, the only place where TOML is read;
 * main puts the result beside the file and renames it over it.
 */

#include "config.h"

#include <sys/stat.h>

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
#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/cmd_config.h"
#include "cordon/load.h"
#include "cordon/person.h"
#include "cordon/settings.h"

#define TEXT_MAX (1u << 20) /* bytes of the file */
#define WHY_SIZE 1024

/* The file that is to be changed, opened where it really lies. */
struct target {
	struct paths paths;
	char path[PATH_MAX]; /* as the person knows it */
	char real[PATH_MAX]; /* with symbolic links followed */
	char why[WHY_SIZE];
	int fd; /* owned; an empty memfd if there is no file yet */
};

static void
target_close(struct target *t)
{
	fd_close(&t->fd);
	paths_fini(&t->paths);
}

/* EX_OK, or a sysexits code after a line. */
static int
target_open(struct target *t)
{
	int dir, code = EX_CONFIG;

	memset(t, 0, sizeof(*t));
	t->fd = -1;
	if (paths_find(&t->paths, t->why, sizeof(t->why)) != 0 ||
	    str_fmt(t->path, sizeof(t->path), "%s/config.toml",
		t->paths.config) != 0) {
		log_error("%s", t->why);
		return EX_CONFIG;
	}
	t->fd = path_open_trusted(t->path, t->why, sizeof(t->why));
	if (t->fd == ERR_NOENT) {
		dir = path_make_dir(t->paths.config, t->why, sizeof(t->why));
		t->fd = dir < 0 ? dir : fd_memfd("empty", "", 0);
		fd_close(&dir);
		code = t->fd == ERR_IO ? EX_CANTCREAT : EX_CONFIG;
	}
	if (t->fd < 0) {
		log_error("%s", t->why);
		t->fd = -1;
		return code;
	}
	if (realpath(t->path, t->real) == NULL)
		(void)strlcpy(t->real, t->path, sizeof(t->real));
	return EX_OK;
}

/* Pieces of the new text, as they come. */
static void
take_text(void *arg, const struct msg_conf *m)
{
	if (bytes_is(m->key, "load.text"))
		(void)buf_add(arg, m->value.p, m->value.len);
}

/* The file's text with the key changed; value NULL takes it out. */
static int
target_edit(
    struct target *t, const char *key, const char *value, struct buf *text)
{
	static const struct load_ops ops = {.conf = take_text};
	struct load *l = load_new();
	int fd = dup(t->fd), code;

	(void)lseek(fd, 0, SEEK_SET); /* it may have been read before */
	load_say(l, "load.edit.key", key);
	if (value != NULL)
		load_say(l, "load.edit.value", value);
	(void)load_file(l, "edit", LAYER_USER, fd, t->path);
	code = load_run(l, &ops, text, t->why, sizeof(t->why));
	load_free(l);
	if (code == EX_OK && buf_err(text) != 0) {
		(void)str_fmt(t->why, sizeof(t->why),
		    "%s: over %u bytes; take something out", t->path, TEXT_MAX);
		code = EX_SOFTWARE;
	}
	return code;
}

/* Whether the new text is a good configuration; says what is not. */
static int
text_check(const struct target *t, const struct buf *text)
{
	int fd = fd_memfd("config.toml", buf_data(text), text->len);

	return fd < 0 ? EX_OSERR : settings_check(fd, t->path, true);
}

static int
text_write(struct target *t, const struct buf *text)
{
	struct stat st;
	mode_t mode = 0600;

	if (stat(t->real, &st) == 0)
		mode = st.st_mode & 0777;
	if (fd_replace_file(
		AT_FDCWD, t->real, buf_data(text), text->len, mode) == 0)
		return EX_OK;
	log_error("%s: cannot be written: %s", t->path, err_sys(errno));
	return EX_CANTCREAT;
}

/* The end of a change that went well so far: checks what should be, writes it,
 * and lets go of all. */
static int
target_finish(struct target *t, struct buf *text, bool check, int code)
{
	if (code == EX_OK && check)
		code = text_check(t, text);
	if (code == EX_OK)
		code = text_write(t, text);
	buf_fini(text);
	target_close(t);
	return code;
}

/* The value as TOML: as it is where its type wants no quotes, or has them. */
static void
literal_of(struct buf *out, const struct key *key, const char *value)
{
	bool text = key->type == KEY_STR || key->type == KEY_ENUM;

	if (text && *value != '"' && *value != '\'')
		(void)toml_put_string(out, value);
	else if (key->type == KEY_LIST && *value != '[') {
		(void)buf_addc(out, '[');
		(void)toml_put_string(out, value);
		(void)buf_addc(out, ']');
	} else
		(void)buf_adds(out, value);
}

static int
change(const char *name, const char *literal)
{
	struct target t;
	struct buf text;
	int code;

	buf_init(&text, TEXT_MAX);
	code = target_open(&t);
	if (code == EX_OK) {
		code = target_edit(&t, name, literal, &text);
		if (code != EX_OK)
			log_error("%s", t.why);
	}
	return target_finish(&t, &text, literal != NULL, code);
}

/* text becomes the target's text, whatever the file holds. */
static int
target_take(struct target *t, struct buf *text)
{
	int fd = fd_memfd("config.toml", buf_data(text), text->len);

	if (fd < 0)
		return EX_OSERR;
	fd_close(&t->fd);
	t->fd = fd;
	return EX_OK;
}

/* One key of several; a key that is there stays. */
static int
add_one(struct target *t, const struct config_set *set)
{
	struct buf text;
	int code;

	buf_init(&text, TEXT_MAX);
	if (target_edit(t, set->name, NULL, &text) == EX_OK) {
		log_warn("%s has %s already; it stays", t->path, set->name);
		buf_fini(&text);
		return EX_OK;
	}
	buf_clear(&text);
	code = target_edit(t, set->name, set->literal, &text);
	if (code == EX_OK)
		code = target_take(t, &text);
	else
		log_error("%s", t->why);
	buf_fini(&text);
	return code;
}

int
config_add(const struct config_set *sets, size_t n)
{
	struct target t;
	struct buf text;
	size_t i;
	int code;

	buf_init(&text, TEXT_MAX);
	code = target_open(&t);
	for (i = 0; code == EX_OK && i < n; i++)
		code = add_one(&t, &sets[i]);
	if (code == EX_OK &&
	    (lseek(t.fd, 0, SEEK_SET) != 0 || fd_read_all(t.fd, &text) != 0))
		code = EX_IOERR;
	return target_finish(&t, &text, true, code);
}

static int
set_run(const struct cmd_line *line)
{
	const char *name = line->given.v[0];
	const struct key *key = config_key("set", name, true);
	struct buf literal;
	int code;

	if (key == NULL)
		return EX_USAGE;
	buf_init(&literal, TEXT_MAX);
	literal_of(&literal, key, line->given.v[1]);
	code = buf_err(&literal) == 0 ? change(name, buf_cstr(&literal))
				      : EX_USAGE;
	buf_fini(&literal);
	return code;
}

const struct cmd config_set = {
    .name = "set",
    .summary = "Set a key in your config.toml; the rest stays as it is.",
    .operands = "KEY VALUE",
    .min = 2,
    .max = 2,
    .run = set_run,
};

static int
unset_run(const struct cmd_line *line)
{
	const char *name = line->given.v[0];
	struct key_path path;

	/* A name that is no key's any more can be taken out. */
	if (key_split(&path, name) != 0) {
		log_error("config unset: '%s' is not the name of a key; "
			  "'cordon help config-file' has them",
		    name);
		return EX_USAGE;
	}
	return change(name, NULL);
}

const struct cmd config_unset = {
    .name = "unset",
    .summary = "Take a key out of your config.toml.",
    .operands = "KEY",
    .min = 1,
    .max = 1,
    .run = unset_run,
};

static int
edit_run(const struct cmd_line *line)
{
	struct target t;
	int code;

	(void)line;
	code = target_open(&t);
	if (code == EX_OK && person_run(person_editor(), t.real) != 0) {
		log_error("config edit: the editor '%s' failed; set VISUAL or "
			  "EDITOR to another",
		    person_editor());
		code = EX_UNAVAILABLE;
	}
	target_close(&t);
	/* Opened anew: an editor may have put another file in its place. */
	if (code == EX_OK)
		code = target_open(&t);
	if (code == EX_OK)
		code = settings_check(dup(t.fd), t.path, false);
	target_close(&t);
	return code;
}

const struct cmd config_edit = {
    .name = "edit",
    .summary = "Open your config.toml in $VISUAL or $EDITOR, then check it.",
    .run = edit_run,
};
