/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_LAYER_INT_H
#define CONF_LAYER_INT_H

/* Between layer.c, which collects values, and decide.c only. */

#include "conf/layer.h"

#define DIAGS_MAX 100 /* more are counted as one */

struct conf {
	struct conf_value *all; /* owned; every value of every layer */
	size_t n, size;
	const struct conf_value **live; /* owned; those in force, by name */
	size_t nlive;
	struct conf_diag diags[DIAGS_MAX]; /* owned */
	size_t ndiags;
	const struct conf_value *locked; /* borrowed; the system's list */
	bool strict;
	bool failed;
	bool finished;
};

/* Adds what is to be said about an item. */
void layer_diag(struct conf *c, bool error, const struct conf_item *at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Where a value was said. */
struct conf_item layer_item(const struct conf_value *v);
/* Adds a value of the lowest layer. */
struct conf_value *layer_builtin(
    struct conf *c, const struct key *key, const char *name, const char *value);

#endif /* CONF_LAYER_INT_H */
