/* SPDX-License-Identifier: Apache-2.0 */

/* Library: schema.def as tables. */

#include "config.h"

#include <string.h>

#include "proto/schema.h"

/* The words of schema.def's from, to and flags columns. */
enum {
	MAIN = ROLE_BIT(ROLE_MAIN),
	LOAD = ROLE_BIT(ROLE_LOAD),
	UI = ROLE_BIT(ROLE_UI),
	MODEL = ROLE_BIT(ROLE_MODEL),
	NET = ROLE_BIT(ROLE_NET),
	GATE = ROLE_BIT(ROLE_GATE),
	CELL = ROLE_BIT(ROLE_CELL),
	OPEN = ROLE_BIT(ROLE_OPEN),
	AUDIT = ROLE_BIT(ROLE_AUDIT),
	REPORT = ROLE_BIT(ROLE_REPORT),
	LOGIN = ROLE_BIT(ROLE_LOGIN),
	MCP = ROLE_BIT(ROLE_COUNT) - ROLE_BIT(ROLE_MCP),
	ANY = (1u << ROLE_COUNT) - 1,
	ONCE = MSG_F_ONCE,
	FDS = MSG_F_FDS,
	SECRET = MSG_F_SECRET
};

#define FIELD(msg, kind, field, max)                                           \
	{#field, KIND_##kind, (max), offsetof(struct msg_##msg, field)},
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	static const struct msg_field fields_##name[] = {                      \
	    __VA_ARGS__{NULL, KIND_U8, 0, 0}};
#include "proto/schema.def"
#undef MESSAGE
#undef FIELD

#define FIELD(msg, kind, field, max)
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	{MSG_##NAME, #NAME, (from), (to), (flags), (cap), fields_##name,       \
	    sizeof(fields_##name) / sizeof(fields_##name[0]) - 1},
const struct msg_def schema[] = {
#include "proto/schema.def"
};
#undef MESSAGE
#undef FIELD

const size_t schema_len = sizeof(schema) / sizeof(schema[0]);

const struct msg_def *
schema_find(unsigned type)
{
	size_t i;

	for (i = 0; i < schema_len; i++)
		if ((unsigned)schema[i].type == type)
			return &schema[i];
	return NULL;
}

void
schema_hash(uint8_t hash[SCHEMA_HASH_LEN])
{
	static const uint8_t built[] = {
#include "proto/schema.hash"
	};

	_Static_assert(sizeof(built) == SCHEMA_HASH_LEN, "SHA-256");
	memcpy(hash, built, sizeof(built));
}
