/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_TOML_INT_H
#define CONF_TOML_INT_H

/* Between the files of the TOML reader only. */

#include <stdbool.h>

#include "conf/toml.h"

struct parser {
	const uint8_t *p, *end; /* borrowed: what is left */
	const uint8_t *line_begin;
	const uint8_t *counted; /* of the line: its column is known */
	uint32_t line, column;
	unsigned depth;
	size_t nodes;
	struct toml_error *err; /* borrowed */
};

/* Records the message with the place of at; returns ERR_FORMAT. */
int toml_fail(struct parser *ps, const uint8_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool
toml_at(const struct parser *ps, char c)
{
	return ps->p < ps->end && *ps->p == (uint8_t)c;
}

static inline bool
toml_sees(const struct parser *ps, const char *s, size_t len)
{
	size_t i;

	if ((size_t)(ps->end - ps->p) < len)
		return false;
	for (i = 0; i < len; i++)
		if (ps->p[i] != (uint8_t)s[i])
			return false;
	return true;
}

/* Any string that begins here; the result is owned, with a NUL behind. */
int toml_string(struct parser *ps, struct bytes *text);
/* A number, truth, date or time that begins here. */
int toml_scalar(struct parser *ps, enum toml_type *type, struct bytes *text);
/* Steps over a newline, counting it; false if there is none. */
bool toml_newline(struct parser *ps);

#endif /* CONF_TOML_INT_H */
