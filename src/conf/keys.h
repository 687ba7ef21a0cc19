/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "conf/form.h"

/*
 * The one table of every configuration key.  It yields the check of a file,
 * cordon.toml(5), the JSON schema, and what `cordon config` shows and sets.
 */

#define KEY_PARTS_MAX 8   /* of a dotted key */
#define KEY_SIZE      257 /* bytes of a dotted key with its NUL */

/* Where a value comes from, the weakest first. */
enum conf_layer {
	LAYER_BUILTIN,
	LAYER_SYSTEM,  /* /etc/cordon/config.toml */
	LAYER_USER,    /* config.toml of the person */
	LAYER_PROFILE, /* [profiles.NAME] of either */
	LAYER_PROJECT, /* .cordon/config.toml of the workspace */
	LAYER_ENV,     /* environment variables */
	LAYER_CLI,     /* -c and the options of a command */
	LAYER_COUNT
};

/* What TOML says that a value is; the same order as CONF.kind. */
enum value_kind {
	VALUE_STR,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_BOOL,
	VALUE_TIME,
	VALUE_EMPTY /* an array without elements */
};

enum key_type {
	KEY_STR,
	KEY_ENUM, /* values, the tightest first where that has a meaning */
	KEY_INT,
	KEY_FLOAT, /* an integer will do */
	KEY_BOOL,
	KEY_LIST /* of strings */
};

/* What the workspace's own file may do with a key. */
enum key_project {
	PROJECT_NO,     /* nothing: it is ignored with a warning */
	PROJECT_SET,    /* harmless: it may set it */
	PROJECT_TIGHTEN /* only to a smaller number, an earlier value, false */
};

enum key_flags {
	KEY_SYSTEM = 1,   /* only in the system's file */
	KEY_REQUIRED = 2, /* if its table is there */
	KEY_EMPTY = 4,    /* a text, or one of an array, may be empty */
	KEY_HIDDEN = 8    /* a secret, perhaps: not shown among others */
};

struct key {
	const char *name; /* dotted; "*" is a part that the person names */
	enum key_type type;
	const char *help;   /* one sentence, as mdoc and schema show it */
	const char *values; /* KEY_ENUM, perhaps KEY_LIST: "one|two" */
	const char *names;  /* of the part "*": "one|two"; NULL: any */
	const char *def;    /* as text; NULL: no default */
	enum key_form form; /* KEY_STR */
	int64_t min, max;   /* KEY_INT, KEY_FLOAT */
	enum key_project project;
	unsigned flags;
	const char *env; /* the variable that sets it; or NULL */
};

extern const struct key keys[]; /* name NULL at the end */

/* A dotted key taken apart.  parts point into mem. */
struct key_path {
	unsigned n;
	const char *part[KEY_PARTS_MAX];
	char mem[KEY_SIZE];
};

/* ERR_FORMAT if it is no dotted key, ERR_SPACE or ERR_DEPTH beyond limits. */
int key_split(struct key_path *path, const char *dotted);
/* The text of the parts from first on; a part that is not bare is quoted. */
int
key_join(char *dst, size_t size, const struct key_path *path, unsigned first);
/* Where the name of a key begins: behind profiles.NAME, else at 0. */
unsigned key_base(const struct key_path *path);
/* The row for the parts from first on, or NULL. */
const struct key *key_find(const struct key_path *path, unsigned first);
/* The row for a whole name, perhaps behind profiles.NAME, or NULL. */
const struct key *key_named(const char *name);
/* Whether those parts name a table (so that locking or showing it means what
 * is below it). */
bool key_is_table(const struct key_path *path, unsigned first);
/* The name that was perhaps meant by parts that key_find does not know,
 * whole and dotted; false if nothing is near. */
bool key_nearest(
    char *dst, size_t size, const struct key_path *path, unsigned first);

/*
 * Whether one value (of an array: one element) suits the row; otherwise why
 * says what it must be, as in "must be true or false, not a string".
 */
int key_check(const struct key *key, enum value_kind kind, bool list,
    const char *value, char *why, size_t size);
/* Whether value is at least as tight as other; for PROJECT_TIGHTEN rows. */
bool key_tighter(const struct key *key, const char *value, const char *other);
/* "string", "integer from 0 to 9", ...: for people. */
void key_type_text(const struct key *key, char *dst, size_t size);

/* The names of LAYER_*: "system", "project", ... */
const char *layer_name(enum conf_layer layer);

/* Appends a TOML basic string with its quotes. */
int toml_put_string(struct buf *out, const char *s);
/* Appends a part of a key, bare or quoted. */
int toml_put_part(struct buf *out, const char *part);

#endif /* CONF_KEYS_H */
