/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_DECIDING_H
#define POLICY_DECIDING_H

#include "policy/decide.h"

/* Inside policy/: a decision in the making, by decide.c and decide_path.c. */

/* The folders that the commands of a line may start in.  Each cd may have
 * failed, so it doubles them. */
#define DECIDING_PLACES 16

struct deciding {
	const struct policy *p; /* borrowed, as is the rest */
	const struct request *rq;
	struct policy_decision *d;
	char *places[DECIDING_PLACES]; /* owned; besides the workspace */
	size_t nplaces;
	bool lost;   /* there are more */
	bool others; /* the default speaks of a command that may do more than
			read */
};

/* What the layers say together about one thing that rules matched. */
struct tally {
	const struct rule *best[POLICY_LAYERS]; /* strictest of each */
	const struct rule *locked;              /* strictest that is locked */
};

/* The rule matched: for the list of matches, and for the verdict. */
void deciding_match(struct deciding *dc, struct tally *t, const struct rule *r);
/* What the trusted layers say; NULL: nothing. */
const struct rule *deciding_trusted(const struct tally *t);
void deciding_take(struct deciding *dc, enum effect effect,
    enum grant_kind grant, const struct rule *r);
/* By the rules that matched, else as the defaults have it. */
void deciding_tally(
    struct deciding *dc, const struct tally *t, enum effect otherwise);
/* What a project says is taken on top of all others: it only tightens. */
void deciding_project(struct deciding *dc, const struct tally *t);

/* Rules on a path that is read or written. */
void deciding_path(
    struct deciding *dc, const char *path, bool writes, enum effect otherwise);
/* The same of all that the words and redirections of a command name. */
void deciding_words(
    struct deciding *dc, const struct shell_command *cmd, bool read_only);
/* Follows a cd. */
void deciding_cd(struct deciding *dc, const struct shell_command *cmd);
/*
 * Would a command that only reads look where rules forbid it, without its
 * words saying so: a search from above such a place, or a pattern?
 */
bool deciding_searches(struct deciding *dc, const struct shell_command *cmd);
void deciding_forget(struct deciding *dc); /* the places */

#endif /* POLICY_DECIDING_H */
