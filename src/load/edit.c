/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of cordon-load: a configuration file with one key changed.  The new
 * text goes to main in pieces (CONF load.text), after it has been read as if
 * it were the file: what comes out is valid, and only that key is another.
 */

#include "config.h"

#include "base/buf.h"
#include "base/err.h"
#include "conf/edit.h"
#include "conf/toml.h"
#include "load/load.h"

static int
check(struct load *l, const struct load_source *src, struct bytes text)
{
	struct toml_error err;
	struct toml *root = toml_read(text.p, text.len, &err);

	if (root == NULL)
		return load_fail(l, "%s:%u:%u: %s", src->name, err.line,
		    err.column, err.text);
	toml_free(root);
	return 0;
}

static int
send_text(struct load *l, struct bytes text)
{
	struct msg_conf m = {.key = bytes_of("load.text")};
	int r;

	do {
		m.value = text;
		if (m.value.len > LOAD_TEXT_PIECE)
			m.value.len = LOAD_TEXT_PIECE;
		r = load_send(l, MSG_CONF, &m);
		text.p += m.value.len;
		text.len -= m.value.len;
	} while (r == 0 && text.len > 0);
	return r;
}

/* There is nothing to take out; perhaps another name was meant. */
static int
not_set(
    struct load *l, const struct load_source *src, const struct key_path *path)
{
	unsigned first = key_base(path);
	char near[KEY_SIZE];

	if (key_find(path, first) == NULL &&
	    key_nearest(near, sizeof(near), path, first))
		return load_fail(l, "%s: %s is not set there; did you mean %s?",
		    src->name, l->edit_key, near);
	return load_fail(l,
	    "%s: %s is not set there; 'cordon config show --origin' says where "
	    "it is",
	    src->name, l->edit_key);
}

static int
edit_text(struct load *l, const struct load_source *src, struct buf *out)
{
	struct key_path path;
	struct bytes text;
	int r;

	if (l->edit_key == NULL || key_split(&path, l->edit_key) != 0)
		return load_fail(l, "%s: no key to edit", src->name);
	r = edit_key(out, src->text, &path, l->edit_value);
	if (r == ERR_NOENT)
		return not_set(l, src, &path);
	if (r == ERR_CONFLICT)
		return load_fail(l,
		    "%s: %s lies in an inline table or an"
		    " array; edit the file by hand",
		    src->name, l->edit_key);
	if (r != 0)
		return load_fail(
		    l, "%s: cannot be edited: %s", src->name, err_str(r));
	text = (struct bytes){buf_data(out), out->len};
	r = check(l, src, text);
	if (r != 0)
		return r;
	if (send_text(l, text) != 0)
		return load_fail(l, "%s: cannot be sent", src->name);
	return 0;
}

static int
edit_read(struct load *l, const struct load_source *src)
{
	struct buf out;
	int r;

	r = check(l, src, src->text);
	if (r != 0)
		return r;
	buf_init(&out, TOML_SIZE_MAX);
	r = edit_text(l, src, &out);
	buf_fini(&out);
	return r;
}

const struct load_kind load_edit = {"edit", TOML_SIZE_MAX, edit_read};
