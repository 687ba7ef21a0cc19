/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CMD_H
#define CORDON_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cordon/opt.h"

struct cmd;

/* One level of a parsed command line: `cordon`, `exec`, `exec resume`. */
struct cmd_line {
	const struct cmd *cmd;   /* borrowed */
	struct cmd_line *parent; /* owned; NULL for cordon itself */
	void *args;              /* owned: cmd->args_size bytes, from zero */
	struct opt_list given;   /* the operands */
	bool help;               /* -h or --help was given */
};

/*
 * A command, declared once in its own cmd_*.c.  The struct yields parsing,
 * --help, completions and the check of its man page.
 */
struct cmd {
	const char *name;
	const char *summary;  /* one line, no full stop */
	const char *operands; /* as in a synopsis: "[PROMPT | -]"; or NULL */
	const char *man; /* "cordon-exec(1)"; NULL: the page of its parent */
	const struct opt *opts; /* ends with {0}; or NULL */
	size_t args_size; /* of the struct that the options' offsets are in */
	const struct cmd *const *subs; /* ends with NULL; or NULL */
	unsigned min, max;             /* operands; CMD_ANY: no upper bound */
	unsigned flags;
	/* Returns the exit status (sysexits); NULL: it needs a sub-command. */
	int (*run)(const struct cmd_line *line);
};

#define CMD_ANY 0xffffffffu

enum cmd_flags {
	CMD_INHERIT = 1, /* takes the options of its parent too */
	CMD_HIDDEN = 2,  /* an old or foreign spelling; not listed */
	/* What follows the first operand is an operand, whatever it looks
	 * like: a command line that is to be run. */
	CMD_VERBATIM = 4,
	/* A first operand of one word that is no sub-command is a mistyped
	 * one, although operands are taken. */
	CMD_WORDS = 8
};

extern const struct cmd cmd_cordon; /* the root of all of them */

extern const struct cmd cmd_audit;
extern const struct cmd cmd_completion;
extern const struct cmd cmd_config;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_patch;
extern const struct cmd cmd_resume;
extern const struct cmd cmd_help;
extern const struct cmd cmd_login;
extern const struct cmd cmd_logout;
extern const struct cmd cmd_policy;
extern const struct cmd cmd_sandbox;

struct session_args;
/* What was said of the session, before or behind the sub-command. */
const struct session_args *cordon_session(const struct cmd_line *line);
/* cordon without a sub-command (cmd_tui.c); the exit status. */
int tui_run(const struct session_args *args, const char *prompt);
extern const struct cmd cmd_fork;
extern const struct cmd cmd_sessions;

/* The arguments of the level at or above line whose command is cmd. */
const void *cmd_args(const struct cmd_line *line, const struct cmd *cmd);
/* The sub-command of that name, or NULL. */
const struct cmd *cmd_sub(const struct cmd *cmd, const char *name);
/* The sub-command's name nearest to a mistyped one, or NULL. */
const char *cmd_nearest(const struct cmd *cmd, const char *name);
/* "cordon exec resume" into dst, which is always terminated. */
void cmd_path(const struct cmd_line *line, char *dst, size_t size);

/* The text of --help. */
void help_print(struct cmd_line *line, FILE *to);

#endif /* CORDON_CMD_H */
