/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: the patch parser, and applying what it read.  The input is
 * the patch; where a NUL stands in it, what follows is the file.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

#include "patch/patch.h"

#include "fuzz.h"

/* What was read points into the text, and nowhere else. */
static void
check_inside(struct bytes outer, struct bytes inner)
{
	if (inner.p < outer.p || inner.p + inner.len > outer.p + outer.len)
		fuzz_abort();
}

static void
apply(const struct patch_file *f, struct bytes file)
{
	struct buf content, notes, why;
	int r;

	buf_init(&content, 1 << 20);
	buf_init(&notes, 1 << 16);
	buf_init(&why, 1 << 16);
	if (f->kind == PATCH_ADD) {
		(void)patch_added(f, &content);
	} else if (f->kind == PATCH_UPDATE) {
		r = patch_update(f, file, &content, &notes, &why);
		if (r == ERR_NOENT && why.len == 0)
			fuzz_abort();
		/* The result always ends in a newline. */
		if (r == 0 && content.len > 0 &&
		    buf_data(&content)[content.len - 1] != '\n')
			fuzz_abort();
	}
	buf_fini(&content);
	buf_fini(&notes);
	buf_fini(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
	struct bytes text = {data, nul == NULL ? size : (size_t)(nul - data)};
	struct bytes file = {data, size}, inner;
	struct patch p;
	size_t i;

	if (nul != NULL)
		file = (struct bytes){nul + 1, size - text.len - 1};
	if (patch_parse(&p, text) == 0) {
		if (p.nfiles == 0)
			fuzz_abort();
		for (i = 0; i < p.nfiles; i++) {
			check_inside(text, p.files[i].path);
			if (p.files[i].path.len == 0)
				fuzz_abort();
			apply(&p.files[i], file);
		}
	} else if (p.why[0] == '\0') {
		fuzz_abort();
	}
	patch_fini(&p);
	if (patch_in_command(text, &inner))
		check_inside(text, inner);
	return 0;
}
