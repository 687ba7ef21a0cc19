/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SHELL_CLASSIFY_H
#define SHELL_CLASSIFY_H

#include "shell/split.h"

/* From the worst to the best. */
enum shell_class {
	SHELL_DECEPTIVE, /* it looks like something else: never to be run */
	SHELL_UNCLEAR,   /* not understood: never to be run unasked */
	SHELL_OTHER,     /* understood; not known to only read */
	SHELL_READ_ONLY, /* reads files and the system, prints, no more; may
			    run unasked in the narrowest grant, with
			    shell_pins in its environment */
};

struct shell_verdict {
	enum shell_class class;
	char why[SHELL_WHY_SIZE]; /* empty for SHELL_READ_ONLY */
	size_t off;               /* of the byte that why is about, or 0 */
	struct shell_split split; /* what rules are matched with; of
				     SHELL_DECEPTIVE it is empty */
};

/* Where a line is run; both are absolute and plain, and cwd may be NULL. */
struct shell_where {
	const char *cwd;
	const char *workspace; /* the folder whose repository is known */
};

/*
 * What `bash -c LINE` would do there; NULL: in the workspace, whatever that
 * is called.  shell_verdict_fini is due afterwards.
 */
void shell_classify(struct shell_verdict *v, const char *line, size_t len,
    const struct shell_where *where);

/*
 * The same of a program started without a shell; but a shell that is given
 * nothing but a line (shell_line) is taken for that line.
 */
void shell_classify_argv(struct shell_verdict *v, const char *const *argv,
    size_t argc, const struct shell_where *where);
void shell_verdict_fini(struct shell_verdict *v);

/* LINE if argv is {sh | bash, perhaps with a system folder before it} then
 * {-c | -lc | -l -c} then LINE; else NULL. */
const char *shell_line(const char *const *argv, size_t argc);

const char *shell_class_str(enum shell_class class);

/*
 * NAME=VALUE pairs that a command run as SHELL_READ_ONLY needs in its
 * environment, ending with NULL: they take from git what the configuration
 * of a repository could make it run.
 */
extern const char *const shell_pins[];

#endif /* SHELL_CLASSIFY_H */
