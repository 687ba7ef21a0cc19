/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_RULE_H
#define POLICY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "sandbox/spec.h"

/*
 * A policy as data; LANGUAGE beside this file says what it means.  All texts
 * are owned by the rule or policy that holds them.
 */

/* From the mildest to the strictest: the larger wins. */
enum effect { EFFECT_NONE, EFFECT_ALLOW, EFFECT_ASK, EFFECT_FORBID };

/* In the order of trust; a project can only tighten. */
enum policy_layer {
	POLICY_BUILTIN,
	POLICY_SYSTEM,
	POLICY_USER,
	POLICY_CLI,
	POLICY_PROJECT,
	POLICY_LAYERS
};

#define POLICY_RULES_MAX 20000
#define POLICY_WORDS_MAX 1024  /* of one list in a rule */
#define POLICY_BODY_MAX  65000 /* bytes of one RULE body */

struct words {
	char **v; /* owned, each too */
	size_t n;
};

enum arg_kind {
	ARG_WORDS, /* one of the words */
	ARG_ONE,   /* "*": any one word */
	ARG_REST   /* "...": whatever follows, also nothing */
};

struct arg_pattern {
	enum arg_kind kind;
	struct words words;
};

struct rule {
	char *id, *reason;
	char *file; /* for people; "" for the built-in */
	uint32_t line;
	enum policy_layer layer;
	enum effect effect;
	bool locked;          /* the command line cannot relax it */
	struct words program; /* empty: not about commands */
	bool any_args;        /* no args given */
	struct arg_pattern *args;
	size_t nargs;
	struct words read, write, net, tool, mcp;
	struct words match, not_match; /* examples */
};

/* What holds where no rule says anything. */
enum exec_default { EXEC_UNSET, EXEC_SANDBOX, EXEC_ASK, EXEC_FORBID };
enum three { THREE_UNSET, THREE_NO, THREE_ASK, THREE_YES };

struct defaults {
	enum exec_default exec;
	enum three write;    /* the workspace: no or yes */
	enum three net;      /* none, ask, host */
	enum three escalate; /* never or ask */
	struct spec_limits limits;
	struct words env; /* further variables of commands */
};

/* A question with its answer, for `cordon policy test`. */
struct policy_test {
	char *file;
	uint32_t line;
	char *given; /* a command line, or */
	char *run;   /* one to be run in a cell */
	enum effect expect;
	struct words denied; /* of run: paths or hosts that must fail */
};

/*
 * Where to look among many rules: the hash of a program's last name, or of the
 * first name of a path's pattern below its base ('/', '~' or '.'); 0 stands
 * for any.  A hit is a candidate, no more.
 */
struct rule_key {
	uint32_t hash;
	uint32_t rule;       /* index into rules */
	const char *pattern; /* borrowed from the rule: of a path */
	char base;
	bool writes; /* of a path */
};

struct rule_keys {
	struct rule_key *v; /* owned */
	size_t n, size;
};

struct policy {
	struct rule *rules; /* owned */
	size_t nrules, size;
	struct rule_keys programs, paths; /* of rules */
	struct defaults defaults;         /* of all layers, combined */
	struct policy_test *tests;        /* owned */
	size_t ntests;
};

void policy_init(struct policy *p);
void policy_fini(struct policy *p);

void rule_init(struct rule *r);
void rule_fini(struct rule *r);
/* Whatever b matches, a matches too.  Seen only where it is plain: the same
 * words, or any arguments. */
bool rule_covers(const struct rule *a, const struct rule *b);
void words_add(struct words *w, struct bytes word); /* copies */
void words_fini(struct words *w);

/* Takes over what r holds; r is then as new.  ERR_SPACE. */
int policy_add(struct policy *p, struct rule *r);
/* Combines a layer's defaults with those so far. */
void policy_defaults(
    struct policy *p, enum policy_layer layer, const struct defaults *d);
void policy_test_add(struct policy *p, struct policy_test *t);

/* Of one name: the bytes before the first slash or the end; never 0. */
uint32_t rule_hash(const char *name);
/* Behind the last slash. */
const char *rule_program(const char *word);

/* Does it say what a command is given: paths to write, or hosts? */
bool rule_names(const struct rule *r);

const char *effect_name(enum effect effect); /* "allow", ... */
const char *policy_layer_name(enum policy_layer layer);
/* Where it stands; of the built-in ones that word. */
const char *rule_file(const struct rule *r);

/*
 * The body of RULE frames: a rule, a layer's defaults, or a test.  Encoding
 * fails with ERR_SPACE; decoding adds to p what the body holds, or fails with
 * ERR_FORMAT and changes nothing.
 */
int rule_encode(const struct rule *r, struct buf *out);
int defaults_encode(
    const struct defaults *d, enum policy_layer layer, struct buf *out);
int policy_test_encode(const struct policy_test *t, struct buf *out);
int policy_decode(struct policy *p, struct bytes body);

/* The rule on one line, for lists. */
int rule_line(const struct rule *r, struct buf *out);

#endif /* POLICY_RULE_H */
