/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_OPT_H
#define CORDON_OPT_H

#include <stddef.h>
#include <stdint.h>

struct cmd;
struct cmd_line;

/*
 * One option of a command.  A table of them is the only description that an
 * option has; opt_parse, --help and the completions read it.
 */
enum opt_kind {
	OPT_END,  /* the last row of a table */
	OPT_FLAG, /* bool */
	OPT_STR,  /* const char *, borrowed from argv */
	OPT_ENUM, /* const char *; arg is "one|two|three" */
	OPT_LIST, /* struct opt_list, one element each time */
	OPT_NUM,  /* uint64_t, decimal, min to max */
	OPT_SIZE, /* uint64_t bytes: 512, 64K, 2G */
	OPT_TIME, /* uint64_t milliseconds: 250ms, 60s, 5m */
	OPT_TABLE /* table holds more rows, for a struct at off */
};

enum opt_flags {
	OPT_HIDDEN = 1, /* an old or foreign spelling; not in --help */
	OPT_LOCAL = 2   /* a sub-command does not inherit it */
};

struct opt {
	const char *name; /* the long name, without dashes */
	char letter;      /* the short one, or '\0' */
	enum opt_kind kind;
	const char *arg;   /* what --help calls the value: "FILE", "DIR" */
	const char *help;  /* one line, no full stop */
	size_t off;        /* of the value in the command's struct */
	uint64_t min, max; /* OPT_NUM; max 0: no bound */
	const struct opt *table;
	unsigned flags;
};

/* Where a row's value goes, of the struct that the command's args are. */
#define OPT_AT(type, member) .off = offsetof(struct type, member)

/* Operands, or the values of a repeated option. */
struct opt_list {
	const char **v; /* owned array of borrowed strings; NULL at the end */
	size_t n;
};

/*
 * Reads a whole command line, argv[0] not included: options (--name value,
 * --name=value, -n value, -nvalue, clusters of flags) and operands in any
 * order; "--" ends the options, the name of a sub-command descends.  root->cmd
 * is set and the rest of root zero.  Returns the deepest level, or NULL with
 * the reason, one line, in error.  Both are to be released with opt_free.
 */
struct cmd_line *opt_parse(struct cmd_line *root, int argc, char *const argv[],
    char *error, size_t size);
/* Releases line and the levels above it, but not the root's own struct. */
void opt_free(struct cmd_line *line);

/*
 * Calls fn for each row that a command line of this level accepts, nested
 * tables flattened, inherited rows and --help included, until fn returns
 * nonzero, which is the result.  slot is where the value goes, or NULL if the
 * level has no args (help and completions need none).
 */
typedef int opt_visit_fn(void *arg, const struct opt *opt, void *slot);
int opt_visit(struct cmd_line *line, opt_visit_fn *fn, void *arg);

#endif /* CORDON_OPT_H */
