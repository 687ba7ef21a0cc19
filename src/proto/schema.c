/* SPDX-License-Identifier: Apache-2.0 */

/* Library: schema.def as tables. */

#include "config.h"

#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>

#include "proto/schema.h"

#define SCHEMA_ROW_MAX 256 /* bytes of one row's text */

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
	MCP = ROLE_BIT(ROLE_MCP),
	REPORT = ROLE_BIT(ROLE_REPORT),
	LOGIN = ROLE_BIT(ROLE_LOGIN),
	ANY = (1u << ROLE_COUNT) - 1,
	ONCE = MSG_F_ONCE,
	FDS = MSG_F_FDS
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

static const char *const kind_names[] = {
    [KIND_U8] = "u8",
    [KIND_U32] = "u32",
    [KIND_U64] = "u64",
    [KIND_BOOL] = "bool",
    [KIND_ENUM] = "enum",
    [KIND_STR] = "str",
    [KIND_BYTES] = "bytes",
    [KIND_LIST] = "list",
    [KIND_FD] = "fd",
};

const struct msg_def *
schema_find(unsigned type)
{
	size_t i;

	for (i = 0; i < schema_len; i++)
		if ((unsigned)schema[i].type == type)
			return &schema[i];
	return NULL;
}

const char *
schema_kind_name(enum msg_kind kind)
{
	return kind_names[kind];
}

void
schema_hash(uint8_t hash[SCHEMA_HASH_LEN])
{
	const struct msg_field *f;
	char row[SCHEMA_ROW_MAX];
	SHA2_CTX ctx;
	size_t i, j;

	SHA256Init(&ctx);
	for (i = 0; i < schema_len; i++) {
		(void)snprintf(row, sizeof(row), "%s %d %x %x %x %u\n",
		    schema[i].name, (int)schema[i].type, schema[i].from,
		    schema[i].to, schema[i].flags, schema[i].cap);
		SHA256Update(&ctx, (const uint8_t *)row, strlen(row));
		for (j = 0; j < schema[i].nfields; j++) {
			f = &schema[i].fields[j];
			(void)snprintf(row, sizeof(row), " %s %s %" PRIu64 "\n",
			    f->name, kind_names[f->kind], f->max);
			SHA256Update(&ctx, (const uint8_t *)row, strlen(row));
		}
	}
	SHA256Final(hash, &ctx);
}
