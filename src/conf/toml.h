/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_TOML_H
#define CONF_TOML_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * TOML 1.0 as a tree.  Linked by cordon-load alone: whoever reads TOML has no
 * files, no network and nothing to lose.
 */

#define TOML_SIZE_MAX  (1u << 20) /* bytes of one text */
#define TOML_DEPTH_MAX 64         /* nested arrays and tables */
#define TOML_NODES_MAX 20000      /* values, keys included */
#define TOML_ERROR_MAX 256        /* bytes of a message */

enum toml_type {
	TOML_TABLE,
	TOML_ARRAY,
	TOML_STR,
	TOML_INT,
	TOML_FLOAT,
	TOML_BOOL,
	TOML_DATETIME, /* with offset */
	TOML_LOCAL_DATETIME,
	TOML_LOCAL_DATE,
	TOML_LOCAL_TIME
};

struct toml {
	enum toml_type type;
	struct bytes key;      /* in a table; NUL behind, may hold one inside */
	struct bytes text;     /* of a scalar, as below; NUL behind */
	struct toml *child;    /* first of a table or an array */
	struct toml *last;     /* of them */
	struct toml *next;     /* behind it, in the order of the file */
	uint32_t line, column; /* of the key, or of an array's element; from 1,
				  columns are characters */
	unsigned flags;        /* how it came to be; the reader's own */
};

/*
 * text of a scalar: a string's bytes; an integer in decimal; a float without
 * underscores; true or false; a date or time as written, with T and Z.
 */

struct toml_error {
	uint32_t line, column;
	char text[TOML_ERROR_MAX]; /* one line */
};

/* The root table, to be released with toml_free, or NULL and err. */
struct toml *toml_read(const uint8_t *p, size_t len, struct toml_error *err);
void toml_free(struct toml *t); /* accepts NULL */

/* The value of a key in a table, or NULL. */
const struct toml *toml_get(const struct toml *table, const char *key);

#endif /* CONF_TOML_H */
