/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_COMMIT_H
#define TOOL_COMMIT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum op_state {
	OP_STAGED,  /* nothing done yet; of a put, the new file lies beside */
	OP_NEW,     /* put where nothing was */
	OP_SWAPPED, /* put; the old file lies beside */
	OP_TAKEN,   /* taken away; the old file lies beside */
	OP_MADE     /* a directory was made, already while staging */
};

struct op {
	char *path;    /* owned: relative to the root */
	char *beside;  /* owned: in the same directory; NULL of a directory */
	uint32_t hash; /* of path */
	bool put;      /* a new file goes to path; otherwise path goes away */
	enum op_state state;
};

/*
 * A set of changes below one directory that happen all or not at all: new
 * files are written beside their places, commit renames them in order, and
 * the first failure renames everything back.
 */
struct commit {
	struct op *ops; /* owned array */
	size_t nops;
	int root; /* borrowed */
};

void commit_init(struct commit *c, int root);
/* Undoes what is not committed and frees. */
void commit_fini(struct commit *c);

/* Stage: 0 or a negative errno.  put makes missing parent directories. */
int commit_put(
    struct commit *c, const char *path, struct bytes content, mode_t mode);
int commit_take(struct commit *c, const char *path);

/* Where the staged content of the newest put to path lies, or NULL; with
 * *taken set if the newest operation takes path away. */
const char *commit_view(const struct commit *c, const char *path, bool *taken);

/* All or nothing: 0, or a negative errno, *failed the path (owned). */
int commit_run(struct commit *c, char **failed);

#endif /* TOOL_COMMIT_H */
