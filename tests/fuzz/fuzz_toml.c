/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: TOML that is read; and one key changed in it, after which the
 * text, if it is still TOML, has that key and value.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/edit.h"
#include "conf/toml.h"

#include "fuzz.h"

static void
edited(const uint8_t *data, size_t size)
{
	struct toml_error err;
	struct key_path path;
	const struct toml *t;
	struct toml *root;
	struct buf out;

	buf_init(&out, 2 * TOML_SIZE_MAX);
	if (key_split(&path, "a.b") != 0)
		fuzz_abort();
	if (edit_key(&out, (struct bytes){data, size}, &path, "\"new\"") == 0) {
		root = toml_read(buf_data(&out), out.len, &err);
		t = root == NULL ? NULL : toml_get(root, "a");
		t = t == NULL ? NULL : toml_get(t, "b");
		if (root != NULL && (t == NULL || !bytes_is(t->text, "new")))
			fuzz_abort();
		toml_free(root);
	}
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct toml_error err;
	struct toml *root = toml_read(data, size, &err);

	if (root == NULL) {
		if (err.line == 0 || err.column == 0 || err.text[0] == '\0')
			fuzz_abort();
		return 0;
	}
	toml_free(root);
	edited(data, size);
	return 0;
}
