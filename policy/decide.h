/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/rule.h"
#include "shell/classify.h"

/*
 * What is asked for.  All texts are borrowed; paths are absolute and plain.
 */
struct request {
	const char *line;        /* what `bash -c` would get, or NULL */
	const char *const *argv; /* a program without a shell, or NULL */
	size_t argc;
	const char *const *reads, *const *writes;
	size_t nreads, nwrites;
	const char *host; /* with port: a connection, or NULL */
	unsigned port;
	const char *tool; /* of ours, by its name for the model; or NULL */
	const char *mcp;  /* "server/tool", or NULL */
	const char *home, *workspace;
	const char *cwd; /* of a command; NULL: the workspace */
};

/* With which rights it would run. */
enum grant_kind {
	GRANT_NARROW, /* read files but secrets; no write, no network */
	GRANT_RULE,   /* that, and what the rule itself names */
	GRANT_SESSION /* the session's own */
};

#define DECISION_MATCHES 32

struct policy_decision {
	enum effect effect;
	enum grant_kind grant;
	const struct rule *rule; /* that decides; borrowed; NULL: a default */
	const struct rule *matches[DECISION_MATCHES]; /* all, strictest first */
	size_t nmatches;
	enum shell_class class; /* of a command */
	bool unasked;           /* read-only by what is known of its programs */
	char why[256];
};

/* Pure: the same policy and request give the same decision. */
void policy_decide(const struct policy *p, const struct request *rq,
    struct policy_decision *d);

/* Whether one rule matches; cmd is a simple command of the line. */
bool
rule_matches_command(const struct rule *r, const struct shell_command *cmd);
/* The program is one that runs what its words say, such as env. */
bool command_wrapped(const struct shell_command *cmd);
/* The line that the command has a shell run (sh -c LINE, eval LINE, behind
 * env and its like too), or NULL. */
const char *command_nested(const struct shell_command *cmd);
bool path_matches(const char *pattern, const char *path, const char *home,
    const char *workspace);
/* The same of a path that is a pattern of the shell's: could it become one
 * that is matched? */
bool path_meets(const char *pattern, const char *glob, const char *home,
    const char *workspace);
/* A word as a path, from base if it is relative: tilde, "." and ".." resolved
 * without looking.  False if it is too long, or there is no such base. */
bool path_resolve(char *dst, size_t size, const char *word, const char *base,
    const char *home);
/* Could the pattern name something beneath the path?  home may be NULL, and
 * patterns of the workspace are not considered. */
bool path_above(const char *pattern, const char *path, const char *home);
/* "host:port", "*.example.org:443", "host:*"; compared by label. */
bool host_matches(const char *pattern, const char *host, unsigned port);

/*
 * Whether the rule's own examples hold: each of match must match it and each
 * of not_match must not.  NULL, or the example that does not.
 */
const char *rule_example(const struct rule *r, bool *should);

#endif /* POLICY_DECIDE_H */
