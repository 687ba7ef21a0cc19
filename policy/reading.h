/* SPDX-License-Identifier: Apache-2.0 */

#ifndef POLICY_READING_H
#define POLICY_READING_H

#include "conf/toml.h"
#include "policy/read.h"
#include "policy/rule.h"

/* Inside policy/: a file being read, by read.c and read_rule.c. */
struct reader {
	const char *name;
	enum policy_layer layer;
	struct policy policy; /* what was read, for the checks */
	read_emit_fn *emit;
	void *arg;
	char *error;
};

/* What a section may hold: a key, and what reads its value. */
struct key_row {
	const char *key;
	int (*read)(struct reader *rd, const struct toml *t, void *into);
};

/* All of these return 0, or ERR_FORMAT with what is wrong in rd->error. */
int read_fail(struct reader *rd, const struct toml *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int read_word(struct reader *rd, const struct toml *t, struct words *w);
/* A text or a list of texts. */
int read_words(struct reader *rd, const struct toml *t, struct words *w);
int read_text(struct reader *rd, const struct toml *t, char **dst);
int read_bool(struct reader *rd, const struct toml *t, bool *b);
int read_effect(struct reader *rd, const struct toml *t, enum effect *e);
int read_keys(struct reader *rd, const struct toml *table,
    const struct key_row *rows, void *into);

/* One [[rule]]: checked against those before it, and emitted. */
int read_rule(struct reader *rd, const struct toml *t);

#endif /* POLICY_READING_H */
