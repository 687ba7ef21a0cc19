/* SPDX-License-Identifier: Apache-2.0 */

#ifndef GATE_JUDGE_H
#define GATE_JUDGE_H

#include <sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "policy/decide.h"
#include "policy/grants.h"
#include "policy/rule.h"
#include "proto/chan.h"
#include "proto/msg.h"
#include "sandbox/spec.h"

#include "gate/granted.h"

#define DECISION_WHY_SIZE 1024

/*
 * What is asked for, in the words that policy knows: a program with its
 * arguments, and the files that a tool of ours would read or write.  All
 * paths are absolute and lexically plain.
 */
struct subject {
	char **argv; /* owned: what the cell executes; ends with NULL */
	size_t argc;
	char *line;   /* owned: the command line, or NULL for a file tool */
	char *cwd;    /* owned */
	char **reads; /* owned */
	size_t nreads;
	char **writes; /* owned */
	size_t nwrites;
	const char *tool; /* borrowed: name for rules on tools */
	bool file_tool; /* argv is our own program: reads and writes say all */
	bool server;    /* an MCP server, which has a right only by a rule */
	char *mcp;      /* owned: "server/tool", or NULL */
	bool tty;
	bool escalate; /* asks to run outside the cell */
	/* Owned: a folder that it may write besides, or NULL.  It runs in a
	 * cell of its own, by the first words of argv, which no rule sees. */
	char *widen;
	size_t wrapped;
	char *words; /* owned: the model's reason, or NULL */
	char *host;  /* owned: to be connected to, or NULL */
	uint16_t port;
	bool inside; /* host is this machine or a private address */
	/* Hexadecimal hash of its standard input, a patch; else empty. */
	char input[SHA256_DIGEST_STRING_LENGTH];
};

struct decision {
	enum verdict verdict;
	char rule[129]; /* id of the deciding rule; empty: a default */
	char file[4096];
	uint32_t line;
	char why[DECISION_WHY_SIZE];
	struct granted grant;
	struct policy_decision said; /* by the policy, before other limits */
	bool narrow; /* it only reads: run with the pins of shell/classify.h */
};

/* The policy, and what a person has granted in this session. */
struct judge {
	struct policy policy;
	struct spec ceiling; /* what any command could be given */
	char *home;          /* owned, as are the others */
	char *workspace;
	char *profile; /* its name, for the model; or NULL */
	bool danger;   /* nothing is confined; the rules hold all the same */
	bool open;     /* a run outside the cell can be asked for */
	bool proxy;    /* the cell can give a command a loopback of its own */
	struct grants grants;
	struct judge_memo *memo; /* owned: grants that were computed before */
};

void judge_init(struct judge *j);
void judge_fini(struct judge *j);
int judge_rule(struct judge *j, struct bytes body);
int judge_conf(struct judge *j, const char *key, struct bytes value);
/* After the last rule; fails when the policy makes no sense. */
int judge_ready(struct judge *j, const char *cwd);

/*
 * Pure: the verdict and, whatever it is, the grant with which the subject
 * would run.  The grant follows from the policy alone.
 */
void judge_decide(
    const struct judge *j, const struct subject *s, struct decision *d);
/* The subject as policy is asked about it; borrows from both. */
struct request judge_request(const struct judge *j, const struct subject *s);
/* The same for a connection of a command that was decided so. */
void judge_connect(const struct judge *j, const struct policy_decision *of,
    const struct subject *s, struct decision *d);
/* What rules say of a tool's name alone; of d all but the rights. */
void judge_tool(const struct judge *j, const char *tool, struct decision *d);
void decision_fini(struct decision *d);
bool judge_outside(const struct judge *j, const struct subject *s);

/* What the model is told of its rights; borrowed from the judge, roots has
 * room for what is writable. */
#define JUDGE_ROOTS_MAX 256
void judge_context(const struct judge *j, struct bytes roots[JUDGE_ROOTS_MAX],
    struct msg_context *m);
/* What an approval is bound to: SHA-256 of argv, cwd, paths and grant, and
 * the digest of the files named. */
void judge_bind(const struct subject *s, const struct decision *d,
    const char *digest, uint8_t hash[32]);
void subject_fini(struct subject *s);
/* Without its words and what it writes. */
void subject_fresh(struct subject *s);
/* Appends an owned copy. */
void subject_arg(struct subject *s, struct bytes arg);
void subject_args(struct subject *s, const char *arg);
/* What its host and port are as one word. */
void subject_host(struct subject *s);
void subject_read(struct subject *s, const char *path);
void subject_write(struct subject *s, const char *path);
/*
 * dir/path without ".", ".." and doubled slashes; an absolute path stands
 * for itself.  NULL if it is too long, empty, or holds a NUL; owned.
 */
char *subject_path(const char *dir, struct bytes path);

#endif /* GATE_JUDGE_H */
