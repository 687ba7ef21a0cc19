/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TOOL_HASH_SIZE 65

/* Exit statuses of every tool. */
enum tool_exit {
	TOOL_OK = 0,
	TOOL_FAILED = 1, /* standard output says why, for the model */
	TOOL_USAGE = 64
};

/*
 * One tool: a program run in a cell whose grant is what this call needs.
 * What it prints on standard output, its errors included, is the answer that
 * the model reads.
 */
struct tool {
	const char *name;
	const char *usage;                 /* its arguments */
	int (*run)(int argc, char **argv); /* argv[0] is the name */
};

extern const struct tool tool_patch, tool_read, tool_list, tool_grep,
    tool_image, tool_context, tool_digest, tool_changed, tool_files;

/* The text of an errno; ENXIO stands for what is no regular file. */
const char *tool_why(int err);
/* "NAME: TEXT" of an errno on standard output; returns TOOL_FAILED. */
int tool_fail(const char *what, int err);
int tool_usage(const struct tool *t);
/* A number from an option, or dies with a usage error. */
size_t tool_number(const char *option, const char *s, size_t max);
/* Writes the buf to standard output and frees it. */
int tool_print(struct buf *b);
/*
 * SHA-256 of an open file's content in hexadecimal, or as many dashes: it is
 * no regular file, cannot be read, or is larger than *left bytes, from which
 * what was read is taken.  Takes fd, which may be negative.
 */
void tool_hash(int fd, uint64_t *left, char hex[TOOL_HASH_SIZE]);

#endif /* TOOL_TOOL_H */
