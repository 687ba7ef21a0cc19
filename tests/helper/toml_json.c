/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Test helper: TOML on standard input, the tagged JSON of the public TOML
 * test-suite on standard output; exit 1 and LINE:COLUMN: text for what is no
 * TOML.
 */

#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "conf/toml.h"

static const char *const names[] = {
    [TOML_STR] = "string",
    [TOML_INT] = "integer",
    [TOML_FLOAT] = "float",
    [TOML_BOOL] = "bool",
    [TOML_DATETIME] = "datetime",
    [TOML_LOCAL_DATETIME] = "datetime-local",
    [TOML_LOCAL_DATE] = "date-local",
    [TOML_LOCAL_TIME] = "time-local",
};

static void
put(struct jsonw *w, const struct toml *t)
{
	const struct toml *c;

	if (t->type == TOML_ARRAY)
		jsonw_array(w);
	else
		jsonw_object(w);
	if (t->type == TOML_ARRAY || t->type == TOML_TABLE) {
		for (c = t->child; c != NULL; c = c->next) {
			if (t->type == TOML_TABLE)
				jsonw_namen(w, c->key.p, c->key.len);
			put(w, c);
		}
	} else {
		jsonw_kstr(w, "type", names[t->type]);
		jsonw_kstrn(w, "value", t->text);
	}
	jsonw_end(w);
}

int
main(void)
{
	struct toml_error err;
	struct toml *root;
	struct buf in, out;
	struct jsonw w;

	buf_init(&in, TOML_SIZE_MAX + 1);
	buf_init(&out, 16u << 20);
	if (fd_read_all(STDIN_FILENO, &in) != 0)
		return 2;
	root = toml_read(buf_data(&in), in.len, &err);
	if (root == NULL) {
		(void)fprintf(
		    stderr, "%u:%u: %s\n", err.line, err.column, err.text);
		return 1;
	}
	jsonw_init(&w, &out);
	put(&w, root);
	(void)fd_write_all(STDOUT_FILENO, buf_data(&out), out.len);
	toml_free(root);
	buf_fini(&in);
	buf_fini(&out);
	return 0;
}
