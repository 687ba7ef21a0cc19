/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_LAYER_H
#define CONF_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/keys.h"

/*
 * The settings of a run: every value of every layer, checked against the
 * table of keys, and which of them counts.  Pure: what files say comes from
 * cordon-load, one item after the other.
 */
struct conf;

/* One value, or one element of an array, as a layer has it. */
struct conf_item {
	const char *name;  /* dotted, as in CONF */
	const char *value; /* the text; of a string without quotes */
	enum value_kind kind;
	bool list;
	enum conf_layer layer;
	const char *file;      /* NULL: no file */
	uint32_t line, column; /* 0: unknown */
};

/* A value in force, or one that another layer beats. */
struct conf_value {
	const struct key *key; /* its row */
	char *name;            /* owned, as are the others */
	char **v;              /* n texts; one unless key->type is KEY_LIST */
	size_t n;
	enum value_kind kind;
	enum conf_layer layer;
	char *profile; /* of LAYER_PROFILE: NAME */
	char *file;
	uint32_t line, column;
	size_t order; /* of adding */
};

/* What is to be said about a configuration: "FILE:LINE:COLUMN: text". */
struct conf_diag {
	bool error; /* else a warning */
	char *text; /* owned */
};

struct conf *conf_new(void); /* holds the built-in defaults */
void conf_free(struct conf *c);

/*
 * Takes an item that is known, of the right type and permitted in its layer;
 * otherwise adds a diagnosis: an error, but only a warning in a project's
 * file unless strict.
 */
void conf_strict(struct conf *c, bool strict);
void conf_add(struct conf *c, const struct conf_item *item);
/* The variables that the table names. */
void conf_add_env(struct conf *c);
/* A value that an option of the command line sets; text as in the table. */
void conf_add_cli(struct conf *c, const char *name, const char *value);

/* Before conf_finish: whether the system, the person or this command line gives
 * it a value. */
bool conf_said(const struct conf *c, const char *name);
/* Another default than the table's, found out on this machine. */
void conf_add_builtin(struct conf *c, const char *name, const char *value);
/* An error that no item has, in the person's words. */
void conf_fail(struct conf *c, const char *text);

/*
 * Decides what counts: locks, profile (NULL: none), what the project may,
 * and checks what belongs together.  Once, after the last item.
 */
void conf_finish(struct conf *c, const char *profile);

/* The diagnoses so far; n through the pointer. */
const struct conf_diag *conf_diags(const struct conf *c, size_t *n);
bool conf_failed(const struct conf *c); /* whether one is an error */

/* After conf_finish: the value in force, NULL if there is none. */
const struct conf_value *conf_get(const struct conf *c, const char *name);
/* Its text; NULL as well for an array. */
const char *conf_text(const struct conf *c, const char *name);
bool conf_is(const struct conf *c, const char *name, const char *value);
/* All values in force, sorted by name. */
const struct conf_value *const *conf_all(const struct conf *c, size_t *n);

/* Appends the value as TOML: "text", 12, ["a", "b"]. */
int conf_value_toml(struct buf *out, const struct conf_value *v);

#endif /* CONF_LAYER_H */
