/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_IMPORT_H
#define CORDON_IMPORT_H

#include "conf/keys.h"

/* Another program's settings as a list of values, and what to make of them. */

/* How a value becomes one of ours. */
enum import_how {
	IMPORT_SAME,   /* as it is */
	IMPORT_SHELL,  /* a shell command: the command and args of a table */
	IMPORT_MODEL,  /* a model's name, not an alias of that program's */
	IMPORT_SEARCH, /* true: "live" */
	IMPORT_MODE,   /* Claude Code's permission mode */
	IMPORT_RULES,  /* permission rules: rules of a policy, of effect to */
	IMPORT_MS,     /* milliseconds: seconds */
	IMPORT_SERVER, /* of an MCP server: by import_server_rows */
	IMPORT_DROP,   /* says nothing of its own */
	IMPORT_NONE,   /* has no equivalent; to says why */
	IMPORT_TABLE   /* the same of a table with all that is in it */
};

struct import_row {
	const char *from; /* dotted, "*" is a part that goes into to's "*" */
	enum import_how how;
	const char *to; /* the key; IMPORT_NONE, _TABLE: why not */
};

struct import_set {
	const char *name, *value;
};

struct import_program {
	const char *name;
	const char *file;               /* below the home folder */
	const char *kind;               /* how cordon-load is to read it */
	const struct import_row *rows;  /* from NULL at the end */
	const struct import_set *fixed; /* name NULL at the end; or NULL */
	bool same; /* a key without a row that is one of ours is taken */
};

extern const struct import_program import_programs[]; /* ends with NULL */
extern const struct import_row import_server_rows[];  /* the same */

/*
 * The row whose from is the path, or NULL.  What its "*" stands for (at most
 * two parts) is in star.
 */
const struct import_row *import_find(const struct import_row *rows,
    const struct key_path *path, const char *star[2]);

/*
 * Appends a rule of Claude Code ("Bash(git diff:*)") or of Gemini CLI
 * ("run_shell_command(git diff)") as a [[rule]] of a policy; ERR_UNSUPP if
 * the policy language has no such thing.
 */
int import_rule(
    struct buf *out, const char *effect, unsigned number, const char *rule);

#endif /* CORDON_IMPORT_H */
