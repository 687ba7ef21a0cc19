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
	void *content; /* owned: of it, where it does not lie beside */
	size_t len;    /* of content */
	mode_t mode;
	enum op_state state;
};

/*
 * A set of changes below one directory that happen all or not at all: new
 * files are written beside their places, commit renames them in order, and
 * the first failure renames everything back.  Without a directory (-1) they
 * are staged in memory, to be looked at and never committed.
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

/* The newest put to path, or NULL; with *taken set if the newest operation
 * takes path away. */
const struct op *
commit_view(const struct commit *c, const char *path, bool *taken);

/* All or nothing: 0, or a negative errno, *failed the path (owned). */
int commit_run(struct commit *c, char **failed);

#endif /* TOOL_COMMIT_H */
